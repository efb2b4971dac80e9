"""Sending: claim what is due, hand it over, write down what became of it.

A claim is made of chains: the waiting messages of one chat, in their order. A few connections an
account each work through one chain after the other.

The promise is kept here: before the hand-over a failure means *again*, after it means *unknown*,
and unknown is never repeated by a program. What came of it is kept in memory until it is written;
whatever is under way in the store and in nobody's memory is taken up again at the next look.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.committer import Committer
from pfinbox.daemon.process import this_machine
from pfinbox.daemon.stamp import Stamps
from pfinbox.daemon.waking import woken
from pfinbox.domain.contract.channel import (
    Abreast,
    AccountFailure,
    Channel,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.envelope import Outgoing
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.delivery import Job, chains
from pfinbox.domain.outbound.outgoing import Draft, outgoing
from pfinbox.domain.outbound.restoring import Stamp
from pfinbox.errors import StoreError
from pfinbox.services.inbound import chat_events
from pfinbox.services.outbound import (
    claiming,
    message_building,
    restore_guard,
    send_recovery,
    sending,
)
from pfinbox.services.outbound.sending import HandOver, LeaseLost, Taken
from pfinbox.services.system.leases import Lease
from pfinbox.store.load import messages
from pfinbox.store.uow import Store, UnitOfWork
from pfinbox.store.write import accounts

log = logging.getLogger(__name__)

# Messages under way on one account at a time, where its channel does not say.
_ABREAST = 4
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
    """The outbox of one daemon; ``channels`` (by account id) may change while it runs."""

    def __init__(
        self,
        store: Store,
        lease: Lease,
        channels: Mapping[int, Channel],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._lease = lease
        self._channels = channels
        self._jobs: set[asyncio.Task[None]] = set()
        # Every delivery of these jobs, with the epoch of its claim.
        self._owned: set[tuple[int, int]] = set()
        self._in_hand: Counter[int] = Counter()
        self._gates: dict[int, asyncio.Semaphore] = {}
        self._stopping = False
        self._stamp = Stamps(store)
        self._committer = Committer(store, self._stamp, sleep)
        # There is room in hand for another claim.
        self._room = asyncio.Event()
        # Why nothing is sent, as it was logged last.
        self._held: Reason | None = None
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Send what is due for as long as it runs; ``wake`` makes it look at once."""
        backoff = Backoff()
        while not self._stopping:
            self.wake.clear()
            try:
                wait = await self._look()
                backoff.reset()
            except StoreError as error:
                log.error("the outbox cannot be read: %s", error)
                wait = backoff.next()
            if self._jobs:
                await woken(self._room, _BREATH)
            if wait > 0 and not self._stopping:
                await woken(self.wake, wait)

    async def run_once(self) -> None:
        """Send until nothing is due; back-offs wait for the next run."""
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
        self._stopping = True
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
        busy = [one for one, count in self._in_hand.items() if count > _ENDOWED]
        self._room.clear()

        async def look(uow: UnitOfWork) -> tuple[restore_guard.Look, list[Job]]:
            looked = await restore_guard.look(uow, stamp, this_machine())
            await send_recovery.recover_unowned(uow, lease.id, owned)
            # While sending is held, there is nothing to claim.
            return looked, await claiming.claim(uow, lease.id, busy=busy)

        looked, jobs = await self._store.run(look)
        await self._looked(stamp, looked)
        if jobs:
            self._start(jobs)
            return 0.0
        if busy:
            return _BREATH
        async with self._store.read() as uow:
            due = await claiming.next_due(uow, lease.id)
        return min(_LOOK, due + 0.01) if due is not None else _LOOK

    async def look_first(self) -> None:
        """Before anything of this daemon acts outside: whether it may, with this database."""
        stamp = await self._stamp.read()
        looked = await self._store.run(lambda uow: restore_guard.look(uow, stamp, this_machine()))
        await self._looked(stamp, looked)

    async def _looked(self, stamp: Stamp | None, looked: restore_guard.Look) -> None:
        if stamp != looked.stamp:
            await self._first_stamp(looked.stamp)
        self._say(looked.held)

    async def _first_stamp(self, stamp: Stamp) -> None:
        try:
            await self._stamp.write(stamp.handed_over)
        except TemporaryFailure as error:
            # What was claimed already fails by itself at its hand-over.
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
        """Each chain of them gets a task, which waits for a connection."""
        found = [_Chain(one) for one in chains(jobs)]
        loading = asyncio.create_task(self._load(found))
        for job in jobs:
            self._owned |= _claims(job)
            self._in_hand[job.account_id] += 1
        for chain in found:
            task = asyncio.create_task(self._limited(chain, loading))
            self._jobs.add(task)
            task.add_done_callback(partial(self._ended, chain.jobs))

    async def _load(self, found: "list[_Chain]") -> None:
        """What the first message of each chain is built from: nothing of this claim changes it."""
        parts = {chain.jobs[0].part_ids[0]: chain for chain in found if chain.jobs[0].part_ids}
        try:
            async with self._store.read() as uow:
                for part_id, draft in (await messages.drafts(uow, list(parts))).items():
                    if not draft.content["files"]:  # these may be large
                        parts[part_id].draft = draft
        except StoreError as error:
            log.debug("each message is loaded by itself: %s", error)

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

    async def _limited(self, chain: "_Chain", loading: asyncio.Task[None]) -> None:
        gate = self._gate(chain.jobs[0].account_id)
        rest = chain.jobs
        try:
            async with gate:
                await loading
                with self._committer.connection():
                    while rest and not chain.blocked:
                        job, *rest = rest
                        await self._send(job, chain)
        finally:
            for job in rest:
                await self._give_back(job, chain)
            await _all_done(chain.written)
        for writing in chain.written:
            writing.result()

    def _gate(self, account_id: int) -> asyncio.Semaphore:
        channel = self._channels.get(account_id)
        abreast = channel.abreast if isinstance(channel, Abreast) else _ABREAST
        return self._gates.setdefault(account_id, asyncio.Semaphore(abreast))

    async def _send(self, job: Job, chain: "_Chain") -> None:
        channel = self._channels.get(job.account_id)
        if channel is None or self._stopping:
            await self._give_back(job, chain)
            return
        rest: Job | None = job
        for part_id in job.part_ids:
            if rest is not None:
                rest = await self._part(rest, part_id, channel, chain)

    async def _part(
        self, claimed: Job, part_id: int, channel: Channel, chain: "_Chain"
    ) -> Job | None:
        """Hand one part over; what of the job goes on, None when nothing must follow now."""
        handed = False
        job = claimed

        async def transmitting(turned_away: Mapping[str, ChannelError] | None = None, /) -> None:
            nonlocal handed, job
            if turned_away:
                chain.blocked = True
                job = await self._leaves_without(job, part_id, source_id, turned_away)
            else:
                await self._committer.hand_over(HandOver(job, part_id, source_id))
            handed = True

        source_id: str | None = None
        try:
            part, nonce = await self._outgoing(job, part_id, chain)
            source_id = part.source_id or channel.mint(part.reply_token or "", nonce)
            sent = await channel.send(replace(part, source_id=source_id), transmitting)
        except LeaseLost:
            await self._give_back(job, chain)
            return None
        except TemporaryFailure as error:
            chain.blocked = True
            await self._not_now(job, part_id, error.reason, error.retry_after, error.refused)
            return None
        except AccountFailure as error:
            chain.blocked = True
            reason = error.reason
            await self._write(lambda uow: accounts.set_state(uow, job.account_id, "failed", reason))
            await self._not_now(job, part_id, reason, None)
            return None
        except PermanentFailure as error:
            await self._never(job, part_id, error)
            return None
        except UnknownOutcome as error:
            reason = error.reason
            await self._write(lambda uow: sending.perhaps(uow, job, part_id, reason))
            return None
        except (asyncio.CancelledError, Exception) as error:
            # A crash of ours or a shut-down: before the hand-over nothing has left.
            reason = Reason("outcome_unknown", {"detail": type(error).__name__})
            if handed:
                await self._write(lambda uow: sending.perhaps(uow, job, part_id, reason))
            elif isinstance(error, asyncio.CancelledError | StoreError):
                await self._give_back(job, chain)
            else:
                chain.blocked = True
                log.exception("delivery of comment %s failed", job.comment_id)
                reason = Reason("internal_error", {"detail": type(error).__name__})
                await self._not_now(job, part_id, reason, None)
            if isinstance(error, asyncio.CancelledError):
                raise
            return None
        taken = Taken(job, part_id, sent)
        if part_id == job.part_ids[-1]:
            # Written with the next hand-over, or before it.
            chain.written.append(self._committer.taken(taken))
            return None
        goes_on = await self._write(lambda uow: sending.part_sent(uow, taken))
        return job if goes_on else None

    async def _outgoing(self, job: Job, part_id: int, chain: "_Chain") -> tuple[Outgoing, str]:
        draft, chain.draft = chain.draft, None
        if draft is not None and draft.part_id == part_id:
            return outgoing(draft, job.delivery_ids), draft.nonce
        async with self._store.read() as uow:
            return await message_building.outgoing(uow, job, part_id)

    async def _leaves_without(
        self,
        job: Job,
        part_id: int,
        source_id: str | None,
        turned_away: Mapping[str, ChannelError],
    ) -> Job:
        """Hand it over for those who were not turned away; returns the job of these."""
        jitter = random.random()  # noqa: S311
        await self._committer.settled()
        going, number = await self._store.run(
            lambda uow: sending.transmitting(uow, job, part_id, source_id, turned_away, jitter)
        )
        await self._stamp.write(number)
        return going

    async def _give_back(self, job: Job, chain: "_Chain") -> None:
        chain.blocked = True
        await self._write(lambda uow: sending.give_back(uow, job))

    async def _not_now(
        self,
        job: Job,
        part_id: int,
        reason: Reason,
        retry_after: float | None,
        refused: Mapping[str, Reason] | None = None,
    ) -> None:
        jitter = random.random()  # noqa: S311
        await self._write(
            lambda uow: sending.not_now(uow, job, part_id, reason, retry_after, jitter, refused)
        )

    async def _never(self, job: Job, part_id: int, error: PermanentFailure) -> None:
        async def write(uow: UnitOfWork) -> None:
            ours = await sending.never(uow, job, part_id, error.reason)
            if ours and not error.chat_writable and job.chat_id is not None:
                await chat_events.set_writable(uow, job.chat_id, False, error.reason)

        await self._write(write)

    async def _write(self, use_case: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        """What became of a delivery must be written, even while we are being stopped."""
        writing = self._committer.write(use_case)
        await _all_done([writing])
        return writing.result()


@dataclass(slots=True)
class _Chain:
    """The claimed messages of one chat; ``blocked`` when a later one must not go now."""

    jobs: list[Job]
    # What the first of them is built from.
    draft: Draft | None = None
    blocked: bool = False
    # What will be written with somebody else's hand-over.
    written: "list[asyncio.Future[Any]]" = field(default_factory=list)


async def _all_done(writings: "Collection[asyncio.Future[Any]]") -> None:
    """Until all are written, also when we are being stopped meanwhile."""
    if not writings:
        return
    try:
        await asyncio.wait(writings)
    except asyncio.CancelledError:
        await asyncio.wait(writings)
        raise


def _claims(job: Job) -> set[tuple[int, int]]:
    return {(delivery_id, job.claim.epoch) for delivery_id in job.delivery_ids}
