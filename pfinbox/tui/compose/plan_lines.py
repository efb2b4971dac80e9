"""The delivery plan's sentences in the composer's colours."""

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.store.rows import CommentRow
from pfinbox.tui.compose.attached import Attached, size
from pfinbox.tui.widgets import safe
from pfinbox.wording.names import byte_size
from pfinbox.wording.outbound.plans import quote_words
from pfinbox.wording.spans import Role, Spans

# The composer's component classes.
STYLES = {
    Role.OUTSIDE: "plan--outside",
    Role.INSIDE: "plan--inside",
    Role.WARNING: "plan--trouble",
    Role.ASIDE: "plan--quiet",
}


def plan_line(spans: Spans) -> Content:
    """A sentence about the plan."""
    return safe.worded(spans, STYLES)


def quote_line(quoted: CommentRow | None, key: str, width: int) -> Content:
    """What the answer quotes, on one line, and the key that leaves it out (R19)."""
    hint = _("  ({key} leaves it out)").format(key=key) if key else ""
    words = plan_line(quote_words(quoted)).truncate(max(width - len(hint), 12), ellipsis=True)
    return Content.assemble(words, (hint, STYLES[Role.ASIDE]))


def file_line(file: Attached) -> Content:
    """A file that goes along, and its size."""
    try:
        words = byte_size(size(file))
    except OSError:
        words = _("cannot be read")
    return Content.assemble("▪ ", safe.line(file.name), (f"  {words}", "$foreground-muted"))
