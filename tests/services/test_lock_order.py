"""R4: two writers never wait for each other crosswise.

Every store of these tests is watched (``tests.lock_order``); here the watch itself is.
"""

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.services.tasks import tasks
from pfinbox.store import locks
from tests.builders import Inbox
from tests.lock_order import LockedOtherwise


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_r4_a_chat_that_is_locked_after_a_task_is_found(inbox: Inbox) -> None:
    await inbox.says()
    await inbox.mails()
    actor = AgentActor(inbox.agent_ids["anna"])
    async with inbox.store.write() as uow:
        await locks.tasks(uow, [1])
        # The same again asks nothing; a second task brings a second chat.
        await locks.tasks(uow, [1])
        await locks.chats(uow, [1])
        with pytest.raises(LockedOtherwise):
            await locks.tasks(uow, [2])
    # Several tasks are locked at once, whatever the order in which they are named.
    await inbox.store.run(lambda uow: tasks.delete(uow, actor, [2, 1]))
    await inbox.store.run(lambda uow: tasks.restore(uow, actor, [2, 1]))
