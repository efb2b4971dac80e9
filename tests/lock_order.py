"""On PostgreSQL every transaction locks chats before tasks: two writers never wait crosswise.

``watch`` looks at the statements of a store. Rows that a transaction made are its own.
"""

import re
from typing import Any

from sqlalchemy import event

from pfinbox.store.async_core import AsyncEngine

_LOCKS = re.compile(r"\bFROM (\w+)\b.*FOR UPDATE(?: OF (\w+))?\s*$", re.DOTALL)
_WRITES = re.compile(r"(?:UPDATE|DELETE FROM|(INSERT) INTO) (chat|task)\b")


class LockedOtherwise(AssertionError):
    """A chat was locked, or changed without being held, after a task was."""


def watch(engine: AsyncEngine) -> None:
    """Raise where a transaction of this engine locks a task, and then a chat."""
    if not event.contains(engine.sync_engine, "begin", _begin):
        event.listen(engine.sync_engine, "begin", _begin)
        event.listen(engine.sync_engine, "before_cursor_execute", _execute)


def _begin(connection: Any) -> None:
    connection.info["locked"] = []


def _execute(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
    locked = connection.info.setdefault("locked", [])
    if match := _LOCKS.search(statement):
        table = match[2] or match[1]
        if table == "chat" and "task" in locked:
            raise LockedOtherwise(statement)
        locked.append(table)
    elif match := _WRITES.match(statement):
        if match[1]:
            locked.append(f"new {match[2]}")
        elif match[2] == "chat" and "task" in locked:
            if not {"chat", "new chat"} & set(locked):
                raise LockedOtherwise(statement)
        else:
            locked.append(match[2])
