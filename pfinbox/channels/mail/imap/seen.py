"""Marking mails as seen at the server, once an agent has read them here.

Other programs that look into the mailbox show them as read. Nothing is read from the flag.
"""

import asyncio
import logging
import re
from collections.abc import Sequence

from pfinbox.channels.mail.imap.session.connecting import connect
from pfinbox.channels.mail.imap.session.mailbox_name import quoted
from pfinbox.channels.mail.imap.session.refused import ChangeRefused, FolderRefused
from pfinbox.channels.mail.imap.session.session import Session
from pfinbox.channels.mail.server import Server

log = logging.getLogger(__name__)

# What agents read in one go is marked over one connection.
_KEPT_SECONDS = 30.0
# A name that can stand in a search as it is.
_PLAIN = re.compile(r"[\x21-\x7e]{1,500}")


class Seen:
    """A connection of its own: the other one waits for news in a folder that is open to read."""

    def __init__(self, server: Server, folders: Sequence[str]) -> None:
        self._server = server
        self._folders = folders
        self._session: Session | None = None
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None

    async def mark(self, message_ids: Sequence[str]) -> None:
        """Raises ChannelError; doing it twice does no harm."""
        names = [one for one in message_ids if _PLAIN.fullmatch(one)]
        async with self._turn:
            self._stay()
            try:
                session = self._session = self._session or await connect(self._server)
                for folder in self._folders if names else ():
                    await _mark(session, folder, names)
            except BaseException:
                self.close()
                raise
            self._ending = asyncio.get_running_loop().call_later(_KEPT_SECONDS, self.close)

    def _stay(self) -> None:
        if self._ending is not None:
            self._ending.cancel()

    def close(self) -> None:
        self._stay()
        if self._session is not None:
            self._session.abort()
            self._session = None


async def _mark(session: Session, folder: str, message_ids: Sequence[str]) -> None:
    try:
        await session.open(folder, changing=True)
        for name in message_ids:
            uids = await session.search(f"UNSEEN HEADER Message-ID {quoted(name)}")
            if uids:
                await session.add_flag(uids, "\\Seen")
    except (FolderRefused, ChangeRefused) as error:
        log.info("mail could not be marked as seen: %s", error.reason.sentence())
