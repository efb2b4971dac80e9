"""The outbox as a list: first what needs a person, then what leaves by itself (R18, R24)."""

from collections.abc import Mapping, Sequence

from textual.content import Content

from pfinbox.i18n import _, ngettext
from pfinbox.services.queries import OutboxPage
from pfinbox.store.rows import DeliveryRow
from pfinbox.tui.outbox.outbox_order import GROUPS
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.outbound.outbox import state_words
from pfinbox.wording.times import Clock


def outbox_items(
    groups: Sequence[Sequence[DeliveryRow]], texts: Mapping[int, str], clock: Clock
) -> list[Item]:
    """The deliveries under the headings of their groups; what each heading counts is of now."""
    headings = (_("needs somebody"), _("on its way"), _("scheduled"))
    items: list[Item] = []
    for heading, states, rows in zip(headings, GROUPS, groups, strict=True):
        if rows:
            n = sum(row.state in states for row in rows)
            items.append(Item(Content.styled(f"{heading}  {n}", "italic")))
            items += [_item(row, texts.get(row.comment_id, ""), clock) for row in rows]
    return items


def outbox_title(page: OutboxPage, fallen: int, key: str) -> Content:
    """Above the list; why nothing leaves at all comes first.

    ``fallen``: so many have failed where they stand; ``key`` brings them up.
    """
    title = Content(_("Outbox"))
    if fallen:
        words = ngettext(
            "  {n} failed further down  ({key} brings it up)",
            "  {n} failed further down  ({key} brings them up)",
            fallen,
        )
        title += Content.styled(words.format(n=fallen, key=key), "not bold $text-error")
    if page.held is None:
        return title
    words = _("✗ nothing is sent: {why}").format(why=page.held.sentence())
    hint = _("S looks at what would go and sends again")
    return Content.assemble(
        title, "\n\n", safe.line(words, "$text-error"), "\n", (hint, "not bold dim")
    )


def _item(row: DeliveryRow, text: str, clock: Clock) -> Item:
    words, alarming = state_words(row, clock)
    label = Content.assemble(
        (f"#{row.task_id:<5} ", "$foreground-muted"),
        safe.fit(safe.line(row.recipient.name, "bold"), 22),
        "  ",
        safe.line(text, limit=200),
    )
    style = "bold $text-error" if alarming else "$foreground-muted"
    return Item(label, row.id, safe.line(words, style))
