"""Sending: claim what is due, have it handed over, look again.

A claim is made of chains: the waiting messages of one chat, in their order. What came of them is
kept in memory until it is written; whatever is under way in the store and in nobody's memory is
taken up again at the next look.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.outbound.committer import Committer
from pfinbox.daemon.outbound.connections import Chain, Connections
from pfinbox.daemon.outbound.rests import Rests
from pfinbox.daemon.outbound.stamp import NotHandedOver, Stamps
from pfinbox.daemon.process import this_machine
from pfinbox.daemon.waking import woken
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Lease
from pfinbox.domain.outbound.delivery import Job, chains
from pfinbox.domain.outbound.restoring import Stamp
from pfinbox.errors import StoreError
from pfinbox.services.outbound import claiming, restore_guard, send_recovery
from pfinbox.store.load import accounts
from pfinbox.store.uow import Store, UnitOfWork

log = logging.getLogger(__name__)

# An account with so many messages in hand gets no more yet: until they are claimed, people can
# still stop them.
_ENDOWED = claiming.LIMIT // 2
# So long the ends of messages are gathered before the next look.
_BREATH = 0.25
# A shut-down waits so long for what came of the hand-overs to be written.
_LAST_WORDS = 2.0
# Without news from the store it looks again after so many seconds.
_LOOK = 15.0


class Sender:
    """The outbox of one daemon; ``channels`` (by account id) may change while it runs.

    ``fresh``: whether no other daemon can have taken this one for dead.
    """

    def __init__(
        self,
        store: Store,
        lease: Lease,
        channels: Mapping[int, Channel],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        fresh: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store = store
        self._lease = lease
        self._channels = channels
        self._jobs: set[asyncio.Task[None]] = set()
        # Every delivery of these jobs, with the epoch of its claim.
        self._owned: set[tuple[int, int]] = set()
        self._in_hand: Counter[int] = Counter()
        # The accounts of the last look.
        self._held_accounts: frozenset[int] = frozenset()
        self._stamp = Stamps(store)
        self._committer = Committer(store, self._stamp, sleep)
        self._rests = Rests()
        self._connections = Connections(
            store, channels, self._committer, self._stamp, self._rests, fresh
        )
        # There is room in hand for another claim.
        self._room = asyncio.Event()
        # Why nothing is sent, as it was logged last.
        self._held: Reason | None = None
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Send what is due for as long as it runs; ``wake`` makes it look at once."""
        backoff = Backoff()
        while not self._connections.stopping:
            self.wake.clear()
            try:
                wait = await self._look()
                backoff.reset()
            except StoreError as error:
                log.error("the outbox cannot be read: %s", error)
                wait = backoff.next()
            if self._jobs:
                await woken(self._room, _BREATH)
            if wait > 0 and not self._connections.stopping:
                await woken(self.wake, wait)

    async def run_once(self) -> None:
        """Send until nothing is due; back-offs wait for the next run."""
        self._rests.remember(self._rests.all())
        more = True
        while more:
            # A hand-over that ends while we look may free what that look could not claim yet.
            under_way = bool(self._jobs)
            more = await self._look() == 0.0 or under_way
            if self._jobs:
                await woken(self._room, _BREATH)

    async def stop(self, seconds: float, last_words: float = _LAST_WORDS) -> None:
        """Claim nothing more; what is still under way after ``seconds`` becomes unknown.

        ``last_words``: so long it may take to write that down.
        """
        self._connections.stopping = True
        self.wake.set()
        self._room.set()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=seconds)
        for job in self._jobs:
            job.cancel()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=last_words)
        # If the database is gone for good, the next daemon finds what was handed over: unknown.
        self._committer.close()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=0.5)

    async def _look(self) -> float:
        """Claim and start what is due; returns the seconds until the next look (0: at once)."""
        lease = self._lease
        stamp = await self._stamp.read()
        # Taken before the transaction: whatever ends meanwhile is written before it is left out.
        owned = frozenset(self._owned)
        busy = {one for one, count in self._in_hand.items() if count > _ENDOWED}
        # Tried by one message alone until it has got through.
        await self._look_at_rests()
        rests = self._rests.all()
        tried = [one for one in self._rests.to_be_tried() if not self._in_hand[one]]
        self._room.clear()

        async def look(
            uow: UnitOfWork,
        ) -> tuple[restore_guard.Look, list[Job], dict[int, list[Job] | None]]:
            looked = await self._guard(uow, stamp)
            await send_recovery.recover_unowned(uow, lease.id, owned)
            # While sending is held, there is nothing to claim.
            found = await claiming.claim(uow, lease.id, busy=busy | rests)
            trials = {
                one: await claiming.claim_one(uow, lease.id, one, list(self._channels))
                for one in tried
            }
            return looked, found, trials

        looked, jobs, trials = await self._store.run(look)
        await self._looked(stamp, looked)
        for account_id, trial in trials.items():
            if trial is None:
                self._rests.end(account_id)
            jobs += trial or ()
        if jobs:
            self._start(jobs)
            return 0.0
        if busy:
            return _BREATH
        async with self._store.read() as uow:
            due = await claiming.next_due(uow, lease.id)
        waits = [due + 0.01 if due is not None else _LOOK, self._rests.seconds() or _LOOK]
        return min(_LOOK, *waits)

    async def _look_at_rests(self) -> None:
        """Know of each account that is held how it was left, and what a person asks."""
        held = frozenset(self._channels)
        came, self._held_accounts = held - self._held_accounts, held
        for account_id in self._rests.all() - held:
            self._rests.end(account_id)
        if not came and not self._rests.all():
            return
        async with self._store.read() as uow:
            states = await accounts.not_sending(uow)
        self._rests.remember(came & states.keys())
        self._rests.ask(states)

    async def look_first(self) -> None:
        """Look whether this daemon may act outside with this database, before it does."""
        stamp = await self._stamp.read()
        looked = await self._store.run(lambda uow: self._guard(uow, stamp))
        await self._looked(stamp, looked)

    async def _guard(self, uow: UnitOfWork, stamp: Stamp | None) -> restore_guard.Look:
        if stamp is None:
            # Another daemon that begins at the same moment may have made it by now. With its first
            # statement the transaction has SQLite's write lock, and nobody else signs the database.
            await restore_guard.store_id(uow)
            stamp = await self._stamp.read()
        return await restore_guard.look(uow, stamp, this_machine())

    async def _looked(self, stamp: Stamp | None, looked: restore_guard.Look) -> None:
        if stamp != looked.stamp:
            await self._first_stamp(looked.stamp)
        self._say(looked.held)

    async def _first_stamp(self, stamp: Stamp) -> None:
        try:
            await self._stamp.write(stamp.handed_over)
        except NotHandedOver as error:
            # Messages claimed already fail by themselves at their hand-over.
            log.error("%s", error.reason.sentence())

    def _say(self, held: Reason | None) -> None:
        if held == self._held:
            return
        self._held = held
        if held is None:
            log.info("sending was released")
            return
        log.warning(
            "nothing is sent: %s; look at the list and confirm it: pfinbox outbox release",
            held.sentence(),
        )

    def _start(self, jobs: list[Job]) -> None:
        """Start an asyncio task for each chain; it waits for a connection."""
        found = [Chain(one) for one in chains(jobs)]
        loading = asyncio.create_task(self._connections.load(found))
        for job in jobs:
            self._owned |= _claims(job)
            self._in_hand[job.account_id] += 1
        for chain in found:
            task = asyncio.create_task(self._connections.work(chain, loading))
            self._jobs.add(task)
            task.add_done_callback(partial(self._ended, chain.jobs))

    def _ended(self, jobs: list[Job], task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        for job in jobs:
            self._owned -= _claims(job)
        account_id = jobs[0].account_id
        before = self._in_hand[account_id]
        self._in_hand[account_id] -= len(jobs)
        self.wake.set()
        if not self._jobs or before > _ENDOWED >= self._in_hand[account_id]:
            self._room.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a delivery ended with a fault of ours", exc_info=error)


def _claims(job: Job) -> set[tuple[int, int]]:
    return {(delivery_id, job.claim.epoch) for delivery_id in job.delivery_ids}
