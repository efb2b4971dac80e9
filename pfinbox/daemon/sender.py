"""Sending: claim what is due, hand it over, write down what became of it.

The promise is kept here: before the hand-over a failure means *again*, after it means *unknown*,
and unknown is never repeated by a program.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.process import this_machine
from pfinbox.daemon.stamp import StampFile
from pfinbox.daemon.waking import woken
from pfinbox.domain.channel import (
    AccountFailure,
    Channel,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from pfinbox.domain.reason import Reason
from pfinbox.domain.restoring import Stamp
from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.services import accounts, chatnews, claiming, composing, sending, standstill
from pfinbox.services.claiming import Job
from pfinbox.services.leases import Lease
from pfinbox.services.sending import LeaseLost
from pfinbox.store.uow import Store, UnitOfWork

log = logging.getLogger(__name__)

# Messages under way on one account at a time.
_ABREAST = 4
# Without news from the store it looks again after so many seconds.
_LOOK = 15.0


class Sender:
    """The outbox of one daemon; ``channels`` (by account id) may change while it runs."""

    def __init__(self, store: Store, lease: Lease, channels: Mapping[int, Channel]) -> None:
        self._store = store
        self._lease = lease
        self._channels = channels
        self._jobs: set[asyncio.Task[None]] = set()
        self._gates: dict[int, asyncio.Semaphore] = {}
        self._stopping = False
        self._stamp: StampFile | None = None
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

    async def stop(self, seconds: float) -> None:
        """Claim nothing more; what is still under way after ``seconds`` becomes unknown."""
        self._stopping = True
        self.wake.set()
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=seconds)
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _look(self) -> float:
        """Claim and start what is due; returns the seconds until the next look (0: at once)."""
        lease = self._lease
        stamp = await self._read_stamp()

        async def look(uow: UnitOfWork) -> tuple[standstill.Look, list[Job]]:
            looked = await standstill.look(uow, stamp, this_machine())
            # While sending is held, there is nothing to claim.
            return looked, await claiming.claim(uow, lease.id, lease.epoch)

        looked, jobs = await self._store.run(look)
        await self._looked(stamp, looked)
        for job in jobs:
            task = asyncio.create_task(self._limited(job))
            self._jobs.add(task)
            task.add_done_callback(self._ended)
        if jobs:
            return 0.0
        async with self._store.read() as uow:
            due = await claiming.next_due(uow, lease.id)
        return min(_LOOK, due + 0.01) if due is not None else _LOOK

    async def look_first(self) -> None:
        """Before anything of this daemon acts outside: whether it may, with this database."""
        stamp = await self._read_stamp()
        looked = await self._store.run(lambda uow: standstill.look(uow, stamp, this_machine()))
        await self._looked(stamp, looked)

    async def _looked(self, stamp: Stamp | None, looked: standstill.Look) -> None:
        if stamp != looked.stamp:
            await self._first_stamp(looked.stamp)
        self._say(looked.held)

    async def _read_stamp(self) -> Stamp | None:
        """Before the transaction that looks whether the database is older than it."""
        if self._stamp is None:
            async with self._store.read() as uow:
                self._stamp = StampFile(self._store, await standstill.store_id(uow))
        try:
            return await asyncio.to_thread(self._stamp.read)
        except OSError as error:
            raise StoreError(_no_stamp(self._stamp, error)) from error

    async def _write_stamp(self, number: int) -> None:
        """The stamp must know of a hand-over before it happens."""
        file = self._stamp
        if file is None:
            raise AssertionError("it was read before anything was claimed")
        try:
            await asyncio.to_thread(file.write, number)
        except OSError as error:
            reason = Reason("internal_error", {"detail": _no_stamp(file, error)})
            raise TemporaryFailure(reason) from error

    async def _first_stamp(self, stamp: Stamp) -> None:
        try:
            await self._write_stamp(stamp.handed_over)
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

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        self.wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a delivery ended with a fault of ours", exc_info=error)

    async def _limited(self, job: Job) -> None:
        gate = self._gates.setdefault(job.account_id, asyncio.Semaphore(_ABREAST))
        async with gate:
            await self._send(job)

    async def _send(self, job: Job) -> None:
        channel = self._channels.get(job.account_id)
        if channel is None:
            await self._write(lambda uow: sending.give_back(uow, job))
            return
        for part_id in job.part_ids:
            if not await self._part(job, part_id, channel):
                return

    async def _part(self, job: Job, part_id: int, channel: Channel) -> bool:
        """Hand one part over; False when the rest of the message must not follow now."""
        handed = False

        async def transmitting() -> None:
            nonlocal handed
            number = await self._store.run(
                lambda uow: sending.transmitting(
                    uow, self._lease.id, self._lease.epoch, job, part_id, source_id
                )
            )
            await self._write_stamp(number)
            handed = True

        source_id: str | None = None
        try:
            async with self._store.read() as uow:
                outgoing, nonce = await composing.outgoing(uow, job, part_id)
            source_id = outgoing.source_id or channel.mint(outgoing.reply_token or "", nonce)
            sent = await channel.send(replace(outgoing, source_id=source_id), transmitting)
        except LeaseLost:
            await self._write(lambda uow: sending.give_back(uow, job))
            return False
        except TemporaryFailure as error:
            await self._not_now(job, part_id, error.reason, error.retry_after, error.refused)
            return False
        except AccountFailure as error:
            reason = error.reason
            await self._write(lambda uow: accounts.set_state(uow, job.account_id, "failed", reason))
            await self._not_now(job, part_id, reason, None)
            return False
        except PermanentFailure as error:
            await self._never(job, part_id, error)
            return False
        except UnknownOutcome as error:
            reason = error.reason
            await self._write(lambda uow: sending.perhaps(uow, job, part_id, reason))
            return False
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
            return False
        jitter = random.random()  # noqa: S311
        await self._write(lambda uow: sending.part_sent(uow, job, part_id, sent, jitter))
        return True

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
            await sending.never(uow, job, part_id, error.reason)
            if not error.chat_writable and job.chat_id is not None:
                await chatnews.set_writable(uow, job.chat_id, False, error.reason)

        await self._write(write)

    async def _write(self, use_case: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        """What became of a delivery must be written, even while we are being stopped.

        If the database is gone for good, the next daemon finds it as transmitting: unknown.
        """
        writing = asyncio.create_task(self._until_written(use_case))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise

    async def _until_written(self, use_case: Callable[[UnitOfWork], Awaitable[None]]) -> None:
        backoff = Backoff(first=0.2, longest=10.0)
        for _attempt in range(20):
            try:
                await self._store.run(use_case)
                return
            except StoreError as error:
                log.error("what became of a delivery cannot be written yet: %s", error)
                await asyncio.sleep(backoff.next())


def _no_stamp(file: StampFile, error: OSError) -> str:
    return _("{path} cannot be used: {detail}").format(path=file.path, detail=error.strerror)
