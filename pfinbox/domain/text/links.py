"""Links in a client's text, as a terminal may open them (OSC 8).

Only what the reader sees is ever a link: the text is its own target, written out. What would lead
elsewhere than it seems to (a name before ``@``, a backslash, a host that is none) is no link, and
a host in other letters is accompanied by the name that is really asked for. A target holds
printable ASCII alone, as the proposal for OSC 8 wants it, so that it can never end the sequence.
"""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote, urlsplit

from pfinbox.record import record

# VTE and iTerm2 ignore what is longer than 2083 bytes.
MAX_TARGET = 2000
# A text of links only must not cost a second to draw.
MAX_LINKS = 300

_FOUND = re.compile(r"(?<![\w/.@-])(?:https?://|mailto:|tel:)[^\s<>\"`]+", re.IGNORECASE)
_TARGET = re.compile(r"[!-~]+")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_.])?|[0-9a-f:.]{2,45}")
_MAIL = re.compile(r"mailto:[^@/:\\]+@[^@/:\\?]+(?:\?[^\\]*)?", re.IGNORECASE)
_TEL = re.compile(r"tel:\+?[0-9()./;=a-z-]+", re.IGNORECASE)
# Behind a link these belong to the sentence.
_AFTER = ".,;:!?'*_~»”’…)]}"
_PAIRS = {")": "(", "]": "[", "}": "{"}
# Kept as they are when the rest is written in ASCII; ``%`` is part of what is encoded already.
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


@record
class Link:
    """``text[start:end]`` leads to ``target``; ``host``: the real name where it looks otherwise."""

    start: int
    end: int
    target: str
    host: str = ""


def links(text: str) -> Iterator[Link]:
    """The links of a text from left to right, at most ``MAX_LINKS``; linear in its length."""
    for found in islice(_FOUND.finditer(text), MAX_LINKS):
        start, end = found.span()
        if end - start > MAX_TARGET:
            continue
        shown = text[start : _end(text, start, end)]
        link = _checked(shown)
        if link is not None:
            yield Link(start, start + len(shown), *link)


def _end(text: str, start: int, end: int) -> int:
    """Without the punctuation of the sentence around it; brackets that the link opens stay."""
    open_ = {close: text.count(pair, start, end) for close, pair in _PAIRS.items()}
    closed = {close: text.count(close, start, end) for close in _PAIRS}
    while end > start and text[end - 1] in _AFTER:
        last = text[end - 1]
        if last in _PAIRS:
            if closed[last] <= open_[last]:
                break
            closed[last] -= 1
        end -= 1
    return end


def _checked(shown: str) -> tuple[str, str] | None:
    """Target and, where it looks otherwise, host; None for what had better be text only."""
    scheme = shown.partition(":")[0].lower()
    if scheme in ("mailto", "tel"):
        pattern = _MAIL if scheme == "mailto" else _TEL
        fits = pattern.fullmatch(shown) and _TARGET.fullmatch(shown)
        return (shown, "") if fits else None
    try:
        parts = urlsplit(shown)
        written = parts.hostname or ""
        port = parts.port
        # The codec takes quadratic time, and no name is longer.
        if len(written) > 253:
            return None
        host = written if written.isascii() else written.encode("idna").decode("ascii")
        rest = quote(shown[len(scheme) + 3 + len(parts.netloc) :], safe=_SAFE)
    except (ValueError, UnicodeError):
        return None
    if "@" in parts.netloc or "\\" in shown or not _HOST.fullmatch(host.lower()):
        return None
    name = f"[{host}]" if ":" in host else host
    target = f"{scheme}://{name}{f':{port}' if port is not None else ''}{rest}"
    if not _TARGET.fullmatch(target) or len(target) > MAX_TARGET:
        return None
    return target, "" if written.isascii() else host
