"""Writing to clients and colleagues: R13, R14, R18, drafts, the lock on news."""

import pytest
from sqlalchemy import select

from pfinbox.store import tables as t
from pfinbox.tui.commands import COMPOSER, LIST
from tests.builders import Inbox
from tests.tui.stage import on_stage, screen_text, settle, type_burst


async def texts(inbox: Inbox) -> list[tuple[str, bool]]:
    """Text and whether internal, of every outgoing comment, oldest first."""
    async with inbox.store.read() as uow:
        query = (
            select(t.comment.c.text, t.comment.c.internal)
            .where(t.comment.c.direction == "outgoing")
            .order_by(t.comment.c.id)
        )
        return [(row.text, row.internal) for row in await uow.connection.execute(query)]


async def drafts(inbox: Inbox) -> list[tuple[str, str]]:
    async with inbox.store.read() as uow:
        query = select(t.draft.c.mode, t.draft.c.text).order_by(t.draft.c.mode)
        return [(row.mode, row.text) for row in await uow.connection.execute(query)]


async def test_a_burst_lands_whole_in_the_composer(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rHello, world")
        assert app.main.place == COMPOSER
        assert app.main.task_pane.composer.box.text == "Hello, world"


async def test_a_burst_over_a_start_is_not_lost(inbox: Inbox) -> None:
    async with on_stage(inbox, settled=False) as (app, pilot):
        await type_burst(pilot, "rHello")
        assert app.main.task_pane.composer.box.text == "Hello"


async def test_a_whole_answer_in_one_burst(inbox: Inbox) -> None:
    before = len(await texts(inbox))
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rOn its way.\x13jrNext\x1b")
        sent = (await texts(inbox))[before:]
        assert sent == [("On its way.", False)]
        assert await drafts(inbox) == [("reply", "Next")]
        assert app.main.place == LIST


async def test_r14_a_reply_goes_to_the_client_and_says_so_first(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "r")
        assert "to Maria Lopez by email maria@client.example" in screen_text(app)


async def test_r14_a_note_says_that_nobody_outside_sees_it(inbox: Inbox) -> None:
    before = len(await texts(inbox))
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "j")
        await type_burst(pilot, "nOnly for us")
        assert "internal: nobody outside sees this" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert (await texts(inbox))[before:] == [("Only for us", True)]


async def test_r18_a_sent_comment_can_be_taken_back_as_a_draft(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rToo fast\x13")
        assert "sends in 10 s (z to take back)" in screen_text(app)
        await type_burst(pilot, "z")
        composer = app.main.task_pane.composer
        assert app.main.place == COMPOSER
        assert composer.box.text == "Too fast"
        assert composer.writing is not None
        assert composer.writing.notify is not None
        assert not composer.writing.notify.internal


async def test_the_seconds_are_counted_down(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rSoon\x13")
        inbox.clock.advance(seconds=4)
        app.main.task_pane.view._second()
        await settle(pilot)
        assert "sends in 6 s" in screen_text(app)


async def test_a_draft_is_kept_and_comes_back(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rHalf a sentence\x1b")
        assert app.main.place == LIST
        assert await drafts(inbox) == [("reply", "Half a sentence")]
        await type_burst(pilot, "nA note too\x1b")
        assert dict(await drafts(inbox)) == {"reply": "Half a sentence", "note": "A note too"}
        await type_burst(pilot, "r")
        assert app.main.task_pane.composer.box.text == "Half a sentence"


async def test_what_is_typed_before_the_draft_arrives_stays(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rDear Maria\x1b")
        await type_burst(pilot, "j")
        await type_burst(pilot, "krand so on")
        assert app.main.task_pane.composer.box.text.endswith("and so on")
        assert app.main.task_pane.composer.box.text.startswith("Dear Maria")


async def test_quitting_keeps_the_draft(inbox: Inbox) -> None:
    async with on_stage(inbox) as (_app, pilot):
        await type_burst(pilot, "rUnfinished")
        await pilot.press("ctrl+q")
    assert await drafts(inbox) == [("reply", "Unfinished")]


async def test_quitting_says_what_stops_and_asks(inbox: Inbox) -> None:
    async with on_stage(inbox, on_quit=lambda: "The daemon stops too.") as (app, pilot):
        await pilot.press("ctrl+q")
        await settle(pilot)
        assert "The daemon stops too." in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert app.is_running
        await pilot.press("ctrl+q")
        await settle(pilot)
        await pilot.press("enter")
    assert not app.is_running


async def test_the_news_come_first(inbox: Inbox) -> None:
    """The client wrote while the answer was written: the draft is kept, the news shown."""
    before = len(await texts(inbox))
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "jrYes, until six")
        composer = app.main.task_pane.composer
        # As if the news had not reached this screen yet.
        seen = composer.seen
        await inbox.says("And on Sunday?", user="77", name="Jakub Nowak")
        composer.seen = seen
        await type_burst(pilot, "\x13")
        assert (await texts(inbox))[before:] == []
        assert composer.box.text == "Yes, until six"
        assert app.main.place == COMPOSER
        assert "And on Sunday?" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert (await texts(inbox))[before:] == [("Yes, until six", False)]


async def test_r14_nobody_chosen_is_asked(inbox: Inbox) -> None:
    before = len(await texts(inbox))
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "jrAnswer\t")
        await pilot.press("space", "enter")
        await settle(pilot)
        assert "nobody will be notified" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert "to the client, Jakub Nowak" in screen_text(app)
        assert (await texts(inbox))[before:] == []
        await type_burst(pilot, "\r")
        assert (await texts(inbox))[before:] == [("Answer", False)]


async def test_an_empty_comment_is_not_sent(inbox: Inbox) -> None:
    before = len(await texts(inbox))
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "r\x13")
        assert app.main.place == COMPOSER
        assert len(await texts(inbox)) == before


async def test_ctrl_j_begins_a_line(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rone\ntwo\rthree")
        assert app.main.task_pane.composer.box.text == "one\ntwo\nthree"


async def test_a_double_press_sends_once(inbox: Inbox) -> None:
    before = len(await texts(inbox))
    async with on_stage(inbox) as (_app, pilot):
        await type_burst(pilot, "rOnce\x13\x13")
        assert (await texts(inbox))[before:] == [("Once", False)]


async def test_r20_a_file_goes_along(inbox: Inbox, tmp_path: object) -> None:
    path = f"{tmp_path}/report.txt"
    with open(path, "w", encoding="utf-8") as file:  # noqa: ASYNC230
        file.write("sum")
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rSee below")
        app.main.run_command("attach", path)
        await settle(pilot)
        assert "report.txt" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert "report.txt  text/plain" in screen_text(app)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_after_sending_the_agent_is_where_he_was(inbox: Inbox, size: tuple[int, int]) -> None:
    async with on_stage(inbox, size=size) as (app, pilot):
        await type_burst(pilot, "jrAnswer\x13")
        assert app.main.place == LIST
        current = app.main.task_list.current
        assert current is not None
        assert current.contact is not None
        assert current.contact.name == "Jakub Nowak"
