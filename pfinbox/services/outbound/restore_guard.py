"""A restored or moved database sends nothing until a person releases it.

Deliveries that were not final in the backup become unknown: they may have left after it was made.
"""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.amending import AmendmentState
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import State, Step
from pfinbox.domain.outbound.restoring import Machine, Stamp, why_not_send
from pfinbox.record import record
from pfinbox.services import access
from pfinbox.services.outbound import amending, delivery_failure, outbox
from pfinbox.store import settings, snapshots, write
from pfinbox.store.load.outbound import amendments, deliveries
from pfinbox.store.load.outbound import restoring as load
from pfinbox.store.uow import UnitOfWork


@record
class Look:
    """``held``: why nothing is sent. ``stamp``: what must stand outside the database."""

    held: Reason | None
    stamp: Stamp


async def store_id(uow: UnitOfWork) -> str:
    return str(await snapshots.setting(uow, "store_id"))


async def look(uow: UnitOfWork, stamp: Stamp | None, here: Machine) -> Look:
    """Whether a daemon on the machine ``here`` may send; holds everything back when not.

    ``stamp`` was read before this transaction began.
    """
    ledger, was_held = await load.ledger(uow)
    reason = why_not_send(ledger, stamp, here)
    handed_over = ledger.handed_over
    if reason is not None:
        # After this first look the flag in the database alone holds sending.
        if stamp is not None and stamp.store_id == ledger.store_id:
            handed_over = max(handed_over, stamp.handed_over)
        await settings.write_setting(uow, settings.HANDED_OVER, handed_over)
        if was_held is None:
            await hold(uow, reason)
    # A new store is a machine's own once its stamp is there: a daemon that begins at the same
    # moment, or after a crash at this one, would miss the stamp.
    stamped = stamp is not None and stamp.store_id == ledger.store_id
    known = ledger.machine is not None and ledger.machine.id == here.id
    if uow.sqlite and not known and (stamped or reason is not None):
        await settings.write_setting(uow, settings.MACHINE, {"id": here.id, "host": here.host})
    return Look(reason or was_held, Stamp(ledger.store_id, handed_over))


async def hold(uow: UnitOfWork, reason: Reason) -> None:
    """Send nothing from now on; whatever is not final has an unknown fate."""
    value = {"reason": reason.as_json(), "since": uow.now.isoformat()}
    await settings.write_setting(uow, settings.HELD, value)
    for delivery_id, state in (await load.not_final(uow)).items():
        why = Reason("restored", {"was": state})
        if await delivery_failure.arise(uow, Step.RESTORED, delivery_id, why):
            parts = await deliveries.parts(uow, delivery_id)
            await write.deliveries.move_parts(uow, Step.RESTORED, parts)
    await write.follow_ups.end_all(uow)
    # A change of a client's copy may undo a later one: its author is told and decides (R11).
    changes = await amendments.pending(uow)
    await write.amendments.end(
        uow, [one.id for one in changes], AmendmentState.FAILED, Reason("restored")
    )
    for one in changes:
        await amending.tell_author(uow, one)
    # Whom an agent has signed out since the backup would be in again.
    await write.signing_in.end_everything(uow)
    uow.touch("outbox", "accounts", "tasks")


async def release(uow: UnitOfWork, actor: AgentActor, *, resend: bool = False) -> bool:
    """Send again, as an admin: colleagues' mail goes too; False when nothing was held.

    ``resend``: also what was not final in the backup and what this agent may see, although its
    clients may get it twice; without it each waits for a person as unknown.
    """
    await access.must_have(uow, actor, "restore_guard.release")
    was_held = await settings.remove(uow, settings.HELD)
    if resend:
        await _resend(uow, actor)
    uow.touch("outbox", "accounts")
    return was_held


async def _resend(uow: UnitOfWork, actor: AgentActor) -> None:
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    for one in await load.restored(uow):
        if not await access.may_see(uow, agent, await snapshots.task(uow, one.task_id)):
            continue
        await outbox.retry(uow, actor, one.id)
        if one.was is State.SCHEDULED:
            # A scheduled delivery waits for its moment, or is held as too late (R18).
            await write.deliveries.move(uow, Step.RESCHEDULED, [one.id], due_at=one.due_at)
