"""Claiming: which deliveries this daemon hands over now, as messages; when to look again."""

from dataclasses import dataclass

from sqlalchemy import Integer, and_, bindparam, exists, select

from pfinbox.domain.outbound.delivery import BLOCKING, Claim, Event, State
from pfinbox.services.notifications import notices
from pfinbox.services.outbound import delivery_failure, hold_rules, restore_guard
from pfinbox.store import deliveries
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Job:
    """Deliveries that share their parts: one message, to one or several."""

    account_id: int
    chat_id: int | None
    comment_id: int
    delivery_ids: tuple[int, ...]
    # Parts that still have to go, in their order.
    part_ids: tuple[int, ...]
    claim: Claim


_earlier = t.delivery.alias()
_WAITING = (
    t.delivery.c.state.in_((State.PENDING, State.SCHEDULED)),
    t.account.c.lease_id == bindparam("lease_id"),
)
# Each daemon asks this at every change, so it is put together once.
_DUE = (
    select(
        t.delivery.c.id,
        t.delivery.c.account_id,
        t.delivery.c.chat_id,
        t.delivery.c.comment_id,
        t.delivery.c.notice,
        t.delivery.c.epoch,
    )
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(
        *_WAITING,
        t.delivery.c.due_at <= bindparam("now"),
        ~exists().where(t.setting.c.name == restore_guard.HELD),
        ~exists().where(
            and_(
                _earlier.c.chat_id == t.delivery.c.chat_id,
                # Somebody in Cc whose server asks to wait holds nobody else back (R45).
                _earlier.c.address == t.delivery.c.address,
                _earlier.c.id < t.delivery.c.id,
                _earlier.c.comment_id != t.delivery.c.comment_id,
                _earlier.c.state.in_(BLOCKING),
            )
        ),
    )
    .order_by(t.delivery.c.due_at, t.delivery.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_PARTS = (
    select(t.part.c.id)
    .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
    .where(t.delivery_part.c.delivery_id == bindparam("delivery_id"), t.part.c.state != "sent")
    .order_by(t.part.c.position, t.part.c.id)
)
_NEXT = (
    select(t.delivery.c.due_at)
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(*_WAITING, t.delivery.c.due_at > bindparam("now"))
    .order_by(t.delivery.c.due_at)
    .limit(1)
)


async def claim(uow: UnitOfWork, lease_id: int, limit: int = 20) -> list[Job]:
    """Take what is due on the accounts of this lease, in the order it was written per chat."""
    query = _DUE if uow.sqlite else _DUE.with_for_update(of=t.delivery)
    due_now = {"now": uow.now, "lease_id": lease_id, "limit": limit}
    jobs: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    about: dict[int, tuple[int, int | None, int]] = {}
    for row in (await uow.connection.execute(query, due_now)).all():
        if row.notice is not None and not await notices.may_leave(uow, row.id):
            continue
        reason = await hold_rules.hold(uow, row.id) if row.notice is None else None
        if reason is not None:
            await delivery_failure.arise(uow, Event.WITHHELD, row.id, reason)
            continue
        parts = await uow.connection.scalars(_PARTS, {"delivery_id": row.id})
        jobs.setdefault((row.comment_id, tuple(parts)), []).append(row.id)
        about[row.id] = (row.account_id, row.chat_id, row.epoch or 0)
    claimed: list[Job] = []
    for (comment_id, part_ids), delivery_ids in jobs.items():
        account_id, chat_id, _epoch = about[delivery_ids[0]]
        claim = Claim(lease_id, 1 + max(about[one][2] for one in delivery_ids))
        await deliveries.move(uow, Event.CLAIMED, delivery_ids, claim)
        claimed.append(Job(account_id, chat_id, comment_id, tuple(delivery_ids), part_ids, claim))
    if about:
        uow.touch("outbox", "tasks")
    return claimed


async def next_due(uow: UnitOfWork, lease_id: int) -> float | None:
    """Seconds until the next delivery of this lease's accounts is due, None when none waits."""
    at = await uow.connection.scalar(_NEXT, {"now": uow.now, "lease_id": lease_id})
    return None if at is None else float((at - uow.now).total_seconds())
