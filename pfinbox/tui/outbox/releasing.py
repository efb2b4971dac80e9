"""Sending again from a database that was restored or moved: look at the list, then decide."""

from collections.abc import Sequence

from textual.content import Content

from pfinbox.i18n import _, ngettext
from pfinbox.services.outbound import releasing
from pfinbox.store.rows import DeliveryRow
from pfinbox.tui.dialogs.ask import Ask, Question
from pfinbox.tui.shell.context import Context
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import Item

SEND, RESEND = "send", "resend"
# So many are named; the rest is in the outbox under the dialog.
_NAMED = 50


def release_question(context: Context) -> Ask:
    """Answers with SEND, RESEND (also what may have gone out) or None."""

    async def load() -> Question:
        found = await context.inbox.read(releasing.look_over)
        if found.held is None:
            return Question([Content(_("Sending is not held."))], [])
        lines = [safe.line(_("nothing is sent: {why}").format(why=found.held.sentence()))]
        lines += _rows(_("goes out then:"), found.going)
        if found.not_shown:
            words = _("and {n} of tasks that you may not see").format(n=found.not_shown)
            lines.append(Content.styled(words, "$foreground-muted"))
        lines += _rows(_("may have gone out already, each waits for a decision:"), found.unknown)
        items = [Item(Content(_("send again")), SEND)]
        if count := len(found.unknown):
            words = ngettext(
                "send again, with the {n} that may have gone: it may come twice",
                "send again, with the {n} that may have gone: they may come twice",
                count,
            )
            items.append(Item(Content(words.format(n=count)), RESEND))
        return Question(lines, items)

    return Ask(Content(_("Send again?")), load)


def _rows(heading: str, rows: Sequence[DeliveryRow]) -> list[Content]:
    if not rows:
        return []
    lines = [Content(""), Content.styled(heading, "italic")]
    lines += [
        Content.assemble(
            (f"  #{row.task_id:<5} ", "$foreground-muted"),
            safe.line(row.recipient.name, "bold"),
            "  ",
            safe.line(row.address, "$foreground-muted"),
        )
        for row in rows[:_NAMED]
    ]
    if (rest := len(rows) - _NAMED) > 0:
        lines.append(Content.styled(_("  and {n} more").format(n=rest), "$foreground-muted"))
    return lines
