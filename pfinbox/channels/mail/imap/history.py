"""What was in the mailbox before the account's first contact, newest first, in small pieces.

It is fetched and read while the pieces before are stored, and waits whenever something new came.
"""

from bisect import bisect_right
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from functools import partial

from pfinbox.channels.mail.imap.ahead import Rest, ahead
from pfinbox.channels.mail.imap.cursor import Cursor, Position
from pfinbox.channels.mail.imap.fetching import Fetcher
from pfinbox.channels.mail.imap.pace import Pace
from pfinbox.channels.mail.imap.session.refused import FolderRefused
from pfinbox.channels.mail.imap.turns import Turns
from pfinbox.domain.contract.batch import Batch
from pfinbox.record import record


@record
class _Piece:
    """``waits``: up to which UID the rest of the folder's history waits after it."""

    name: str
    position: Position
    batch: Batch
    waits: int


class History:
    """The history of the folders ``names``, as far as ``cursor`` says that it is still to read."""

    def __init__(
        self, turns: Turns, fetcher: Fetcher, cursor: Cursor, pace: Pace, names: Collection[str]
    ) -> None:
        self._turns = turns
        self._fetcher = fetcher
        self._cursor = cursor
        self._pace = pace
        self._names = names
        # The UIDs still to read, by folder; listed once a session, empty where it was refused.
        self._listed: dict[str, tuple[Position, list[int]]] = {}
        self._pieces: AsyncGenerator[_Piece, None] | None = None

    async def next(self) -> Batch | None:
        """The next piece, its place in the cursor; None where all of it has been read."""
        while True:
            if self._pieces is None:
                if not any(True for _ in self._folders()):
                    return None
                self._pieces = ahead(self._read())
            piece = await anext(self._pieces, None)
            if piece is None:
                self._pieces = None
            elif self._cursor.folders.get(piece.name) is piece.position:
                piece.position.waits = piece.waits
                return piece.batch

    @property
    def left(self) -> int:
        """How many mails are still to read, as far as they were listed."""
        return sum(len(self._still(*listed)) for listed in self._listed.values())

    async def close(self) -> None:
        if self._pieces is not None:
            await self._pieces.aclose()

    def _folders(self) -> list[tuple[str, Position]]:
        """Those with history that may be had."""
        return [
            (name, position)
            for name, position in self._cursor.folders.items()
            if name in self._names
            and position.history_left
            and (name not in self._listed or self._still(*self._listed[name]))
        ]

    def _still(self, position: Position, listed: list[int]) -> list[int]:
        return listed[: bisect_right(listed, position.waits)] if position.history_left else []

    async def _read(self) -> AsyncGenerator[Rest[_Piece], None]:
        for name, position in self._folders():
            try:
                async with aclosing(self._of_folder(name, position)) as pieces:
                    async for piece in pieces:
                        yield piece
            except FolderRefused:
                self._listed[name] = position, []

    async def _of_folder(self, name: str, position: Position) -> AsyncGenerator[Rest[_Piece], None]:
        async with self._turns.at(name) as session:
            listed = await session.search(f"UID {position.base + 1}:{position.waits}")
        self._listed[name] = position, listed
        waiting = self._still(position, listed)
        # After a re-index the folder is read anew as a whole.
        while waiting and self._cursor.folders.get(name) is position:
            uids = waiting[-self._pace.size :]
            fetched = self._fetcher.fetch(name, position, uids, newest_first=True)
            async with aclosing(fetched):
                async for reading in fetched:
                    yield partial(_piece, name, position, reading)
            del waiting[-len(uids) :]
        yield partial(_end, name, position)


async def _piece(name: str, position: Position, reading: Rest[tuple[Batch, int]]) -> _Piece:
    batch, lowest = await reading()
    return _Piece(name, position, batch, lowest - 1)


async def _end(name: str, position: Position) -> _Piece:
    return _Piece(name, position, Batch(), position.base)
