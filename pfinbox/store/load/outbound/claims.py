"""Which deliveries a daemon may claim, and whose claim those have that are about to leave.

Each daemon asks so at every change and for every message: these are put together once.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, exists, func, or_, select

from pfinbox.domain.outbound.delivery import MOVES, Claim, Due, PartState, State, Step
from pfinbox.store import tables as t
from pfinbox.store.settings import SENDING_IS_HELD
from pfinbox.store.uow import UnitOfWork

_earlier = t.delivery.alias()
_before = t.delivery.alias()
_WAITING = (
    t.delivery.c.state.in_((State.PENDING, State.SCHEDULED)),
    t.account.c.lease_id == bindparam("lease_id"),
)
_DUE = (
    select(
        t.delivery.c.id,
        t.delivery.c.account_id,
        t.delivery.c.chat_id,
        t.delivery.c.comment_id,
        t.delivery.c.notice,
        t.delivery.c.epoch,
        select(func.max(_before.c.id))
        .where(
            _before.c.chat_id == t.delivery.c.chat_id,
            _before.c.address == t.delivery.c.address,
            _before.c.state == State.PENDING,
            _before.c.id < t.delivery.c.id,
            _before.c.comment_id != t.delivery.c.comment_id,
        )
        .correlate(t.delivery)
        .scalar_subquery(),
        t.delivery.c.doubted,
        t.delivery.c.first_tried_at,
    )
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(
        *_WAITING,
        t.delivery.c.due_at <= bindparam("now"),
        ~SENDING_IS_HELD,
        ~exists().where(
            and_(
                _earlier.c.chat_id == t.delivery.c.chat_id,
                # Somebody in Cc whose server asks to wait holds nobody else back (R45).
                _earlier.c.address == t.delivery.c.address,
                _earlier.c.id < t.delivery.c.id,
                _earlier.c.comment_id != t.delivery.c.comment_id,
                # An earlier one that is due goes before it, in the same chain.
                or_(
                    _earlier.c.state.in_((State.SENDING, State.TRANSMITTING)),
                    and_(
                        _earlier.c.state == State.PENDING,
                        _earlier.c.due_at > bindparam("now"),
                    ),
                ),
            )
        ),
        t.delivery.c.account_id.not_in(bindparam("busy", expanding=True)),
    )
    # As they were written: the limit never takes one and leaves an earlier one of its chat.
    .order_by(t.delivery.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_DUE_LOCKED = _DUE.with_for_update(of=t.delivery)
_PARTS = (
    select(t.delivery_part.c.delivery_id, t.part.c.id)
    .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
    .where(
        t.delivery_part.c.delivery_id.in_(bindparam("delivery_ids", expanding=True)),
        t.part.c.state != PartState.SENT,
    )
    .order_by(t.part.c.position, t.part.c.id)
)
_ANY = (
    select(t.delivery.c.id)
    .where(t.delivery.c.account_id == bindparam("account_id"), t.delivery.c.state == State.PENDING)
    .limit(1)
)
_NEXT = (
    select(t.delivery.c.due_at)
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(*_WAITING, t.delivery.c.due_at > bindparam("now"))
    .order_by(t.delivery.c.due_at)
    .limit(1)
)
_CLAIMS = (
    select(
        t.delivery_part.c.part_id,
        t.delivery.c.id,
        t.delivery.c.state,
        t.delivery.c.lease_id,
        t.delivery.c.epoch,
        t.account.c.lease_id.label("account_lease_id"),
    )
    .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(t.delivery_part.c.part_id.in_(bindparam("part_ids", expanding=True)))
    .order_by(t.delivery.c.id)
)
_CLAIMS_LOCKED = _CLAIMS.with_for_update(of=t.delivery)


async def due(uow: UnitOfWork, lease_id: int, limit: int, busy: Collection[int]) -> list[Due]:
    """What may leave now on the accounts of this lease but the ``busy`` ones, oldest first."""
    query = _DUE if uow.sqlite else _DUE_LOCKED
    asked = {"now": uow.now, "lease_id": lease_id, "limit": limit, "busy": list(busy)}
    rows: Any = await uow.connection.execute(query, asked)
    return [Due(*row) for row in rows]


async def unsent_parts(
    uow: UnitOfWork, delivery_ids: Collection[int]
) -> Mapping[int, tuple[int, ...]]:
    """The parts of each delivery that still have to go, in their order."""
    found: dict[int, tuple[int, ...]] = dict.fromkeys(delivery_ids, ())
    rows = await uow.connection.execute(_PARTS, {"delivery_ids": list(delivery_ids)})
    for delivery_id, part_id in rows:
        found[delivery_id] += (part_id,)
    return found


async def waiting(uow: UnitOfWork, account_id: int) -> bool:
    """Whether a delivery of this account is to leave, now or later."""
    return await uow.connection.scalar(_ANY, {"account_id": account_id}) is not None


async def next_due(uow: UnitOfWork, lease_id: int) -> datetime | None:
    """When the next delivery of this lease's accounts is due, None when none waits."""
    at: datetime | None = await uow.connection.scalar(_NEXT, {"now": uow.now, "lease_id": lease_id})
    return at


async def of_parts(
    uow: UnitOfWork, part_ids: Collection[int]
) -> Mapping[int, Mapping[int, Claim | None]]:
    """The deliveries of each part, with the claim by which each may be handed over now.

    None: it is claimed by nobody, by a daemon that has lost the account, or has left already.
    """
    found: dict[int, dict[int, Claim | None]] = {part_id: {} for part_id in part_ids}
    rows = await uow.connection.execute(
        _CLAIMS if uow.sqlite else _CLAIMS_LOCKED, {"part_ids": list(part_ids)}
    )
    for row in rows:
        claimed = (
            row.state in MOVES[Step.HANDED_OVER].sources and row.lease_id == row.account_lease_id
        )
        found[row.part_id][row.id] = Claim(row.lease_id, row.epoch) if claimed else None
    return found
