"""A bulk reply in words: totals, who is reached by what, what became of it."""

from collections.abc import Sequence

from pfinbox.domain.recipients.bulk import BulkRow, ways
from pfinbox.i18n import _, ngettext
from pfinbox.services.comments.bulk import Outcome
from pfinbox.wording.names import channel_name
from pfinbox.wording.spans import Role, Spans, outside, said


def totals(rows: Sequence[BulkRow]) -> str:
    """``61 by e-mail, 19 by Telegram, 2 cannot be reached``."""
    parts = [_("{n} by {channel}").format(n=n, channel=_ways(way)) for way, n in ways(rows)]
    if closed := sum(1 for row in rows if row.why):
        words = ngettext("{n} cannot be reached", "{n} cannot be reached", closed)
        parts.append(words.format(n=closed))
    if has := sum(1 for row in rows if row.has_it):
        parts.append(ngettext("{n} has it already", "{n} have it already", has).format(n=has))
    return ", ".join(parts)


def who(rows: Sequence[BulkRow]) -> list[Spans]:
    """Everyone by name: first those left out, with the reason, then the others by channel."""
    lines: list[Spans] = []
    closed = [row for row in rows if row.why]
    if closed:
        lines.append(said(_("cannot be reached"), Role.HEADING))
        lines += [_named(row, f"✗ {row.why}") for row in closed]
    if has := [row for row in rows if row.has_it]:
        lines += [*_gap(lines), said(_("have it already"), Role.HEADING)]
        lines += [_named(row) for row in has]
    for way, _count in ways(rows):
        head = _("by {channel}").format(channel=_ways(way))
        lines += [*_gap(lines), outside(head, Role.HEADING)]
        lines += [
            _named(row, " · ".join(f"! {words}" for words in row.warnings))
            for row in rows
            if row.goes and row.channels == way
        ]
    return lines


def warned(rows: Sequence[BulkRow]) -> int:
    """How many of those that it goes to have something to know before."""
    return sum(1 for row in rows if row.goes and row.warnings)


def outcome_lines(outcome: Outcome) -> list[Spans]:
    """What became of it, where not everything went out."""
    lines: list[Spans] = []
    if outcome.left_out:
        lines.append(said(_("left out"), Role.HEADING))
        lines += [_named(row, f"✗ {why}") for row, why in outcome.left_out]
    if outcome.not_tried:
        words = _("not sent; the text is kept, and r on the same tasks goes on")
        lines += [*_gap(lines), said(words, Role.HEADING)]
        lines += [_named(row) for row in outcome.not_tried]
    if outcome.broken:
        lines += [*_gap(lines), outside(f"! {outcome.broken}")]
    return lines


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


def _gap(lines: Sequence[Spans]) -> list[Spans]:
    return [()] if lines else []


def _ways(way: tuple[str, ...]) -> str:
    return _(" and ").join(channel_name(channel) for channel in way)


def _named(row: BulkRow, why: str = "") -> Spans:
    name = outside(row.name or _("nobody"), limit=60)
    number = f"  #{row.task_id:<6}"
    line = said(number, Role.ASIDE) + name + said("  ") + outside(row.title, Role.ASIDE, 60)
    if why:
        line = line + said("\n" + " " * len(number)) + outside(why)
    return line
