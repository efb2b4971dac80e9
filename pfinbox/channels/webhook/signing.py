"""The signature of both directions: HMAC-SHA256 over ``TIMESTAMP.BODY``, as lower-case hex."""

import hashlib
import hmac
from collections.abc import Mapping

TIMESTAMP = "X-Pfinbox-Timestamp"
SIGNATURE = "X-Pfinbox-Signature"
# How old a signed request may be, in seconds; none is from the future.
OLDEST = 300
_FUTURE = 5  # two clocks that are set by NTP differ by less


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """``v1=…`` over the raw bytes of the body."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def headers(secret: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What a signed request carries."""
    return {TIMESTAMP: str(timestamp), SIGNATURE: signature(secret, timestamp, body)}


def is_signed(secret: str, given: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a request (headers by lower-case name) was signed with the secret, and lately."""
    stamp, mark = given.get(TIMESTAMP.lower(), ""), given.get(SIGNATURE.lower(), "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    age = now - int(stamp)
    right = hmac.compare_digest(signature(secret, int(stamp), body).encode(), mark.encode())
    return right and -_FUTURE <= age <= OLDEST
