"""In which chats an agent is writing to a client now, of accounts that let clients see it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.store import tables as t
from pfinbox.store.settings import SENDING_IS_HELD
from pfinbox.store.uow import UnitOfWork

# A screen renews its presence every ten seconds.
_FRESH = timedelta(seconds=15)


def _writing(*columns: Any) -> Select[Any]:
    root = t.task.alias("root")
    return (
        select(*columns)
        .distinct()
        .select_from(t.chat)
        .join(t.binding, t.binding.c.chat_id == t.chat.c.id)
        .join(root, root.c.id == t.binding.c.task_id)
        .join(t.task, t.task.c.root_id == root.c.root_id)
        .join(t.presence, t.presence.c.task_id == t.task.c.id)
        .join(t.agent, t.agent.c.id == t.presence.c.agent_id)
        .join(t.account, t.account.c.id == t.chat.c.account_id)
        .where(
            t.presence.c.mode == "replying",
            t.presence.c.seen_at > bindparam("since"),
            # Where the answer would go: the task's own chat.
            t.binding.c.current,
            t.binding.c.aside.is_(False),
            root.c.id == root.c.root_id,
            root.c.deleted_at.is_(None),
            t.chat.c.writable,
            t.chat.c.blocked_at.is_(None),
            t.account.c.capabilities.op("&")(int(Capability.TYPING)) != 0,
            ~SENDING_IS_HELD,
        )
    )


_CHATS = (
    _writing(t.chat.c.account_id, t.chat.c.key)
    .where(t.account.c.lease_id == bindparam("lease_id"))
    .order_by(t.chat.c.account_id, t.chat.c.key)
)
_TASKS = _writing(t.task.c.root_id)
_NAME = (
    _writing(t.PUBLIC_NAME.label("name"))
    .where(t.chat.c.id == bindparam("chat_id"))
    .order_by("name")
    .limit(1)
)


async def chats(uow: UnitOfWork, lease_id: int) -> list[tuple[int, str]]:
    """Account ids and chat keys. Whoever writes a note for colleagues is not ``replying``."""
    rows = await uow.connection.execute(_CHATS, {"lease_id": lease_id, "since": uow.now - _FRESH})
    return [(row.account_id, row.key) for row in rows]


async def tasks(uow: UnitOfWork) -> set[int]:
    """The roots of the tasks in which somebody writes to a client."""
    return set(await uow.connection.scalars(_TASKS, {"since": uow.now - _FRESH}))


async def to(uow: UnitOfWork, chat_id: int) -> str | None:
    """What outsiders call the agent who writes in this chat; None where nobody does."""
    values = {"chat_id": chat_id, "since": uow.now - _FRESH}
    name: str | None = await uow.connection.scalar(_NAME, values)
    return name
