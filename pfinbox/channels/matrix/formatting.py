"""The composer's Markdown as the formatted body of a message, beside the same words without marks.

https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes
"""

from html import escape
from typing import Any

from pfinbox.domain.text.markup import Entity, formatted

_TAGS = {
    "bold": "strong",
    "italic": "em",
    "strikethrough": "del",
    "blockquote": "blockquote",
    "code": "code",
}


# An event has at most 65,536 bytes: an edit carries both bodies twice, encryption adds a third.
_MOST = 10_000


def spelled(source: str) -> dict[str, Any]:
    """``body``, and ``formatted_body`` where something is formatted."""
    text, marks = formatted(source)
    if not marks:
        return {"body": source}
    html = _html(text, marks)
    if max(_size(source), _size(html)) > _MOST:
        return {"body": source}
    return {"body": source, "format": "org.matrix.custom.html", "formatted_body": html}


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _html(text: str, marks: tuple[Entity, ...]) -> str:
    # Offsets count UTF-16 units.
    raw = text.encode("utf-16-le", "surrogatepass")
    # At one place inner ones end first, then whatever begins there, outer ones first.
    tags: list[tuple[int, int, int, str]] = []
    for number, mark in enumerate(marks):
        opening, closing = _pair(mark)
        end = mark.offset + mark.length
        tags += [(mark.offset, 1, number, opening), (end, 0, -number, closing)]
    pieces: list[str] = []
    last = 0
    for at, _begins, _number, tag in sorted(tags):
        pieces += [_escaped(raw[2 * last : 2 * at]), tag]
        last = at
    return "".join([*pieces, _escaped(raw[2 * last :])])


def _pair(mark: Entity) -> tuple[str, str]:
    if mark.kind == "text_link":
        return f'<a href="{escape(mark.url or "")}">', "</a>"
    if mark.kind == "pre":
        return "<pre><code>", "</code></pre>"
    tag = _TAGS.get(mark.kind, "span")
    return f"<{tag}>", f"</{tag}>"


def _escaped(raw: bytes) -> str:
    text = raw.decode("utf-16-le", "surrogatepass")
    return escape(text, quote=False).replace("\n", "<br>")
