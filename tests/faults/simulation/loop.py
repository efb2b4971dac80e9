"""An event loop of virtual time on which several simulated processes run, in a seeded order.

Within a process callbacks run in asyncio's own order, which programs may rely on; which process
runs next is the seed's choice, as is how long everything takes. When nothing is ready, time jumps
to the next timer.
"""

import asyncio
import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar, TypeVarTuple, cast

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

# More callbacks than any history needs: something goes round and round without time passing.
_ENDLESS = 1_000_000


class Stuck(AssertionError):
    """Nothing is ready, nothing waits for a moment, and the history has not ended."""


class Process:
    """One process of the simulated machine: it can be paused, and killed at any of its steps."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.paused = False
        # Something kept it from its work, and others may take it for dead.
        self.disturbed = False
        self.ready: deque[asyncio.Handle] = deque()
        # After so many steps (callbacks, statements) ``on_fuse`` is called: a kill, a pause.
        self.fuse: int | None = None
        self.on_fuse: Callable[[], None] = lambda: None
        # What the kernel does when it dies: files are closed, locks freed.
        self.at_death: list[Callable[[], None]] = []

    def step(self) -> None:
        """One step; a process that dies at it goes no further."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse <= 0:
                self.fuse = None
                self.on_fuse()
        self.must_live()

    def must_live(self) -> None:
        """Nothing that a dead process still does, unwinding, reaches the outside."""
        if not self.alive:
            raise asyncio.CancelledError


PROCESS: ContextVar[Process] = ContextVar("PROCESS")


class Task(asyncio.Task[T]):
    """A task whose place in a set does not depend on where it lies in memory."""

    def __init__(self, coro: Any, *, serial: int, process: Process, **values: Any) -> None:
        self.serial = serial
        self.process = process
        super().__init__(coro, **values)

    def __hash__(self) -> int:
        return self.serial


class Future(asyncio.Future[T]):
    """The same for a future."""

    def __init__(self, *, serial: int, loop: asyncio.AbstractEventLoop) -> None:
        self.serial = serial
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self.serial


class Loop(asyncio.BaseEventLoop):
    """The loop; ``time()`` is in seconds since its beginning."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self.random = random.Random(f"{seed} loop")
        self.steps = 0
        self._now = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle, Process]] = []
        self._serials = itertools.count(1)
        self.world = Process("world")
        self.processes = [self.world]

    def add_process(self, name: str) -> Process:
        process = Process(name)
        self.processes.append(process)
        return process

    def spawn(self, process: Process, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start what a process does first."""
        context = copy_context()
        context.run(PROCESS.set, process)
        return self.create_task(coro, context=context)

    def kill(self, process: Process) -> None:
        """As kill -9: it takes no further step, and nothing it did not commit is there.

        Its tasks are unwound, as Python wants that, but reach nothing outside any more.
        """
        process.alive = process.paused = False
        process.fuse = None
        for undo in process.at_death:
            undo()
        for task in self.tasks_of(process):
            # What gives a connection back to SQLAlchemy finds it closed, and comes to its end.
            if getattr(task.get_coro(), "__name__", "") != "greenlet_spawn":
                task.cancel()

    def tasks_of(self, process: Process) -> list[asyncio.Task[Any]]:
        found = [
            one
            for one in asyncio.all_tasks(self)
            if isinstance(one, Task) and one.process is process
        ]
        return sorted(found, key=hash)

    # --- what asyncio asks of a loop ----------------------------------------------------------

    def time(self) -> float:
        return self._now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        context = context if context is not None else copy_context()
        handle = asyncio.Handle(callback, args, self, context)
        context.get(PROCESS, self.world).ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        context = context if context is not None else copy_context()
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        process = context.get(PROCESS, self.world)
        heapq.heappush(self._timers, (when, next(self._serials), handle, process))
        return handle

    def _timer_handle_cancelled(self, _handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is passed over when its time has come."""

    def create_future(self) -> asyncio.Future[Any]:
        return Future(serial=next(self._serials), loop=self)

    def create_task(  # type: ignore[override]
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        process = (context or copy_context()).get(PROCESS, self.world)
        serial = next(self._serials)
        return Task(coro, serial=serial, process=process, loop=self, name=name, context=context)

    def run_in_executor(  # type: ignore[override]
        self, _executor: Any, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """A thread's work, done here after a while; whoever waits may be gone by then."""
        process = PROCESS.get(self.world)
        future: asyncio.Future[T] = self.create_future()

        def work() -> None:
            if not process.alive:
                future.cancel()
                return
            try:
                result = func(*args)
            except Exception as error:
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        self.call_later(self.random.choice((0.0, 0.0, 0.001, 0.02)), work)
        return future

    def _run_once(self) -> None:
        able = [one for one in self.processes if one.ready and not one.paused]
        if not able:
            self._pass_time()
            return
        process = able[0] if len(able) == 1 else able[self.random.randrange(len(able))]
        handle = process.ready.popleft()
        if handle.cancelled():
            return
        self.steps += 1
        if self.steps > _ENDLESS:
            raise Stuck(f"endless at {self._now:.3f}: {handle!r}")
        if process.fuse is not None and process.alive:
            try:
                process.step()
            except asyncio.CancelledError:
                # It died before this step; what waits in it is unwound.
                process.ready.appendleft(handle)
                return
            if process.paused:
                process.ready.appendleft(handle)
                return
        cast(Any, handle)._run()

    def _pass_time(self) -> None:
        """Time jumps to the next timer; all that are due then become ready, in their order."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise Stuck(f"nothing more happens after {self._now:.3f}")
        self._now = max(self._now, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self._now:
            _when, _n, handle, process = heapq.heappop(self._timers)
            if not handle.cancelled():
                process.ready.append(handle)
