"""A client's card as a list: access, addresses, and all tasks, finished ones included (R26)."""

from textual.content import Content

from pfinbox.domain.contract.party import called
from pfinbox.i18n import _, ngettext
from pfinbox.services.queries import Card
from pfinbox.store.rows import AddressRow
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.cards import access_line
from pfinbox.wording.names import channel_name, status_name
from pfinbox.wording.times import Clock


def card_items(card: Card, clock: Clock) -> list[Item]:
    """Access and addresses to read; tasks to go to."""
    contact = card.contact
    items = [
        Item(safe.worded(access_line(contact, card.visits, clock)), "access"),
        Item(Content(_("addresses"))),
    ]
    items += [_address(row) for row in contact.addresses]
    if card.inside:
        names = ", ".join(f"{name} ({number})" for number, name in card.inside)
        items.append(Item(safe.line(_("merged into this card: {names}").format(names=names))))
    count = len(contact.tasks)
    items.append(Item(Content(ngettext("{n} task", "{n} tasks", count).format(n=count))))
    for row in contact.tasks:
        label = Content.assemble(
            (f"#{row.id:<5} ", "$foreground-muted"), safe.line(row.title, limit=80)
        )
        aside = _("{status} · {account} · {age}").format(
            status=status_name(row.status),
            account=row.account or "-",
            age=clock.age(row.last_activity_at),
        )
        items.append(Item(label, row.id, safe.line(aside, "$foreground-muted")))
    return items


def _address(row: AddressRow) -> Item:
    words = [channel_name(row.channel)]
    words += [_("main")] if row.main else []
    words += [_("blocked")] if row.blocked else []
    words += [_("on another card too")] if row.duplicate else []
    words += [_("picture")] if row.picture is not None else []
    value = f"{row.value}  {called(row.username)}" if row.username else row.value
    label = Content.assemble(
        safe.line(value), "  ", safe.line(", ".join(words), "$foreground-muted")
    )
    # Nothing is done to an address here; only tasks take the cursor, but it must be an item.
    return Item(label, f"address {row.id}")
