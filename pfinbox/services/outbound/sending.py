"""The daemon's side of the outbox: hand over what it claimed, and write down what became of it.

A claim and its result are transactions of their own; between them nothing is held. Whoever lost
the claim meanwhile hands nothing over and changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from pfinbox.domain.contract.channel import ChannelError, TemporaryFailure
from pfinbox.domain.contract.outgoing import Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import (
    LONGEST,
    SOON,
    Attempts,
    Job,
    PartState,
    Step,
    may_repeat,
    next_attempt,
)
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services.outbound import delivery_failure, send_recovery, shared_parts
from pfinbox.services.tasks import chat_moves
from pfinbox.store import settings, snapshots
from pfinbox.store.load.outbound import claims
from pfinbox.store.load.outbound import deliveries as load
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import comments
from pfinbox.store.write.outbound import deliveries, outgoing


class LeaseLost(Refused):
    """Another daemon holds the account now, or a person stopped the delivery."""


@record
class HandOver:
    """A part that is about to leave, with the source id that it carries."""

    job: Job
    part_id: int
    source_id: str | None


@record
class Taken:
    """A part that the other side has."""

    job: Job
    part_id: int
    sent: Sent


async def transmitting(
    uow: UnitOfWork,
    job: Job,
    part_id: int,
    source_id: str | None,
    turned_away: Mapping[str, ChannelError] | None = None,
    jitter: float = 1.0,
) -> tuple[Job, int]:
    """From this commit on the part may have left. LeaseLost: it must not leave.

    Returns the job without the recipients that were ``turned_away`` already (by address), and the
    number of this hand-over, for the stamp.
    """
    going = job
    if turned_away:
        if not job.is_claimed_in((await claims.of_parts(uow, [part_id]))[part_id]):
            raise LeaseLost(_("another daemon serves this account now"))
        away = await _turned_away(uow, job, turned_away, jitter)
        rest = tuple(one for one in job.delivery_ids if one not in away)
        going = replace(job, delivery_ids=rest)
    leaving, number = await hand_over(uow, [HandOver(going, part_id, source_id)])
    if not leaving:
        raise LeaseLost(_("another daemon serves this account now"))
    return going, number


async def hand_over(uow: UnitOfWork, messages: Sequence[HandOver]) -> tuple[set[int], int]:
    """From this commit on these parts may have left; whichever is not returned must not leave.

    Returns the parts' ids, and the number of the last of these hand-overs, for the stamp.
    """
    claimed = await claims.of_parts(uow, [message.part_id for message in messages])
    leaving = [one for one in messages if one.job.is_claimed_in(claimed[one.part_id])]
    if not leaving:
        return set(), 0
    moving = {one: message.job.claim for message in leaving for one in message.job.delivery_ids}
    await deliveries.move_each(uow, Step.HANDED_OVER, moving)
    source_ids = {message.part_id: message.source_id for message in leaving}
    await deliveries.move_each_part(uow, Step.HANDED_OVER, source_ids)
    await shared_parts.leave_behind(
        uow,
        [
            (delivery_id, message.part_id)
            for message in leaving
            for delivery_id in claimed[message.part_id]
            if delivery_id not in message.job.delivery_ids
        ],
    )
    await outgoing.expect_answers(
        uow,
        [
            (message.job.account_id, message.source_id, message.job.chat_id)
            for message in leaving
            if message.source_id is not None and message.job.chat_id is not None
        ],
    )
    # Last, as every hand-over waits for this row.
    return set(source_ids), await settings.count_up(uow, settings.HANDED_OVER, len(leaving))


async def _turned_away(
    uow: UnitOfWork, job: Job, errors: Mapping[str, ChannelError], jitter: float
) -> set[int]:
    """The message leaves without them; each is tried again alone, or has failed."""
    away: set[int] = set()
    for one in await load.attempts(uow, job.delivery_ids):
        if one.address not in errors:
            continue
        error = errors[one.address]
        if isinstance(error, TemporaryFailure):
            moved = await _back_off(uow, job, one, error.reason, error.retry_after, jitter)
        else:
            moved = await _refused(uow, job, one, error.reason)
        if not moved:
            raise LeaseLost(_("another daemon serves this account now"))
        away.add(one.id)
    return away


async def taken(uow: UnitOfWork, parts: Sequence[Taken]) -> None:
    """The other side has these, each the last part of its job.

    It may be told late, when the delivery was given up as unknown already.
    """
    moving = {one: part.job.claim for part in parts for one in part.job.delivery_ids}
    moved = await deliveries.move_each(
        uow, Step.TAKEN, moving, tried=True, sent_at=uow.now, error=None
    )
    known: list[Taken] = []
    for part in parts:
        ids, claim = part.job.delivery_ids, part.job.claim
        if not moved.isdisjoint(ids) or await deliveries.move(uow, Step.TAKEN_LATE, ids, claim):
            known.append(part)
    await _note(uow, known)
    if moved:
        await send_recovery.went(uow, moved)


async def part_sent(uow: UnitOfWork, part: Taken) -> bool:
    """The other side has this part. False: nothing more of the job is to be handed over."""
    job = part.job
    if part.part_id == job.part_ids[-1]:
        await taken(uow, [part])
        return False
    moved = await deliveries.move(uow, Step.PART_TAKEN, job.delivery_ids, job.claim, doubted=False)
    if moved or await deliveries.move(uow, Step.TAKEN_LATE, job.delivery_ids, job.claim):
        await _note(uow, [part])
    return bool(moved)


async def _note(uow: UnitOfWork, parts: Sequence[Taken]) -> None:
    """By which ids the other side knows them."""
    if not parts:
        return
    source_ids_of = {part.part_id: part.sent.source_id for part in parts}
    await deliveries.move_each_part(uow, Step.TAKEN, source_ids_of, sent_at=uow.now)
    for part in parts:
        job, sent = part.job, part.sent
        await comments.add_aliases(uow, job.account_id, sent.also, job.comment_id, part.part_id)
        if sent.chat_key is not None:
            await chat_moves.followed(uow, job.chat_id, sent.chat_key)


async def give_back(uow: UnitOfWork, job: Job) -> None:
    """Nothing has left: what this daemon claimed is free for whoever serves the account."""
    if await deliveries.move(uow, Step.GIVEN_BACK, job.delivery_ids, job.claim):
        await deliveries.move_parts(uow, Step.GIVEN_BACK, job.part_ids)


async def not_now(
    uow: UnitOfWork,
    job: Job,
    part_id: int,
    reason: Reason,
    retry_after: float | None,
    jitter: float,
    refused: Mapping[str, Reason] | None = None,
    *,
    soon: bool = False,
) -> None:
    """A temporary failure, certain not to have arrived: back off, or give up after a day.

    ``refused``: the recipients, by address, for whom there is no *again*. ``soon``: it is not
    the message that has to wait longer and longer, but its account.
    """
    ours = False
    for one in await load.attempts(uow, job.delivery_ids):
        if refused and one.address in refused:
            moved = await _refused(uow, job, one, refused[one.address])
            if moved:
                await shared_parts.leave(uow, one.id)
        else:
            moved = await _back_off(uow, job, one, reason, retry_after, jitter, soon=soon)
        ours = ours or moved
    if ours:
        await deliveries.move_parts(uow, Step.BACKED_OFF, [part_id])


async def _back_off(
    uow: UnitOfWork,
    job: Job,
    before: Attempts,
    reason: Reason,
    retry_after: float | None,
    jitter: float,
    *,
    soon: bool = False,
) -> bool:
    first = before.first or uow.now
    longest = SOON if soon else LONGEST
    at = next_attempt(uow.now, before.count + 1, first, retry_after, jitter, longest)
    if at is None:
        return await _refused(uow, job, before, reason)
    moved = await deliveries.move(
        uow,
        Step.BACKED_OFF,
        [before.id],
        job.claim,
        tried=True,
        due_at=max(at, uow.now + timedelta(seconds=1)),
        first_tried_at=first,
        error=reason.as_json(),
    )
    return bool(moved)


async def _refused(uow: UnitOfWork, job: Job, before: Attempts, reason: Reason) -> bool:
    """Turned away for good, this time: where an earlier attempt may have arrived, in doubt."""
    step = Step.IN_DOUBT if before.doubted else Step.REFUSED
    return await delivery_failure.arise(uow, step, before.id, reason, job.claim, tried=True)


async def never(uow: UnitOfWork, job: Job, part_id: int, reason: Reason) -> bool:
    """A permanent failure: visible at once. False when the delivery is another's by now."""
    tried = await load.attempts(uow, job.delivery_ids)
    moved = [await _refused(uow, job, one, reason) for one in tried]
    if any(moved):
        doubted = any(one.doubted for one in tried)
        await deliveries.move_parts(uow, Step.IN_DOUBT if doubted else Step.REFUSED, [part_id])
    return any(moved)


async def perhaps(uow: UnitOfWork, job: Job, part_id: int, reason: Reason, jitter: float) -> bool:
    """It may have arrived: a person decides (R24), unless it was seen at the other side already.

    True: the message goes again, as the other side recognises a repeat, or as parts of it are left.
    """
    part = await load.part(uow, part_id)
    if part is None:  # purged, after another daemon had given it up
        return False
    state, source_id = part
    if state is PartState.SENT:
        if await part_sent(uow, Taken(job, part_id, Sent(source_id or ""))):
            await give_back(uow, job)
        return part_id != job.part_ids[-1]
    account = (await snapshots.accounts(uow))[job.account_id]
    tried = await load.attempts(uow, job.delivery_ids)
    if all(may_repeat(account, one.first or uow.now, uow.now) for one in tried):
        await not_now(uow, job, part_id, reason, None, jitter)
        await deliveries.doubt(uow, job.delivery_ids)
        return True
    moved = [
        await delivery_failure.arise(uow, Step.IN_DOUBT, one, reason, job.claim, tried=True)
        for one in job.delivery_ids
    ]
    if any(moved):
        await deliveries.move_parts(uow, Step.IN_DOUBT, [part_id])
    return False
