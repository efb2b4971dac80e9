"""The client beside the conversation: addresses, access, notes, and the other tasks to go to."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from pfinbox.domain.contract.party import called
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import AddressRow, TaskRow
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint, safe
from pfinbox.tui.widgets.pick_list import Item, OwnList, PickList
from pfinbox.tui.widgets.words import Words
from pfinbox.wording.cards import access_line
from pfinbox.wording.names import channel_name, status_name

# So much of the notes is shown; the card has all of them.
NOTES = 600


class ClientTasks(OwnList):
    """The tasks of the client, newest first."""


class ClientPanel(Vertical):
    """Hidden until it is asked for; it reads only what it shows, and only another client's card."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"panel--name", "panel--aside"}

    @dataclass
    class Read(Message):
        card: "queries.Card"

    @dataclass
    class Chosen(Message):
        """A task was clicked."""

        task_id: int

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.contact_id: int | None = None
        self.card: queries.Card | None = None
        # The task at hand, which is one of them.
        self._task_id: int | None = None
        self.display = False

    def compose(self) -> ComposeResult:
        yield Words(self._draw, id="client-head")
        yield ClientTasks()

    @property
    def tasks(self) -> ClientTasks:
        return self.query_one(ClientTasks)

    def follow(self, row: TaskRow | None) -> None:
        """Another task is at hand."""
        if not self.display:
            return
        contact_id = row.contact.id if row is not None and row.contact is not None else None
        self._task_id = row.id if row is not None else None
        if contact_id == self.contact_id and self.card is not None:
            self._show_tasks()
            return
        self.contact_id, self.card = contact_id, None
        self._draw()
        self.reload()

    def reload(self) -> None:
        """Read the card again."""
        contact_id, inbox = self.contact_id, context(self).inbox
        if self.display and contact_id is not None:
            workers.read(self, "client", lambda: inbox.read(queries.card, contact_id), self.Read)

    def on_client_panel_read(self, message: Read) -> None:
        message.stop()
        if message.card.contact.id == self.contact_id:
            fresh, self.card = self.card is None, message.card
            self._draw()
            if fresh:
                self.tasks.put_cursor(self._task_id)

    # --- drawing --------------------------------------------------------------------------------

    def _draw(self) -> None:
        head = self.query_one("#client-head", Words)
        card, width = self.card, max(head.content_size.width, 20)
        if card is None:
            words = _("No client here.") if self.contact_id is None else "…"
            head.write(paint.resolved(self, Content.styled(words, "panel--aside")))
            self.tasks.show([])
            return
        contact = card.contact
        lines = [safe.line(contact.name, "panel--name")]
        if contact.company:
            lines.append(safe.line(contact.company))
        lines += [_address(row, width) for row in contact.addresses]
        lines.append(safe.worded(access_line(contact, card.visits, context(self).present())))
        if contact.notes:
            lines += [Content(""), Content.styled(_("Notes, for us only"), "panel--aside")]
            lines += safe.block(contact.notes[:NOTES]).split("\n")
        shown = Content("\n").join(lines)
        head.write(paint.resolved(self, shown))
        self._show_tasks()

    def _show_tasks(self) -> None:
        if self.card is None:
            return
        clock = context(self).present()
        items = [Item(Content(_("tasks")))]
        for row in self.card.contact.tasks:
            here = "▸" if row.id == self._task_id else " "
            age = clock.age(row.last_activity_at)
            aside = f"{status_name(row.status)} {age}"
            label = Content.assemble((f"{here}#{row.id} ", "$foreground-muted"),
                                     safe.line(row.title, limit=80))  # fmt: skip
            items.append(Item(label, row.id, safe.line(aside, "$foreground-muted")))
        self.tasks.show(items)

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        message.stop()
        if isinstance(message.value, int):
            post_message(self, self.Chosen(message.value))

    def on_resize(self, _event: events.Resize) -> None:
        self._draw()


def _address(row: AddressRow, width: int) -> Content:
    words = [channel_name(row.channel)]
    words += [_("main")] if row.main else []
    words += [_("blocked")] if row.blocked else []
    value = called(row.username) if row.username else row.value
    return paint.ends(safe.line(value), safe.line(", ".join(words), "panel--aside"), width)
