"""How long the bytes of what was received are kept, and which of them may go."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pfinbox.record import record


@record
class Limits:
    """What is older may go; None: it is kept for ever."""

    raw: datetime | None
    files: datetime | None


def limits(inbox: Mapping[str, Any], now: datetime) -> Limits:
    """By ``keep_raw`` and ``keep_attachments`` of ``[inbox]`` (days such as "90d")."""
    return Limits(_before(inbox.get("keep_raw"), now), _before(inbox.get("keep_attachments"), now))


def _before(days: str | None, now: datetime) -> datetime | None:
    return now - timedelta(days=int(days.removesuffix("d"))) if days else None


@record
class Original:
    """A receipt: what it is and since when; ``here``: its bytes are."""

    id: int
    received_at: datetime
    state: str
    here: bool


@record
class AttachedFile:
    """A file of a comment. ``open``: its task is; ``on_its_way``: it is still to be sent."""

    id: int
    comment_id: int
    sha256: str
    at: datetime
    here: bool
    open: bool
    on_its_way: bool


def may_go(original: Original, before: datetime) -> bool:
    """What could not be read yet is all that there is of it, and stays."""
    old = original.received_at < before
    return old and original.here and original.state != "quarantined"


def file_may_go(file: AttachedFile, before: datetime) -> bool:
    """Only of what is over: a task that somebody works on keeps its files."""
    return file.at < before and file.here and not file.open and not file.on_its_way
