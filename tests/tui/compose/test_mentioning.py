"""``@name`` in the composer (R13), what stays inside (R14), and when a comment goes out (R18)."""

from datetime import timedelta

from sqlalchemy import select

from pfinbox.domain.model import Who
from pfinbox.store import tables as t
from pfinbox.tui.app import PfinboxApp
from pfinbox.tui.compose.notify_picker import NotifyPicker
from pfinbox.tui.compose.writing import Writing
from tests.builders import Inbox
from tests.tui.stage import compare, compare_both, on_stage, press, screen_text, settle, type_burst


def writing(app: PfinboxApp) -> Writing:
    held = app.main.task_pane.composer.writing
    assert held is not None
    return held


def who(app: PfinboxApp) -> tuple[Who, ...]:
    notify = writing(app).notify
    assert notify is not None
    return notify.who


async def test_r13_a_name_in_the_text_adds_its_person(inbox: Inbox) -> None:
    boris, clara = inbox.agent("boris"), inbox.agent("clara")
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        box = app.main.task_pane.composer.box
        # In one burst: the list is met by the key that is meant for it.
        await type_burst(pilot, "nAsk a@boris.example and @bo\tplease, @cl")
        assert box.text == "Ask a@boris.example and @boris please, @cl"
        assert who(app) == (boris,)
        assert "for Boris Orlov" in screen_text(app)
        await compare(app, pilot, "mention-120x36")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await compare(app, pilot, "mention-80x24")
        await pilot.resize_terminal(120, 36)
        await type_burst(pilot, "\r!")
        assert box.text.endswith("@clara !")
        assert who(app) == (boris, clara)
        # What is taken out in the picker stays out, also when the text changes.
        await type_burst(pilot, "\tboris \r more")
        assert who(app) == (clara,)
        # A name that leaves the text takes its person with it.
        await press(pilot, *["backspace"] * len("lara ! more"))
        assert who(app) == ()
        # Put away, the list leaves the keys to the text.
        await type_burst(pilot, "\x1b")
        assert app.main.place == "composer"
        await type_burst(pilot, "\rx @bo\rris\r")
        assert box.text.endswith("@c\nx @boris ris\n")
        # A client cannot be told by a note, and that is said.
        await type_burst(pilot, "@Maria Lopez knows")
        assert "Maria Lopez: not told, this is a note" in screen_text(app)
        assert all(one.kind == "agent" for one in who(app))
        await type_burst(pilot, "\t")
        assert isinstance(app.screen, NotifyPicker)
        assert "Maria Lopez" not in [item.label.plain for item in app.screen.pick_list.items]
        assert "no client can be chosen" in screen_text(app)
        await type_burst(pilot, "\x1b\x13")
        async with inbox.store.read() as uow:
            last = select(t.comment).order_by(t.comment.c.id.desc()).limit(1)
            kept = (await uow.connection.execute(last)).one()
        assert kept.internal
        assert kept.text.endswith("@Maria Lopez knows")


async def test_r18_a_reply_goes_out_at_a_chosen_moment(inbox: Inbox) -> None:
    async with on_stage(inbox, agent_name="Anna Lis") as (app, pilot):
        await type_burst(pilot, "rGood morning")
        await press(pilot, "ctrl+l")
        await compare_both(app, pilot, "when")
        await type_burst(pilot, "tomorrow 9:00")
        await press(pilot, "ctrl+o")
        await type_burst(pilot, "\r")
        assert "goes out tomorrow 09:00, also if the client writes" in screen_text(app)
        # It is a part of the draft.
        await type_burst(pilot, "\x1br")
        assert "goes out tomorrow 09:00, also if" in screen_text(app)
        await type_burst(pilot, "\x13")
        assert "Goes out tomorrow 09:00 (z takes it back)" in screen_text(app)
        async with inbox.store.read() as uow:
            last = select(t.comment).order_by(t.comment.c.id.desc()).limit(1)
            kept = (await uow.connection.execute(last)).one()
        assert kept.send_anyway
        assert kept.due_at - inbox.clock() > timedelta(hours=1)
        # A reply that no client gets is asked about first, also when a colleague does (R14).
        await type_burst(pilot, "rHm\t clara \r\x13")
        assert "No client will get this" in screen_text(app)
        await type_burst(pilot, "\x1b")
        assert app.main.task_pane.composer.box.text == "Hm"
