"""Writing to clients and colleagues: R13, R14, R18, drafts, the lock on news."""

from pathlib import Path

from sqlalchemy import select

from pfinbox.services import queries
from pfinbox.store import tables as t
from pfinbox.tui.shell.command import COMPOSER, LIST, TASK
from tests.builders import Inbox
from tests.tui.inbox.test_bulk import ids
from tests.tui.scene import contact_of
from tests.tui.stage import compare_both, on_stage, press, screen_text, settle, type_burst


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


async def test_what_is_typed_lands_whole_and_is_kept(inbox: Inbox) -> None:
    # Over a start, too: the first key comes before there is a list.
    async with on_stage(inbox, settled=False) as (app, pilot):
        composer = app.main.task_pane.composer
        await type_burst(pilot, "rHello, world")
        assert app.main.place == COMPOSER
        assert composer.box.text == "Hello, world"
        await type_burst(pilot, "\none\rtwo")
        assert composer.box.text == "Hello, world\none\ntwo"
        await type_burst(pilot, "\x1b")
        assert app.main.place == LIST
        assert await drafts(inbox) == [("reply", "Hello, world\none\ntwo")]
        # A draft for each mode, and each comes back.
        await type_burst(pilot, "nA note too\x1b")
        kept = {"reply": "Hello, world\none\ntwo", "note": "A note too"}
        assert dict(await drafts(inbox)) == kept
        await type_burst(pilot, "r")
        assert composer.box.text == kept["reply"]
        # What is typed before the draft arrives stays.
        await type_burst(pilot, "\x1bj")
        await type_burst(pilot, "krand so on")
        assert composer.box.text.startswith("Hello, world")
        assert composer.box.text.endswith("and so on")


async def test_r14_a_whole_answer_in_one_burst_and_a_note(inbox: Inbox) -> None:
    before = len(await texts(inbox))
    async with on_stage(inbox) as (app, pilot):
        # An empty comment is not sent.
        await type_burst(pilot, "r\x13")
        assert app.main.place == COMPOSER
        assert len(await texts(inbox)) == before
        assert "to Maria Lopez by e-mail maria@client.example" in screen_text(app)
        await type_burst(pilot, "On its way.\x13jrNext\x1b")
        assert (await texts(inbox))[before:] == [("On its way.", False)]
        assert await drafts(inbox) == [("reply", "Next")]
        assert app.main.place == LIST
        # A double press sends once; then the list has the keys, at the next client, at any size.
        for size, keys, name in (
            ((120, 36), "\x13\x13", "Ольга П."),
            ((80, 24), "Again\x13", "Globex Operations"),
        ):
            await pilot.resize_terminal(*size)
            await type_burst(pilot, "r")
            await type_burst(pilot, keys)
            assert app.main.place == LIST
            current = app.main.task_list.current
            assert current is not None
            assert current.contact is not None
            assert current.contact.name == name
        assert (await texts(inbox))[before + 1 :] == [("Next", False), ("Again", False)]
        await pilot.resize_terminal(120, 36)
        await type_burst(pilot, "nOnly for us")
        assert "internal: nobody outside sees this" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert (await texts(inbox))[before + 3 :] == [("Only for us", True)]


async def test_r18_a_sent_comment_can_be_taken_back_as_a_draft(
    inbox: Inbox, tmp_path: Path
) -> None:
    path = tmp_path / "report.txt"
    path.write_text("sum", encoding="utf-8")
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "\rrToo fast")
        app.main.run_command("attach", str(path))
        await settle(pilot)
        assert "report.txt" in screen_text(app)
        await type_burst(pilot, "\x13")
        # R20: the file went along.
        assert "report.txt  text/plain" in screen_text(app)
        assert "sends in 10 s (z to take back)" in screen_text(app)
        inbox.clock.advance(seconds=4)
        app.main.task_pane.view._second()
        await settle(pilot)
        assert "sends in 6 s" in screen_text(app)
        await type_burst(pilot, "z")
        composer = app.main.task_pane.composer
        assert app.main.place == TASK
        assert composer.box.text == "Too fast"
        assert composer.writing is not None
        assert composer.writing.notify is not None
        assert not composer.writing.notify.internal
        # With its file, wherever that came from, also after a look elsewhere.
        path.unlink()
        await type_burst(pilot, "\x1bjk\rr")
        assert "▪ report.txt  3 Bytes" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert "report.txt  text/plain" in screen_text(app)
        async with inbox.store.read() as uow:
            row = (
                await uow.connection.execute(
                    select(t.attachment).order_by(t.attachment.c.id.desc()).limit(1)
                )
            ).one()
        content = await app.inbox.read(queries.attachment_content, row.id)
        assert (row.name, content) == ("report.txt", b"sum")


async def test_quitting_says_what_stops_asks_and_keeps_the_draft(inbox: Inbox) -> None:
    async with on_stage(inbox, on_quit=lambda: "The daemon stops too.") as (app, pilot):
        await type_burst(pilot, "rUnfinished")
        await press(pilot, "ctrl+q")
        assert "The daemon stops too." in screen_text(app)
        await compare_both(app, pilot, "quitting")
        await press(pilot, "escape")
        assert app.is_running
        await press(pilot, "ctrl+q")
        await pilot.press("enter")
    assert not app.is_running
    assert await drafts(inbox) == [("reply", "Unfinished")]


async def test_the_news_come_first_and_r14_nobody_chosen_is_asked(inbox: Inbox) -> None:
    before = len(await texts(inbox))
    async with on_stage(inbox) as (app, pilot):
        # The client wrote while the answer was written: the draft is kept, the news shown.
        await type_burst(pilot, "j\rrYes, until six")
        composer = app.main.task_pane.composer
        await inbox.says("And on Sunday?", user="77", name="Jakub Nowak")
        # Nor does pressing the key again send it, however often, nor what was typed with it.
        await type_burst(pilot, "\x13\x13x")
        await type_burst(pilot, "\x13")
        assert (await texts(inbox))[before:] == []
        assert (composer.box.text, app.main.place) == ("Yes, until six", COMPOSER)
        shown = screen_text(app)
        assert "! Jakub Nowak wrote meanwhile: And on Sunday?" in shown
        assert "f4 sends yours all the same" in shown
        assert shown.count("And on Sunday?") > 1
        # The notice in the bottom line goes by itself after a while.
        app.main.hint_line._said()
        await compare_both(app, pilot, "gate")
        # A colleague answers before the key that sends all the same: that one is read as well.
        task = ids(app)[1]
        jakub = await contact_of(inbox, task)
        await inbox.comment(task, "Boris here: yes", by="boris", to=[jakub])
        await press(pilot, "f4")
        assert "Boris Orlov answered meanwhile: Boris here: yes" in screen_text(app)
        await press(pilot, "f4")
        before += 1
        assert (await texts(inbox))[before:] == [("Yes, until six", False)]
        await type_burst(pilot, "rAnswer\t")
        await press(pilot, "space", "enter")
        assert "nobody will be notified" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert "to the client, Jakub Nowak" in screen_text(app)
        assert (await texts(inbox))[before + 1 :] == []
        await type_burst(pilot, "\r")
        assert (await texts(inbox))[before + 1 :] == [("Answer", False)]
