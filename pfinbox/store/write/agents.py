"""Writing agents, and what an agent keeps: searches, what the agent's screens show."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import delete, insert, or_, update

from pfinbox.domain.model import Agent
from pfinbox.store import tables as t
from pfinbox.store.load import comments
from pfinbox.store.uow import UnitOfWork

# A screen that has not been heard of for so long is closed.
_STALE = timedelta(seconds=60)


async def add(uow: UnitOfWork, login: str, name: str, email: str | None, *, admin: bool) -> int:
    """Add an agent; comments stored before are not unread for the agent (R41)."""
    return await uow.add(
        t.agent,
        login=login,
        name=name,
        email=email,
        admin=admin,
        read_baseline=await comments.highest_id(uow),
        created_at=uow.now,
    )


async def change(uow: UnitOfWork, agent: Agent, *, revoke: bool = False) -> None:
    """Change an agent; ``revoke``: answer addresses made before now prove nothing (R22).

    Those of a deactivated agent stay invalid, even when the agent comes back.
    """
    values: dict[str, object] = {
        "name": agent.name,
        "public_name": agent.public_name,
        "email": agent.email,
        "admin": agent.admin,
        "active": agent.active,
        "notify_by_mail": agent.notify_by_mail,
        "away_until": agent.away_until,
        "deputy_id": agent.deputy_id,
    }
    if revoke:
        values["tokens_revoked_at"] = uow.now
    await uow.change(t.agent, agent.id, **values)
    uow.touch("accounts")


async def show_as(uow: UnitOfWork, agent_id: int, media_type: str, content: bytes) -> None:
    """Keep the picture that clients see; nothing in it takes it away."""
    await uow.connection.execute(
        delete(t.agent_picture).where(t.agent_picture.c.agent_id == agent_id)
    )
    if content:
        digest = sha256(content).hexdigest()
        values = {"sha256": digest, "media_type": media_type, "content": content}
        await uow.connection.execute(insert(t.agent_picture).values(agent_id=agent_id, **values))
    uow.touch("accounts")


async def remember(uow: UnitOfWork, agent_id: int, **values: str) -> None:
    """Keep the agent's language and time zone; the same ones are not written again."""
    if not values:
        return
    differs = or_(*(t.agent.c[name].is_distinct_from(value) for name, value in values.items()))
    await uow.connection.execute(
        update(t.agent).where(t.agent.c.id == agent_id, differs).values(**values)
    )


async def show(
    uow: UnitOfWork, agent_id: int, process: str, task_id: int | None, mode: str
) -> None:
    """Keep that a screen of the agent shows a task; screens that ended are removed."""
    values = {"agent_id": agent_id, "task_id": task_id, "mode": mode, "seen_at": uow.now}
    await uow.put(t.presence, ("process",), [{"process": process, **values}])
    await uow.connection.execute(delete(t.presence).where(t.presence.c.seen_at < uow.now - _STALE))
    uow.touch("presence")


async def leave(uow: UnitOfWork, agent_id: int, process: str | None = None) -> None:
    """Remove one screen of the agent, which is closed; ``process`` None: all of them."""
    mine = delete(t.presence).where(t.presence.c.agent_id == agent_id)
    if process is not None:
        mine = mine.where(t.presence.c.process == process)
    await uow.connection.execute(mine)
    uow.touch("presence")


async def keep_search(uow: UnitOfWork, agent_id: int, name: str, view: str, query: str) -> None:
    """Keep a search under a name; an earlier one of that name is replaced."""
    row = {"agent_id": agent_id, "name": name, "view": view, "query": query}
    await uow.put(t.saved_search, ("agent_id", "name"), [row])
    uow.touch("tasks")


async def remove_search(uow: UnitOfWork, agent_id: int, name: str) -> None:
    await uow.connection.execute(
        delete(t.saved_search).where(
            t.saved_search.c.agent_id == agent_id, t.saved_search.c.name == name
        )
    )
    uow.touch("tasks")


async def hand_drafts_over(
    uow: UnitOfWork, agent_id: int, moved: Collection[int], below: Mapping[int, tuple[int, str]]
) -> None:
    """Give drafts to an agent; a draft of ``below`` is appended to the agent's own (id, text)."""
    await uow.connection.execute(
        update(t.draft).where(t.draft.c.id.in_(moved)).values(agent_id=agent_id)
    )
    for own_id, text in below.values():
        await uow.change(t.draft, own_id, text=text, updated_at=uow.now)
    await uow.connection.execute(delete(t.draft).where(t.draft.c.id.in_(below)))
