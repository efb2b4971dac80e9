"""Ids of messages and of attempts.

A message is ``PEER:ID``. In a group chat, where ``id`` is 0, it is ``PEER:c`` and its number in
the conversation; that one is known as a further id everywhere.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

_PURPOSE = b"vk random_id"


def source_id(message: Mapping[str, Any]) -> str:
    """By what the message is known."""
    peer, ident = message["peer_id"], message.get("id") or 0
    return f"{peer}:{ident}" if ident else by_number(peer, message["conversation_message_id"])


def by_number(peer: object, number: object) -> str:
    """By its number in the conversation."""
    return f"{peer}:c{number}"


def random_id(key: bytes, nonce: str) -> int:
    """The same for every attempt of a part, and known as ours when it comes back.

    VK drops what comes twice with one. Of its 31 bits the lower 16 sign the others.
    """
    head = int.from_bytes(hashlib.sha256(nonce.encode()).digest()[:2]) & 0x7FFF
    return (head << 16 | _mac(key, head)) or 1


def is_ours(key: bytes, number: object) -> bool:
    """Whether a message in the community's name was sent by this inbox."""
    if not isinstance(number, int) or not 0 < number < 1 << 31:
        return False
    return number & 0xFFFF == _mac(key, number >> 16)


def _mac(key: bytes, head: int) -> int:
    return int.from_bytes(hmac.new(key, _PURPOSE + head.to_bytes(2), "sha256").digest()[:2])
