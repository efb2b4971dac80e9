"""Choose whom to write to: typing looks among all cards, or it is an e-mail address."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import ContactRow
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import MOVES, FilterField, Item, PickList
from pfinbox.wording.names import channel_name


class ChooseContact(Dialog[int | str]):
    """Answers with the number of a card, or with an address as it was typed."""

    @dataclass
    class Found(Message):
        query: str
        rows: tuple[ContactRow, ...]

    def __init__(self, title: Content, typed: str = "") -> None:
        super().__init__(title)
        self._typed = typed
        # What the items belong to; None before the first are there.
        self._shown: str | None = None
        # Keys for the list that is still being looked for.
        self._pending: list[str] = []

    def body(self) -> list[Widget]:
        passed = (*MOVES, "enter", "escape", "tab")
        words = _("a name, or an e-mail address")
        return [FilterField(passed, value=self._typed, placeholder=words), PickList()]

    def hints(self) -> Content:
        return Content(_("enter choose · esc leave"))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    @property
    def typed(self) -> str:
        return self.query_one(Input).value.strip()

    def on_mount(self) -> None:
        self._look()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        if self.typed != self._shown:
            self._look()

    def _look(self) -> None:
        query, inbox = self.typed, context(self).inbox
        workers.read(
            self,
            "cards",
            lambda: inbox.read(queries.contacts, query=query, limit=100),
            lambda rows: self.Found(query, rows),
        )

    def on_choose_contact_found(self, message: Found) -> None:
        if message.query != self.typed:
            return
        self._shown = message.query
        items = [*new_address(message.query, message.rows), *contact_items(message.rows)]
        self.pick_list.show(items or [Item(Content(_("Nobody is called so.")))])
        self.pick_list.put_cursor(next((item.value for item in items), None))
        pending, self._pending = self._pending, []
        for key in pending:
            if not self.pick_list.moved_by(key):
                self._choose()
        context(self).release_keys("choose")

    def on_failed(self) -> None:
        self._pending = []
        context(self).drop_keys("choose")

    def _choose(self) -> None:
        if self.pick_list.value is not None:
            self.answer(self.pick_list.value)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key in ("enter", *MOVES) and self.typed != self._shown:
            # For what was typed last, which is still being looked for.
            self._pending.append(event.key)
            context(self).hold_keys("choose")
            self._look()
        elif event.key == "enter":
            self._choose()
        elif not self.pick_list.moved_by(event.key) and event.key != "tab":
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self.answer(message.value)


def new_address(typed: str, rows: Sequence[ContactRow]) -> list[Item]:
    """The address itself, where it stands on no card."""
    try:
        party = mailbox(typed)
    except UsageError:
        return []
    known = {address.value for row in rows for address in row.addresses}
    if party.value in known:
        return []
    words = _("to {address}").format(address=party.value)
    return [
        Item(
            safe.line(words, limit=100), typed, Content.styled(_("a new card"), "$foreground-muted")
        )
    ]


def contact_items(rows: Sequence[ContactRow]) -> list[Item]:
    """Cards to choose from: name, addresses, channels."""
    return [
        Item(
            Content.assemble(
                safe.line(row.name, "bold", 40),
                "  ",
                safe.line(
                    ", ".join(f"@{a.username}" if a.username else a.value for a in row.addresses),
                    "$foreground-muted",
                    80,
                ),
            ),
            row.id,
            safe.line(
                ", ".join(dict.fromkeys(channel_name(a.channel) for a in row.addresses)),
                "$foreground-muted",
            ),
        )
        for row in rows
    ]
