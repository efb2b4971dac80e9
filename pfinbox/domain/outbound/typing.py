"""Letting a client see that somebody writes to them: a switch of the account, off by default."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class ShowsWriting(Protocol):
    """A channel with the capability TYPING has this, too."""

    async def show_writing(self, chat_key: str) -> None:
        """Show it for the few seconds that the channel shows it; raises ChannelError."""
        ...
