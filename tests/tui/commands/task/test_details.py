"""What a task is called, who takes part, by what it is answered; and its end for good."""

from sqlalchemy import select, update

from pfinbox.domain.model import Who
from pfinbox.services import queries
from pfinbox.services.people import contacts
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.tui.inbox.test_bulk import ids
from tests.tui.stage import compare, compare_both, on_stage, screen_text, type_burst


async def test_r16_r28_r35_details_by_key_and_back(inbox: Inbox) -> None:
    """Each is taken back by z."""
    partner = await inbox.acting("anna").write(contacts.new, "Law & Sons", selectable=True)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        task_id = app.main.task_list.cursor or 0

        async def held() -> tuple[str, set[Who], str, Who | None]:
            details = (await app.inbox.read(queries.details, [task_id]))[task_id]
            row = (await app.inbox.read(queries.conversation, task_id)).task
            assignee = row.assignee.who if row.assignee else None
            people = {one.who for one in details.participants}
            return row.title, people, details.reply_via, assignee

        before = await held()
        assert before[1:3] == (set(), "own")
        await type_burst(pilot, "T, again\r")
        await type_burst(pilot, "P")
        await type_burst(pilot, "law ")
        await compare_both(app, pilot, "participants")
        await type_burst(pilot, "clar\r")
        await type_burst(pilot, "Blast\r")
        await type_burst(pilot, "alaw\r")
        law, clara = Who("contact", partner), inbox.agent("clara")
        assert await held() == (f"{before[0]}, again", {law, clara}, "last", law)
        await type_burst(pilot, "\trx")
        await type_burst(pilot, "\t")
        assert "the way the client used last" in screen_text(app)
        await type_burst(pilot, "\x1b\x1b")
        await type_burst(pilot, "zzzz")
        assert await held() == before


async def test_r16_r28_r35_details_of_marked_tasks_and_back_to_what_each_had(inbox: Inbox) -> None:
    """Tasks that differ are put back one by one; what a dialog shows is of all of them."""
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        first, second, third = ids(app)[:3]

        async def held() -> list[tuple[str, set[int], str]]:
            found = await app.inbox.read(queries.details, [first, second, third])
            rows = {one.id: one for one in app.main.task_list.rows}
            return [
                (rows[i].title, {one.id for one in of.participants}, of.reply_via)
                for i, of in found.items()
            ]

        boris, clara = inbox.agent("boris").id, inbox.agent("clara").id
        await type_burst(pilot, "Pboris\rBlast\r")
        before = await held()
        assert before[0][1:] == ({boris}, "last")
        marks = "ggxxx"
        await type_burst(pilot, f"{marks}P")
        assert "on 1 of 3" in screen_text(app)
        await compare(app, pilot, "participants-of-three")
        await type_burst(pilot, "clar bor bor \r")
        assert [people for _title, people, _way in await held()] == [{clara}] * 3
        assert "3 tasks: Clara Weiss takes part, Boris Orlov takes no part" in screen_text(app)
        await type_burst(pilot, f"{marks}B")
        assert "reaches 2 of 3" in screen_text(app)
        await compare(app, pilot, "reply-by-of-three")
        # Who cannot be reached by it is answered as before.
        await type_burst(pilot, "bot\r")
        assert [way for _title, _people, way in await held()] == ["last", "bot", "bot"]
        await type_burst(pilot, f"{marks}TOutage\r")
        assert {title for title, _people, _way in await held()} == {"Outage"}
        await type_burst(pilot, "zzz")
        assert await held() == before


async def test_r34_purging_says_what_goes_first(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        task_id = app.main.task_list.cursor
        await type_burst(pilot, ":purge\r")
        assert "Only what is in the trash" in screen_text(app)
        # A key acts on the task that is shown when it is pressed (R47): the trash, first.
        await type_burst(pilot, "#g#")
        await type_burst(pilot, ":purge\r")
        assert "Would go for good: 1 task, " in screen_text(app)
        await compare_both(app, pilot, "purge")
        await type_burst(pilot, "\r")
        async with inbox.store.read() as uow:
            query = select(t.task.c.purged_at).where(t.task.c.id == task_id)
            assert await uow.connection.scalar(query) is not None


async def test_r49_whoever_comes_into_a_task_reads_no_word_that_was_not_read_first(
    inbox: Inbox,
) -> None:
    """Also when taking somebody out is undone."""
    olga = await inbox.acting("anna").write(contacts.new, "Olga", selectable=True)
    sees_all = update(t.contact).where(t.contact.c.id == olga)
    sees_all = sees_all.values(portal=True, contacts_see="all")
    await inbox.store.run(lambda uow: uow.connection.execute(sees_all))
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        two = ids(app)[:2]

        async def take_part() -> list[bool]:
            details = await app.inbox.read(queries.details, two)
            who = [[one.who for one in details[i].participants] for i in two]
            return [Who("contact", olga) in people for people in who]

        # Two tasks are one question.
        await type_burst(pilot, "xxPolga\r")
        assert "Olga would see in" in screen_text(app)
        assert "our accounting says" in screen_text(app)
        await type_burst(pilot, "  ")
        assert "open on Saturday" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert await take_part() == [False, False]
        await type_burst(pilot, "ggxxPolga\r")
        await type_burst(pilot, "\r")
        assert await take_part() == [True, True]
        await type_burst(pilot, "ggPolga \r")
        assert await take_part() == [False, True]
        await type_burst(pilot, "z")
        assert "Olga would see in" in screen_text(app)
        await type_burst(pilot, "\r")
        assert await take_part() == [True, True]
