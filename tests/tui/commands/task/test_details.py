"""What a task is called, who takes part, by what it is answered; and its end for good."""

from sqlalchemy import select, update

from pfinbox.domain.model import Who
from pfinbox.services import queries
from pfinbox.services.people import contacts
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.tui.stage import compare_both, on_stage, screen_text, type_burst


async def test_r16_r28_r35_details_by_key_and_back(inbox: Inbox) -> None:
    """Each is taken back by z."""
    partner = await inbox.acting("anna").write(contacts.new, "Law & Sons", selectable=True)
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        task_id = app.main.task_list.cursor or 0

        async def held() -> tuple[str, set[Who], str, Who | None]:
            team = await app.inbox.read(queries.team, task_id)
            choices = await app.inbox.read(queries.choices, task_id)
            row = (await app.inbox.read(queries.conversation, task_id)).task
            assignee = row.assignee.who if row.assignee else None
            return row.title, {one.who for one in team.participants}, choices.reply_via, assignee

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
        task_id = app.main.task_list.cursor or 0

        async def takes_part() -> bool:
            team = await app.inbox.read(queries.team, task_id)
            return Who("contact", olga) in {one.who for one in team.participants}

        await type_burst(pilot, "Polga\r")
        assert "Olga would see in" in screen_text(app)
        assert "our accounting says" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert not await takes_part()
        await type_burst(pilot, "Polga\r")
        await type_burst(pilot, "\r")
        assert await takes_part()
        await type_burst(pilot, "Polga \r")
        assert not await takes_part()
        await type_burst(pilot, "z")
        assert "Olga would see in" in screen_text(app)
        await type_burst(pilot, "\r")
        assert await takes_part()
