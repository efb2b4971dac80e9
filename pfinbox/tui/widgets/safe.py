"""The one way by which text from outside reaches the screen: cleaned again, and never as markup.

Textual parses plain strings as markup (``[/]`` stops the program, ``[@click=app.quit]`` becomes a
button) and passes escape sequences on to the terminal, so everything goes through here.
"""

from collections.abc import Iterable, Mapping

from textual.content import Content, Span
from textual.style import Style

from pfinbox.domain.text.cleaning import clean, clean_line
from pfinbox.domain.text.links import MAX_TARGET, links
from pfinbox.wording.spans import Role, Spans


def line(text: str, style: str = "", limit: int = 500) -> Content:
    """One line: a name, a title, a file's name. ``style`` is ours, never from outside."""
    return Content.styled(clean_line(text, limit), style)


def block(text: str, style: str = "") -> Content:
    """A text of several lines."""
    return Content.styled(clean(text), style)


def linked(text: str, style: str, aside: str, limit: int | None = None) -> Content:
    """A text of several lines whose links the terminal can open (OSC 8), cut at ``limit``.

    ``style``: of the links; ``aside``: of the name that is really asked for, where it differs.
    """
    # A link at the end of what is shown still leads to all of its target.
    whole = clean(text if limit is None else text[: limit + MAX_TARGET])
    parts: list[Content] = []
    at = 0
    for link in links(whole):
        if limit is not None and link.start >= limit:
            break
        shown = whole[link.start : link.end if limit is None else min(link.end, limit)]
        spans = [Span(0, len(shown), style), Span(0, len(shown), Style(link=link.target))]
        parts += [Content(whole[at : link.start]), Content(shown, spans)]
        if link.host:
            parts.append(Content.styled(f" [{link.host}]", aside))
        at = link.start + len(shown)
    parts.append(Content(whole[at:limit]))
    return Content("").join(parts)


# How spans look where a widget has no component classes of its own for their roles.
STYLES = {
    Role.NAME: "bold",
    Role.HEADING: "bold",
    Role.ASIDE: "$foreground-muted",
    Role.ALARM: "$text-error",
    Role.WARNING: "bold $text-warning",
}


def worded(spans: Spans, styles: Mapping[Role, str] = STYLES) -> Content:
    """A sentence of ``wording`` with a style for each role."""
    return Content("").join(
        Content.styled(clean(span.text), styles.get(span.role, "")) for span in spans
    )


def lines(wanted: Iterable[Spans]) -> list[Content]:
    """Sentences of ``wording``, one a line."""
    return [worded(spans) for spans in wanted]


def fit(content: Content, width: int) -> Content:
    """Exactly ``width`` cells: cut with an ellipsis or filled with blanks."""
    return content.truncate(max(width, 0), ellipsis=True, pad=True)
