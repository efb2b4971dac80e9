"""Words as HTML: all is escaped, and only links that look like what they are lead anywhere."""

from datetime import datetime

from markupsafe import Markup, escape

from pfinbox.domain.text.cleaning import clean
from pfinbox.domain.text.links import links
from pfinbox.wording.spans import Spans
from pfinbox.wording.times import Clock

_LINK = Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>')


def html(spans: Spans) -> Markup:
    """A sentence of ``wording``, each role as a class."""
    return Markup("").join(
        Markup('<span class="{}">{}</span>').format(span.role.value, span.text)
        if span.role
        else escape(span.text)
        for span in spans
    )


def text(words: str) -> Markup:
    """A text of several lines from outside."""
    words = clean(words.strip("\n"))
    parts: list[Markup] = []
    at = 0
    for link in links(words):
        parts += [
            escape(words[at : link.start]),
            _LINK.format(link.target, words[link.start : link.end]),
        ]
        if link.host:
            parts.append(escape(f" [{link.host}]"))
        at = link.end
    parts.append(escape(words[at:]))
    return Markup("").join(parts)


def moment(at: datetime, clock: Clock) -> Markup:
    """A time that says its zone; a script shows it in the reader's."""
    zone = clock.local(at).tzname() or "UTC"
    words = f"{clock.date(at)} {zone}"
    return Markup('<time datetime="{}">{}</time>').format(f"{at:%Y-%m-%dT%H:%M:%SZ}", words)
