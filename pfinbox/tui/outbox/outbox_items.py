"""The outbox as a list: first what needs a person, then what leaves by itself (R18, R24)."""

from textual.content import Content

from pfinbox.domain.outbound.delivery import TROUBLED, State
from pfinbox.i18n import _
from pfinbox.services.queries import OutboxPage
from pfinbox.store.rows import DeliveryRow
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item
from pfinbox.wording.outbox import state_words
from pfinbox.wording.times import Clock

_ON_ITS_WAY = (State.PENDING, State.SENDING, State.TRANSMITTING)


def outbox_items(page: OutboxPage, clock: Clock) -> list[Item]:
    """What a person has to look at first, then what leaves by itself."""
    groups = (
        (_("needs somebody"), TROUBLED),
        (_("on its way"), _ON_ITS_WAY),
        (_("scheduled"), (State.SCHEDULED,)),
    )
    items: list[Item] = []
    for heading, states in groups:
        rows = [row for row in page.rows if row.state in states]
        if rows:
            items.append(Item(Content.styled(f"{heading}  {len(rows)}", "italic")))
            items += [_item(row, page.texts.get(row.comment_id, ""), clock) for row in rows]
    return items or [Item(Content(_("Nothing waits to be sent.")))]


def outbox_title(page: OutboxPage) -> Content:
    """Above the list; why nothing leaves at all comes first."""
    title = Content(_("Outbox"))
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
