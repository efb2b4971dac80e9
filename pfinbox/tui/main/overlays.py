"""The lists over the panes: which command opens them, and which go on to them."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.services.tasks import tasks
from pfinbox.tui.contacts.beginning import Begun, begin
from pfinbox.tui.contacts.card_screen import CardScreen, Opened
from pfinbox.tui.contacts.choose_contact import ChooseContact
from pfinbox.tui.contacts.line_screen import LineScreen
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.files.files_screen import FilesScreen
from pfinbox.tui.main.acting import Acting
from pfinbox.tui.outbox.outbox_screen import OutboxScreen
from pfinbox.tui.outbox.quarantine_screen import QuarantineScreen
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.undo import Change


class Overlays(Acting):
    """Commands of an overlay do there what its keys do, also from the palette."""

    def show_view(self, view: str) -> None:
        """The outbox is a list of deliveries, not of tasks."""
        if view == "outbox":
            self.app.push_screen(OutboxScreen(), self._go_to)
        else:
            super().show_view(view)

    def _go_to(self, task_id: int | None) -> None:
        if task_id is not None:
            self.open_task(task_id)

    def command_quarantine(self, argument: str = "") -> None:
        self.app.push_screen(QuarantineScreen())

    def command_card(self, argument: str = "") -> None:
        """The card of the client whose task is at hand."""
        row = self.target
        if row is None or row.contact is None:
            context(self).say(_("There is no client here."))
        else:
            self.app.push_screen(CardScreen(row.contact.id), self._opened)

    def _opened(self, result: Opened | None) -> None:
        if result is not None and result.begun is not None:
            self.on_begun(result.begun)
        elif result is not None:
            self.open_task(result.task_id)

    def command_new(self, argument: str = "") -> None:
        """A conversation that we begin: with a contact, or with an address that is typed."""

        def chosen(to: int | str | None) -> None:
            if to is not None:
                begin(self, to)

        self.app.push_screen(ChooseContact(Content(_("Write to")), argument), chosen)

    def on_begun(self, message: Begun) -> None:
        """Whom it is to is known already; the next key is text."""
        message.stop()
        task_id, inbox = message.task_id, context(self).inbox
        self.open_task(task_id)
        self.write("reply")
        self.task_pane.composer.set_notify(message.notify)
        if message.new:
            # Nothing was said yet: it can go without a trace.
            words = _("The new task #{id} is in the trash").format(id=task_id)
            back = Change(task_id, words, lambda: inbox.write(tasks.delete, [task_id]))
            self.undo_stack.push(back)
        context(self).release_keys("start")
        self.changed()

    def command_files(self, argument: str = "") -> None:
        """Of the selected comment, else of the last one that has some."""
        row, chosen = self.target, self.task_pane.view.selected_comment
        if row is None:
            return
        screen = FilesScreen(row.id, chosen.id if chosen else None)
        self.app.push_screen(screen, lambda why: context(self).say(why) if why else None)

    def command_save_file(self, argument: str = "") -> None:
        self._on_sheet("save_file")

    def command_open_file(self, argument: str = "") -> None:
        self._on_sheet("open_file")

    def command_fetch_line(self, argument: str = "") -> None:
        self._on_sheet("fetch_line")

    def _on_sheet(self, name: str) -> None:
        for screen in self.app.screen_stack:
            if isinstance(screen, Overlay) and hasattr(screen, f"command_{name}"):
                screen.run_command(name)
                return
        context(self).say(
            _("Open the outbox (g o), a card (C), files (y) or the quarantine (g q) first.")
        )

    def command_retry_all(self, argument: str = "") -> None:
        self._on_sheet("retry_all")

    def command_send_now(self, argument: str = "") -> None:
        self._on_sheet("send_now")

    def command_reschedule(self, argument: str = "") -> None:
        self._on_sheet("reschedule")

    def command_reroute(self, argument: str = "") -> None:
        self._on_sheet("reroute")

    def command_withdraw(self, argument: str = "") -> None:
        self._on_sheet("withdraw")

    def command_mark_sent(self, argument: str = "") -> None:
        self._on_sheet("mark_sent")

    def command_edit_waiting(self, argument: str = "") -> None:
        self._on_sheet("edit_waiting")

    def command_release(self, argument: str = "") -> None:
        self._on_sheet("release")

    def command_reread(self, argument: str = "") -> None:
        self._on_sheet("reread")

    def command_reread_all(self, argument: str = "") -> None:
        self._on_sheet("reread_all")

    def command_message(self, argument: str = "") -> None:
        self._on_sheet("message")

    def command_line(self, argument: str = "") -> None:
        """From the list, too: everything with the client at hand."""
        row = self.target
        if row is None or row.contact is None:
            context(self).say(_("There is no client here."))
        else:
            contact = row.contact
            self.app.push_screen(LineScreen(contact.id, contact.name, self.agent_id), self._go_to)

    def command_notes(self, argument: str = "") -> None:
        self._on_sheet("notes")

    def command_selectable(self, argument: str = "") -> None:
        self._on_sheet("selectable")

    def command_portal(self, argument: str = "") -> None:
        self._on_sheet("portal")

    def command_merge_cards(self, argument: str = "") -> None:
        self._on_sheet("merge_cards")

    def command_unmerge_cards(self, argument: str = "") -> None:
        self._on_sheet("unmerge_cards")
