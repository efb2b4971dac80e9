"""State writes of deliveries that are due at one moment share a transaction (group commit).

Messages on several connections come to their hand-over, or are taken, at about the same time: one
transaction, one flush of the disk and one stamp do for all of them. What became of a delivery is
written before the next hand-over, and again until it is written; a hand-over that cannot be
written fails, as nothing has left.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.outbound.stamp import NotHandedOver, Stamps
from pfinbox.daemon.waking import woken
from pfinbox.errors import StoreError
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.services.outbound import sending
from pfinbox.services.outbound.sending import HandOver, LeaseLost, Taken
from pfinbox.store.uow import Store, UnitOfWork

log = logging.getLogger(__name__)

T = TypeVar("T")
# So long, in seconds, a transaction waits for the connections that are at work.
_GATHER = 0.05

UseCase = Callable[[UnitOfWork], Awaitable[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting(Generic[T]):
    """Something to write, and whoever waits for it."""

    what: T
    done: "asyncio.Future[Any]"


class Committer:
    """Writes what one daemon's connections bring; ``close`` gives up what is not written."""

    def __init__(
        self, store: Store, stamps: Stamps, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._store = store
        self._stamps = stamps
        self._sleep = sleep
        self._taken: list[_Waiting[Taken]] = []
        self._writes: list[_Waiting[UseCase]] = []
        self._hand_overs: list[_Waiting[HandOver]] = []
        self._running: asyncio.Task[None] | None = None
        # How many connections are at work, each of which will bring something to write.
        self._connections = 0
        self._all_here = asyncio.Event()

    @contextmanager
    def connection(self) -> Iterator[None]:
        """While a connection works on a message, the others wait a moment for it."""
        self._connections += 1
        try:
            yield
        finally:
            self._connections -= 1
            self._look_round()

    async def hand_over(self, message: HandOver) -> None:
        """Returns when the message may leave; raises LeaseLost, StoreError or NotHandedOver."""
        await self._add(self._hand_overs, message)

    def taken(self, message: Taken) -> "asyncio.Future[Any]":
        """A future that is done when the write is committed, however long that takes."""
        return self._add(self._taken, message)

    def write(self, use_case: UseCase) -> "asyncio.Future[Any]":
        """A future that is done when the write is committed, with what the use case returns."""
        return self._add(self._writes, use_case)

    def close(self) -> None:
        if self._running is not None:
            self._running.cancel()

    def _add(self, waiting: list[_Waiting[T]], what: T) -> "asyncio.Future[Any]":
        done = asyncio.get_running_loop().create_future()
        waiting.append(_Waiting(what, done))
        self._look_round()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return done

    async def settled(self) -> None:
        """Return when all writes handed in so far are committed."""
        known = [*(one.done for one in self._taken), *(one.done for one in self._writes)]
        if known:
            await asyncio.wait(known)

    async def _run(self) -> None:
        backoff = Backoff(first=0.2, longest=10.0)
        alone = 0
        try:
            while self._taken or self._writes or self._hand_overs:
                await self._gathered()
                group = self._group(alone=alone > 0)
                alone -= 1
                try:
                    await self._write_all(group)
                    backoff.reset()
                except StoreError as error:
                    if self._taken or self._writes:
                        log.error("what became of a delivery cannot be written yet: %s", error)
                        await self._sleep(backoff.next())
                except Exception as error:
                    # Our fault in one write must not take the other writes along.
                    log.error("written one by one now, as one is at fault", exc_info=error)
                    alone = len(group)
                    if alone == 1:
                        self._drop(group, error)
        finally:
            left: list[_Waiting[Any]] = [*self._taken, *self._writes, *self._hand_overs]
            for one in left:
                one.done.cancel()

    async def _gathered(self) -> None:
        """Wait until every connection at work has brought its write, or no more will come."""
        here = -1
        while here < (here := len(self._hand_overs) + len(self._writes)) < self._connections:
            self._look_round()
            await woken(self._all_here, _GATHER)

    def _look_round(self) -> None:
        """See whether a connection at work has not brought its write yet."""
        if len(self._hand_overs) + len(self._writes) >= self._connections:
            self._all_here.set()
        else:
            self._all_here.clear()

    def _group(self, *, alone: bool) -> "_Group":
        self._hand_overs = [one for one in self._hand_overs if not one.done.done()]
        if not alone:
            return _Group(self._taken[:], self._writes[:], self._hand_overs[:])
        taken, writes = self._taken[:1], self._writes[:1]
        writes = [] if taken else writes
        return _Group(taken, writes, [] if taken or writes else self._hand_overs[:1])

    async def _write_all(self, group: "_Group") -> None:
        try:
            results, leaving, number = await self._store.run(group.write)
        except StoreError as error:
            self._hand_overs = self._hand_overs[len(group.hand_overs) :]
            _fail(group.hand_overs, error)
            raise
        self._drop(group)
        for done in group.taken:
            _end(done, None)
        for one, result in zip(group.writes, results, strict=True):
            _end(one, result)
        try:
            if leaving:
                await self._stamps.write(number)
        except NotHandedOver as error:
            _fail(group.hand_overs, error)
        for message in group.hand_overs:
            if message.what.part_id in leaving:
                _end(message, None)
            else:
                _fail([message], LeaseLost(_("another daemon serves this account now")))

    def _drop(self, group: "_Group", error: Exception | None = None) -> None:
        del self._taken[: len(group.taken)]
        del self._writes[: len(group.writes)]
        del self._hand_overs[: len(group.hand_overs)]
        if error is not None:
            _fail([*group.taken, *group.writes, *group.hand_overs], error)


@record
class _Group:
    """The writes that go into one transaction, in this order."""

    taken: list[_Waiting[Taken]]
    writes: list[_Waiting[UseCase]]
    hand_overs: list[_Waiting[HandOver]]

    def __len__(self) -> int:
        return len(self.taken) + len(self.writes) + len(self.hand_overs)

    async def write(self, uow: UnitOfWork) -> tuple[list[Any], set[int], int]:
        """What the writes return, the parts that may leave, and the number for the stamp."""
        if self.taken:
            await sending.taken(uow, [one.what for one in self.taken])
        results = [await one.what(uow) for one in self.writes]
        if not self.hand_overs:
            return results, set(), 0
        leaving, number = await sending.hand_over(uow, [one.what for one in self.hand_overs])
        return results, leaving, number


def _end(one: _Waiting[Any], result: object) -> None:
    if not one.done.done():
        one.done.set_result(result)


def _fail(waiting: Iterable[_Waiting[Any]], error: Exception) -> None:
    for one in waiting:
        if not one.done.done():
            one.done.set_exception(error)
