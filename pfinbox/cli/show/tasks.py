"""Tasks as lines or JSON: rows with their chats and participants, a page at a time."""

from collections.abc import Iterable
from typing import Any

from pfinbox.cli.shell.output import print_json, print_lines
from pfinbox.cli.shell.session import Session
from pfinbox.cli.show import present, render
from pfinbox.domain.actor import AgentActor
from pfinbox.services.inbox import Inbox
from pfinbox.store import read
from pfinbox.store.rows import TaskRow
from pfinbox.store.uow import UnitOfWork

PAGE = 500


async def tasks_json(uow: UnitOfWork, rows: Iterable[TaskRow]) -> list[dict[str, Any]]:
    """The rows in the shape of ``task list --json``."""
    every, found = list(rows), []
    for start in range(0, len(every), PAGE):
        some = every[start : start + PAGE]
        ids = [row.id for row in some]
        chats = await read.chats(uow, ids)
        people = await read.participants(uow, ids)
        found += [present.task(r, chats.get(r.id, ()), people.get(r.id, ())) for r in some]
    return found


async def by_id(uow: UnitOfWork, me: AgentActor, ids: Iterable[int]) -> list[TaskRow]:
    return [await read.task_row(uow, me, task_id) for task_id in ids]


async def listed(
    uow: UnitOfWork, me: AgentActor, view: str, query: str, limit: int | None
) -> list[TaskRow]:
    """The first ``limit`` tasks of a view (None: all), page by page."""
    rows: list[TaskRow] = []
    after: tuple[Any, ...] | None = None
    while limit is None or len(rows) < limit:
        size = PAGE if limit is None else min(PAGE, limit - len(rows))
        page = await read.tasks(uow, me, view, after=after, limit=size, query=query)
        rows += page.rows
        after = page.after
        if after is None:
            break
    return rows


async def show_tasks(inbox: Inbox, session: Session, ids: tuple[int, ...], as_json: bool) -> None:
    """The tasks as they are now: one as an object, several as an array."""
    async with inbox.store.read() as uow:
        rows = await by_id(uow, inbox.actor, ids)
        if not as_json:
            print_lines(render.tasks(rows, session.zone))
            return
        found = await tasks_json(uow, rows)
    print_json(found[0] if len(found) == 1 else found)
