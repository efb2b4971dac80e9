"""Signed reply addresses and Message-IDs: proof that a mail answers one of ours.

``support+c128.MAC@example.com`` and ``<c128.NONCE.MAC@example.com>``. The MAC is 100 bits of
HMAC-SHA256 in lower-case base32, because clients and servers change the case of addresses.
"""

import base64
import hashlib
import hmac
import re

_MAC_CHARS = 20
_TOKEN = re.compile(r"[a-z0-9_-]{1,40}")
_NONCE = re.compile(r"[a-z0-9_-]{1,64}")
_ID = re.compile(r"<?(?:([a-z0-9_-]{1,40})\.)?([a-z0-9_-]{1,64})\.([a-z2-7]{20})@[^\s<>@]{1,255}>?")
_EXTENSION = re.compile(r"([a-z0-9_-]{1,40})\.([a-z2-7]{20})")


def _mac(key: bytes, *parts: str) -> str:
    """Parts are joined by NUL, which none of them can hold: no two lists give the same text."""
    digest = hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:_MAC_CHARS]


def message_id(key: bytes, token: str, nonce: str, domain: str) -> str:
    """The Message-ID for one part, with its angle brackets; the same arguments, the same id."""
    if token and _TOKEN.fullmatch(token) is None:
        raise ValueError(f"not a token: {token[:40]!r}")
    nonce = nonce.lower()
    if _NONCE.fullmatch(nonce) is None:
        digest = hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).digest()
        nonce = base64.b32encode(digest[:15]).decode().lower()
    head = f"{token}." if token else ""
    return f"<{head}{nonce}.{_mac(key, 'id', token, nonce)}@{domain}>"


def read_message_id(key: bytes, source_id: str) -> str | None:
    """The token in a Message-ID of ours ("" where it carries none); None when it is not ours."""
    match = _ID.fullmatch(source_id.strip().lower())
    if match is None:
        return None
    token, nonce, mac = match.group(1) or "", match.group(2), match.group(3)
    return token if hmac.compare_digest(mac, _mac(key, "id", token, nonce)) else None


def seal(key: bytes, source_id: str, said: str) -> str:
    """Proof that we sent a mail with this Message-ID that says this."""
    return _mac(key, "seal", source_id, said)


def same_mac(given: str, mac: str) -> bool:
    return hmac.compare_digest(given.strip().lower().encode(), mac.encode())


def reply_address(key: bytes, token: str, address: str) -> str:
    """The account's address with the signed token in it."""
    if _TOKEN.fullmatch(token) is None:
        raise ValueError(f"not a token: {token[:40]!r}")
    local, _at, domain = address.rpartition("@")
    return f"{local}+{token}.{_mac(key, 'address', token)}@{domain}"


def read_reply_address(key: bytes, address: str) -> str | None:
    """The token that an address proves, or None. The base address does not matter: aliases move."""
    local, _at, _domain = address.strip().lower().rpartition("@")
    _base, plus, extension = local.rpartition("+")
    match = _EXTENSION.fullmatch(extension)
    if not plus or match is None:
        return None
    token, mac = match.groups()
    return token if hmac.compare_digest(mac, _mac(key, "address", token)) else None
