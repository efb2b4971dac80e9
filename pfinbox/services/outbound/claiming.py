"""Claiming: which deliveries this daemon hands over now, as messages; when to look again."""

from collections.abc import Collection

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import (
    Job,
    Step,
    in_order,
    jobs,
    repeats_too_late,
    whole_messages,
)
from pfinbox.services.notifications import notices
from pfinbox.services.outbound import delivery_failure, hold_rules
from pfinbox.store import snapshots
from pfinbox.store.load.outbound import claims
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import accounts
from pfinbox.store.write.outbound import deliveries

# Deliveries that are claimed at a time.
LIMIT = 100


async def claim(
    uow: UnitOfWork,
    lease_id: int,
    limit: int = LIMIT,
    busy: Collection[int] = (),
    *,
    alone: bool = False,
) -> list[Job]:
    """Take what is due on the accounts of this lease, in the order it was written per chat.

    ``busy``: accounts that have enough in hand. ``alone``: one comment's messages only.
    """
    due = in_order(whole_messages(await claims.due(uow, lease_id, limit, busy), limit))
    if alone:
        due = [one for one in due if one.comment_id == due[0].comment_id]
    if not due:
        return []
    uow.touch("outbox", "tasks")
    doubted = {one.id for one in due if one.doubted}
    held = await hold_rules.hold(uow, [one.id for one in due if one.notice is None])
    if doubted:
        known = await snapshots.accounts(uow)
        for one in due:
            if repeats_too_late(one, known[one.account_id], uow.now):
                held[one.id] = Reason("outcome_unknown", {"detail": ""})
    for delivery_id, reason in held.items():
        if delivery_id in doubted:
            await delivery_failure.stop(uow, delivery_id, reason)
        else:
            await delivery_failure.arise(uow, Step.WITHHELD, delivery_id, reason)
    going = [
        one
        for one in due
        if one.id not in held and (one.notice is None or await notices.may_leave(uow, one.id))
    ]
    parts = await claims.unsent_parts(uow, [one.id for one in going])
    claimed = jobs(going, parts, lease_id)
    moving = {delivery_id: job.claim for job in claimed for delivery_id in job.delivery_ids}
    await deliveries.move_each(uow, Step.CLAIMED, moving)
    return claimed


async def claim_one(
    uow: UnitOfWork, lease_id: int, account_id: int, held: Collection[int]
) -> list[Job] | None:
    """Take one message of an account whose server was not reached, to try it.

    ``held``: the accounts of this lease. None: nothing waits any more, so nothing is wrong.
    """
    if not await claims.waiting(uow, account_id):
        await accounts.set_sending(uow, account_id, "ok")
        return None
    others = [other for other in held if other != account_id]
    return await claim(uow, lease_id, busy=others, alone=True)


async def next_due(uow: UnitOfWork, lease_id: int) -> float | None:
    """Seconds until the next delivery of this lease's accounts is due, None when none waits."""
    at = await claims.next_due(uow, lease_id)
    return None if at is None else (at - uow.now).total_seconds()
