"""The search index keeps in step with what it holds, and no text and no query breaks it."""

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import delete, select, text, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.incoming import Edit, Incoming
from pfinbox.errors import UsageError
from pfinbox.services.outbound import outbox, undo_send
from pfinbox.services.people import agents, contacts
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.search.search import search
from tests.builders import Inbox, client
from tests.domain.text.test_query import anything
from tests.store.search.test_search import change, found, write


async def test_an_edited_comment_is_found_by_its_new_text_only_r11(inbox: Inbox) -> None:
    said = await inbox.says("before", source_id="501:1")
    event = Edit(source_id="501:1", chat_key="501", text="after", edited_at=inbox.clock.now)
    await inbox.receive("bot", Incoming(key="edit", raw=b"", event=event))
    assert await found(inbox, "after") == [said]
    # The task keeps its title, which came from the first text.
    await change(inbox, 1, title="Title")
    assert await found(inbox, "before") == []
    assert await found(inbox, "title") == [said]
    # As it stands in mails, and as it was said.
    await change(inbox, 1, title="Re: Order 12")
    assert await found(inbox, "Re: order 12") == [said]
    assert await found(inbox, '"fwd: order 12"') == [said]


async def test_a_waiting_comment_edited_in_the_outbox_is_found_by_its_new_text(
    inbox: Inbox,
) -> None:
    await inbox.says()
    saved = await inbox.comment(1, "wrong", to=[client(1)], undo_seconds=60)
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(lambda uow: outbox.edit(uow, AgentActor(anna), 1, "right"))
    assert await found(inbox, "right") == [saved.comment_id]
    assert await found(inbox, "wrong") == []
    await inbox.store.run(lambda uow: undo_send.take_back(uow, AgentActor(anna), saved.comment_id))
    assert await found(inbox, "right") == []
    assert await found(inbox, "right in:all") == [saved.comment_id]


async def test_renamed_people_are_found_by_the_new_name(inbox: Inbox) -> None:
    said = await inbox.says(name="Maria")
    answer = (await inbox.comment(1, to=[client(1)])).comment_id
    anna = inbox.agent_ids["anna"]
    await inbox.store.run(
        lambda uow: contacts.set_(
            uow, AgentActor(anna), 1, name="Zofia", add_addresses=[("email", "z@home.example")]
        )
    )
    await inbox.store.run(lambda uow: agents.set_(uow, AgentActor(anna), "anna", name="Ксения"))
    assert await found(inbox, "maria") == []
    assert await found(inbox, "zofia") == [answer, said]
    assert await found(inbox, "from:z@home.example") == [said]
    assert await found(inbox, "to:zofia from:ксения") == [answer]


async def test_an_entry_has_the_tags_of_its_task(inbox: Inbox) -> None:
    said = await inbox.says("order", user="1")
    await inbox.says("another", user="2")
    await change(inbox, 1, add_tags=("vip", "late"))
    answer = (await inbox.comment(1, "order", to=[client(1)])).comment_id
    again = await inbox.says("order again", user="1")
    assert await tagged(inbox, "vip") == await tagged(inbox, "late") == [said, answer, again]
    await change(inbox, 1, remove_tags=("late",))
    await change(inbox, 1, title="Title")
    assert (await tagged(inbox, "vip"), await tagged(inbox, "late")) == ([said, answer, again], [])
    await inbox.store.run(index.index_all)
    assert await tagged(inbox, "vip") == [said, answer, again]
    await inbox.store.run(lambda uow: index.forget_task(uow, 1))
    assert await tagged(inbox, "vip") == []


async def tagged(inbox: Inbox, name: str) -> list[int]:
    """Comments that the index knows under a tag."""
    query = (
        select(t.search_text.c.comment_id)
        .join(t.search_tag, t.search_tag.c.entry_id == t.search_text.c.id)
        .where(t.search_tag.c.name == name)
        .order_by(t.search_text.c.comment_id)
    )
    async with inbox.store.read() as uow:
        return list(await uow.connection.scalars(query))


async def test_what_goes_leaves_the_index(inbox: Inbox) -> None:
    said = await inbox.says("unique", user="1")
    purged = await inbox.says("unique", user="2")
    await inbox.store.run(lambda uow: index.forget_comments(uow, [said]))
    assert await found(inbox, "unique") == [purged]
    await inbox.store.run(lambda uow: index.forget_task(uow, 2))
    assert await found(inbox, "unique") == []
    await inbox.store.run(index.index_all)
    assert await found(inbox, "unique") == [purged, said]
    await write(inbox, update(t.receipt).values(comment_id=None))
    await write(inbox, delete(t.comment).where(t.comment.c.id == said))
    assert await found(inbox, "unique") == [purged]
    if inbox.store.sqlite:
        # FTS5 compares its index with the table that it was made from.
        check = "INSERT INTO search_fts(search_fts, rank) VALUES ('integrity-check', 1)"
        await write(inbox, text(check))


async def test_a_very_long_text_is_stored_and_found_by_its_beginning(inbox: Inbox) -> None:
    said = await inbox.says("first " + "".join(f"w{n} " for n in range(200_000)))
    assert await found(inbox, "first w77") == [said]


@pytest.mark.parametrize("view", ["search", "list"])
async def test_no_query_breaks_the_database(inbox: Inbox, view: str) -> None:
    said = await inbox.says("word 返金 (a:b) \"x\" 'y' & | ! <-> * ^ NEAR")
    anna = inbox.agent_ids["anna"]
    queries_tried: list[str] = []

    @settings(max_examples=150, database=None, suppress_health_check=list(HealthCheck))
    @given(anything)
    def collect(query: str) -> None:
        queries_tried.append(query)

    collect()
    hostile = ["'; DROP TABLE comment; --", '") OR ("', "tag:\x00", "from:\ud800", "a" * 999]
    for query in [*queries_tried, *hostile]:
        try:
            async with inbox.store.read() as uow:
                if view == "search":
                    await search(uow, AgentActor(anna), query)
                else:
                    await read.tasks(uow, AgentActor(anna), "all", query=query)
        except UsageError:
            continue
    assert await found(inbox, "word") == [said]
