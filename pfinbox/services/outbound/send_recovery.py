"""Hand-overs without a recorded end: a dead daemon's, and those proven by a later message (R24)."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, or_, select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import Claim, Event, PartState, State, next_attempt
from pfinbox.services.outbound import delivery_failure
from pfinbox.services.tasks import awaiting_reply
from pfinbox.store import deliveries
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_IN_DOUBT = (PartState.TRANSMITTING, PartState.UNKNOWN)
_UNDER_WAY = (
    select(
        t.delivery.c.id,
        t.delivery.c.state,
        t.delivery.c.lease_id,
        t.delivery.c.epoch,
        t.delivery.c.attempts,
        t.delivery.c.first_tried_at,
    )
    .join(t.account, t.account.c.id == t.delivery.c.account_id)
    .where(t.delivery.c.state.in_((State.SENDING, State.TRANSMITTING)))
)

_over = exists().where(t.lease.c.id == t.delivery.c.lease_id, t.lease.c.released_at.is_not(None))
# Each daemon asks this at every look, so it is put together once. An account that is configured
# no longer has no holder who could come for it.
_OURS_TO_RECOVER = _UNDER_WAY.where(
    or_(
        t.account.c.lease_id == bindparam("lease_id"),
        and_(t.account.c.configured.is_(False), _over),
    )
)


async def proven(uow: UnitOfWork, part_id: int) -> None:
    """The part was seen at the other side: it is sent, no longer unknown."""
    if not await deliveries.move_parts(uow, Event.PROVEN, [part_id], sent_at=uow.now):
        return
    others = t.delivery_part.alias("others")
    unsent = (
        select(others.c.delivery_id)
        .join(t.part, t.part.c.id == others.c.part_id)
        .where(t.part.c.state != PartState.SENT)
    )
    whole = await uow.connection.scalars(
        select(t.delivery_part.c.delivery_id).where(
            t.delivery_part.c.part_id == part_id, t.delivery_part.c.delivery_id.not_in(unsent)
        )
    )
    # What is under way ends here: its claimant's own answer finds it sent. An unknown one counts.
    under_way = t.delivery.c.state == State.TRANSMITTING
    tried = t.delivery.c.attempts + case((under_way, 1), else_=0)
    moved = await deliveries.move(
        uow, Event.PROVEN, whole.all(), sent_at=uow.now, error=None, attempts=tried
    )
    await went(uow, moved)


async def went(uow: UnitOfWork, delivery_ids: Collection[int]) -> None:
    """The client got these deliveries: a scheduled answer counts as an answer from now on (R41)."""
    rows = await uow.connection.execute(
        select(t.comment.c.id, t.task.c.root_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
        .where(
            t.delivery.c.id.in_(delivery_ids),
            t.delivery.c.chat_id.is_not(None),  # else only a colleague was told
            t.comment.c.due_at.is_not(None),
        )
        .distinct()
    )
    for row in rows.all():
        await uow.connection.execute(
            update(t.comment).where(t.comment.c.id == row.id).values(due_at=None)
        )
        await awaiting_reply.refresh(uow, row.root_id)


async def seen(
    uow: UnitOfWork, account_id: int, source_ids: Sequence[str], address: str | None = None
) -> None:
    """A message names ids of ours that only who has it can know: it was handed over.

    ``address``: whose message it is, where it is an answer. A mail that was sent again to one of
    several is another part with the same id: then only the recipient's own part is proven.
    """
    if not source_ids:
        return
    rows = (
        await uow.connection.execute(
            select(t.part.c.id, t.part.c.source_id, t.part.c.state, t.delivery.c.address)
            .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
            .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
            .where(t.part.c.account_id == account_id, t.part.c.source_id.in_(source_ids))
        )
    ).all()
    # A part that never left cannot be the one named.
    left = [row for row in rows if row.state in (*_IN_DOUBT, PartState.SENT)]
    for row in left:
        same = {one.id for one in left if one.source_id == row.source_id}
        if row.state in _IN_DOUBT and (len(same) == 1 or row.address == address):
            await proven(uow, row.id)


async def recover(uow: UnitOfWork, account_id: int, lease_id: int) -> None:
    """Deliveries of a dead daemon: claimed ones are pending again, transmitting ones unknown."""
    left = (
        await uow.connection.execute(
            _UNDER_WAY.where(
                t.account.c.id == account_id, t.delivery.c.lease_id.is_distinct_from(lease_id)
            )
        )
    ).all()
    for row in left:
        await _abandoned(uow, row)


async def recover_unowned(
    uow: UnitOfWork, lease_id: int, owned: Collection[tuple[int, int]]
) -> None:
    """On the accounts of this lease nothing is under way that no daemon has in hand.

    ``owned``: what this daemon itself has in hand, each delivery with the epoch of its claim.
    """
    rows = await uow.connection.execute(_OURS_TO_RECOVER, {"lease_id": lease_id})
    for row in rows.all():
        if row.lease_id == lease_id and (row.id, row.epoch) in owned:
            continue
        if row.lease_id == lease_id and row.state == State.SENDING:
            # This daemon lost the delivery by a fault of its own: back off, and give up in the end.
            first = row.first_tried_at or uow.now
            at = next_attempt(uow.now, row.attempts + 1, first, None, 0.0)
            if at is None:
                reason = Reason("internal_error", {"detail": "never handed over"})
                claim = Claim(row.lease_id, row.epoch)
                await delivery_failure.arise(uow, Event.REFUSED, row.id, reason, claim)
                continue
            tried = {"due_at": at, "attempts": row.attempts + 1, "first_tried_at": first}
            await _abandoned(uow, row, **tried)
        else:
            await _abandoned(uow, row)


async def _abandoned(uow: UnitOfWork, row: Any, **values: object) -> None:
    claim = Claim(row.lease_id, row.epoch)
    if row.state == State.SENDING:
        await deliveries.move(uow, Event.ABANDONED, [row.id], claim, **values)
        return
    reason = Reason("crashed_while_sending")
    if await delivery_failure.arise(uow, Event.IN_DOUBT, row.id, reason, claim):
        parts = await uow.connection.scalars(
            select(t.part.c.id)
            .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
            .where(
                t.delivery_part.c.delivery_id == row.id,
                t.part.c.state == PartState.TRANSMITTING,
            )
        )
        await deliveries.move_parts(uow, Event.IN_DOUBT, parts.all())
