"""Two agents at one client: each is told of the other while both screens live."""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.services.people import presence
from pfinbox.services.tasks import tasks
from pfinbox.store import read
from tests.builders import Inbox, mail_account

SHARED = TaskChange(add_participants=(Who("agent", 2),))


async def others(inbox: Inbox, of: str) -> list[tuple[int, str, bool]]:
    async with inbox.store.read() as uow:
        rows = await read.colleagues(uow, inbox.actor(of))
    return [(row.task_id, row.person.name, row.answering) for row in rows]


async def see(inbox: Inbox, by: str, mode: str, task_id: int | None = 1, screen: str = "") -> None:
    me, process = inbox.agent_ids[by], f"{by}{screen}"
    await inbox.store.run(lambda uow: presence.see(uow, AgentActor(me), process, task_id, mode))


async def test_colleagues_are_seen_while_their_screens_live(inbox: Inbox) -> None:
    await inbox.says("Hello")
    await see(inbox, "boris", "replying")
    await see(inbox, "boris", "viewing", screen="2")
    assert await others(inbox, "anna") == [(1, "boris", True)]
    assert await others(inbox, "boris") == []
    await see(inbox, "boris", "viewing")
    assert await others(inbox, "anna") == [(1, "boris", False)]
    await inbox.store.run(lambda uow: presence.leave(uow, inbox.actor("boris"), "boris2"))
    await see(inbox, "boris", "viewing", task_id=None)
    assert await others(inbox, "anna") == []
    await see(inbox, "boris", "answering")
    # The process was killed: nothing is told any more.
    inbox.clock.advance(seconds=26)
    assert await others(inbox, "anna") == []


async def test_r46_where_a_colleague_is_in_private_is_said_to_nobody(inbox: Inbox) -> None:
    await inbox.configure(mail_account("own", role="personal", owner="anna"))
    await inbox.mails("To Anna", account="own")
    await see(inbox, "anna", "replying")
    assert await others(inbox, "boris") == []
    await see(inbox, "boris", "replying")
    assert await others(inbox, "anna") == []
    await inbox.store.run(lambda uow: tasks.change(uow, AgentActor(1), (1,), SHARED))
    assert await others(inbox, "boris") == [(1, "anna", True)]
