"""Who a visitor is: somebody new, somebody with a token of ours, or whom the site vouches for."""

import hashlib
import hmac
import re
import secrets
from typing import Any

from pfinbox.web.site import Chat

_PURPOSE = b"webchat visitor"
# What nobody else guesses.
_RANDOM = re.compile(r"[A-Za-z0-9_-]{22,64}")


def new(chat: Chat, first: object) -> str:
    """A visitor of whom nothing is known.

    ``first`` is random and the browser's own: whoever writes again, as the answer with the token
    was lost on its way, is the same visitor (R12).
    """
    if isinstance(first, str) and _RANDOM.fullmatch(first):
        return f"visitor:{_mac(chat, f'first {first}')[:24]}"
    return f"visitor:{secrets.token_hex(12)}"


def token_of(chat: Chat, visitor: str) -> str:
    """What the visitor's browser keeps; nothing of it is stored here."""
    return f"{visitor}.{_mac(chat, visitor)}"


def by_token(chat: Chat, token: str) -> str | None:
    """The visitor with this token; None for one that is not ours."""
    visitor, _dot, mac = token.rpartition(".")
    if not visitor or not hmac.compare_digest(mac.encode(), _mac(chat, visitor).encode()):
        return None
    return visitor


def vouched(chat: Chat, told: dict[str, Any]) -> str | None:
    """The visitor whom the site has signed: ``hash`` is the HMAC-SHA256 of ``user`` in hex."""
    user, mark = told.get("user"), told.get("hash")
    if chat.identity_secret is None or not isinstance(user, str) or not isinstance(mark, str):
        return None
    right = hmac.new(chat.identity_secret.reveal().encode(), user.encode(), hashlib.sha256)
    is_signed = hmac.compare_digest(mark.encode(), right.hexdigest().encode())
    return f"user:{user}" if is_signed and 0 < len(user) <= 200 and user.isprintable() else None


def _mac(chat: Chat, visitor: str) -> str:
    told = _PURPOSE + b"\0" + chat.account.encode() + b"\0" + visitor.encode()
    return hmac.new(chat.key, told, hashlib.sha256).hexdigest()[:40]
