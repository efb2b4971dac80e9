"""Words as HTML: all is escaped, and only links that look like what they are lead anywhere."""

from datetime import datetime

from markupsafe import Markup, escape

from pfinbox.domain.text.cleaning import clean
from pfinbox.domain.text.links import links
from pfinbox.domain.text.markup import Entity, formatted
from pfinbox.wording.spans import Spans
from pfinbox.wording.times import Clock

_OPENED = {
    "bold": Markup("<strong>"),
    "italic": Markup("<em>"),
    "strikethrough": Markup("<s>"),
    "code": Markup("<code>"),
    "pre": Markup("<pre>"),
    "blockquote": Markup("<blockquote>"),
}
_CLOSED = {
    "bold": Markup("</strong>"),
    "italic": Markup("</em>"),
    "strikethrough": Markup("</s>"),
    "code": Markup("</code>"),
    "pre": Markup("</pre>"),
    "blockquote": Markup("</blockquote>"),
    "text_link": Markup("</a>"),
}
_BLOCKS = (_CLOSED["blockquote"], _CLOSED["pre"])
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
    return _linked(clean(words.strip("\n")))


def typed(words: str) -> Markup:
    """What an agent typed, formatted as in the mail or the message that carries it."""
    plain, entities = formatted(clean(words.strip("\n")))
    data = plain.encode("utf-16-le")
    opening = [(one.offset, _open(one)) for one in entities]
    # Inner ones end first; what ends at a place ends before the next begins there.
    closing = [(one.offset + one.length, _CLOSED[one.kind]) for one in entities[::-1]]
    parts: list[Markup] = []
    last, literal = 0, False
    for at, tag in sorted([*closing, *opening, (len(data) // 2, Markup())], key=lambda one: one[0]):
        said = data[2 * last : 2 * at].decode("utf-16-le")
        if parts and parts[-1] in _BLOCKS:
            # A block ends its line by itself.
            said = said.removeprefix("\n")
        parts += [escape(said) if literal else _linked(said)] if said else []
        parts.append(tag)
        last = at
        # No address becomes a link within a link, or within code.
        if tag.startswith(("<a ", "<code>", "<pre>")):
            literal = True
        elif tag in ("</a>", "</code>", "</pre>"):
            literal = False
    return Markup("").join(parts)


def _open(entity: Entity) -> Markup:
    if entity.kind == "text_link":
        return Markup('<a href="{}" rel="noopener noreferrer nofollow">').format(entity.url)
    return _OPENED[entity.kind]


def _linked(words: str) -> Markup:
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
