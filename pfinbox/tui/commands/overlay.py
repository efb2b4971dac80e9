"""The lists over the panes: which command opens them, and which go on to them."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.tasks import tasks
from pfinbox.tui.commands.family import Family
from pfinbox.tui.contacts.beginning import Begun, begin
from pfinbox.tui.contacts.card_screen import CardScreen, Opened
from pfinbox.tui.contacts.choose_contact import ChooseContact
from pfinbox.tui.contacts.line_screen import LineScreen
from pfinbox.tui.dialogs.ask import Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.reading import Reading
from pfinbox.tui.files.files_screen import FilesScreen
from pfinbox.tui.inbox.views import view_name
from pfinbox.tui.outbox.outbox_screen import OutboxScreen
from pfinbox.tui.outbox.quarantine_screen import QuarantineScreen
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.accounts import health_lines


class OverlayCommands(Family):
    """Commands of an overlay do there what its keys do, also from the palette."""

    def show_view(self, view: str) -> None:
        """The outbox is a list of deliveries, not of tasks."""
        if view == "outbox":
            self.push(OutboxScreen(), self._go_to)
        else:
            self.layout.show_view(view)

    def view(self, argument: str = "") -> None:
        """By its name, or by a part of it."""
        views = self.layout.views_pane.views
        items = [Item(safe.line(view_name(view)), view, words=view) for view in views]

        def chosen(view: str | None) -> None:
            if view is not None:
                self.show_view(view)

        if argument in views:
            chosen(argument)
        else:
            self.push(Choose(Content(_("Views")), items, typed=argument), chosen)

    def _go_to(self, task_id: int | None) -> None:
        if task_id is not None:
            self.layout.open_task(task_id)

    def quarantine(self, argument: str = "") -> None:
        self.push(QuarantineScreen())

    def accounts(self, argument: str = "") -> None:
        """Whole, what the status bar has no room for."""
        inbox, clock = self.context.inbox, self.context.present()

        async def load() -> Question:
            health = await inbox.read(queries.health)
            lines = health_lines(health.accounts, health.daemon, health.full, clock)
            return Question(safe.lines(lines), [])

        self.push(Reading(Content(_("Accounts")), load))

    def card(self, argument: str = "") -> None:
        """The card of the client whose task is at hand."""
        row = self.layout.target
        if row is None or row.contact is None:
            self.context.say(_("There is no client here."))
        else:
            self.push(CardScreen(row.contact.id), self._opened)

    def _opened(self, result: Opened | None) -> None:
        if result is not None and result.begun is not None:
            self.write_begun(result.begun)
        elif result is not None:
            self.layout.open_task(result.task_id)

    def new(self, argument: str = "") -> None:
        """A conversation that we begin: with a contact, or with an address that is typed."""

        def chosen(to: int | str | None) -> None:
            if to is not None:
                begin(self.layout, to)

        self.push(ChooseContact(Content(_("Write to")), argument), chosen)

    def write_begun(self, message: Begun) -> None:
        """Whom it is to is known already; the next key is text."""
        task_id = message.task_id
        self.layout.open_task(task_id)
        self.layout.write("reply")
        self.layout.task_pane.composer.set_notify(message.notify)
        if message.new:
            # Nothing was said yet: it can go without a trace.
            words = _("The new task #{id} is in the trash").format(id=task_id)
            back = Change(task_id, words, lambda inbox: inbox.write(tasks.delete, [task_id]))
            self.changes.undo_stack.push(back)
        self.context.release_keys("start")
        self.layout.changed()

    def files(self, argument: str = "") -> None:
        """Of the selected comment, else of the last one that has some."""
        row, chosen = self.layout.target, self.layout.task_pane.view.selected_comment
        if row is None:
            return
        screen = FilesScreen(row.id, chosen.id if chosen else None)
        self.push(screen, lambda why: self.context.say(why) if why else None)

    def line(self, argument: str = "") -> None:
        """From the list, too: everything with the client at hand."""
        row = self.layout.target
        if row is None or row.contact is None:
            self.context.say(_("There is no client here."))
        else:
            contact = row.contact
            self.push(LineScreen(contact.id, contact.name, self.layout.agent_id), self._go_to)
