"""Sending: claim what is due, hand it over, write down what became of it.

The promise is kept here: before the hand-over a failure means *again*, after it means *unknown*,
and unknown is never repeated by a program. What came of it is kept in memory until it is written;
whatever is under way in the store and in nobody's memory is taken up again at the next look.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.process import this_machine
from pfinbox.daemon.stamp import Stamps
from pfinbox.daemon.waking import woken
from pfinbox.daemon.written import until_written
from pfinbox.domain.contract.channel import (
    AccountFailure,
    Channel,
    ChannelError,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.outbound.restoring import Stamp
from pfinbox.errors import StoreError
from pfinbox.services import accounts
from pfinbox.services.inbound import chat_events
from pfinbox.services.outbound import (
    claiming,
    message_building,
    restore_guard,
    send_recovery,
    sending,
)
from pfinbox.services.outbound.claiming import Job
from pfinbox.services.outbound.sending import LeaseLost
from pfinbox.services.system.leases import Lease
from pfinbox.store.uow import Store, UnitOfWork

log = logging.getLogger(__name__)

T = TypeVar("T")

# Messages under way on one account at a time.
_ABREAST = 4
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
        self._sleep = sleep
        self._lease = lease
        self._channels = channels
        self._jobs: set[asyncio.Task[None]] = set()
        # Every delivery of these jobs, with the epoch of its claim.
        self._owned: set[tuple[int, int]] = set()
        self._writings: set[asyncio.Task[object]] = set()
        self._gates: dict[int, asyncio.Semaphore] = {}
        self._stopping = False
        self._stamp = Stamps(store)
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
            if wait > 0:
                await woken(self.wake, wait)

    async def run_once(self) -> None:
        """Send until nothing is due; back-offs wait for the next run."""
        more = True
        while more:
            # A hand-over that ends while we look may free what that look could not claim yet.
            under_way = bool(self._jobs)
            more = await self._look() == 0.0 or under_way
            if self._jobs:
                await asyncio.wait(self._jobs, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self, seconds: float, last_words: float = _LAST_WORDS) -> None:
        """Claim nothing more; what is still under way after ``seconds`` becomes unknown.

        ``last_words``: so long it may take to write that down.
        """
        self._stopping = True
        self.wake.set()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=seconds)
        for job in self._jobs:
            job.cancel()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=last_words)
        # If the database is gone for good, the next daemon finds what was handed over: unknown.
        for writing in self._writings:
            writing.cancel()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=0.5)

    async def _look(self) -> float:
        """Claim and start what is due; returns the seconds until the next look (0: at once)."""
        lease = self._lease
        stamp = await self._stamp.read()
        # Taken before the transaction: whatever ends meanwhile is written before it is left out.
        owned = frozenset(self._owned)

        async def look(uow: UnitOfWork) -> tuple[restore_guard.Look, list[Job]]:
            looked = await restore_guard.look(uow, stamp, this_machine())
            await send_recovery.recover_unowned(uow, lease.id, owned)
            # While sending is held, there is nothing to claim.
            return looked, await claiming.claim(uow, lease.id)

        looked, jobs = await self._store.run(look)
        await self._looked(stamp, looked)
        for job in jobs:
            task = asyncio.create_task(self._limited(job))
            self._jobs.add(task)
            self._owned |= _claims(job)
            task.add_done_callback(partial(self._ended, job))
        if jobs:
            return 0.0
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

    def _ended(self, job: Job, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        self._owned -= _claims(job)
        self.wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a delivery ended with a fault of ours", exc_info=error)

    async def _limited(self, job: Job) -> None:
        gate = self._gates.setdefault(job.account_id, asyncio.Semaphore(_ABREAST))
        try:
            await gate.acquire()
        except asyncio.CancelledError:
            await self._write(lambda uow: sending.give_back(uow, job))
            raise
        try:
            await self._send(job)
        finally:
            gate.release()

    async def _send(self, job: Job) -> None:
        channel = self._channels.get(job.account_id)
        if channel is None or self._stopping:
            await self._write(lambda uow: sending.give_back(uow, job))
            return
        rest: Job | None = job
        for part_id in job.part_ids:
            if rest is not None:
                rest = await self._part(rest, part_id, channel)

    async def _part(self, claimed: Job, part_id: int, channel: Channel) -> Job | None:
        """Hand one part over; what of the job goes on, None when nothing must follow now."""
        handed = False
        job = claimed

        async def transmitting(turned_away: Mapping[str, ChannelError] | None = None, /) -> None:
            nonlocal handed, job
            jitter = random.random()  # noqa: S311
            job, number = await self._store.run(
                lambda uow: sending.transmitting(
                    uow, claimed, part_id, source_id, turned_away, jitter
                )
            )
            await self._stamp.write(number)
            handed = True

        source_id: str | None = None
        try:
            async with self._store.read() as uow:
                outgoing, nonce = await message_building.outgoing(uow, job, part_id)
            source_id = outgoing.source_id or channel.mint(outgoing.reply_token or "", nonce)
            sent = await channel.send(replace(outgoing, source_id=source_id), transmitting)
        except LeaseLost:
            await self._write(lambda uow: sending.give_back(uow, job))
            return None
        except TemporaryFailure as error:
            await self._not_now(job, part_id, error.reason, error.retry_after, error.refused)
            return None
        except AccountFailure as error:
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
                await self._write(lambda uow: sending.give_back(uow, job))
            else:
                log.exception("delivery of comment %s failed", job.comment_id)
                reason = Reason("internal_error", {"detail": type(error).__name__})
                await self._not_now(job, part_id, reason, None)
            if isinstance(error, asyncio.CancelledError):
                raise
            return None
        goes_on = await self._write(lambda uow: sending.part_sent(uow, job, part_id, sent))
        return job if goes_on else None

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

    async def _write(self, use_case: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """What became of a delivery must be written, even while we are being stopped."""
        writing = asyncio.create_task(
            until_written(self._store, use_case, "what became of a delivery", self._sleep)
        )
        self._writings.add(writing)
        writing.add_done_callback(self._writings.discard)
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait({writing})
            raise


def _claims(job: Job) -> set[tuple[int, int]]:
    return {(delivery_id, job.claim.epoch) for delivery_id in job.delivery_ids}
