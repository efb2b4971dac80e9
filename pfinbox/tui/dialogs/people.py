"""Agents and contacts as lines to choose from."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.store.rows import Person
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item


def person_item(person: Person, me: int, *, checked: bool | None = None) -> Item:
    """A line for ``person``; ``me``: the agent who chooses."""
    name = safe.line(person.name)
    if person.kind == "agent" and person.id == me:
        name = Content.assemble(name, (_(" (me)"), "$foreground-muted"))
    aside = person.login or "" if person.kind == "agent" else _("a contact")
    return Item(name, person.who, safe.line(aside, "$foreground-muted"), checked)
