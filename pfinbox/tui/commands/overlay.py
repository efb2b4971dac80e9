"""The lists over the panes: which command opens them, and which go on to them."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.comments import forwarding
from pfinbox.services.inbound import gaps
from pfinbox.services.inbox import Inbox
from pfinbox.services.tasks import drafts
from pfinbox.store.rows import ListedDraft
from pfinbox.tui.commands.family import Family
from pfinbox.tui.compose import bulk_composer, drafts_screen
from pfinbox.tui.contacts import beginning, card_screen, line_screen
from pfinbox.tui.dialogs.ask import Question
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.reading import Reading
from pfinbox.tui.files import files_screen
from pfinbox.tui.inbox.views import view_name
from pfinbox.tui.mail import new_mail
from pfinbox.tui.outbox import outbox_screen, quarantine_screen
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.shell.undo import Change
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.accounts import health_lines


class OverlayCommands(Family):
    """Commands of an overlay do there what its keys do, also from the palette."""

    def show_view(self, view: str) -> None:
        """The outbox is a list of deliveries, and that of drafts one of texts, not of tasks."""
        if view == "outbox":
            self.push(outbox_screen.OutboxScreen(), self._go_to)
        elif view == "drafts":
            self.drafts()
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
        self.push(quarantine_screen.QuarantineScreen())

    def drafts(self, argument: str = "") -> None:
        """One list of all; what is removed from it comes back by undo."""

        def chosen(row: ListedDraft | None) -> None:
            if row is not None:
                self._go_on_with(row)

        self.push(drafts_screen.DraftsScreen(self._dropped), chosen)

    def _go_on_with(self, row: ListedDraft) -> None:
        """Where it was being written; the next key is text already."""
        task_id, mode = row.draft.task_id, row.draft.mode
        if mode in ("reply", "note"):
            self.layout.open_task(task_id)
            self.layout.write("note" if mode == "note" else "reply")
        elif mode == forwarding.DRAFT:
            self.layout.open_task(task_id)
            self.context.run_command("forward")
        elif mode == bulk_composer.MODE:
            words = _("Mark its tasks (x) in the list; {key} goes on with it.")
            self.context.say(words.format(key=spelled(self.context.keymap.shown("reply"))))
        else:
            post_message(self.layout, beginning.WriteTo(new_mail.draft_of(row)))

    def _dropped(self, row: ListedDraft, words: str) -> None:
        held, composer = row.draft, self.layout.task_pane.composer
        writing = composer.writing
        if writing is not None and (writing.task_id, writing.mode) == row.key:
            # What stands there would be saved again.
            composer.drafts.forget()
            composer.end()

        async def back(inbox: Inbox) -> None:
            await inbox.write(drafts.save, held.task_id, held.mode, held.text, held.choices)

        self.changes.undo_stack.push(Change(held.task_id, words, back))

    def accounts(self, argument: str = "") -> None:
        """Whole, what the status bar has no room for."""
        inbox, clock = self.context.inbox, self.context.present()

        async def load() -> Question:
            health = await inbox.read(queries.health)
            lines = health_lines(health.accounts, health.daemon, health.full, clock)
            return Question(safe.lines(lines), [])

        self.push(Reading(Content(_("Accounts")), load))

    def acknowledge(self, argument: str = "") -> None:
        """Messages of this account, or of any, are missing: nobody has to be told again."""

        async def act(inbox: Inbox) -> str:
            held = (await inbox.read(queries.health)).accounts
            names = [argument] if argument else [one.name for one in held if one.gap is not None]
            for name in names:
                await inbox.write(gaps.acknowledge, name)
            return ", ".join(names)

        def done(names: str) -> None:
            noted = _("Noted: {names}").format(names=names)
            self.context.say(noted if names else _("No messages are missing."))

        workers.do(self.layout, "acknowledge", act, done)

    def card(self, argument: str = "") -> None:
        """The card of the client whose task is at hand."""
        row = self.layout.target
        if row is None or row.contact is None:
            self.context.say(_("There is no client here."))
        else:
            self.push(card_screen.CardScreen(row.contact.id), self._opened)

    def _opened(self, result: "beginning.GoesOn | new_mail.Recipient | int | None") -> None:
        if isinstance(result, int):
            self.layout.open_task(result)
        elif result is not None:
            post_message(self.layout, beginning.WriteTo(result))

    def client(self, argument: str = "") -> None:
        """Beside the conversation; where there is no room for that, over it, with the keys."""
        shown = self.layout.toggle_client()
        self.context.remember(client_panel=shown)

    def files(self, argument: str = "") -> None:
        """Of the selected comment, else of the last one that has some."""
        row, chosen = self.layout.target, self.layout.task_pane.view.selected_comment
        if row is None:
            return
        screen = files_screen.FilesScreen(row.id, chosen.id if chosen else None)
        self.push(screen, lambda why: self.context.say(why) if why else None)

    def line(self, argument: str = "") -> None:
        """From the list, too: everything with the client at hand."""
        row = self.layout.target
        if row is None or row.contact is None:
            self.context.say(_("There is no client here."))
        else:
            contact = row.contact
            self.push(
                line_screen.LineScreen(contact.id, contact.name, self.layout.agent_id), self._go_to
            )
