"""A delivery that failed, or whose fate is unknown, makes its task active and unread (R24)."""

import logging

from sqlalchemy import select, update

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events import Reopened
from pfinbox.domain.outbound.delivery import COUNTED_FAILED, MOVES, Claim, Event
from pfinbox.services.tasks import bindings, unread
from pfinbox.store import deliveries, journal, moments, snapshots, statuses
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

log = logging.getLogger(__name__)


async def _may_open(uow: UnitOfWork, task_id: int) -> bool:
    """Not while the client goes on in another open task: one chat has one open task (R4).

    The notice and the count of failed deliveries say it all the same.
    """
    purged = await uow.connection.scalar(select(t.task.c.purged_at).where(t.task.c.id == task_id))
    if purged is not None:
        return False
    return await bindings.took_chats_back(uow, await snapshots.task(uow, task_id))


async def _to_colleague(uow: UnitOfWork, delivery_id: int) -> bool:
    found = await uow.connection.scalar(
        select(t.delivery.c.notice).where(t.delivery.c.id == delivery_id)
    )
    return found is not None


async def arise(
    uow: UnitOfWork,
    event: Event,
    delivery_id: int,
    reason: Reason,
    claim: Claim | None = None,
    **more: object,
) -> bool:
    """The event leaves a delivery failed, unknown or held. False: it is not the event's to move."""
    moved = await deliveries.move(
        uow, event, [delivery_id], claim, error=reason.as_json(), dismissed_at=None, **more
    )
    if not moved:
        return False
    if MOVES[event].to in COUNTED_FAILED:
        # The activity keeps the reason's kind alone: a server's answer may quote the client.
        log.warning("delivery %d %s: %s", delivery_id, MOVES[event].to, reason.kind)
    if await _to_colleague(uow, delivery_id):
        # A notice's failure shows at its comment and changes nothing else of the task.
        return True
    row = (
        await uow.connection.execute(
            select(t.task.c.root_id, t.comment.c.id.label("comment_id"), t.comment.c.agent_id)
            .join(t.comment, t.comment.c.task_id == t.task.c.id)
            .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
            .where(t.delivery.c.id == delivery_id)
        )
    ).one()
    task = (await uow.connection.execute(select(t.task).where(t.task.c.id == row.root_id))).one()
    values: dict[str, object] = {"snoozed_until": None, "last_activity_at": moments.active_now(uow)}
    if not task.active and event is not Event.WITHHELD and await _may_open(uow, task.id):
        values |= {
            "status": await statuses.reopened_status(uow),
            "active": True,
            "closed_at": None,
        }
        await journal.record(uow, task.id, Reopened(by="delivery"))
    await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))
    concerned = {i for i in (row.agent_id, task.assignee_agent_id) if i is not None}
    await unread.notice(uow, task.id, row.comment_id, concerned)
    return True
