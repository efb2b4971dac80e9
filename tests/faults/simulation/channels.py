"""Channels at the border of the contract, and the network between the sides, as the seed has it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from random import Random

from pfinbox.channels.http.pushed import pushed
from pfinbox.domain.contract.amending import Amendment
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import (
    ChannelError,
    Finding,
    PermanentFailure,
    TemporaryFailure,
    Transmitting,
    UnknownOutcome,
)
from pfinbox.domain.contract.incoming import Incoming
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.contract.webhook import Kept, Requests
from tests.builders import START
from tests.faults.simulation.loop import PROCESS, Loop, Process
from tests.faults.simulation.otherside import OtherSide

# Seconds for which a poll waits for news, and how much it brings at most.
_LONG_POLL = 20.0
_BATCH = 4


class Network:
    """What happens between the program and the other sides: shares of calls, by the seed."""

    def __init__(self, loop: Loop, seed: str) -> None:
        self.loop = loop
        self.random = Random(f"{seed} network")
        # Shares of calls that fail before they arrive, whose answer is lost, that are refused.
        self.breaks = 0.0
        self.loses_answers = 0.0
        self.refuses = 0.0
        self.repeats = 0.0
        # What happens while a process is in the middle of sending a part, and how often.
        self.befalls: Callable[[Process, str], None] = lambda _process, _nonce: None
        self.moments = 0.0
        # Accounts whose servers cannot be reached.
        self.down: set[str] = set()

    async def pass_through(self, account: str) -> bool:
        """A moment later: whether the call has arrived."""
        process = PROCESS.get()
        await asyncio.sleep(self.random.expovariate(20))
        process.must_live()
        return account not in self.down and self.random.random() >= self.breaks

    def in_the_middle(self, nonce: str) -> None:
        """A part is on its way: a moment in which it matters what happens."""
        if self.moments and self.random.random() < self.moments:
            self.befalls(PROCESS.get(), nonce)

    def draws(self, share: float) -> bool:
        return self.random.random() < share


class SimulatedChannel:
    """One account's connection, of a messenger or of a mailbox.

    ``requests``: of a service that pushes, what the web door has kept.
    """

    def __init__(self, side: OtherSide, network: Network, requests: Requests | None = None) -> None:
        self._side = side
        self._net = network
        self._requests = requests

    # --- receiving ----------------------------------------------------------------------------

    async def receive(self, cursor: str | None) -> AsyncIterator[Batch]:
        if self._requests is not None:
            async for batch in pushed(self._requests, self._read, cursor):
                yield batch
            return
        if self._side.mail:
            async for batch in self._mailbox(cursor):
                yield batch
            return
        asked = 0
        while True:
            await self._reach()
            # Asking for what comes after these confirms them.
            self._side.confirm(asked)
            start = self._side.confirmed
            if self._net.draws(self._net.repeats):
                start = max(0, start - 2)
            await self._news(start)
            await self._reach()
            found = range(start + 1, len(self._side.arrived) + 1)[:_BATCH]
            items = tuple(self._side.numbered(n) for n in found)
            yield Batch(items=items, idle=not items)
            asked = max(asked, found[-1]) if found else asked

    async def _read(self, kept: Kept) -> tuple[Incoming, ...]:
        return (self.parse("", kept.request.body),)

    async def _mailbox(self, cursor: str | None) -> AsyncIterator[Batch]:
        """By number from the stored cursor on; the mailbox keeps everything."""
        validity, _colon, last = (cursor or "0:0").partition(":")
        while True:
            await self._reach()
            start = int(last) if int(validity) == self._side.validity else 0
            await self._news(start)
            await self._reach()
            now = self._side.validity
            if start and now != int(validity):
                continue
            found = range(start + 1, len(self._side.arrived) + 1)[:_BATCH]
            items = tuple(self._side.numbered(n) for n in found)
            validity, last = str(now), str(found[-1] if found else start)
            yield Batch(items=items, cursor=f"{validity}:{last}", idle=not items)

    async def _news(self, start: int) -> None:
        if len(self._side.arrived) > start:
            return
        news = asyncio.Event()
        self._side.news.append(news)
        try:
            async with asyncio.timeout(_LONG_POLL):
                await news.wait()
        except TimeoutError:
            return
        finally:
            self._side.news.remove(news)

    async def _reach(self) -> None:
        if not await self._net.pass_through(self._side.account):
            raise TemporaryFailure(Reason("connection_failed", {"detail": "simulated"}))

    # --- sending ------------------------------------------------------------------------------

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        self._net.in_the_middle(part.nonce)
        await self._reach()
        refused = self._refused(part)
        if refused:
            await transmitting(refused)
        else:
            await transmitting()
        self._side.witness.leaves(part.nonce)
        self._net.in_the_middle(part.nonce)
        arrives = await self._net.pass_through(self._side.account)
        if not arrives and self._net.draws(0.5):
            raise UnknownOutcome(Reason("outcome_unknown", {"detail": "lost"}))
        if self._net.draws(self._net.refuses):
            raise self._refusal()
        if not arrives:
            raise UnknownOutcome(Reason("outcome_unknown", {"detail": "lost"}))
        loop, process = self._net.loop, PROCESS.get()
        taken = self._side.take(process.name, part, frozenset(refused), loop.time())
        if self._side.mail and not part.automatic and self._net.draws(0.3):
            self._side.keep_copy(taken, part, START)
        if not await self._net.pass_through(self._side.account) or self._net.draws(
            self._net.loses_answers
        ):
            raise UnknownOutcome(Reason("outcome_unknown", {"detail": "no answer"}))
        return Sent(taken.source_id)

    def _refused(self, part: Outgoing) -> dict[str, ChannelError]:
        """Of several recipients some may be turned away before the mail leaves."""
        people = [one.value for one in (*part.to, *part.cc)]
        if part.only is not None:
            people = [one for one in people if one in part.only]
        if len(people) < 2 or not self._net.draws(self._net.refuses):
            return {}
        return {self._net.random.choice(people): self._refusal()}

    def _refusal(self) -> ChannelError:
        """The other side has it for certain not."""
        if self._net.draws(0.7):
            seconds = self._net.random.choice((None, 1.0, 5.0))
            return TemporaryFailure(Reason("too_many_requests"), retry_after=seconds)
        return PermanentFailure(Reason("refused", {"detail": "simulated"}))

    async def amend(self, change: Amendment) -> None:
        await self._reach()
        if not self._side.amend(change):
            raise PermanentFailure(Reason("refused", {"detail": "no such message"}))
        await self._reach()

    def mint(self, token: str, nonce: str) -> str | None:
        return f"<{token}.{nonce}@ours.example>" if self._side.mail else None

    def parse(self, _key: str, raw: bytes) -> Incoming:
        return next(one for one in self._side.arrived if one.raw == raw)

    async def probe(self) -> list[Finding]:
        return []

    async def close(self) -> None:
        """Nothing is open."""
