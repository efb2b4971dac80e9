"""Reading a mailbox for ever: batches of new mail, oldest first, each with the cursor after it.

By UID only: never by \\Seen, a date window or sequence numbers. Nothing is marked at the server,
so a batch needs no confirmation there: a cursor that was not stored is simply read again.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pfinbox.channels.mail.cursor import Cursor, Position
from pfinbox.channels.mail.imap import FetchRefused, Folder, Session
from pfinbox.channels.mail.imap_answers import MONTHS, Fetched
from pfinbox.channels.mail.mime import Place, Reader, read_header
from pfinbox.channels.mail.tokens import read_message_id
from pfinbox.channels.mail.worker import Worker, unreadable
from pfinbox.domain.envelope import Batch, Event, Incoming, Message
from pfinbox.domain.reason import Reason

BATCH = 50
BATCH_BYTES = 16_000_000
_POLL_SECONDS = 60
_REFUSALS = 3
_LOOK = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
_HEADER = "(UID INTERNALDATE BODY.PEEK[HEADER])"
_WHOLE = "(UID INTERNALDATE BODY.PEEK[])"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read. The first of ``folders`` is the one that is watched between the readings."""

    folders: tuple[str, ...]
    sent: str | None
    spam: str | None
    first_sync: str
    max_size: int
    idle_seconds: float


class Receiver:
    """Reads one account over one session."""

    def __init__(
        self,
        session: Session,
        worker: Worker,
        reader: Reader,
        plan: Plan,
        cursor: str | None,
        refusals: Counter[str],
    ) -> None:
        self._session = session
        self._worker = worker
        self._reader = reader
        self._plan = plan
        self._cursor = Cursor.load(cursor)
        # How often the server would not give a mail, by key; outlives this session.
        self._refusals = refusals

    async def batches(self) -> AsyncIterator[Batch]:
        """Endless; a batch with ``idle`` comes whenever nothing more waits."""
        watched, *others = self._folders()
        look_at_all = 0.0
        while True:
            if time.monotonic() >= look_at_all:
                look_at_all = time.monotonic() + self._plan.idle_seconds
                for name in others:
                    async for batch in self._read(name):
                        yield batch
            async for batch in self._read(watched):
                yield batch
            yield Batch(cursor=self._cursor.dump(), idle=True)
            await self._wait(look_at_all - time.monotonic())

    def _folders(self) -> list[str]:
        plan = self._plan
        names = [*plan.folders, plan.spam, plan.sent]
        return list(dict.fromkeys(name for name in names if name))

    async def _wait(self, seconds: float) -> None:
        if self._session.has("IDLE"):
            await self._session.idle(max(seconds, 0.01))
        else:
            await asyncio.sleep(min(max(seconds, 0.01), _POLL_SECONDS))
        # A connection that only looks alive fails here instead of staying silent for ever.
        await self._session.noop()

    async def _read(self, name: str) -> AsyncIterator[Batch]:
        folder = await self._session.open(name)
        known = self._cursor.folders.get(name)
        if known is None:
            self._cursor.folders[name] = await self._first_contact(folder)
            # At once: a crash before the first mail must not make the next start the first one.
            yield Batch(cursor=self._cursor.dump())
        elif known.uidvalidity != folder.uidvalidity:
            highest = await self._highest(folder)
            self._cursor.folders[name] = known.reindexed(folder.uidvalidity, highest)
        position = self._cursor.folders[name]
        while True:
            found = await self._session.search(f"UID {position.last + 1}:*")
            # "n:*" with n above all UIDs means the last message (RFC 3501).
            waiting = [uid for uid in found if uid > position.last]
            if not waiting:
                return
            for start in range(0, len(waiting), BATCH):
                async for batch in self._fetch(name, position, waiting[start : start + BATCH]):
                    left = len(waiting) - start
                    if left > BATCH:
                        batch = _with_progress(batch, left)
                    yield batch

    async def _first_contact(self, folder: Folder) -> Position:
        now = datetime.now(UTC)
        highest = await self._highest(folder)
        last, floor = highest, now
        first_sync = "new" if folder.name == self._plan.sent else self._plan.first_sync
        if first_sync == "30d":
            floor = now - timedelta(days=30)
            month = MONTHS[floor.month - 1]
            recent = await self._session.search(f"SINCE {floor.day}-{month}-{floor.year}")
            last = min(recent) - 1 if recent else highest
        elif first_sync == "all":
            last = 0
        return Position(
            folder.uidvalidity,
            last,
            start=now.isoformat(),
            old=highest,
            floor=None if first_sync == "all" else floor.isoformat(),
        )

    async def _highest(self, folder: Folder) -> int:
        if folder.uidnext is not None:
            return folder.uidnext - 1
        return max(await self._session.search("UID *"), default=0)

    async def _fetch(self, name: str, position: Position, uids: list[int]) -> AsyncIterator[Batch]:
        """One to fifty mails, sizes first; several batches where they are big together."""
        looks = await self._session.fetch(uids, _LOOK)
        looks.sort(key=lambda look: look.uid)
        group: list[Fetched] = []
        total = 0
        for look in looks:
            cost = look.size if self._wants_body(look) else 0
            if group and total + cost > BATCH_BYTES:
                yield await self._batch(name, position, group, group[-1].uid)
                group, total = [], 0
            group.append(look)
            total += cost
        # Up to the last UID asked for: what is missing was expunged meanwhile.
        yield await self._batch(name, position, group, uids[-1])

    async def _batch(self, name: str, position: Position, looks: list[Fetched], last: int) -> Batch:
        wanted = [look for look in looks if not position.is_unwanted(look.uid, look.received_at)]
        whole = [look.uid for look in wanted if self._wants_body(look)]
        heads = [look.uid for look in wanted if not self._wants_body(look)]
        size = sum(look.size for look in wanted if look.uid in set(whole))
        prefix = f"{name}:{position.uidvalidity}:"
        mails = await self._given(prefix, whole, _WHOLE, size)
        mails += await self._given(prefix, heads, _HEADER)
        sizes = {look.uid: look.size for look in wanted}
        mails.sort(key=lambda mail: mail.uid)
        items = await asyncio.to_thread(self._incoming, name, position, mails, sizes, set(heads))
        refused = [look for look in wanted if self._refusals[f"{prefix}{look.uid}"] >= _REFUSALS]
        items += [self._not_given(prefix, position, look) for look in refused]
        position.last = last
        return Batch(items=tuple(items), cursor=self._cursor.dump())

    async def _given(self, prefix: str, uids: list[int], what: str, size: int = 0) -> list[Fetched]:
        """One mail that the server cannot give must not keep the others back for ever."""
        if not uids:
            return []
        try:
            return await self._session.fetch(uids, what, size)
        except FetchRefused:
            if len(uids) > 1:
                return [
                    mail for uid in uids for mail in await self._given(prefix, [uid], what, size)
                ]
            self._refusals[f"{prefix}{uids[0]}"] += 1
            if self._refusals[f"{prefix}{uids[0]}"] < _REFUSALS:
                raise
            return []

    def _not_given(self, prefix: str, position: Position, look: Fetched) -> Incoming:
        """What is known of it: that it is there."""
        place = Place(look.received_at)
        reason = Reason("unreadable", {"detail": "the server does not give it"})
        return Incoming(
            key=f"{prefix}{look.uid}",
            raw=look.data,
            event=unreadable(look.data, place, reason),
            history=position.is_history(look.uid, look.received_at),
        )

    def _wants_body(self, look: Fetched) -> bool:
        return look.size <= self._plan.max_size and not self._is_ours(look.data)

    def _is_ours(self, header: bytes) -> bool:
        """Sent by pfinbox: that it exists is all there is to know."""
        ids = read_header(header).ids("message-id")
        return bool(ids) and read_message_id(self._reader.mac_key, ids[0]) is not None

    def _incoming(
        self,
        name: str,
        position: Position,
        mails: list[Fetched],
        sizes: dict[int, int],
        heads: set[int],
    ) -> list[Incoming]:
        items = []
        for mail in mails:
            event: Event = self._worker.read(mail.data, self._place(name, mail.received_at))
            size = sizes[mail.uid]
            if mail.uid in heads and size > self._plan.max_size and isinstance(event, Message):
                event = stub(event, size)
            items.append(
                Incoming(
                    key=f"{name}:{position.uidvalidity}:{mail.uid}",
                    raw=mail.data,
                    event=event,
                    match_bytes=mail.uid <= position.again,
                    history=position.is_history(mail.uid, mail.received_at),
                )
            )
        return items

    def _place(self, name: str, received_at: datetime | None) -> Place:
        return Place(received_at, name == self._plan.sent, name == self._plan.spam)


def stub(message: Message, size: int) -> Message:
    """A mail that was too large to fetch: a message all the same, in its thread."""
    return replace(message, warnings=(*message.warnings, Reason("mail_too_large", {"size": size})))


def _with_progress(batch: Batch, left: int) -> Batch:
    return replace(batch, progress=Reason("catching_up", {"left": left}))
