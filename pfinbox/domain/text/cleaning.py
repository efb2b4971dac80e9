"""Making client text harmless: the one place where control characters end.

No grammar of escape sequences (that is where such filters go wrong): every control character
becomes visible, every direction override goes, whatever stood around it stays readable.
All functions are idempotent and linear.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

MAX_TEXT = 2_000_000
MAX_LINE = 500
_MAX_COMBINING = 4

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def _table() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for code in range(0x20):
        if code not in (0x09, 0x0A):
            table[code] = chr(0x2400 + code)  # control pictures
    table[0x7F] = "␡"
    for code in range(0x80, 0xA0):
        table[code] = "\ufffd"
    for code in range(0xD800, 0xE000):  # lone surrogates: no database takes them
        table[code] = "\ufffd"
    for plane in range(17):
        table[plane * 0x10000 + 0xFFFE] = "\ufffd"
        table[plane * 0x10000 + 0xFFFF] = "\ufffd"
    for code in range(0xFDD0, 0xFDF0):
        table[code] = "\ufffd"
    # bidirectional controls, zero-width space, BOM, soft invisible operators, tag characters
    for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C):
        table[code] = None
    for code in (0x200B, 0xFEFF, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x180E):
        table[code] = None
    for code in range(0xE0000, 0xE0080):
        table[code] = None
    return table


_TABLE = _table()
# What most texts are made of: letters of many scripts, punctuation, nothing to clean, no mark on a
# letter. One look at each character by the machine is all that most texts cost.
_ASCII = bytes((0x0A, *range(0x20, 0x7F)))
_COMMON = re.compile(
    "[\n -~\u00a0-\u02ff\u0370-\u0482\u048a-\u058f\u10a0-\u10ff\u1e00-\u1fff\u2010-\u2027"
    "\u2030-\u205e\u2070-\u20cf\u2100-\u2ce0\u3001-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ud7a3]*+"
)


def _is_common(text: str) -> bool:
    if text.isascii():
        return not text.encode("ascii").translate(None, _ASCII)
    return _COMMON.fullmatch(text) is not None


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Text that may be stored and shown: lines end in ``\\n``, tabs are spaces, nothing acts."""
    if not _is_common(text):
        text = _NEWLINES.sub("\n", text).translate(_TABLE).replace("\t", "    ")
        text = _cap_combining(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_line(text: str, limit: int = MAX_LINE) -> str:
    """One line for names, subjects and file names: line breaks and runs of blanks become one."""
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        # Addresses and ids, of which every mail has dozens.
        return text.strip(" ")
    line = " ".join(clean(text[: limit * 4]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def clean_value(value: Any, limit: int = 4 * MAX_LINE) -> Any:
    """A JSON value whose every text is clean: what servers and clients say in errors and lines."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, dict | Mapping):
        return {clean_value(key): clean_value(one, limit) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean_value(one, limit) for one in value]
    return value


def _cap_combining(text: str) -> str:
    """Keep at most a few marks on one letter: a tower of them paints over other lines."""
    if text.isascii():
        return text
    run = 0
    dropped = False
    kept: list[str] = []
    for char in text:
        run = run + 1 if char >= "\u0300" and unicodedata.combining(char) else 0
        if run > _MAX_COMBINING:
            dropped = True
            continue
        kept.append(char)
    return "".join(kept) if dropped else text


_FOLD = {"ё": "е", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"}


def fold(text: str) -> str:
    """Text as the search compares it: case, accents, ё/е and ł/l do not matter."""
    text = text.casefold()
    for letter, plain in _FOLD.items():
        text = text.replace(letter, plain)
    plain = unicodedata.normalize("NFKD", text)
    plain = plain.replace("и\u0306", "й")  # NFKD takes й apart; и and й are different letters
    if _is_common(plain):
        return plain
    return "".join(c for c in plain if not unicodedata.combining(c))
