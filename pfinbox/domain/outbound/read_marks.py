"""Telling a service how far our side has read: a switch of the account, off by default."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class MarksRead(Protocol):
    """A channel with the capability MARKS_READ has this, too."""

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        """The chat was read up to this message of the client's; raises ChannelError.

        Doing it twice does no harm.
        """
        ...


@runtime_checkable
class MarksEachRead(Protocol):
    """The same for a channel to which one message that is read says nothing of those before."""

    async def mark_each_read(self, source_ids: Sequence[str]) -> None:
        """These messages of the client's were read; raises ChannelError.

        Doing it twice does no harm.
        """
        ...
