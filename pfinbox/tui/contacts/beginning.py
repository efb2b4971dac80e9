"""Beginning a conversation (R29): by which account, and the title where the medium has subjects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.content import Content
from textual.message import Message
from textual.screen import Screen

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.people.ways import Way
from pfinbox.i18n import _
from pfinbox.services.comments import conversations
from pfinbox.services.inbox import Inbox
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


@dataclass
class Begun(Message):
    """The task to write in, and to whom; ``new``: it was made for this."""

    task_id: int
    notify: Notify
    new: bool


def begin(screen: Screen[Any], to: int | str) -> None:
    """Ask what is still to be known; ``screen`` hears ``Begun``. ``to``: a card, or an address."""
    inbox = context(screen).inbox

    async def load() -> Sequence[Item]:
        """Ways that are closed say why and stand below (R29)."""
        if isinstance(to, int):
            ways = await inbox.read(conversations.ways, to)
        else:
            _card, ways = await inbox.read(conversations.ways_to, to)
        items = [_way(way) for way in sorted(ways, key=lambda way: way.error is not None)]
        return items or [Item(Content(_("There is no way to them.")))]

    def chosen(way: Way | None) -> None:
        if way is None:
            return
        if way.error is not None:
            context(screen).say(_("This way is closed."), trouble=True)
        elif way.task_id is None and way.account.can(Capability.SUBJECT):
            title = Content(_("Title; the client gets it as the subject"))
            screen.app.push_screen(Prompt(title), lambda text: _make(screen, to, way, text))
        else:
            _make(screen, to, way, "")

    screen.app.push_screen(Choose(Content(_("Write by")), load=load), chosen)


def _way(way: Way) -> Item:
    name = safe.line(way.account.name)
    if way.error is not None:
        why = safe.line(f"✗ {way.error.sentence()}", "$foreground-muted")
        return Item(Content.assemble(name, "  ", why), way)
    goes_on = _("goes on in #{id}").format(id=way.task_id)
    words = goes_on if way.task_id else _("a new task")
    label = safe.line(way.account.label, "$foreground-muted") if way.account.label else Content("")
    return Item(
        Content.assemble(name, "  ", label), way, Content.styled(words, "$foreground-muted")
    )


def _make(screen: Screen[Any], to: int | str, way: Way, title: str | None) -> None:
    if title is None:
        return
    account, new = way.account.name, way.task_id is None

    async def make(inbox: Inbox) -> Begun:
        if isinstance(to, int):
            task_id = await inbox.write(conversations.message, to, account, title=title or None)
            return Begun(task_id, Notify((Who("contact", to),)), new)
        task_id, contact_id = await inbox.write(conversations.message_to, to, account, title=title)
        return Begun(task_id, Notify((Who("contact", contact_id),)), new)

    # What is typed on is the text.
    context(screen).hold_keys("start", 30)
    workers.write(screen, "message", make, lambda begun: begun)
