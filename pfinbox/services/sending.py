"""The daemon's side of the outbox: hand over what it claimed, and write down what became of it.

A claim and its result are transactions of their own; between them nothing is held. Whoever lost
the account's lease meanwhile hands nothing over.
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.delivery import State, next_attempt
from pfinbox.domain.envelope import Sent
from pfinbox.domain.reason import Reason
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import (
    chat_moves,
    sharing,
    sources,
    standing,
    standstill,
    trouble,
)
from pfinbox.services.claiming import Job
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


class LeaseLost(Refused):
    """Another daemon holds the account now, or a person stopped the delivery."""


async def transmitting(
    uow: UnitOfWork, lease_id: int, epoch: int, job: Job, part_id: int, source_id: str | None
) -> int:
    """From this commit on the part may have left. LeaseLost: it must not leave.

    Returns the number of this hand-over, for the stamp.
    """
    holder = await uow.connection.scalar(
        select(t.account.c.lease_id).where(t.account.c.id == job.account_id)
    )
    changed = await uow.connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.id.in_(job.delivery_ids),
            t.delivery.c.state == State.SENDING,
            t.delivery.c.lease_id == lease_id,
            t.delivery.c.epoch == epoch,
        )
        .values(state=State.TRANSMITTING)
    )
    if holder != lease_id or changed.rowcount != len(job.delivery_ids):
        raise LeaseLost(_("another daemon serves this account now"))
    await uow.connection.execute(
        update(t.part)
        .where(t.part.c.id == part_id)
        .values(state="transmitting", source_id=source_id)
    )
    await sharing.leave_behind(uow, part_id, job.delivery_ids)
    if source_id is not None and job.chat_id is not None:
        # The answer may be here before we know that the message left.
        make = sqlite.insert if uow.sqlite else postgresql.insert
        known = {"account_id": job.account_id, "source_id": source_id, "chat_id": job.chat_id}
        await uow.connection.execute(make(t.known_id).values(**known).on_conflict_do_nothing())
    await uow.connection.execute(
        update(t.delivery)
        .where(t.delivery.c.id.in_(job.delivery_ids), t.delivery.c.first_tried_at.is_(None))
        .values(first_tried_at=uow.now)
    )
    # Last, as every hand-over waits for this row.
    return await standstill.handed_over(uow)


async def part_sent(
    uow: UnitOfWork, job: Job, part_id: int, sent: Sent, jitter: float = 1.0
) -> None:
    """The other side has this part; those it turned away have failed, or are tried again alone."""
    await uow.connection.execute(
        update(t.part)
        .where(t.part.c.id == part_id)
        .values(state="sent", source_id=sent.source_id, sent_at=uow.now)
    )
    await sources.went(uow, job.account_id, sent.also, job.comment_id, part_id)
    if sent.chat_key is not None:
        await chat_moves.followed(uow, job.chat_id, sent.chat_key)
    rows = (
        await uow.connection.execute(
            select(t.delivery.c.id, t.delivery.c.address).where(
                t.delivery.c.id.in_(job.delivery_ids)
            )
        )
    ).all()
    away = {row.id: row.address for row in rows if row.address in {**sent.refused, **sent.later}}
    for delivery_id, address in away.items():
        await sharing.leave(uow, delivery_id, missed=part_id)
        if address in sent.refused:
            await trouble.failed(uow, delivery_id, sent.refused[address])
        else:
            await _back_off(uow, delivery_id, sent.later[address], None, jitter)
    accepted = [row.id for row in rows if row.id not in away]
    last = part_id == job.part_ids[-1]
    values: dict[str, object] = {"state": State.SENDING}
    if last:
        values = {
            "state": State.SENT,
            "sent_at": uow.now,
            "error": None,
            "lease_id": None,
            "epoch": None,
            "attempts": t.delivery.c.attempts + 1,
        }
    await uow.connection.execute(
        update(t.delivery).where(t.delivery.c.id.in_(accepted)).values(**values)
    )
    if last and accepted:
        await _scheduled_went(uow, job)
    uow.touch("outbox", "tasks")


async def _scheduled_went(uow: UnitOfWork, job: Job) -> None:
    """A scheduled answer counts as an answer from now on (R41)."""
    row = (
        await uow.connection.execute(
            select(t.comment.c.due_at, t.comment.c.id, t.task.c.root_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(t.comment.c.id == job.comment_id)
        )
    ).one()
    if row.due_at is None or job.chat_id is None:  # only a colleague was told
        return
    await uow.connection.execute(
        update(t.comment).where(t.comment.c.id == row.id).values(due_at=None)
    )
    await standing.refresh(uow, row.root_id)


async def give_back(uow: UnitOfWork, job: Job) -> None:
    """Nothing has left: what this daemon claimed is free for whoever serves the account."""
    await uow.connection.execute(
        update(t.delivery)
        .where(t.delivery.c.id.in_(job.delivery_ids), t.delivery.c.state == State.SENDING)
        .values(state=State.PENDING, lease_id=None, epoch=None)
    )
    uow.touch("outbox")


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
    await uow.connection.execute(
        update(t.part).where(t.part.c.id == part_id).values(state="pending")
    )
    addresses = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.address).where(t.delivery.c.id.in_(job.delivery_ids))
    )
    for row in addresses.all():
        if refused and row.address in refused:
            await sharing.leave(uow, row.id)
            await trouble.failed(uow, row.id, refused[row.address])
        else:
            await _back_off(uow, row.id, reason, retry_after, jitter)
    uow.touch("outbox", "tasks")


async def _back_off(
    uow: UnitOfWork, delivery_id: int, reason: Reason, retry_after: float | None, jitter: float
) -> None:
    row = (
        await uow.connection.execute(select(t.delivery).where(t.delivery.c.id == delivery_id))
    ).one()
    first = row.first_tried_at or uow.now
    at = next_attempt(uow.now, row.attempts + 1, first, retry_after, jitter)
    if at is None:
        await trouble.failed(uow, row.id, reason)
        return
    await uow.connection.execute(
        update(t.delivery)
        .where(t.delivery.c.id == row.id)
        .values(
            state=State.PENDING,
            due_at=max(at, uow.now + timedelta(seconds=1)),
            attempts=row.attempts + 1,
            first_tried_at=first,
            error=reason.as_json(),
            lease_id=None,
            epoch=None,
        )
    )


async def never(uow: UnitOfWork, job: Job, part_id: int, reason: Reason) -> None:
    """A permanent failure: visible at once."""
    await _end(uow, part_id, "failed")
    for delivery_id in job.delivery_ids:
        await trouble.failed(uow, delivery_id, reason)


async def perhaps(uow: UnitOfWork, job: Job, part_id: int, reason: Reason) -> None:
    """It may have arrived: a person decides (R24)."""
    await _end(uow, part_id, "unknown")
    for delivery_id in job.delivery_ids:
        await trouble.unknown(uow, delivery_id, reason)


async def _end(uow: UnitOfWork, part_id: int, state: str) -> None:
    await uow.connection.execute(update(t.part).where(t.part.c.id == part_id).values(state=state))
