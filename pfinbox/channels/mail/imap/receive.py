"""Reading a mailbox for ever: batches of new mail, oldest first, each with the cursor after it.

By UID only: never by \\Seen, a date window or sequence numbers. Nothing at the server is relied
on to say what has been read, so a batch needs no confirmation there: a cursor that was not stored
is simply read again. What was there before the account's first contact is read last and newest
first: years of old mail keep no client waiting, and the latest of them is what an agent looks for.
"""

import asyncio
import contextlib
import time
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pfinbox.channels.mail.apart.worker import Worker
from pfinbox.channels.mail.imap.ahead import Rest, ahead
from pfinbox.channels.mail.imap.cursor import Cursor, Position
from pfinbox.channels.mail.imap.fetching import Fetcher, Plan
from pfinbox.channels.mail.imap.history import History
from pfinbox.channels.mail.imap.marking import Marking
from pfinbox.channels.mail.imap.notgiven import NotGiven
from pfinbox.channels.mail.imap.pace import Pace
from pfinbox.channels.mail.imap.session.answers import MONTHS
from pfinbox.channels.mail.imap.session.refused import FolderRefused
from pfinbox.channels.mail.imap.session.session import Folder, Session
from pfinbox.channels.mail.imap.sweep import Sweep
from pfinbox.channels.mail.imap.turns import Turns
from pfinbox.channels.mail.reading.mime import Reader
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.reason import Reason

_POLL_SECONDS = 60
# A server, or a router on the way, that has forgotten the connection is noticed so soon.
_PULSE_SECONDS = 20.0
# How many mails more are worth telling of.
_MANY = 10
# So often the import looks for what is new; where the server announces it, at once.
_LOOK_SECONDS = 1.0


class Receiver:
    """Reads one account over one session."""

    def __init__(
        self,
        session: Session,
        worker: Worker,
        reader: Reader,
        plan: Plan,
        cursor: str | None,
        not_given: NotGiven,
        sweep: Sweep,
    ) -> None:
        self._session = session
        self._plan = plan
        self._cursor = Cursor.load(cursor)
        self._marking = Marking(plan)
        self._turns = Turns(session, self._marking.changes)
        self._fetcher = Fetcher(session, self._turns, worker, reader, plan, not_given)
        self._pace = Pace()
        self._history = History(
            self._turns, self._fetcher, self._cursor, self._pace, self._folders()
        )
        self._sweep = sweep
        self._missing: Reason | None = None

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """Endless; a batch with ``idle`` comes whenever nothing more waits."""
        try:
            async with contextlib.aclosing(self._pace.keep(self._batches())) as batches:
                async for batch in batches:
                    yield batch
        finally:
            await self._history.close()

    async def _batches(self) -> AsyncGenerator[Batch, None]:
        watched, *others = self._folders()
        before = self._cursor.dump()
        refused = await self._first_contacts([watched, *others])
        if self._cursor.dump() != before:
            # At once: a crash before the first mail must not make the next start the first one.
            yield Batch(cursor=self._cursor.dump())
        if watched in refused:
            raise refused[watched]
        look_at_all = 0.0
        while True:
            if time.monotonic() >= look_at_all:
                look_at_all = time.monotonic() + self._plan.idle_seconds
                async with contextlib.aclosing(self._read_others(others)) as batches:
                    async for batch in batches:
                        yield batch
            if self._sweep.is_due():
                async for batch in self._compare():
                    yield batch
            # Last: it is the open folder while we wait, and what comes from now on is announced.
            async with contextlib.aclosing(self._read(watched)) as batches:
                async for batch in batches:
                    yield batch
            look_again = time.monotonic() + _LOOK_SECONDS
            piece = await self._history.next()
            if piece is None:
                yield Batch(cursor=self._cursor.dump(), idle=True, progress=self._missing)
                await self._wait(look_at_all - time.monotonic())
            while piece is not None:
                yield self._with_progress(piece, 0)
                # After the last piece as well: it may have come while the folder was listed.
                if self._session.has_news or time.monotonic() >= look_again:
                    break
                piece = await self._history.next()

    async def _first_contacts(self, names: list[str]) -> dict[str, FolderRefused]:
        """All in one go: whoever reads that the account works may count on what comes now.

        Returns the folders that cannot be opened: what comes into them is news when they can.
        """
        refused: dict[str, FolderRefused] = {}
        first = self._cursor.start is None
        self._cursor.start = self._cursor.start or datetime.now(UTC).isoformat()
        for name in names:
            if name in self._cursor.folders:
                continue
            try:
                async with self._turns.opening(name) as (_session, folder):
                    self._cursor.folders[name] = await self._contact(folder, first=first)
            except FolderRefused as error:
                refused[name] = error
        return refused

    def _folders(self) -> list[str]:
        plan = self._plan
        names = [*plan.folders, plan.spam, plan.sent]
        return list(dict.fromkeys(name for name in names if name))

    async def _wait(self, seconds: float) -> None:
        """Wait for news at most so long; a server that does not announce any is soon asked."""
        until = time.monotonic() + max(seconds, 0.01)
        waits = True
        while waits and (left := until - time.monotonic()) > 0:
            async with self._turns.take() as session:
                if session.has("IDLE"):
                    waits = not await session.idle(min(left, _PULSE_SECONDS))
                else:
                    await asyncio.sleep(min(left, _POLL_SECONDS))
                    waits = False
                # A connection that only looks alive fails here instead of staying silent.
                await session.noop()

    async def _read_others(self, names: list[str]) -> AsyncGenerator[Batch, None]:
        """A folder that was renamed or deleted keeps none of the others back."""
        self._missing = None
        for name in names:
            try:
                async with contextlib.aclosing(self._read(name)) as batches:
                    async for batch in batches:
                        yield batch
            except FolderRefused as error:
                self._missing = error.reason

    async def _read(self, name: str) -> AsyncGenerator[Batch, None]:
        async with self._turns.opening(name) as (_session, folder):
            known = self._cursor.folders.get(name)
            if known is None:  # it was not there at the start
                self._cursor.folders[name] = await self._contact(folder, first=False)
            elif known.uidvalidity != folder.uidvalidity:
                highest = await self._highest(folder)
                self._cursor.folders[name] = known.reindexed(folder.uidvalidity, highest)
        if known is None:
            yield Batch(cursor=self._cursor.dump())
        position = self._cursor.folders[name]
        while True:
            async with self._turns.at(name) as session:
                found = await session.search(f"UID {position.last + 1}:*")
            # "n:*" with n above all UIDs means the last message (RFC 3501).
            waiting = [uid for uid in found if uid > position.last]
            if not waiting:
                return
            async with contextlib.aclosing(ahead(self._fetched(name, position, waiting))) as pieces:
                async for batch, last in pieces:
                    position.last = last
                    yield self._with_progress(batch, len(waiting) - bisect_right(waiting, last))
                    # Asked for more: it is stored.
                    if self._marking.changes(name):
                        async with self._turns.at(name) as session:
                            await self._marking.mark(session, batch)

    async def _fetched(
        self, name: str, position: Position, uids: list[int]
    ) -> AsyncGenerator[Rest[tuple[Batch, int]], None]:
        """All of them, still to be read, with each batch the last UID that it covers."""
        while uids:
            some, uids = uids[: self._pace.size], uids[self._pace.size :]
            async with contextlib.aclosing(self._fetcher.fetch(name, position, some)) as fetched:
                async for reading in fetched:
                    yield reading

    async def _compare(self) -> AsyncIterator[Batch]:
        """Whatever the server has and we have not, wherever it was overlooked."""
        known = [name for name in self._folders() if name in self._cursor.folders]
        for name in known:
            position = self._cursor.folders[name]
            try:
                async with self._turns.opening(name) as (session, folder):
                    found = await session.search(f"UID {position.base + 1}:*")
            except FolderRefused:
                continue
            if folder.uidvalidity != position.uidvalidity:
                continue  # its UIDs mean other mails by now: it is read anew as a whole
            overlooked = await self._sweep.overlooked(name, position, found)
            missed = ahead(self._fetched(name, position, overlooked))
            async with contextlib.aclosing(missed):
                async for batch, _last in missed:
                    yield batch
        if known:
            self._sweep.done()

    async def _contact(self, folder: Folder, *, first: bool) -> Position:
        """Where reading a folder begins; not ``first``: it appeared later than the account.

        History ends at the account's first contact. In a folder that appears later, dates divide
        what is history from what is live; UIDs say only where the first live mail can be.
        """
        start = datetime.fromisoformat(self._cursor.start or "")
        highest = await self._highest(folder)
        old = highest
        if not first:
            # The server compares days, in whatever zone it is.
            old = await self._below(start - timedelta(days=1), highest)
        base, floor = highest, start
        first_sync = "new" if folder.name == self._plan.sent else self._plan.first_sync
        if first_sync == "30d":
            floor = start - timedelta(days=30)
            base = await self._below(floor, highest)
        elif first_sync == "all":
            base = 0
        return Position(
            folder.uidvalidity,
            last=old,
            start=start.isoformat(),
            old=old,
            base=base,
            waits=old,
            again=0 if first else highest,
            floor=None if first_sync == "all" else floor.isoformat(),
        )

    async def _below(self, day: datetime, highest: int) -> int:
        """The highest UID below those of all mails that were received since this day."""
        since = f"SINCE {day.day}-{MONTHS[day.month - 1]}-{day.year}"
        return min([uid - 1 for uid in await self._session.search(since)] + [highest])

    async def _highest(self, folder: Folder) -> int:
        if folder.uidnext is not None:
            return folder.uidnext - 1
        return max(await self._session.search("UID *"), default=0)

    def _with_progress(self, batch: Batch, left: int) -> Batch:
        """``left``: how many new mails wait after this batch; history is counted besides."""
        left += self._history.left
        progress = Reason("catching_up", {"left": left}) if left > _MANY else None
        return replace(batch, cursor=self._cursor.dump(), progress=progress)
