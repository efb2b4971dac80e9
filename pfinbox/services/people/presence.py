"""Telling colleagues what an agent looks at: one row for each running screen."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.actor import AgentActor
from pfinbox.store import tables as t
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork

STALE = timedelta(seconds=60)


async def see(
    uow: UnitOfWork, actor: AgentActor, process: str, task_id: int | None, mode: str
) -> None:
    """Record that this screen shows the task, every ten seconds anew; remove stale rows.

    ``mode``: viewing, answering (an answer is begun), replying (it is typed right now, which a
    client may see where the account allows it). A task that has been taken from the agent's sight
    meanwhile is left (R46).
    """
    if task_id is not None:
        who = await visibility.viewer(uow, actor)
        if not await visibility.visible_among(uow, who, [task_id]):
            task_id = None
    insert = sqlite.insert if uow.sqlite else postgresql.insert
    values = {"agent_id": actor.id, "task_id": task_id, "mode": mode, "seen_at": uow.now}
    statement = insert(t.presence).values(process=process, **values)
    await uow.connection.execute(
        statement.on_conflict_do_update(index_elements=["process"], set_=values)
    )
    await uow.connection.execute(delete(t.presence).where(t.presence.c.seen_at < uow.now - STALE))
    uow.touch("presence")


async def leave(uow: UnitOfWork, actor: AgentActor, process: str) -> None:
    """This screen of the agent is closed."""
    await uow.connection.execute(
        delete(t.presence).where(t.presence.c.process == process, t.presence.c.agent_id == actor.id)
    )
    uow.touch("presence")
