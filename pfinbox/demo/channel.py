"""One simulated account: tells its part of the story, takes parts and lets the clients answer."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pfinbox.demo import wire
from pfinbox.demo.clients import CLIENTS, Client, Reach
from pfinbox.demo.company import DOMAIN, HANDLE, MAIL_ADDRESS, TEMPLATES
from pfinbox.demo.media import MESSENGER_LIMITS
from pfinbox.demo.memory import Heard, Memory
from pfinbox.demo.pictures import face
from pfinbox.demo.story import STORY, Line
from pfinbox.domain.contract.amending import Amendment
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import (
    AccountContext,
    ChannelError,
    Finding,
    PermanentFailure,
    TemporaryFailure,
    Transmitting,
)
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.parts import units
from pfinbox.domain.contract.reason import Reason

# One thing that may come next: when, its receipt's key, its bytes, and the memory after it.
_Next = tuple[datetime, str, Callable[[datetime], bytes], Callable[[datetime], Memory]]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DemoChannel:
    """A ``domain.contract.channel.Channel`` whose clock and story are given from outside.

    ``written``: the bytes in which a line of the story comes.
    """

    def __init__(
        self,
        context: AccountContext,
        kind: str = "messenger",
        *,
        now: Callable[[], datetime] = _utc_now,
        story: Sequence[Line] = STORY,
        written: Callable[[Line, datetime], bytes] = wire.line_bytes,
    ) -> None:
        settings = context.settings
        self._mail = kind == "mail"
        kind = settings.get("cast") or kind
        self._pace = float(settings["pace"])
        self._templates = TEMPLATES if settings.get("reply_hours") else ()
        self._now = now
        self._written = written
        language = settings.get("language")
        self._ends = {client.address: client for client in CLIENTS.values() if client.kind == kind}
        own = {client.id for client in self._ends.values()}
        self._lines = [line for line in story if line.client in own]
        # A line of another language is passed over, not left out: positions must not shift.
        self._speaking = {i for i in own if language in (None, CLIENTS[i].language)}
        # What clients have read since the cursor was stored last.
        self._fresh: dict[str, Heard] = {}
        self._put_off: set[str] = set()
        self._woken = asyncio.Event()
        self.sent: deque[Outgoing] = deque(maxlen=1000)
        self.amended: deque[Amendment] = deque(maxlen=1000)
        # What each client knows to be read here, by chat.
        self.read: dict[str, str] = {}

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        """One message a batch; ``cursor`` is a Memory."""
        memory = Memory.load(cursor)
        started = self._now()
        if self._templates:
            yield Batch(templates=self._templates)
        while True:
            self._woken.clear()
            if self._fresh:
                # Stored before anything follows from it: an answer survives a restart.
                noted = dict(self._fresh)
                memory = memory.hear(noted)
                yield Batch(cursor=memory.dump())
                self._fresh = {c: h for c, h in self._fresh.items() if noted.get(c) is not h}
                continue
            now = self._now()
            following = min(self._following(memory, started), default=None, key=lambda n: n[0])
            if following is not None and following[0] <= now:
                _due, key, raw, after = following
                memory = after(now)
                yield Batch(items=(self.parse(key, raw(now)),), cursor=memory.dump())
                continue
            yield Batch(idle=True)
            await self._wait((following[0] - now).total_seconds() if following else None)

    def _following(self, memory: Memory, started: datetime) -> Iterator[_Next]:
        """The answers that are owed, and the next line of the story."""
        for client_id, heard in memory.owed.items():
            client, number = CLIENTS[client_id], memory.given.get(client_id, 0)
            if number < len(client.answers):
                yield self._answer(memory, client, number, heard)
        position = memory.told
        while position < len(self._lines) and self._lines[position].client not in self._speaking:
            position += 1
        if position < len(self._lines):
            line = self._lines[position]
            due = (memory.at or started) + self._paces(line.wait)
            yield self._line(memory, line, position + 1, due)

    def _answer(self, memory: Memory, client: Client, number: int, heard: Heard) -> _Next:
        return (
            heard.at + self._paces(client.answers[number].wait),
            wire.answer_id(client, number),
            lambda now: wire.answer_bytes(client, number, heard, now),
            lambda _now: memory.answer(client.id),
        )

    def _line(self, memory: Memory, line: Line, told: int, due: datetime) -> _Next:
        return (
            due,
            line.id,
            lambda now: self._written(line, now),
            lambda now: memory.tell(told, now),
        )

    def _paces(self, count: float) -> timedelta:
        return timedelta(seconds=count * self._pace)

    async def _wait(self, seconds: float | None) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        """The clients get it, unless they have blocked us or their server puts us off."""
        self._check(part)
        addresses = [party.value for party in (*part.to, *part.cc)]
        if not self._mail:
            addresses = [part.chat_key or ""]
        reached = [self._ends[a] for a in addresses if a in self._ends]
        for client in reached:
            if not part.automatic:
                self._put_off_once(client)
        unknown = Reason("address_unknown", {"detail": "550 5.1.1 no such user"})
        refused: dict[str, ChannelError] = {
            client.address: PermanentFailure(unknown)
            for client in reached
            if client.reach is Reach.BLOCKED
        }
        if not self._mail and refused:
            raise PermanentFailure(Reason("blocked_by_client"), chat_writable=False)
        if refused and len(refused) == len(addresses):
            raise refused[addresses[0]]
        await transmitting(refused)
        source_id = part.source_id or self.mint(part.reply_token or "", secrets.token_hex(8))
        self.sent.append(part)
        if not part.automatic:
            heard = Heard(self._now(), source_id, part.text, part.subject, part.reply_token)
            # Of several readers one answers: the first.
            self._fresh |= {c.id: heard for c in reached[:1] if c.reach is not Reach.BLOCKED}
            self._woken.set()
        return Sent(source_id)

    async def amend(self, change: Amendment) -> None:
        """A client who was answered already has read the old text: nothing else follows."""
        if change.chat_key not in self._ends:
            raise PermanentFailure(Reason("copy_gone"))
        self.amended.append(change)

    async def mark_read(self, chat_key: str, source_id: str) -> None:
        self.read[chat_key] = source_id

    async def picture(self, chat_key: str, person: str) -> bytes | None:
        client = self._ends.get(chat_key)
        return face(client.id) if client is not None else None

    def redrawn(self) -> Collection[str]:
        return ()

    def _check(self, part: Outgoing) -> None:
        if self._mail:
            return
        if part.chat_key not in self._ends:
            raise PermanentFailure(Reason("chat_gone"), chat_writable=False)
        limit = MESSENGER_LIMITS.max_caption if part.files else MESSENGER_LIMITS.max_text
        if limit is not None and units(part.text) > limit:
            raise PermanentFailure(Reason("text_too_long"))

    def _put_off_once(self, client: Client) -> None:
        """Greylisting: a server that takes a stranger's mail at the second attempt."""
        if client.reach is Reach.PUT_OFF and client.id not in self._put_off:
            self._put_off.add(client.id)
            reason = Reason("server_error", {"detail": "451 4.7.1 greylisted, try again later"})
            raise TemporaryFailure(reason, retry_after=self._pace)

    def mint(self, token: str, nonce: str) -> str:
        """Both media number our messages as we say (as mail and XMPP do).

        A client who answers within milliseconds then quotes an id that the store knows already.
        """
        return f"<{token}.{nonce}@{DOMAIN}>" if self._mail else f"{token}:{nonce}"

    def parse(self, key: str, raw: bytes) -> Incoming:
        return Incoming(key=key, raw=raw, event=wire.read(raw, self._now()))

    async def probe(self) -> list[Finding]:
        return [Finding(True, MAIL_ADDRESS if self._mail else HANDLE)]

    async def close(self) -> None:
        """Nothing is open: the clients are functions."""
