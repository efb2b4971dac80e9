"""What processes on one machine share besides the database: lock files and the bell."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import cast

from pfinbox.daemon.locks import LockFile, Locks
from tests.faults.simulation.loop import PROCESS, Loop, Process


class SimulatedLocks(Locks):
    """Lock files without files: a dead process holds none, whatever it was called.

    ``visible=False``: as on several machines, where a lock proves nothing.
    """

    def __init__(self, *, visible: bool = True) -> None:
        self.visible = visible
        self.holders: dict[str, Process] = {}
        # Whose process each daemon's instance was, for good.
        self.processes: dict[str, Process] = {}

    def take(self, instance: str) -> LockFile:
        process = PROCESS.get()
        self.holders[instance] = self.processes[instance] = process
        return cast(LockFile, _Lock(self, instance, process))

    def process_of(self, row: Mapping[str, str]) -> Process:
        """Whose lease this row is."""
        return self.processes[row["instance"]]

    def locked(self, instance: str) -> bool | None:
        if not self.visible or instance not in self.holders:
            return None
        return self.holders[instance].alive

    def remove(self, instance: str) -> None:
        if PROCESS.get().alive:
            self.holders.pop(instance, None)


class _Lock:
    def __init__(self, locks: SimulatedLocks, instance: str, process: Process) -> None:
        self._locks = locks
        self._instance = instance
        self._process = process

    def drop(self, *, released: bool) -> None:
        if not self._process.alive:
            return
        if released:
            self._locks.holders.pop(self._instance, None)
        else:
            # Free, as of a process that is gone.
            gone = Process(self._process.name)
            gone.alive = False
            self._locks.holders[self._instance] = gone


class SimulatedBell:
    """Rings in every process a moment later; some rings are lost."""

    def __init__(self, loop: Loop, seed: str) -> None:
        self._loop = loop
        self._random = Random(f"{seed} bell")
        self.lost = 0.05
        self._listeners: dict[int, tuple[Process, asyncio.Event]] = {}

    def ring(self, _topics: Iterable[str]) -> None:
        if not PROCESS.get(self._loop.world).alive:
            return
        for process, woken in list(self._listeners.values()):
            if process.alive and self._random.random() >= self.lost:
                self._loop.call_later(self._random.uniform(0.0, 0.002), woken.set)

    def listen(self, woken: asyncio.Event) -> "_Listening":
        number = len(self._listeners) + 1
        while number in self._listeners:
            number += 1
        self._listeners[number] = (PROCESS.get(), woken)
        return _Listening(lambda: self._listeners.pop(number, None))


class _Listening:
    def __init__(self, close: Callable[[], object]) -> None:
        self.close = close
