"""Who uses a session: new mail and history are read by turns, and one folder is open at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pfinbox.channels.mail.imap.session.session import Folder, Session


class Turns:
    """``changes``: whether a folder is to be opened for changes, too."""

    def __init__(self, session: Session, changes: Callable[[str], bool]) -> None:
        self._session = session
        self._changes = changes
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def take(self) -> AsyncIterator[Session]:
        """In whatever folder."""
        async with self._turn:
            yield self._session

    @asynccontextmanager
    async def at(self, name: str) -> AsyncIterator[Session]:
        """With this folder open. Raises FolderRefused."""
        async with self._turn:
            if self._session.opened != name:
                await self._open(name)
            yield self._session

    @asynccontextmanager
    async def opening(self, name: str) -> AsyncIterator[tuple[Session, Folder]]:
        """With this folder opened anew, as it is now. Raises FolderRefused."""
        async with self._turn:
            yield self._session, await self._open(name)

    async def _open(self, name: str) -> Folder:
        return await self._session.open(name, changing=self._changes(name))
