"""Telling a service how far our side has read: a switch of the account, off by default."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class MarksRead(Protocol):
    """A channel with the capability MARKS_READ has this, too."""

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        """The chat was read up to this message of the client's; raises ChannelError.

        Doing it twice does no harm.
        """
        ...
