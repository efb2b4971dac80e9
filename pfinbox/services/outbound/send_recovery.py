"""Hand-overs without a recorded end: a dead daemon's, and those proven by a later message (R24)."""

from collections.abc import Collection, Sequence

from pfinbox.domain.contract.incoming import Message
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.comments import CommentSent
from pfinbox.domain.outbound import doubts
from pfinbox.domain.outbound.delivery import Claim, PartState, State, Step, may_repeat, next_attempt
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.services.events import reactions
from pfinbox.services.outbound import delivery_failure
from pfinbox.store import snapshots
from pfinbox.store.load.outbound import deliveries as load
from pfinbox.store.load.outbound import reports as load_reports
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import deliveries

_IN_DOUBT = (PartState.TRANSMITTING, PartState.UNKNOWN)


async def proven(uow: UnitOfWork, part_id: int) -> None:
    """The part was seen at the other side: it is sent, no longer unknown."""
    if not await deliveries.move_parts(uow, Step.PROVEN, [part_id], sent_at=uow.now):
        return
    whole = await load.wholly_sent(uow, part_id)
    moved = await deliveries.move(uow, Step.PROVEN, whole, sent_at=uow.now, error=None)
    await went(uow, moved)


async def went(uow: UnitOfWork, delivery_ids: Collection[int]) -> None:
    """Contacts got these deliveries."""
    for one in await load.sent_comments(uow, delivery_ids):
        sent = CommentSent(one.comment_id, answers=one.answers)
        await reactions.follow(uow, one.root_id, sent)


async def seen(
    uow: UnitOfWork, account_id: int, source_ids: Sequence[str], address: str | None = None
) -> None:
    """A message names ids of ours that only who has it can know: it was handed over.

    ``address``: whose message it is, where it is an answer. A mail that was sent again to one of
    several is another part with the same id: then only the recipient's own part is proven.
    """
    if not source_ids:
        return
    rows = await load.named_parts(uow, account_id, source_ids)
    # A part that never left cannot be the one named.
    left = [row for row in rows if row.state in (*_IN_DOUBT, PartState.SENT)]
    for row in left:
        same = {one.id for one in left if one.source_id == row.source_id}
        if row.state in _IN_DOUBT and (len(same) == 1 or row.address == address):
            await proven(uow, row.id)


async def known_again(uow: UnitOfWork, account_id: int, message: Message) -> int | None:
    """The comment that comes back without an id of ours, if it is one: it was handed over."""
    found = await load_reports.in_doubt(uow, account_id, message.chat_key or "")
    part = doubts.ended(found, message)
    if part is None:
        return None
    await deliveries.name(uow, [part.part_id], clean_line(message.source_id))
    await proven(uow, part.part_id)
    uow.touch("tasks", "outbox")
    return part.comment_id


async def recover(uow: UnitOfWork, account_id: int, lease_id: int) -> None:
    """Deliveries of a dead daemon: claimed ones are pending again, transmitting ones unknown."""
    left = await load.left_behind(uow, account_id, lease_id)
    for row in left:
        await _abandoned(uow, row)


async def recover_unowned(
    uow: UnitOfWork, lease_id: int, owned: Collection[tuple[int, int]]
) -> None:
    """On the accounts of this lease nothing is under way that no daemon has in hand.

    ``owned``: what this daemon itself has in hand, each delivery with the epoch of its claim.
    """
    for row in await load.under_way(uow, lease_id):
        if row.lease_id == lease_id and (row.id, row.epoch) in owned:
            continue
        if row.lease_id == lease_id and row.state == State.SENDING:
            # This daemon lost the delivery by a fault of its own: back off, and give up in the end.
            claim, first = Claim(row.lease_id, row.epoch), row.first_tried_at or uow.now
            at = next_attempt(uow.now, row.attempts + 1, first, None, 0.0)
            if at is None:
                reason = Reason("internal_error", {"detail": "never handed over"})
                await delivery_failure.arise(uow, Step.REFUSED, row.id, reason, claim)
                continue
            await deliveries.move(
                uow,
                Step.ABANDONED,
                [row.id],
                claim,
                tried=True,
                due_at=at,
                first_tried_at=first,
            )
        else:
            await _abandoned(uow, row)


async def _abandoned(uow: UnitOfWork, row: load.UnderWay) -> None:
    claim = Claim(row.lease_id, row.epoch)
    if row.state == State.SENDING:
        await deliveries.move(uow, Step.ABANDONED, [row.id], claim)
        return
    first = row.first_tried_at or uow.now
    if may_repeat((await snapshots.accounts(uow))[row.account_id], first, uow.now):
        parts = await load.parts(uow, row.id, PartState.TRANSMITTING)
        if await deliveries.move(uow, Step.GIVEN_BACK, [row.id], claim, doubted=True):
            await deliveries.move_parts(uow, Step.GIVEN_BACK, parts)
        return
    reason = Reason("crashed_while_sending")
    if await delivery_failure.arise(uow, Step.IN_DOUBT, row.id, reason, claim):
        parts = await load.parts(uow, row.id, PartState.TRANSMITTING)
        await deliveries.move_parts(uow, Step.IN_DOUBT, parts)
