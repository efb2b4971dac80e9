"""A restored or moved database sends nothing until a person releases it.

Deliveries that were not final in the backup become unknown: they may have left after it was made.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.amending import AmendmentState
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import MOVES, Event, State
from pfinbox.domain.outbound.restoring import Ledger, Machine, Stamp, why_not_send
from pfinbox.services import access
from pfinbox.services.outbound import delivery_failure, outbox
from pfinbox.services.people import agents
from pfinbox.store import settings, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write import deliveries, unread

_MACHINE = "machine"


@dataclass(frozen=True, slots=True)
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
    names = ("store_id", settings.HANDED_OVER, settings.HELD, _MACHINE)
    rows = await uow.connection.execute(select(t.setting).where(t.setting.c.name.in_(names)))
    known: dict[str, Any] = {row.name: row.value for row in rows}
    machine = known.get(_MACHINE)
    ledger = Ledger(
        store_id=known["store_id"],
        handed_over=int(known.get(settings.HANDED_OVER, 0)),
        in_file=uow.sqlite,
        machine=Machine(machine["id"], machine["host"]) if machine else None,
    )
    reason = why_not_send(ledger, stamp, here)
    handed_over = ledger.handed_over
    if reason is not None:
        # After this first look the flag in the database alone holds sending.
        if stamp is not None and stamp.store_id == ledger.store_id:
            handed_over = max(handed_over, stamp.handed_over)
        await settings.write_setting(uow, settings.HANDED_OVER, handed_over)
        if settings.HELD not in known:
            await hold(uow, reason)
    if uow.sqlite and (ledger.machine is None or ledger.machine.id != here.id):
        await settings.write_setting(uow, _MACHINE, {"id": here.id, "host": here.host})
    if reason is None and settings.HELD in known:
        reason = Reason.from_json(known[settings.HELD]["reason"])
    return Look(reason, Stamp(ledger.store_id, handed_over))


async def hold(uow: UnitOfWork, reason: Reason) -> None:
    """Send nothing from now on; whatever is not final has an unknown fate."""
    value = {"reason": reason.as_json(), "since": uow.now.isoformat()}
    await settings.write_setting(uow, settings.HELD, value)
    rows = (
        await uow.connection.execute(
            select(t.delivery.c.id, t.delivery.c.state)
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .where(t.delivery.c.state.in_(sorted(MOVES[Event.RESTORED].sources)))
            .order_by(t.delivery.c.id)
        )
    ).all()
    for row in rows:
        reason = Reason("restored", {"was": row.state})
        if not await delivery_failure.arise(uow, Event.RESTORED, row.id, reason):
            continue
        parts = await uow.connection.scalars(
            select(t.delivery_part.c.part_id).where(t.delivery_part.c.delivery_id == row.id)
        )
        await deliveries.move_parts(uow, Event.RESTORED, parts.all())
    await _drop_changes(uow)
    uow.touch("outbox", "accounts", "tasks")


async def _drop_changes(uow: UnitOfWork) -> None:
    """A change of a client's copy may undo a later one: its author is told and decides (R11)."""
    waiting = t.amendment.c.state == AmendmentState.PENDING
    rows = (
        await uow.connection.execute(
            select(t.amendment.c.agent_id, t.amendment.c.comment_id, t.task.c.root_id)
            .join(t.comment, t.comment.c.id == t.amendment.c.comment_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(waiting)
        )
    ).all()
    await uow.connection.execute(
        update(t.amendment)
        .where(waiting)
        .values(state=AmendmentState.FAILED, error=Reason("restored").as_json())
    )
    for row in rows:
        if row.agent_id is not None:
            await unread.notice(uow, row.root_id, row.comment_id, {row.agent_id})


async def release(uow: UnitOfWork, actor: AgentActor, *, resend: bool = False) -> bool:
    """Send again, as an admin: colleagues' mail goes too; False when nothing was held.

    ``resend``: also what was not final in the backup and what this agent may see, although its
    clients may get it twice; without it each waits for a person as unknown.
    """
    await agents.must_be_admin(uow, actor)
    done = await uow.connection.execute(delete(t.setting).where(t.setting.c.name == settings.HELD))
    if resend:
        await _resend(uow, actor)
    uow.touch("outbox", "accounts")
    return done.rowcount > 0


async def _resend(uow: UnitOfWork, actor: AgentActor) -> None:
    agent = (await snapshots.agents(uow, [actor.id]))[actor.id]
    for row in await restored(uow):
        task = await snapshots.task(uow, row.root_id)
        if not await access.may_see(uow, agent, task):
            continue
        due_at: datetime = row.due_at
        await outbox.retry(uow, actor, row.id)
        if row.error["args"].get("was") == State.SCHEDULED:
            # A scheduled delivery waits for its moment, or is held as too late (R18).
            await deliveries.move(uow, Event.RESCHEDULED, [row.id], due_at=due_at)


async def restored(uow: UnitOfWork) -> list[Any]:
    """Deliveries of unknown fate because of the backup, with the root of their task."""
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.due_at, t.delivery.c.error, t.task.c.root_id)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.delivery.c.state == State.UNKNOWN,
            t.delivery.c.dismissed_at.is_(None),
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.delivery.c.id)
    )
    return [row for row in rows if row.error and row.error["kind"] == "restored"]


async def waiting(uow: UnitOfWork) -> int:
    """How many deliveries would go, whoever may see them."""
    query = (
        select(func.count())
        .select_from(t.delivery)
        .where(t.delivery.c.state.in_((State.PENDING, State.SCHEDULED)))
    )
    return int(await uow.connection.scalar(query) or 0)
