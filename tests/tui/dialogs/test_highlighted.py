"""R47: enter takes the row under the cursor, and no other, in every list that one chooses from."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from pfinbox.tui.compose.notify_picker import NotifyPicker
from pfinbox.tui.dialogs.ask import Ask
from pfinbox.tui.dialogs.moment import ChooseMoment
from pfinbox.tui.inbox.choose_task import ChooseTask
from pfinbox.tui.mail.address_field import AddressField
from pfinbox.tui.mail.new_mail import NewMail
from pfinbox.tui.outbox.outbox_screen import OutboxScreen
from pfinbox.tui.widgets.pick_list import PickList
from tests.builders import Inbox
from tests.tui.commands.task.test_merge import of
from tests.tui.commands.task.test_triage import row
from tests.tui.inbox.test_bulk import ids
from tests.tui.outbox.test_outbox_screen import sheet, states
from tests.tui.stage import on_stage, press, screen_text, settle, type_burst


def highlighted(app: Any) -> str:
    """The words of the row under the cursor."""
    shown = app.screen.query_one(PickList)
    return str(shown.shown[shown.cursor].label.plain)


async def test_a_number_that_is_typed_is_a_row_and_the_highlighted_row_is_taken(
    inbox: Inbox,
) -> None:
    async with on_stage(inbox) as (app, pilot):
        olga = of(app, "Ольга П.")
        # The number of an order in a title is not the number of a task.
        await type_burst(pilot, "jM5512")
        assert isinstance(app.screen, ChooseTask)
        assert "Ольга П." in highlighted(app)
        await type_burst(pilot, "\r")
        assert isinstance(app.screen, Ask)
        assert f"#{olga}" in screen_text(app)
        await type_burst(pilot, "\x1b")
        # That of a task comes before all that contain it, also in one burst with enter.
        await type_burst(pilot, f"M{olga}")
        assert highlighted(app).startswith(f"#{olga} ")
        await type_burst(pilot, "\x1b")
        # One that the list does not have is a row of its own.
        await type_burst(pilot, "M#4711")
        assert highlighted(app) == "#4711"
        await type_burst(pilot, "\x1b")


async def test_who_is_looked_for_is_taken_with_enter_and_nobody_instead(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "r\tclara\r")
        writing = app.main.task_pane.composer.writing
        assert writing is not None
        assert writing.notify is not None
        assert inbox.agent("clara") in writing.notify.who
        assert writing.notify.contacts
        # Once more: it is no switch. And who is not there is not settled by enter.
        await type_burst(pilot, "\tclara\r")
        assert inbox.agent("clara") in writing.notify.who
        await type_burst(pilot, "\tzoltan\r")
        assert isinstance(app.screen, NotifyPicker)
        await type_burst(pilot, "\x1b")
        # Marks are what they are where nothing is typed, wherever the cursor stands.
        before = writing.notify.who
        await press(pilot, "ctrl+t", "down", "down", "enter")
        assert writing.notify.who == before


async def test_the_file_under_the_cursor_is_attached(inbox: Inbox, tmp_path: Path) -> None:
    for name in ("offer.pdf", "offer.pdf.sig"):
        (tmp_path / name).write_text(name)
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "r")
        await press(pilot, "ctrl+f", *str(tmp_path / "offer.pdf"))
        assert highlighted(app).endswith("offer.pdf")
        await press(pilot, "down")
        assert highlighted(app).endswith("offer.pdf.sig")
        await press(pilot, "enter")
        await press(pilot, "ctrl+f", *str(tmp_path / "offer.pdf"), "enter")
        writing = app.main.task_pane.composer.writing
        assert writing is not None
        assert [path.name for path in writing.files] == ["offer.pdf.sig", "offer.pdf"]


async def test_commands_contacts_and_names_typed_in_one_burst(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        jakub = of(app, "Jakub Nowak")
        await press(pilot, "j", "ctrl+p", *"assign me", "enter")
        held = (await row(inbox, jakub)).assignee
        assert held is not None
        assert held.who == inbox.agent("anna")
        # The second of those found for what was typed, which is still being looked for.
        await type_burst(pilot, "cex")
        second = app.screen.query_one(PickList).values[1]
        app.screen.query_one(AddressField).text = ""
        await type_burst(pilot, "\x1b")
        await press(pilot, "c", *"ex", "down", "enter")
        assert isinstance(app.screen, NewMail)
        assert app.screen.to.addresses == (second,)
        await type_burst(pilot, "\x1b")
        # A name: what becomes known meanwhile leaves the cursor where it is.
        await type_burst(pilot, "\x1bgtn@")
        await press(pilot, "down")
        offer = app.main.task_pane.composer.offer
        name = offer.value
        app.main.task_pane.composer.changed()
        await type_burst(pilot, "\r")
        assert (name.login or name.name) in app.main.task_pane.composer.box.text


async def test_a_moment_is_the_one_that_was_shown(inbox: Inbox) -> None:
    async with on_stage(inbox) as (app, pilot):
        await type_burst(pilot, "rLater")
        await press(pilot, "ctrl+l", "down")
        assert isinstance(app.screen, ChooseMoment)
        shown = app.screen.pick_list.value
        # Presets of the day before are others.
        inbox.clock.now += timedelta(hours=9)
        await press(pilot, "enter")
        writing = app.main.task_pane.composer.writing
        assert writing is not None
        assert writing.send_at == shown
        # R35: to snooze takes the same words, shows what they mean, and says a mistake whole.
        await type_burst(pilot, "\x1bgtggb11/03")
        assert "'11/03' could mean 2026-11-03 09:00 or 2027-03-11 09:00; write it" in screen_text(
            app
        )
        assert "another way" in screen_text(app)
        await type_burst(pilot, "\r")
        assert isinstance(app.screen, ChooseMoment)
        await press(pilot, *["backspace"] * 5)
        await type_burst(pilot, "next monday 10")
        meant = app.screen.pick_list.value
        assert (meant.weekday(), meant.hour) == (0, 10)
        task_id = app.main.task_list.cursor
        assert task_id is not None
        await type_burst(pilot, "\r")
        assert (await row(inbox, task_id)).snoozed_until == meant


async def test_r24_what_has_left_the_outbox_is_not_taken_for_the_next(inbox: Inbox) -> None:
    async with on_stage(inbox, undo_send=600) as (app, pilot):
        await type_burst(pilot, "rOne\x13jrTwo\x13")
        await type_burst(pilot, "go")
        assert isinstance(app.screen, OutboxScreen)
        first = sheet(app).current
        assert first is not None
        others = [one for one in sheet(app).pick_list.values if one != first.id]
        assert others

        async def sent(uow: UnitOfWork) -> None:
            where = update(t.delivery).where(t.delivery.c.id == first.id)
            await uow.connection.execute(where.values(state="sent"))

        await inbox.store.run(sent)
        app.screen.reload()
        await settle(pilot)
        before = await states(inbox)
        await type_burst(pilot, "w")
        assert await states(inbox) == before
        assert "no longer here" in screen_text(app)
        # It goes when the cursor goes.
        await type_burst(pilot, "j")
        assert sheet(app).pick_list.values == others
        # The palette is for the sheet; the list under it is out of reach.
        was = {one: (await row(inbox, one)).status for one in ids(app)}
        await press(pilot, "ctrl+p", *"close the task", "enter", "escape")
        assert {one: (await row(inbox, one)).status for one in ids(app)} == was
