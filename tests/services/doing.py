"""Short words for what agents do with tasks, and for looking at what became of them."""

from typing import Any

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Task
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.merging.contact_merging import merge_contacts
from pfinbox.services.merging.merging import merge_tasks
from pfinbox.services.merging.unmerge_plan import Preview, preview_unmerge
from pfinbox.services.merging.unmerging import unmerge_task
from pfinbox.services.tasks import drafts, tasks
from pfinbox.store import read, snapshots
from pfinbox.store import tables as t
from tests.builders import Inbox


async def merge(inbox: Inbox, survivor: int, *others: int, **values: Any) -> int:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(
        lambda uow: merge_tasks(uow, AgentActor(anna), survivor, others, **values)
    )


async def unmerge(inbox: Inbox, task_id: int) -> int:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    return await inbox.store.run(lambda uow: unmerge_task(uow, AgentActor(anna), task_id))


async def preview(inbox: Inbox, task_id: int) -> Preview:
    async with inbox.store.read() as uow:
        return await preview_unmerge(uow, inbox.actor("anna"), task_id)


async def change(inbox: Inbox, task_id: int, **values: Any) -> None:
    inbox.clock.advance(seconds=1)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: tasks.change(uow, AgentActor(anna), (task_id,), TaskChange(**values))
    )


async def the_task(inbox: Inbox, task_id: int) -> Task:
    async with inbox.store.read() as uow:
        return await snapshots.task(uow, task_id)


async def said(inbox: Inbox, task_id: int) -> list[str]:
    """The texts of a conversation as it is read, in its order."""
    async with inbox.store.read() as uow:
        found = await read.conversation(uow, inbox.actor("anna"), task_id)
        return [comment.text for comment in found.comments]


async def routes(inbox: Inbox, comment_id: int) -> list[tuple[str, str]]:
    async with inbox.store.read() as uow:
        rows = await uow.connection.execute(
            select(t.account.c.name, t.delivery.c.address)
            .join(t.account, t.account.c.id == t.delivery.c.account_id)
            .where(t.delivery.c.comment_id == comment_id)
            .order_by(t.delivery.c.id)
        )
        return [tuple(row) for row in rows]


async def a_person_with_two_tasks(inbox: Inbox) -> None:
    """Task 1 by messenger and task 2 by mail, of one card with number 1."""
    await inbox.says("By chat")
    await inbox.mails("By mail")
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: merge_contacts(uow, AgentActor(anna), 1, [2]))


async def chain(inbox: Inbox, task_id: int) -> list[int]:
    found = [task_id]
    while (previous := (await the_task(inbox, found[-1])).previous_task_id) is not None:
        root = (await the_task(inbox, previous)).id
        assert root not in found, found
        found.append(root)
    return found


async def unread(inbox: Inbox, login: str) -> list[int]:
    async with inbox.store.read() as uow:
        page = await read.tasks(uow, inbox.actor(login), "active")
    return sorted(row.id for row in page.rows if row.unread)


async def drafted(inbox: Inbox, task_id: int) -> str | None:
    async with inbox.store.read() as uow:
        found = await drafts.load(uow, inbox.actor("anna"), task_id, "reply")
    return found.text if found is not None else None


async def newest_tasks(inbox: Inbox) -> tuple[int, int]:
    """The two tasks made last, the older one first."""
    async with inbox.store.read() as uow:
        ids = await uow.connection.scalars(select(t.task.c.id).order_by(t.task.c.id))
    found = list(ids)
    return found[-2], found[-1]
