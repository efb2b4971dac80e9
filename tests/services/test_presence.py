"""Two agents at one client: each is told of the other while both screens live."""

from pfinbox.services import presence
from pfinbox.store import queries
from tests.builders import Inbox


async def others(inbox: Inbox, of: str) -> list[tuple[int, str, bool]]:
    async with inbox.store.read() as uow:
        rows = await queries.colleagues(uow, inbox.agent_ids[of])
    return [(row.task_id, row.agent.name, row.answering) for row in rows]


async def see(inbox: Inbox, by: str, mode: str, task_id: int | None = 1, screen: str = "") -> None:
    me, process = inbox.agent_ids[by], f"{by}{screen}"
    await inbox.store.run(lambda uow: presence.see(uow, me, process, task_id, mode))


async def test_colleagues_are_seen_while_their_screens_live(inbox: Inbox) -> None:
    await inbox.says("Hello")
    await see(inbox, "boris", "replying")
    await see(inbox, "boris", "viewing", screen="2")
    assert await others(inbox, "anna") == [(1, "boris", True)]
    assert await others(inbox, "boris") == []
    await see(inbox, "boris", "viewing")
    assert await others(inbox, "anna") == [(1, "boris", False)]
    await inbox.store.run(lambda uow: presence.leave(uow, "boris2"))
    await see(inbox, "boris", "viewing", task_id=None)
    assert await others(inbox, "anna") == []
    await see(inbox, "boris", "answering")
    # The process was killed: nothing is told any more.
    inbox.clock.advance(seconds=26)
    assert await others(inbox, "anna") == []
