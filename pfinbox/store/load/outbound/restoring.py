"""What a restored or moved database knows of what it sent, and what is not final in it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import MOVES, State, Step
from pfinbox.domain.outbound.restoring import Ledger, Machine
from pfinbox.record import record
from pfinbox.store import settings
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_NAMES = ("store_id", settings.HANDED_OVER, settings.HELD, settings.MACHINE)
_KNOWN = select(t.setting.c.name, t.setting.c.value).where(t.setting.c.name.in_(_NAMES))


async def ledger(uow: UnitOfWork) -> tuple[Ledger, Reason | None]:
    """What was sent from where; and why nothing is sent, where that was noted."""
    rows = await uow.connection.execute(_KNOWN)
    known: dict[str, Any] = {row.name: row.value for row in rows}
    machine, held = known.get(settings.MACHINE), known.get(settings.HELD)
    found = Ledger(
        store_id=known["store_id"],
        handed_over=int(known.get(settings.HANDED_OVER, 0)),
        in_file=uow.sqlite,
        machine=Machine(machine["id"], machine["host"]) if machine else None,
    )
    return found, Reason.from_json(held["reason"]) if held else None


async def not_final(uow: UnitOfWork) -> dict[int, State]:
    """The deliveries whose fate a backup leaves open, with their states."""
    rows = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.state)
        .where(t.delivery.c.state.in_(sorted(MOVES[Step.RESTORED].sources)))
        .order_by(t.delivery.c.id)
    )
    return {row.id: State(row.state) for row in rows}


@record
class Restored:
    """A delivery of unknown fate because of the backup; the task is the root."""

    id: int
    task_id: int
    due_at: datetime
    # Its state in the backup.
    was: State


async def restored(uow: UnitOfWork) -> list[Restored]:
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
    return [
        Restored(row.id, row.root_id, row.due_at, State(row.error["args"]["was"]))
        for row in rows
        if row.error and row.error["kind"] == "restored"
    ]


async def waiting(uow: UnitOfWork) -> int:
    """How many deliveries would go, whoever may see them."""
    query = (
        select(func.count())
        .select_from(t.delivery)
        .where(t.delivery.c.state.in_((State.PENDING, State.SCHEDULED)))
    )
    return int(await uow.connection.scalar(query) or 0)
