"""A bulk reply in words: totals, who is reached by what, what became of it."""

from collections.abc import Sequence

from textual.content import Content

from pfinbox.domain.recipients.bulk import BulkRow, ways
from pfinbox.i18n import _, ngettext
from pfinbox.services.comments.bulk import Outcome
from pfinbox.tui import safe
from pfinbox.wording.names import channel_name


def totals(rows: Sequence[BulkRow]) -> str:
    """``61 by e-mail, 19 by Telegram, 2 cannot be reached``."""
    parts = [_("{n} by {channel}").format(n=n, channel=_ways(way)) for way, n in ways(rows)]
    if closed := sum(1 for row in rows if row.why):
        words = ngettext("{n} cannot be reached", "{n} cannot be reached", closed)
        parts.append(words.format(n=closed))
    if has := sum(1 for row in rows if row.has_it):
        parts.append(ngettext("{n} has it already", "{n} have it already", has).format(n=has))
    return ", ".join(parts)


def who(rows: Sequence[BulkRow]) -> list[Content]:
    """Everyone by name: first those left out, with the reason, then the others by channel."""
    lines: list[Content] = []
    closed = [row for row in rows if row.why]
    if closed:
        lines.append(Content.styled(_("cannot be reached"), "bold"))
        lines += [_named(row, f"✗ {row.why}") for row in closed]
    if has := [row for row in rows if row.has_it]:
        lines += [_gap(lines), Content.styled(_("have it already"), "bold")]
        lines += [_named(row) for row in has]
    for way, _count in ways(rows):
        head = _("by {channel}").format(channel=_ways(way))
        lines += [_gap(lines), safe.line(head, "bold")]
        lines += [
            _named(row, " · ".join(f"! {words}" for words in row.warnings))
            for row in rows
            if row.goes and row.channels == way
        ]
    return [line for line in lines if line is not _NOTHING]


def warned(rows: Sequence[BulkRow]) -> int:
    """How many of those that it goes to have something to know before."""
    return sum(1 for row in rows if row.goes and row.warnings)


def outcome_lines(outcome: Outcome) -> list[Content]:
    """What became of it, where not everything went out."""
    lines: list[Content] = []
    if outcome.left_out:
        lines.append(Content.styled(_("left out"), "bold"))
        lines += [_named(row, f"✗ {why}") for row, why in outcome.left_out]
    if outcome.not_tried:
        words = _("not sent; the text is kept, and r on the same tasks goes on")
        lines += [_gap(lines), Content.styled(words, "bold")]
        lines += [_named(row) for row in outcome.not_tried]
    if outcome.broken:
        lines += [_gap(lines), safe.line(f"! {outcome.broken}")]
    return [line for line in lines if line is not _NOTHING]


def done_words(outcome: Outcome) -> str:
    """``78 on their way, 2 left out, 3 not sent``."""
    n = len(outcome.saved)
    parts = [ngettext("{n} on its way", "{n} on their way", n).format(n=n)]
    if n := len(outcome.left_out):
        parts.append(ngettext("{n} left out", "{n} left out", n).format(n=n))
    if n := len(outcome.not_tried):
        parts.append(_("{n} not sent").format(n=n))
    return ", ".join(parts)


def back_words(back: int, gone: int) -> str:
    """What undo could do."""
    words = ngettext("{n} reply taken back", "{n} replies taken back", back).format(n=back)
    if not gone:
        return words
    late = ngettext("{n} had left already", "{n} had left already", gone).format(n=gone)
    return f"{words}, {late}"


_NOTHING = Content("-")


def _gap(lines: Sequence[Content]) -> Content:
    return Content("") if lines else _NOTHING


def _ways(way: tuple[str, ...]) -> str:
    return _(" and ").join(channel_name(channel) for channel in way)


def _named(row: BulkRow, why: str = "") -> Content:
    name = safe.line(row.name or _("nobody"), limit=60)
    number = f"  #{row.task_id:<6}"
    line = Content.assemble((number, "dim"), name, "  ", safe.line(row.title, "dim", 60))
    if why:
        line = Content.assemble(line, "\n" + " " * len(number), safe.line(why))
    return line
