"""Writing to a contact (R29): by which account, and where that goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.content import Content
from textual.message import Message
from textual.screen import Screen

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.people.ways import Way
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services import queries
from pfinbox.services.comments import conversations
from pfinbox.store.rows import ContactRow
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.mail.new_mail import Recipient
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


@record
class GoesOn:
    """The open task of the contact's chat, and whom to notify there."""

    task_id: int
    notify: Notify


@dataclass
class WriteTo(Message):
    """A contact is to be written to, by the way that was chosen on the card."""

    chosen: GoesOn | Recipient


def ask_way(
    screen: Screen[Any], contact_id: int, chosen: Callable[[GoesOn | Recipient], None]
) -> None:
    """Ask by which account; nothing is stored by that."""
    inbox = context(screen).inbox
    cards: list[ContactRow] = []

    async def load() -> Sequence[Item]:
        """Ways that are closed say why and stand below (R29)."""
        cards[:] = [await inbox.read(queries.contact, contact_id)]
        ways = await inbox.read(conversations.ways, contact_id)
        items = [_way(way) for way in sorted(ways, key=lambda way: way.error is not None)]
        return items or [Item(Content(_("There is no way to them.")))]

    def answered(way: Way | None) -> None:
        if way is None:
            return
        if way.error is not None:
            context(screen).say(_("This way is closed."), trouble=True)
        elif way.task_id is not None:
            chosen(GoesOn(way.task_id, Notify((Who("contact", contact_id),))))
        else:
            chosen(_recipient(cards[0], way))

    screen.app.push_screen(Choose(Content(_("Write by")), load=load), answered)


def _recipient(card: ContactRow, way: Way) -> Recipient:
    account = way.account
    if not account.can(Capability.GLOBAL_ADDRESSES):
        return Recipient(
            card.id,
            card.name,
            account=account.name,
            messenger=True,
            by_template=way.by_template,
        )
    address = next(one.value for one in card.addresses if one.account is None)
    return Recipient(card.id, card.name, address, account.name)


def _way(way: Way) -> Item:
    name = safe.line(way.account.name)
    if way.error is not None:
        why = safe.line(f"✗ {way.error.sentence()}", "$foreground-muted")
        return Item(Content.assemble(name, "  ", why), way)
    goes_on = _("goes on in #{id}").format(id=way.task_id)
    new = _("a new task, begun by a template") if way.by_template else _("a new task")
    words = goes_on if way.task_id else new
    label = safe.line(way.account.label, "$foreground-muted") if way.account.label else Content("")
    return Item(
        Content.assemble(name, "  ", label), way, Content.styled(words, "$foreground-muted")
    )
