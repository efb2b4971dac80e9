"""What an IMAP server answered, as plain values; the lines are as aioimaplib gives them.

A fetched message is a line of text, then a bytearray for the literal, then what is left.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from pfinbox.channels.mail.imap.session.mailbox_name import decode
from pfinbox.record import record

# Always English on the wire, whatever the locale.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_FETCH = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)
# Numbers of IMAP have 32 bits, sizes 63; Python refuses to read those of thousands of digits.
_UID = re.compile(rb"[( ]UID (\d{1,10})\b", re.IGNORECASE)
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,19})\b", re.IGNORECASE)
_FLAGS = re.compile(rb"[( ]FLAGS \(([^()]{0,2000})\)", re.IGNORECASE)
_LABELS = re.compile(rb"X-GM-LABELS \(((?:[^()\"]|\"(?:\\.|[^\"\\])*\"){0,4000})\)", re.IGNORECASE)
_LABEL = re.compile(rb'"((?:\\.|[^"\\])*)"|([^\s"]+)')
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"', re.IGNORECASE)
_LIST = re.compile(r'\(([^)]*)\) (?:"(?:\\.|[^"\\])"|NIL) (.+)', re.DOTALL)


@record
class Fetched:
    uid: int
    size: int
    received_at: datetime | None
    data: bytes
    # Lower-cased; labels are Gmail's (X-GM-LABELS), "\\sent" and the like for its own ones.
    flags: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()


def numbers_in(lines: Iterable[bytes]) -> list[int]:
    """The numbers of a SEARCH answer, ascending, each once."""
    words = (word for line in lines for word in bytes(line).split())
    found = {int(word) for word in words if word.isdigit() and len(word) <= 10}
    return sorted(found)


def messages_in(lines: Iterable[bytes | bytearray]) -> list[Fetched]:
    """Messages with the (only) literal of each; flag changes of others have no UID asked for."""
    found: list[Fetched] = []
    told = b""
    data = b""
    whole = False

    def finish() -> None:
        uid = _UID.search(told)
        # Without one of these it is news about the flags of a message, told by the way.
        if uid is None or not (whole or _SIZE.search(told)):
            return
        size, stamp = _SIZE.search(told), _DATE.search(told)
        found.append(
            Fetched(
                int(uid.group(1)),
                int(size.group(1)) if size else len(data),
                _moment(stamp.group(1)) if stamp else None,
                data,
                _words(_FLAGS.search(told)),
                _labels(_LABELS.search(told)),
            )
        )

    for line in lines:
        if isinstance(line, bytearray):
            data, whole = bytes(line), True
        elif _FETCH.match(line):
            finish()
            told, data, whole = line, b"", False
        else:
            told += b" " + line
    finish()
    return found


def _words(found: re.Match[bytes] | None) -> frozenset[str]:
    return frozenset(found.group(1).decode("ascii", "replace").lower().split() if found else ())


def _labels(found: re.Match[bytes] | None) -> frozenset[str]:
    """Gmail quotes its own labels and doubles their backslash: ``"\\\\Sent"``."""
    if found is None:
        return frozenset()
    labels = (quoted or plain for quoted, plain in _LABEL.findall(found.group(1)))
    return frozenset(
        re.sub(r"\\(.)", r"\1", label.decode("utf-8", "replace")).lower()
        if label.startswith(b"\\\\")
        else label.decode("utf-8", "replace").lower()
        for label in labels
    )


def _moment(stamp: bytes) -> datetime | None:
    try:
        day, month, rest = stamp.decode("ascii").strip().split("-", 2)
        year, clock, zone = rest.split()
        number = MONTHS.index(month.capitalize()) + 1
        written = f"{year}-{number:02}-{int(day):02}T{clock}{zone[:3]}:{zone[3:]}"
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def folders_in(lines: Iterable[bytes | bytearray]) -> list[tuple[str, frozenset[str]]]:
    """(name, flags) of a LIST answer; a name may come as a literal of its own."""
    found: list[tuple[str, frozenset[str]]] = []
    flags: frozenset[str] = frozenset()
    for line in lines:
        text = bytes(line).decode("utf-8", "replace")
        if isinstance(line, bytearray):
            found.append((decode(text), flags))
            continue
        match = _LIST.match(text)
        if match is None:
            continue
        flags = frozenset(match.group(1).lower().split())
        name = match.group(2).strip()
        if name.startswith('"') and name.endswith('"'):
            name = re.sub(r"\\(.)", r"\1", name[1:-1])
        elif name.startswith("{"):
            continue
        found.append((decode(name), flags))
    return found
