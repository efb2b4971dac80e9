"""R46: every use case runs in the name of whoever acts, in one transaction."""

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound
from pfinbox.services import queries
from pfinbox.services.tasks import tasks
from pfinbox.store.uow import UnitOfWork
from tests.builders import Inbox, mail_account


async def test_r46_a_use_case_sees_what_its_actor_may_see(inbox: Inbox) -> None:
    await inbox.configure(mail_account(agents=("anna",)))
    anna, boris = inbox.acting("anna"), inbox.acting("boris")
    task_id = await anna.write(tasks.new, "For Anna", account="support")
    assert (await anna.read(queries.conversation, task_id)).task.title == "For Anna"
    with pytest.raises(NotFound):
        await boris.read(queries.conversation, task_id)


async def test_only_a_write_is_kept(inbox: Inbox) -> None:
    anna = inbox.acting("anna")

    async def made(uow: UnitOfWork, actor: AgentActor) -> int:
        return await tasks.new(uow, actor, "One")

    await anna.read(made)
    assert (await anna.read(queries.tasks, "all")).rows == ()
    task_id = await anna.write(made)
    assert [row.id for row in (await anna.read(queries.tasks, "all")).rows] == [task_id]
