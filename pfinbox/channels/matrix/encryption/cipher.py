"""What the channel asks of encryption; ``olm.py`` has it, where the extra is installed."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from pfinbox.channels.matrix.reading.content import Json

# What is to be installed.
EXTRA = "pfinbox[matrix]"
# The file that the keys of a device lie in.
KEYS = "keys.sqlite"


def has_keys() -> bool:
    """Whether the extra is installed."""
    return all(find_spec(name) is not None for name in ("nio", "vodozemac", "peewee"))


class Cipher(Protocol):
    """The keys of one device. ``vouched``: whether our user's identity vouches for it, if known."""

    vouched: bool | None

    async def take(self, answer: Json) -> None:
        """What a sync brought: other devices' keys, and what they sent to this one.

        It is kept when this returns; the homeserver forgets it with the next sync.
        """
        ...

    def decrypt(self, room: str, event: Json) -> Json | None:
        """The event in clear text; None where its key is not here."""
        ...

    async def encrypt(
        self, room: str, users: Sequence[str], kind: str, content: dict[str, Any]
    ) -> dict[str, Any]:
        """The content of an encrypted event that every device of these users can read."""
        ...

    def forget(self, room: str) -> None:
        """Somebody came or went: the next message has a key of its own."""
        ...

    def hide(self, content: bytes) -> tuple[bytes, dict[str, Any]]:
        """A file encrypted, and what opens it."""
        ...

    def open(self, content: bytes, secret: Json) -> bytes:
        """The file; ValueError where it is not the one that was sent."""
        ...

    def close(self) -> None: ...
