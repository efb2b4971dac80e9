"""How the inbox does, for machines that watch over it: states, numbers and ages, never words."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select

from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.outbound.delivery import BLOCKING, COUNTED_FAILED, State
from pfinbox.store import tables as t
from pfinbox.store.read.system import full_disk, sending_held, unserved
from pfinbox.store.rows.health import AccountHealth, Queues
from pfinbox.store.snapshots import health
from pfinbox.store.uow import UnitOfWork

_WAITING = (State.SCHEDULED, State.HELD, *BLOCKING)


async def account_health(uow: UnitOfWork) -> list[AccountHealth]:
    """Every configured account, with the kind of its trouble."""
    nobody = await unserved(uow)
    rows = await uow.connection.execute(
        select(t.account)
        .where(t.account.c.configured)
        .order_by(t.account.c.position, t.account.c.id)
    )
    found = []
    for row in rows:
        state, why = health(row)
        if row.name in nobody:
            state, why = "unserved", nobody[row.name]
        gap = Gap.from_json(row.gap) if row.gap else None
        kind = why.kind if why is not None and state != "ok" else ""
        found.append(AccountHealth(row.name, state, kind, row.last_received_at, gap))
    return found


async def hindrances(uow: UnitOfWork) -> list[str]:
    """Kinds of what keeps the whole inbox from its work."""
    held, full = await sending_held(uow), full_disk(uow)
    return [why.kind for why in (held, full) if why is not None]


async def queues(uow: UnitOfWork) -> Queues:
    """What waits: deliveries by account and state, and requests that the web door has kept."""
    delivery = t.delivery.c
    open_ = or_(
        delivery.state.in_(_WAITING),
        and_(delivery.state.in_(COUNTED_FAILED), delivery.dismissed_at.is_(None)),
    )
    deliveries = await uow.connection.execute(
        select(t.account.c.name, delivery.state, func.count())
        .select_from(t.delivery.join(t.account, t.account.c.id == delivery.account_id))
        .where(open_)
        .group_by(t.account.c.name, delivery.state)
    )
    requests = await uow.connection.execute(
        select(t.account.c.name, func.count())
        .select_from(t.kept_request.join(t.account))
        .group_by(t.account.c.name)
    )
    return Queues(
        deliveries={(name, str(state)): int(n) for name, state, n in deliveries.all()},
        requests={name: int(n) for name, n in requests.all()},
        oldest_due=await _oldest_due(uow),
    )


async def _oldest_due(uow: UnitOfWork) -> datetime | None:
    """The moment of what should have left first."""
    delivery = t.delivery.c
    found: datetime | None = await uow.connection.scalar(
        select(func.min(delivery.due_at)).where(
            delivery.state.in_(BLOCKING), delivery.due_at <= uow.now
        )
    )
    return found
