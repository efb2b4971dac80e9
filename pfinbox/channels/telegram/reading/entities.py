"""Formatted text as received -> Markdown-like text: links and emphasis stay visible.

Entities count UTF-16 units (https://core.telegram.org/bots/api#messageentity). The client's own
characters are never escaped or changed; marks are only put in between.
"""

from collections import defaultdict

from pfinbox.channels.telegram.reading.fields import Json, number, objects, words

_MARKS = {
    "bold": ("**", "**"),
    "italic": ("*", "*"),
    "strikethrough": ("~~", "~~"),
    "spoiler": ("||", "||"),
    "code": ("`", "`"),
}
_QUOTES = ("blockquote", "expandable_blockquote")
_MOST = 200  # Telegram allows 100; more is not formatting but noise


def marked_up(holder: Json, text_field: str, entities_field: str) -> str:
    """The text of ``holder`` with its entities spelled out."""
    text = words(holder, text_field)
    entities = objects(holder, entities_field)[:_MOST]
    if not text or not entities:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    length = len(units) // 2
    opening: dict[int, list[tuple[int, str]]] = defaultdict(list)
    closing: dict[int, list[tuple[int, str]]] = defaultdict(list)
    breaks: set[int] = set()
    for entity in entities:
        start, size = number(entity, "offset"), number(entity, "length")
        if start is None or size is None or start < 0 or size <= 0 or start + size > length:
            continue
        end = start + size
        kind = words(entity, "type")
        if kind in _QUOTES:
            breaks.add(start)
            breaks.update(
                at + 1 for at in range(start, end - 1) if units[2 * at : 2 * at + 2] == b"\n\0"
            )
            continue
        before, after = _marks(kind, entity, units[2 * start : 2 * end])
        if before:
            opening[start].append((-end, before))
            closing[end].append((-start, after))
    return _spelled(units, length, opening, closing, breaks)


def _marks(kind: str, entity: Json, covered: bytes) -> tuple[str, str]:
    if kind == "text_link":
        url = words(entity, "url")
        same = covered.decode("utf-16-le", "surrogatepass") == url
        return ("[", f"]({url})") if url and not same else ("", "")
    if kind == "pre":
        return f"```{words(entity, 'language')}\n", "\n```"
    return _MARKS.get(kind, ("", ""))


def _spelled(
    units: bytes,
    length: int,
    opening: dict[int, list[tuple[int, str]]],
    closing: dict[int, list[tuple[int, str]]],
    breaks: set[int],
) -> str:
    """The pieces between marks; the longer entity opens first and closes last."""
    pieces: list[str] = []
    last = 0
    for at in sorted({*opening, *closing, *breaks}):
        pieces.append(units[2 * last : 2 * at].decode("utf-16-le", "surrogatepass"))
        pieces.extend(mark for _, mark in sorted(closing.get(at, ())))
        if at in breaks:
            pieces.append("> ")
        pieces.extend(mark for _, mark in sorted(opening.get(at, ())))
        last = at
    pieces.append(units[2 * last : 2 * length].decode("utf-16-le", "surrogatepass"))
    return "".join(pieces)
