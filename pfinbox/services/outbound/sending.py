"""The daemon's side of the outbox: hand over what it claimed, and write down what became of it.

A claim and its result are transactions of their own; between them nothing is held. Whoever lost
the claim meanwhile hands nothing over and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.contract.channel import ChannelError, TemporaryFailure
from pfinbox.domain.contract.envelope import Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import Event, PartState, next_attempt
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services.outbound import delivery_failure, restore_guard, send_recovery, shared_parts
from pfinbox.services.outbound.claiming import Job
from pfinbox.services.tasks import chat_moves, source_ids
from pfinbox.store import deliveries
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


class LeaseLost(Refused):
    """Another daemon holds the account now, or a person stopped the delivery."""


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
    holder = await uow.connection.scalar(
        select(t.account.c.lease_id).where(t.account.c.id == job.account_id)
    )
    if holder != job.claim.lease_id:
        raise LeaseLost(_("another daemon serves this account now"))
    going = job
    if turned_away:
        away = await _turned_away(uow, job, turned_away, jitter)
        rest = tuple(one for one in job.delivery_ids if one not in away)
        going = replace(job, delivery_ids=rest)
    moved = await deliveries.move(uow, Event.HANDED_OVER, going.delivery_ids, job.claim)
    if moved != set(going.delivery_ids):
        raise LeaseLost(_("another daemon serves this account now"))
    await deliveries.move_parts(uow, Event.HANDED_OVER, [part_id], source_id=source_id)
    await shared_parts.leave_behind(uow, part_id, going.delivery_ids)
    if source_id is not None and job.chat_id is not None:
        # The answer may be here before we know that the message left.
        make = sqlite.insert if uow.sqlite else postgresql.insert
        known = {"account_id": job.account_id, "source_id": source_id, "chat_id": job.chat_id}
        await uow.connection.execute(make(t.known_id).values(**known).on_conflict_do_nothing())
    await uow.connection.execute(
        update(t.delivery)
        .where(t.delivery.c.id.in_(going.delivery_ids), t.delivery.c.first_tried_at.is_(None))
        .values(first_tried_at=uow.now)
    )
    # Last, as every hand-over waits for this row.
    return going, await restore_guard.handed_over(uow)


async def _turned_away(
    uow: UnitOfWork, job: Job, errors: Mapping[str, ChannelError], jitter: float
) -> set[int]:
    """The message leaves without them; each is tried again alone, or has failed."""
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.address).where(
            t.delivery.c.id.in_(job.delivery_ids), t.delivery.c.address.in_(list(errors))
        )
    )
    away: set[int] = set()
    for row in rows.all():
        error = errors[row.address]
        if isinstance(error, TemporaryFailure):
            moved = await _back_off(uow, job, row.id, error.reason, error.retry_after, jitter)
        else:
            moved = await _refused(uow, job, row.id, error.reason)
        if not moved:
            raise LeaseLost(_("another daemon serves this account now"))
        away.add(row.id)
    return away


async def part_sent(uow: UnitOfWork, job: Job, part_id: int, sent: Sent) -> bool:
    """The other side has this part. False: nothing more of the job is to be handed over.

    It may be told late, when the delivery was given up as unknown already.
    """
    last = part_id == job.part_ids[-1]
    if last:
        moved = await deliveries.move(
            uow,
            Event.TAKEN,
            job.delivery_ids,
            job.claim,
            sent_at=uow.now,
            error=None,
            attempts=t.delivery.c.attempts + 1,
        )
    else:
        moved = await deliveries.move(uow, Event.PART_TAKEN, job.delivery_ids, job.claim)
    late = moved or await deliveries.move(uow, Event.TAKEN_LATE, job.delivery_ids, job.claim)
    if not late:
        return False
    await deliveries.move_parts(
        uow, Event.TAKEN, [part_id], source_id=sent.source_id, sent_at=uow.now
    )
    await source_ids.went(uow, job.account_id, sent.also, job.comment_id, part_id)
    if sent.chat_key is not None:
        await chat_moves.followed(uow, job.chat_id, sent.chat_key)
    if last:
        await send_recovery.went(uow, moved)
    return bool(moved)


async def give_back(uow: UnitOfWork, job: Job) -> None:
    """Nothing has left: what this daemon claimed is free for whoever serves the account."""
    if await deliveries.move(uow, Event.GIVEN_BACK, job.delivery_ids, job.claim):
        await deliveries.move_parts(uow, Event.GIVEN_BACK, job.part_ids)


async def not_now(
    uow: UnitOfWork,
    job: Job,
    part_id: int,
    reason: Reason,
    retry_after: float | None,
    jitter: float,
    refused: Mapping[str, Reason] | None = None,
) -> None:
    """A temporary failure, certain not to have arrived: back off, or give up after a day.

    ``refused``: the recipients, by address, for whom there is no *again*.
    """
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.address).where(t.delivery.c.id.in_(job.delivery_ids))
    )
    ours = False
    for row in rows.all():
        if refused and row.address in refused:
            moved = await _refused(uow, job, row.id, refused[row.address])
            if moved:
                await shared_parts.leave(uow, row.id)
        else:
            moved = await _back_off(uow, job, row.id, reason, retry_after, jitter)
        ours = ours or moved
    if ours:
        await deliveries.move_parts(uow, Event.BACKED_OFF, [part_id])


async def _back_off(
    uow: UnitOfWork,
    job: Job,
    delivery_id: int,
    reason: Reason,
    retry_after: float | None,
    jitter: float,
) -> bool:
    row = (
        await uow.connection.execute(select(t.delivery).where(t.delivery.c.id == delivery_id))
    ).one()
    first = row.first_tried_at or uow.now
    at = next_attempt(uow.now, row.attempts + 1, first, retry_after, jitter)
    if at is None:
        return await _refused(uow, job, delivery_id, reason)
    moved = await deliveries.move(
        uow,
        Event.BACKED_OFF,
        [delivery_id],
        job.claim,
        due_at=max(at, uow.now + timedelta(seconds=1)),
        attempts=row.attempts + 1,
        first_tried_at=first,
        error=reason.as_json(),
    )
    return bool(moved)


async def _refused(uow: UnitOfWork, job: Job, delivery_id: int, reason: Reason) -> bool:
    return await delivery_failure.arise(
        uow, Event.REFUSED, delivery_id, reason, job.claim, attempts=t.delivery.c.attempts + 1
    )


async def never(uow: UnitOfWork, job: Job, part_id: int, reason: Reason) -> bool:
    """A permanent failure: visible at once. False when the delivery is another's by now."""
    moved = [await _refused(uow, job, one, reason) for one in job.delivery_ids]
    if any(moved):
        await deliveries.move_parts(uow, Event.REFUSED, [part_id])
    return any(moved)


async def perhaps(uow: UnitOfWork, job: Job, part_id: int, reason: Reason) -> None:
    """It may have arrived: a person decides (R24), unless it was seen at the other side already."""
    part = (await uow.connection.execute(select(t.part).where(t.part.c.id == part_id))).first()
    if part is None:  # purged, after another daemon had given it up
        return
    if part.state == PartState.SENT:
        await part_sent(uow, job, part_id, Sent(part.source_id))
        return
    moved = [
        await delivery_failure.arise(
            uow, Event.IN_DOUBT, one, reason, job.claim, attempts=t.delivery.c.attempts + 1
        )
        for one in job.delivery_ids
    ]
    if any(moved):
        await deliveries.move_parts(uow, Event.IN_DOUBT, [part_id])
