"""Pictures of people, which a service shows beside their names."""

from collections.abc import Collection
from typing import Protocol, runtime_checkable

# Bytes: a picture that is shown in a list needs no more.
LARGEST = 512 * 1024


@runtime_checkable
class ShowsPeople(Protocol):
    """A channel with the capability PICTURES has this, too."""

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        """The picture of who writes in a chat, by the value of that person's address.

        At most LARGEST bytes; None where the service shows none. Raises ChannelError.
        """
        ...

    def redrawn(self) -> Collection[str]:
        """Whose picture is another one since this was asked last, where the service says so."""
        ...


def picture_type(content: bytes) -> str | None:
    """The media type by the first bytes, whatever the service called it; None for others."""
    if len(content) > LARGEST:
        return None
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _KINDS.items() if content.startswith(start)), None)


_KINDS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
