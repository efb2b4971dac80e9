"""R35: read and unread, for one agent; and two agents who take one task at the same moment."""

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import Seen, TaskChange
from pfinbox.errors import NotFound, Refused
from pfinbox.services.tasks import read_marks, tasks
from pfinbox.store import read
from tests.builders import Inbox


async def unread(inbox: Inbox, by: str) -> bool:
    async with inbox.store.read() as uow:
        page = await read.tasks(uow, inbox.actor(by), "inbox")
    return page.rows[0].unread


async def test_r35_an_agent_marks_a_task_read_and_unread_for_itself(inbox: Inbox) -> None:
    await inbox.says("Hello")
    anna, boris = inbox.agent_ids["anna"], inbox.agent_ids["boris"]
    await inbox.store.run(lambda uow: read_marks.mark_read(uow, AgentActor(anna), [1]))
    assert (await unread(inbox, "anna"), await unread(inbox, "boris")) == (False, True)
    await inbox.comment(1, "Hi", to=[Who("contact", 1)])
    await inbox.store.run(lambda uow: read_marks.mark_read(uow, AgentActor(boris), [1]))
    for _again in range(2):
        await inbox.store.run(lambda uow: read_marks.mark_unread(uow, AgentActor(anna), [1]))
        assert (await unread(inbox, "anna"), await unread(inbox, "boris")) == (True, False)
    await inbox.store.run(lambda uow: read_marks.mark_read(uow, AgentActor(anna), [1]))
    assert not await unread(inbox, "anna")
    silent = await inbox.store.run(lambda uow: tasks.new(uow, AgentActor(anna), "By hand"))
    with pytest.raises(Refused, match="nothing to read"):
        await inbox.store.run(
            lambda uow: read_marks.mark_unread(uow, AgentActor(anna), [1, silent])
        )
    # All or none.
    assert not await unread(inbox, "anna")
    with pytest.raises(NotFound):
        await inbox.store.run(lambda uow: read_marks.mark_unread(uow, AgentActor(anna), [99]))


async def test_r35_of_two_who_take_a_task_the_first_keeps_it(inbox: Inbox) -> None:
    await inbox.says("Hello")
    seen_by_both = Seen(assignee=None)

    async def take(by: str) -> None:
        me = inbox.agent_ids[by]
        mine = TaskChange(assignee=Who("agent", me), seen=seen_by_both)
        await inbox.store.run(lambda uow: tasks.change_each(uow, AgentActor(me), [(1, mine)]))

    await take("boris")
    await take("boris")
    with pytest.raises(Refused, match="boris has taken #1 meanwhile"):
        await take("anna")
