"""What one request tells, piece by piece: each message, status or event stands alone.

A piece is the service's own JSON with what is needed to read it later, without the request.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pfinbox.channels.http.wanted import Wanted
from pfinbox.domain.contract.incoming import (
    ChatKeyChanged,
    ChatStarted,
    Ignored,
    IncomingEvent,
    Unreadable,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.record import record

Json = Mapping[str, Any]
# What goes wrong where something is not as described.
UNDESCRIBED = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)


@record
class Read:
    """An event without the files that have to be fetched.

    ``before``: what the piece tells besides, as an event of its own that comes first.
    """

    event: IncomingEvent
    wanted: tuple[Wanted, ...] = ()
    before: ChatStarted | ChatKeyChanged | None = None


def raw_of(piece: object) -> bytes:
    told = json.dumps(piece, ensure_ascii=False, sort_keys=True)
    return told.encode("utf-8", "surrogatepass")


def key_of(told: object) -> str:
    """The receipt's key: Meta repeats requests, and puts the same piece into another one."""
    return hashlib.sha256(raw_of(told)).hexdigest()


def kept(raw: bytes) -> Any:
    """A piece as it was kept; None where it is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def listed(value: object) -> list[Json]:
    """The objects of a list; nothing where there is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def inner(value: object, name: str) -> Json:
    """The object of this name in an object; empty where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def unreadable(error: Exception | str, now: datetime) -> Read:
    detail = error if isinstance(error, str) else type(error).__name__
    return Read(Unreadable(reason=Reason("unreadable", {"detail": detail}), sent_at=now))


def ignored(detail: object) -> Read:
    return Read(Ignored(reason=Reason("ignored", {"detail": str(detail)[:100]})))
