"""A field for e-mail addresses, with commas between them; cards complete what is typed."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from pfinbox.domain.recipients.correspondents import mailbox
from pfinbox.errors import UsageError
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.store.rows import ContactRow
from pfinbox.tui.mail.fields import MailField
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item, PickList
from pfinbox.wording.names import channel_name

_BETWEEN = re.compile(r"[,;]")
# What stands between a name and an address would be read as another one.
_UNSAFE = re.compile(r"[,;<>\"]")


class AddressField(Vertical):
    """Enter and tab take what is highlighted (R47); where nothing is typed they go on."""

    class Changed(Message):
        """Other addresses than before."""

    @dataclass
    class NoMail(Message):
        """A card was chosen that has no e-mail address: it is written to by another channel."""

        contact_id: int

    @dataclass
    class Found(Message):
        fragment: str
        rows: tuple[ContactRow, ...]

    def __init__(self, label: str, value: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._label, self._value = label, value
        # What the list belongs to; None while it is being looked for.
        self._shown: str | None = ""
        # Keys for the list that is still being looked for.
        self._pending: list[str] = []

    def compose(self) -> ComposeResult:
        with Horizontal(classes="mail-field"):
            yield Static(Content(self._label), classes="mail-label")
            yield MailField(value=self._value)
        yield PickList()

    def on_mount(self) -> None:
        self.offer.display = False

    @property
    def field(self) -> Input:
        return self.query_one(Input)

    @property
    def offer(self) -> PickList:
        return self.query_one(PickList)

    @property
    def text(self) -> str:
        return self.field.value

    @text.setter
    def text(self, value: str) -> None:
        self.field.value = value
        self.field.cursor_position = len(value)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everything that stands between the commas."""
        return tuple(one.strip() for one in _BETWEEN.split(self.text) if one.strip())

    @property
    def settled(self) -> tuple[str, ...]:
        """The same without an address whose end is still being typed."""
        begun = self._fragment if self.field.has_focus else ""
        return tuple(one for one in self.addresses if one != begun or _is_address(one))

    @property
    def _fragment(self) -> str:
        """What is being typed: whatever follows the last comma."""
        return _BETWEEN.split(self.text)[-1].strip()

    # --- the list -------------------------------------------------------------------------------

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._look()
        post_message(self, self.Changed())

    def _look(self) -> None:
        fragment, inbox = self._fragment, context(self).inbox
        if fragment == self._shown:
            return
        if not fragment:
            self._close()
            return
        self._shown = None
        workers.read(
            self,
            "cards",
            lambda: inbox.read(queries.contacts, query=fragment, limit=50),
            lambda rows: self.Found(fragment, rows),
        )

    def on_address_field_found(self, message: Found) -> None:
        message.stop()
        if message.fragment != self._fragment:
            return
        self._shown = message.fragment
        items = completions(message.fragment, message.rows)
        self.offer.show(items)
        self.offer.put_cursor(items[0].value if items else None)
        self.offer.display = bool(items) and self.field.has_focus
        pending, self._pending = self._pending, []
        for key in pending:
            self._do(key)
        if pending:
            context(self).release_keys("choose")

    def on_failed(self) -> None:
        """What was typed stays as it is; the app says why."""
        self._shown, self._pending = "", []
        context(self).drop_keys("choose")

    def _close(self) -> None:
        self._shown = self._fragment
        self.offer.display = False

    def on_descendant_blur(self) -> None:
        self._close()
        post_message(self, self.Changed())

    # --- keys -----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        # What was typed last may still be on its way as a message.
        self._look()
        if event.key in ("enter", "tab", "up", "down") and self._shown is None:
            self._pending.append(event.key)
            context(self).hold_keys("choose")
        elif not self._do(event.key):
            return
        event.stop()

    def _do(self, key: str) -> bool:
        """What the key does here; False: it is the sheet's."""
        if key in ("enter", "tab"):
            self._take(key)
        elif key in ("up", "down") and self.offer.display:
            self.offer.move(-1 if key == "up" else 1)
        elif key == "escape" and self.offer.display:
            self._close()
        else:
            return False
        return True

    def _take(self, key: str) -> None:
        """What is highlighted, for what was typed; tab goes on to the next field, enter stays."""
        taken = self.offer.value if self.offer.display else None
        self._put(taken)
        if taken is None or (key == "tab" and not isinstance(taken, int)):
            self.screen.focus_next()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        message.stop()
        self._put(message.value)
        self.screen.set_focus(self.field)

    def _put(self, taken: str | int | None) -> None:
        before = [one.strip() for one in _BETWEEN.split(self.text)[:-1] if one.strip()]
        if isinstance(taken, int):
            self.text = ", ".join([*before, ""]) if before else ""
            # What is typed on is meant for what comes in place of the sheet.
            context(self).hold_keys("begin")
            post_message(self, self.NoMail(taken))
        elif taken is not None:
            self.text = ", ".join([*before, taken, ""])
        self._close()


def completions(fragment: str, rows: Sequence[ContactRow]) -> list[Item]:
    """Addresses that fit; last the cards that have none, by their number."""
    by_mail = [(row, one.value) for row in rows for one in row.addresses if one.account is None]
    items = [_known(row, value) for row, value in by_mail]
    with_mail = {row.id for row, _value in by_mail}
    items += [_without_mail(row) for row in rows if row.id not in with_mail]
    return [*_typed(fragment, {value for _row, value in by_mail}), *items]


def _is_address(text: str) -> bool:
    try:
        mailbox(text)
    except UsageError:
        return False
    return True


def _typed(fragment: str, known: Collection[str]) -> list[Item]:
    """The address itself, where it stands on no card."""
    if not _is_address(fragment) or mailbox(fragment).value in known:
        return []
    aside = Content.styled(_("a new address"), "$foreground-muted")
    return [Item(safe.line(mailbox(fragment).value), fragment, aside)]


def _known(row: ContactRow, value: str) -> Item:
    name = _UNSAFE.sub(" ", safe.line(row.name).plain).strip()
    written = f"{name} <{value}>" if name and name != value else value
    return Item(safe.line(row.name, "bold", 40), written, safe.line(value, "$foreground-muted", 80))


def _without_mail(row: ContactRow) -> Item:
    names = ", ".join(dict.fromkeys(channel_name(one.channel) for one in row.addresses))
    return Item(safe.line(row.name, "bold", 40), row.id, safe.line(names, "$foreground-muted"))
