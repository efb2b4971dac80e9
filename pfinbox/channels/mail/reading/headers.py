"""Header fields as they are in the wild: raw 8-bit, encoded words anywhere, no limits kept.

Nothing here uses the structured parsers of :mod:`email`: they take 20 s for 50 KB of quotes
(python/cpython#136063) and raise for a few mails in a hundred.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz

from pfinbox.channels.mail.reading.charset import decode

MAX_FIELD = 16_384
MAX_FIELDS = 2_000
_MAX_IDS = 200

_WORD = re.compile(r"=\?([^?\s]{1,75})\?([bBqQ])\?([^?]*)\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_ID = re.compile(r"<([^<>\s]{1,490})>")
_BARE_ID = re.compile(r"[^<>\s,;]{1,490}@[^<>\s,;]{1,490}")
_FOLD = re.compile(r"\r?\n[ \t]?|\r")


class Headers:
    """The fields of one message; values are unfolded, 8-bit is decoded, encoded words are not."""

    def __init__(self, items: Iterable[tuple[str, object]]) -> None:
        self._fields: list[tuple[str, str]] = []
        for name, value in items:
            if len(self._fields) == MAX_FIELDS:
                break
            self._fields.append((str(name).lower().strip(), _unfold(str(value))))

    def all(self, name: str) -> list[str]:
        return [value for field, value in self._fields if field == name]

    def first(self, name: str) -> str:
        return next((value for field, value in self._fields if field == name), "")

    def text(self, name: str) -> str:
        """The first such field with its encoded words read, on one line."""
        return " ".join(words(self.first(name)).split())

    def ids(self, *names: str) -> list[str]:
        """Message-IDs in these fields, in order, each with its angle brackets."""
        found: list[str] = []
        for name in names:
            for value in self.all(name):
                marked = [f"<{match}>" for match in _ID.findall(value)]
                # Some programs leave the brackets out.
                found += marked or [f"<{match}>" for match in _BARE_ID.findall(value)]
        return list(dict.fromkeys(found))[:_MAX_IDS]


def _unfold(value: str) -> str:
    value = _FOLD.sub(" ", value[:MAX_FIELD]).strip()
    if value.isascii():
        return value
    # compat32 hands raw 8-bit over as surrogates; text that is already decoded stays.
    try:
        data = value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return value
    return decode(data)


def words(value: str) -> str:
    """``value`` with its RFC 2047 encoded words read.

    White space between two words goes, and neighbours of one charset are joined before
    decoding: many programs cut letters of several bytes in two.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    end = 0
    waiting = b""
    charset = ""
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        end = match.end()
        name = match.group(1).partition("*")[0].lower()
        data = _word_bytes(match.group(2), match.group(3))
        if waiting and (between.strip() or name != charset):
            out.append(decode(waiting, charset))
            waiting = b""
            if between.strip():
                out.append(between)
        elif not waiting:
            out.append(between)
        waiting += data
        charset = name
    if waiting:
        out.append(decode(waiting, charset))
    out.append(value[end:])
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return _HEX.sub(lambda hit: bytes([int(hit.group(1), 16)]), raw.replace(b"_", b" "))
    try:
        return b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def date(value: str) -> datetime | None:
    """A Date field as UTC, or None where it says nothing; a date without a zone is taken as UTC."""
    try:
        parts = parsedate_tz(value[:200])
        if parts is None:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return datetime(*parts[:5], min(parts[5], 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def zone_of(value: str) -> tzinfo:
    """The zone of a Date field: where its sender's clock stands. UTC where it says nothing."""
    try:
        parts = parsedate_tz(value[:200])
        return timezone(timedelta(seconds=parts[9] or 0)) if parts is not None else UTC
    except (ValueError, OverflowError, IndexError, TypeError):
        return UTC
