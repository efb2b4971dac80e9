"""Searches that an agent keeps: a view of their own, found and counted as any other."""

import pytest

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.services.people import saved_searches
from pfinbox.store import read
from tests.builders import Inbox
from tests.services.inbound.test_arrival import task_of


async def test_a_search_is_kept_counted_narrowed_replaced_and_removed(inbox: Inbox) -> None:
    anna, boris = inbox.agent_ids["anna"], inbox.agent_ids["boris"]
    first = await task_of(inbox, await inbox.mails("40 more seats", subject="Seats"))
    second = await task_of(inbox, await inbox.mails("More chairs and seats", subject="Chairs"))
    await inbox.mails("Nothing of it", subject="Other")

    async def save(name: str, view: str, query: str) -> str:
        return await inbox.store.run(
            lambda uow: saved_searches.save(uow, AgentActor(anna), name, view, query)
        )

    async def found(view: str, query: str = "", by: int = anna) -> list[int]:
        async with inbox.store.read() as uow:
            page = await read.tasks(uow, AgentActor(by), view, query=query)
            return sorted(row.id for row in page.rows)

    async def counts(by: int) -> list[tuple[str, int]]:
        async with inbox.store.read() as uow:
            return [(row.key, row.count) for row in await read.saved_counts(uow, AgentActor(by))]

    key = await save(" Seats: all\n", "inbox", "seats")
    assert key == "search:Seats: all"
    assert await found(key) == [first, second]
    assert await found(key, "chairs") == [second]
    assert await counts(anna) == [(key, 2)]
    # It is this agent's own.
    assert await counts(boris) == []
    with pytest.raises(NotFound):
        await found(key, by=boris)
    # Searched further in it, and kept; the first one may go.
    narrow = await save("Chairs", key, "chairs")
    await inbox.store.run(lambda uow: saved_searches.remove(uow, AgentActor(anna), "Seats: all"))
    assert await found(narrow) == [second]
    with pytest.raises(NotFound):
        await inbox.store.run(
            lambda uow: saved_searches.remove(uow, AgentActor(anna), "Seats: all")
        )
    await save("Chairs", "inbox", "other")
    assert await counts(anna) == [(narrow, 1)]
    for name, query, error in (
        ("", "x", UsageError),
        ("x", " ", UsageError),
        ("x", "is:x", UsageError),
    ):
        with pytest.raises(error):
            await save(name, "inbox", query)
    for n in range(saved_searches.MOST - 1):
        await save(f"n{n}", "inbox", "x")
    with pytest.raises(Refused, match="already"):
        await save("one more", "inbox", "x")
