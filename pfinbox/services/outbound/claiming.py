"""Claiming: which deliveries this daemon hands over now, as messages; when to look again."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Integer, and_, bindparam, exists, or_, select

from pfinbox.domain.outbound.delivery import Claim, Event, Job, State
from pfinbox.services.notifications import notices
from pfinbox.services.outbound import delivery_failure, hold_rules, restore_guard
from pfinbox.store import deliveries
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Deliveries that are claimed at a time.
LIMIT = 100

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
                # An earlier one that is due goes before it, in the same chain.
                or_(
                    _earlier.c.state.in_((State.SENDING, State.TRANSMITTING)),
                    and_(
                        _earlier.c.state == State.PENDING,
                        or_(
                            _earlier.c.due_at > t.delivery.c.due_at,
                            _earlier.c.due_at > bindparam("now"),
                        ),
                    ),
                ),
            )
        ),
        t.delivery.c.account_id.not_in(bindparam("busy", expanding=True)),
    )
    .order_by(t.delivery.c.due_at, t.delivery.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_PARTS = (
    select(t.delivery_part.c.delivery_id, t.part.c.id)
    .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
    .where(
        t.delivery_part.c.delivery_id.in_(bindparam("delivery_ids", expanding=True)),
        t.part.c.state != "sent",
    )
    .order_by(t.part.c.position, t.part.c.id)
)
_NEXT = (
    select(t.delivery.c.due_at)
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(*_WAITING, t.delivery.c.due_at > bindparam("now"))
    .order_by(t.delivery.c.due_at)
    .limit(1)
)


async def claim(
    uow: UnitOfWork, lease_id: int, limit: int = LIMIT, busy: Collection[int] = ()
) -> list[Job]:
    """Take what is due on the accounts of this lease, in the order it was written per chat.

    ``busy``: accounts that have enough in hand.
    """
    query = _DUE if uow.sqlite else _DUE.with_for_update(of=t.delivery)
    asked = {"now": uow.now, "lease_id": lease_id, "limit": limit, "busy": list(busy)}
    due = _whole((await uow.connection.execute(query, asked)).all(), limit)
    if not due:
        return []
    uow.touch("outbox", "tasks")
    held = await hold_rules.hold(uow, [row.id for row in due if row.notice is None])
    for delivery_id, reason in held.items():
        await delivery_failure.arise(uow, Event.WITHHELD, delivery_id, reason)
    going = [
        row
        for row in due
        if row.id not in held and (row.notice is None or await notices.may_leave(uow, row.id))
    ]
    parts: dict[int, list[int]] = {row.id: [] for row in going}
    for row in await uow.connection.execute(_PARTS, {"delivery_ids": list(parts)}):
        parts[row.delivery_id].append(row.id)
    messages: dict[tuple[int, tuple[int, ...]], list[Any]] = {}
    for row in going:
        messages.setdefault((row.comment_id, tuple(parts[row.id])), []).append(row)
    claimed: list[Job] = []
    for (comment_id, part_ids), rows in messages.items():
        claim = Claim(lease_id, 1 + max(row.epoch or 0 for row in rows))
        ids = tuple(row.id for row in rows)
        claimed.append(Job(rows[0].account_id, rows[0].chat_id, comment_id, ids, part_ids, claim))
    claims = {delivery_id: job.claim for job in claimed for delivery_id in job.delivery_ids}
    await deliveries.move_each(uow, Event.CLAIMED, claims)
    return sorted(claimed, key=lambda job: job.delivery_ids)


def _whole(rows: Sequence[Any], limit: int) -> list[Any]:
    """Without the last message where the limit cut it: it goes to all of its people at once."""
    if len(rows) < limit:
        return list(rows)
    by_comment = [list(same) for _id, same in groupby(rows, lambda row: row.comment_id)]
    kept = by_comment[:-1] or by_comment
    return [row for same in kept for row in same]


async def next_due(uow: UnitOfWork, lease_id: int) -> float | None:
    """Seconds until the next delivery of this lease's accounts is due, None when none waits."""
    at = await uow.connection.scalar(_NEXT, {"now": uow.now, "lease_id": lease_id})
    return None if at is None else float((at - uow.now).total_seconds())
