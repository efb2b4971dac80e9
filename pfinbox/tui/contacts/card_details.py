"""What stands on a card, and how an agent changes it (R26-R31, R49)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Unpack

from textual.content import Content
from textual.message import Message

from pfinbox.domain.people.cards import CardChange
from pfinbox.i18n import _
from pfinbox.services import queries
from pfinbox.services.inbox import Inbox
from pfinbox.services.people import contacts, signing_in
from pfinbox.services.queries import Card
from pfinbox.store.rows import AddressRow
from pfinbox.tui.contacts.notes import Notes
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.overlay import Overlay
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import channel_name


class CardDetails(Overlay):
    """The commands that change the card itself; :class:`CardScreen` shows it."""

    @dataclass
    class Done(Message):
        words: str

    def __init__(self, contact_id: int) -> None:
        super().__init__(Content(_("Card")))
        self.contact_id = contact_id
        self.card: Card | None = None

    def act(self, job: str, words: str, call: Callable[[Inbox], Awaitable[object]]) -> None:
        """Change something, and say ``words`` of this contact when it is stored."""
        name = self.card.contact.name if self.card is not None else ""
        said = _("{name}: {what}").format(name=name, what=words)
        workers.write(self, job, call, lambda _result: self.Done(said))

    def on_card_details_done(self, message: Done) -> None:
        context(self).say(message.words)
        self.reload()

    def _set(self, words: str, **change: Unpack[CardChange]) -> None:
        """What that would show contacts that they never got is asked first (R49)."""
        contact_id = self.contact_id
        self.act("card", words, lambda inbox: inbox.write(contacts.set_, contact_id, **change))

    # --- name and company -----------------------------------------------------------------------

    def command_name(self) -> None:
        if self.card is None:
            return
        held = self.card.contact.name

        def answered(text: str | None) -> None:
            if text and text.strip() != held:
                self._set(_("Called {name} now").format(name=text.strip()), name=text)

        self.app.push_screen(Prompt(Content(_("Name")), held), answered)

    def command_company(self) -> None:
        """Colleagues of one company may see each other's comments (R37)."""
        if self.card is None:
            return
        held = self.card.contact.company or ""

        def answered(text: str | None) -> None:
            if text is None or text.strip() == held:
                return
            words = _("Company: {name}") if text.strip() else _("Of no company")
            self._set(words.format(name=text.strip()), company=text)

        title = Content(_("Company (may stay empty)"))
        self.app.push_screen(Prompt(title, held, final=lambda _text: True), answered)

    # --- addresses ------------------------------------------------------------------------------

    def command_addresses(self) -> None:
        """One of them, to make it the main one or to remove it; or another one to add."""
        if self.card is None:
            return
        items = [Item(Content(_("add an address …")), "add")]
        items += [_address(row) for row in self.card.contact.addresses]

        def chosen(value: object) -> None:
            if value == "add":
                self._add_address()
            elif isinstance(value, AddressRow):
                self._change_address(value)

        self.app.push_screen(Choose(Content(_("Addresses")), items), chosen)

    def _change_address(self, row: AddressRow) -> None:
        contact_id, value = self.contact_id, row.value
        items = [Item(Content(_("remove it from the card")), "remove")]
        if not row.main:
            items.insert(0, Item(Content(_("make it the main one")), "main"))

        def chosen(what: str | None) -> None:
            if what == "main":
                words = _("{address} is the main address").format(address=value)
                self.act(
                    "card",
                    words,
                    lambda inbox: inbox.write(contacts.set_, contact_id, main_address=value),
                )
            elif what == "remove":
                words = _("{address} is off the card").format(address=value)
                self.act(
                    "card",
                    words,
                    lambda inbox: inbox.write(contacts.set_, contact_id, remove_addresses=[value]),
                )

        self.app.push_screen(Choose(safe.line(row.value, limit=100), items), chosen)

    def _add_address(self) -> None:
        """By which account comes first: it says what an address looks like there."""
        inbox, contact_id = context(self).inbox, self.contact_id

        async def load() -> Sequence[Item]:
            accounts = (await inbox.read(queries.health)).accounts
            return [
                Item(
                    safe.line(row.name),
                    row.name,
                    safe.line(channel_name(row.channel), "$foreground-muted"),
                )
                for row in accounts
            ]

        def chosen(account: str | None) -> None:
            if account is not None:
                self.app.push_screen(
                    Prompt(Content(_("Address"))), lambda text: typed(account, text)
                )

        def typed(account: str, text: str | None) -> None:
            if text:
                words = _("{address} is on the card").format(address=text.strip())
                added = [(account, text.strip())]
                self.act(
                    "card",
                    words,
                    lambda inbox: inbox.write(contacts.set_, contact_id, add_addresses=added),
                )

        self.app.push_screen(Choose(Content(_("An address for which account?")), load=load), chosen)

    # --- notes and switches ---------------------------------------------------------------------

    def command_notes(self) -> None:
        if self.card is not None:
            contact = self.card.contact
            self.app.push_screen(Notes(contact.id, contact.notes), lambda _done: self.reload())

    def command_selectable(self) -> None:
        if self.card is not None:
            wanted = not self.card.contact.selectable
            words = _("It can be chosen in tasks") if wanted else _("No longer offered in tasks")
            self._set(words, selectable=wanted)

    def command_portal(self) -> None:
        """Access on or off; what it would show that was never sent is read first (R39)."""
        if self.card is not None:
            wanted = not self.card.contact.portal
            words = _("It has a page of its own") if wanted else _("Its page is closed")
            self._set(words, portal=wanted)

    def command_send_page_link(self) -> None:
        """The daemon mails it; what there is to refuse is said by the use case."""
        contact_id = self.contact_id
        words = _("A link to the page is on its way")
        self.act("link", words, lambda inbox: inbox.write(signing_in.invite, contact_id))


def _address(row: AddressRow) -> Item:
    words = [channel_name(row.channel), *([_("main")] if row.main else [])]
    aside = safe.line(", ".join(words), "$foreground-muted")
    return Item(safe.line(row.value), row, aside, words=row.username or "")
