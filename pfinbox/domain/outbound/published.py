"""Addresses of files for services that take files by address only: unguessable and expiring.

Nothing is stored for one: the address itself says which file, and is signed with the store's key.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from urllib.parse import quote

from pfinbox.record import record

LIFETIME = timedelta(days=2)
_PURPOSE = b"published file"


@record
class PublishedFile:
    """What an address gives: the bytes with this hash, under that name and type."""

    sha256: str
    name: str
    media_type: str


def path(key: bytes, file: PublishedFile, now: datetime) -> str:
    """``/f/TOKEN/NAME``, good for two days."""
    until = int((now + LIFETIME).timestamp())
    told = json.dumps([file.sha256, file.name, file.media_type, until]).encode()
    # The name at the end is for whoever saves the file.
    return f"/f/{_encoded(_mac(key, told) + told)}/{quote(file.name, safe='')}"


def read(key: bytes, token: str, now: datetime) -> PublishedFile | None:
    """The file of an address; None for one that is not ours, or too old."""
    try:
        given = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        mac, told = given[:32], given[32:]
        if not hmac.compare_digest(mac, _mac(key, told)):
            return None
        sha256, name, media_type, until = json.loads(told)
    except ValueError:
        return None
    return PublishedFile(sha256, name, media_type) if now.timestamp() <= until else None


def _mac(key: bytes, told: bytes) -> bytes:
    return hmac.new(key, _PURPOSE + b"\0" + told, hashlib.sha256).digest()


def _encoded(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()
