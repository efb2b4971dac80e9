"""What a parser of HTML takes more than linear time for, found before it is parsed.

Measured with Lexbor, for 1 MB: one tag with 125,000 attributes runs for minutes (each is compared
with all before it), 110,000 ``<option>`` as well, 200,000 open ``<div>`` too; 400 open ``<b>``
before 130,000 paragraphs take all the memory there is. No mail program writes such things; what
has them is shown as its bare text. Every search here is linear.
"""

import re
from html import unescape

MAX_ATTRIBUTES = 100
MAX_OPTIONS = 2_000
MAX_DEPTH = 500
MAX_REOPENED = 1_000_000

# A tag's attributes as the standard reads them, wherever the tag stands: what looks like one in a
# comment or a style counts as well. End tags have them too. Possessive, so that nothing is tried
# twice.
_CROWDED = re.compile(
    r"</?[a-zA-Z][^\t\n\f\r />]{0,60}+"
    r"(?>[\t\n\f\r /]*+=?[^\t\n\f\r />=]{1,200}+"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+"
    r"(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r >\"'][^\t\n\f\r >]{0,2000}+)?+)?+)"
    rf"{{{MAX_ATTRIBUTES + 1}}}+"
)
_OPTION = re.compile(r"<opt(?:ion|group)", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_ANY_TAG = re.compile(r"<[^<>]*>")
_UNSHOWN = re.compile(r"<(?:(head|style|script|title|template)\b|!--)", re.IGNORECASE)
# Elements that are empty or end by themselves: without their end tags they nest nothing.
_BREAKING_OUT = frozenset(["br", "hr", "img", "meta", "p", "li", "dt", "dd"])
_UNNESTED = _BREAKING_OUT | frozenset(
    ["input", "link", "col", "wbr", "area", "base", "td", "tr", "th", "tbody", "thead", "option"]
)
# Open ones are opened again in every paragraph or cell that begins after them (HTML 13.2.4.3).
_REOPENED = frozenset(
    [
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
    ]
)
# Within drawings and formulas only the first ones do; the others are elements like any other.
_FOREIGN = re.compile(r"<(?:svg|math)\b", re.IGNORECASE)


def too_costly(html: str) -> bool:
    """Whether parsing it might take more than a second or two for each megabyte."""
    if _CROWDED.search(html) is not None or _too_deep(html):
        return True
    return sum(1 for _ in _OPTION.finditer(html)) > MAX_OPTIONS


def bare_text(html: str) -> str:
    """Its text without its tags, a line for each piece; styles, scripts and comments go."""
    shown = "\n".join(_shown(html))
    return "\n".join(line for raw in _ANY_TAG.split(shown) if (line := unescape(raw).strip()))


def _shown(html: str) -> list[str]:
    lower = html.lower() if len(html.lower()) == len(html) else html
    pieces: list[str] = []
    # Without an end they hide nothing: what cannot be told is shown.
    endless: set[str] = set()
    at = 0
    for found in _UNSHOWN.finditer(html):
        end_mark = f"</{found[1].lower()}" if found[1] else "-->"
        if found.start() < at or end_mark in endless:
            continue
        end = lower.find(end_mark, found.end())
        if end < 0:
            endless.add(end_mark)
            continue
        pieces.append(html[at : found.start()])
        at = end if found[1] else end + len(end_mark)
    return [*pieces, html[at:]]


def _too_deep(html: str) -> bool:
    """An end tag ends an element of its own name only: a stray one leaves the others open."""
    depth = style = reopened = 0
    opened: dict[str, int] = {}
    unnested = _BREAKING_OUT if _FOREIGN.search(html) else _UNNESTED
    for match in _TAG.finditer(html):
        name = match[2].lower()
        reopened += style
        if reopened > MAX_REOPENED:
            return True
        if name in unnested:
            continue
        if not match[1]:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            style += name in _REOPENED
            if depth > MAX_DEPTH:
                return True
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
            style -= name in _REOPENED
    return False
