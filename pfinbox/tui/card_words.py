"""A client's card in lines: addresses, and all tasks, finished ones included (R26)."""

from collections.abc import Mapping, Sequence

from textual.content import Content

from pfinbox.i18n import _, ngettext
from pfinbox.services.people.portal_view import Look
from pfinbox.services.queries import Card
from pfinbox.store.rows import AddressRow, ContactRow
from pfinbox.tui import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.names import status_name
from pfinbox.wording.times import Clock


def card_head(contact: ContactRow) -> Content:
    """Name, company and the switches, in words."""
    facts = [safe.line(contact.name, "bold")]
    if contact.company:
        facts.append(safe.line(contact.company))
    facts.append(Content.styled(_("card {id}").format(id=contact.id), "dim"))
    if contact.selectable:
        facts.append(Content.styled(_("can be chosen in tasks"), "dim"))
    if contact.portal:
        facts.append(Content.styled(_("has access"), "dim"))
    return Content.styled(" · ", "dim").join(facts)


def revealed_lines(looks: Sequence[Look], names: Mapping[int, str]) -> list[Content]:
    """The words that contacts would see, comment by comment, and why (R49)."""
    lines: list[Content] = []
    for look in looks:
        head = _("{name} would see in #{task}: {why}").format(
            name=names.get(look.contact_id, "?"), task=look.task_id, why=look.reason.sentence()
        )
        lines += [safe.line(head, "dim", 200), safe.block(look.text.strip("\n")), Content("")]
    return lines[:-1]


def card_items(card: Card, clock: Clock) -> list[Item]:
    """Addresses to read; tasks to go to."""
    contact, items = card.contact, [Item(Content(_("addresses")))]
    items += [_address(row) for row in contact.addresses]
    if card.inside:
        names = ", ".join(f"{name} ({number})" for number, name in card.inside)
        items.append(Item(safe.line(_("merged into this card: {names}").format(names=names))))
    count = len(contact.tasks)
    items.append(Item(Content(ngettext("{n} task", "{n} tasks", count).format(n=count))))
    for row in contact.tasks:
        label = Content.assemble((f"#{row.id:<5} ", "dim"), safe.line(row.title, limit=80))
        aside = _("{status} · {account} · {age}").format(
            status=status_name(row.status),
            account=row.account or "-",
            age=clock.age(row.last_activity_at),
        )
        items.append(Item(label, row.id, safe.line(aside, "dim")))
    return items


def _address(row: AddressRow) -> Item:
    words = [row.channel]
    words += [_("main")] if row.main else []
    words += [_("blocked")] if row.blocked else []
    words += [_("on another card too")] if row.duplicate else []
    value = f"{row.value}  @{row.username}" if row.username else row.value
    label = Content.assemble(safe.line(value), "  ", safe.line(", ".join(words), "dim"))
    # Nothing is done to an address here; only tasks take the cursor, but it must be an item.
    return Item(label, f"address {row.id}")


def cards_together(survivor: ContactRow, other: ContactRow) -> list[Content]:
    """What comes together on the surviving card (R26)."""
    lines: list[Content] = []
    for heading, contact in ((_("stays"), survivor), (_("comes to it"), other)):
        count = len(contact.tasks)
        lines += [Content.styled(heading, "dim"), Content.assemble("  ", card_head(contact))]
        lines += [Content.assemble("    ", safe.line(a.value)) for a in contact.addresses]
        words = ngettext("{n} task", "{n} tasks", count).format(n=count)
        lines += [Content.styled(f"    {words}", "dim"), Content("")]
    lines.append(Content(_("Each task keeps its own channel and goes on working.")))
    return lines
