"""The faults of a history: which kinds there are, and when each begins and ends, by the seed."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.faults.simulation.database import Disk
from tests.faults.simulation.loop import Process

if TYPE_CHECKING:
    from tests.faults.simulation.history import History


@dataclass(frozen=True, slots=True)
class Plan:
    """What kind of history it is: each has some kinds of faults only, so that each kind is alone
    now and then.
    """

    seed: int
    daemons: int
    seconds: float
    # Seconds between what clients do, and what agents do.
    pause: float
    # Seconds between faults.
    between: float
    kinds: tuple[str, ...]
    locks_visible: bool
    # The share of messages in whose sending something befalls the daemon.
    moments: float

    @classmethod
    def drawn(cls, seed: int) -> "Plan":
        random = Random(f"{seed} plan")
        kinds = tuple(kind for kind in sorted(_KINDS) if random.random() < 0.5)
        return cls(
            seed,
            daemons=random.choice((1, 2, 2, 3)),
            seconds=random.choice((20.0, 40.0, 60.0)),
            pause=random.choice((1.0, 3.0)),
            between=random.choice((3.0, 8.0)),
            kinds=kinds or ("kill",),
            locks_visible=random.random() < 0.7,
            moments=random.choice((0.03, 0.2)),
        )

    def skew(self, place: str) -> float:
        """How wrong the clock of a process is, in seconds."""
        return Random(f"{self.seed} {place} clock").choice((0.0, 0.0, 0.4, -0.4))


class Trouble:
    """Makes faults; ``end`` takes back all that still last."""

    def __init__(self, history: "History", seed: str) -> None:
        self._history = history
        self._random = Random(f"{seed} trouble")
        self.disk = Disk(seed)
        self._backs: dict[int, Callable[[], None]] = {}
        self._n = 0
        self._over = False

    async def make(self, seconds: float) -> None:
        loop, plan = self._history.loop, self._history.plan
        net = self._history.network
        if "lossy" in plan.kinds:
            net.breaks, net.loses_answers, net.refuses, net.repeats = 0.03, 0.05, 0.05, 0.1
        if "slow" in plan.kinds:
            self.disk.slow = 0.4
        if _AMID & set(plan.kinds):
            net.befalls, net.moments = self._befall, plan.moments
        until = loop.time() + seconds
        able = [kind for kind in plan.kinds if kind not in ("lossy", "slow", "undo")]
        while loop.time() < until:
            await asyncio.sleep(self._random.expovariate(1 / plan.between))
            if able:
                _KINDS[self._random.choice(able)](self)

    def end(self) -> None:
        """Everything works again."""
        self._over = True
        net = self._history.network
        net.breaks = net.loses_answers = net.refuses = net.repeats = net.moments = 0.0
        self.disk.slow, self.disk.broken = 0.1, 0.0
        for process in self._history.running.values():
            process.fuse = None
        for number in sorted(self._backs):
            self._back(number)

    def ended(self, place: str) -> None:
        """A process ended by itself or was told to: as under a service manager it begins again."""
        self._history.running.pop(place, None)
        if not self._over:
            self._lasts(self._random.uniform(1.0, 5.0), lambda: self._begin(place))
        elif not self._history.is_ending:
            self._begin(place)

    def _begin(self, place: str) -> None:
        if place not in self._history.running:
            self._history.start(place)

    def _lasts(self, seconds: float, back: Callable[[], None]) -> None:
        self._n += 1
        self._backs[self._n] = back
        # By the world's hand: whoever stands still does not wake by itself.
        self._history.loop.call_later(seconds, self._back, self._n, context=Context())

    def _back(self, number: int) -> None:
        back = self._backs.pop(number, None)
        if back is not None:
            back()

    def _say(self, sentence: str) -> None:
        self._history.say(f"fault: {sentence}")

    def _anyone(self) -> tuple[str, Process] | None:
        running = sorted(self._history.running.items())
        return self._random.choice(running) if running else None

    def _at_a_step(self, process: Process, do: Callable[[], None]) -> None:
        """At once, or at one of the next things that the process does."""
        if self._random.random() < 0.2:
            do()
            return
        process.fuse = 1 + int(self._random.expovariate(1 / 60))
        process.on_fuse = do

    def _befall(self, process: Process, nonce: str) -> None:
        """In the middle of sending a part, where it matters most."""
        place = process.name
        if self._history.running.get(place) is not process:
            return
        kind = self._random.choice([one for one in self._history.plan.kinds if one in _AMID])
        if kind == "undo":
            self._history.undo(nonce)
        elif kind == "kill":
            process.fuse, process.on_fuse = 1, self._death(place, process)
        elif kind == "pause":
            # Also between the commit of a hand-over and the message itself.
            process.fuse = self._random.choice((1, 1 + int(self._random.expovariate(1 / 15))))
            process.on_fuse = self._stillness(place, process)
        else:
            self._cut_off(place, process)

    # --- kinds --------------------------------------------------------------------------------

    def _kill(self) -> None:
        if (one := self._anyone()) is not None:
            self._at_a_step(one[1], self._death(*one))

    def _death(self, place: str, process: Process) -> Callable[[], None]:
        again = self._random.choice((0.5, 3.0, 15.0, 40.0))

        def die() -> None:
            if self._history.running.get(place) is process:
                self._history.kill(place)
                if not self._over:
                    self._lasts(again, lambda: self._begin(place))

        return die

    def _pause(self) -> None:
        if (one := self._anyone()) is not None:
            self._at_a_step(one[1], self._stillness(*one))

    def _stillness(self, place: str, process: Process) -> Callable[[], None]:
        seconds = self._random.choice((0.5, 5.0, 15.0, 25.0, 35.0))

        def stand() -> None:
            if process.alive and not process.paused and not self._over:
                self._say(f"{place} stands still for {seconds} s")
                process.paused = process.disturbed = True
                if self._is_held():
                    # In the middle of a transaction: nobody else writes, nor sends a heartbeat.
                    for other in self._history.running.values():
                        other.disturbed = True
                self._lasts(seconds, wake)

        def wake() -> None:
            if process.alive:
                self._say(f"{place} goes on")
                process.paused = False

        return stand

    def _is_held(self) -> bool:
        """Whether somebody holds the database's write lock."""
        raw = sqlite3.connect(self._history.store_path, isolation_level=None, timeout=0)
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        finally:
            raw.close()
        return False

    def _stop(self) -> None:
        if (one := self._anyone()) is not None:
            place, process = one

            def stop() -> None:
                # What is left of a daemon that has ended still takes steps.
                if self._history.running.get(place) is process:
                    self._history.stop(place)

            self._at_a_step(process, stop)

    def _cut(self) -> None:
        if (one := self._anyone()) is not None:
            self._cut_off(*one)

    def _cut_off(self, place: str, process: Process) -> None:
        """A process loses the database, and not the other side."""
        seconds = self._random.choice((2.0, 15.0, 30.0))
        self._say(f"{place} is cut from the database for {seconds} s")
        process.disturbed = True
        self.disk.cut.add(process)
        self._lasts(seconds, lambda: self.disk.cut.discard(process))

    def _broken_disk(self) -> None:
        seconds = self._random.choice((0.5, 3.0))
        self._say(f"the disk fails now and then for {seconds} s")
        self.disk.broken = self._random.choice((0.02, 0.2))
        self._lasts(seconds, lambda: setattr(self.disk, "broken", 0.0))

    def _locked(self) -> None:
        """Another program holds the database."""
        seconds = self._random.choice((0.5, 5.0, 12.0))
        raw = sqlite3.connect(self._history.store_path, isolation_level=None, timeout=0)
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raw.close()
            return
        self._say(f"another program holds the database for {seconds} s")
        self._lasts(seconds, raw.close)

    def _outage(self) -> None:
        net = self._history.network
        account = self._random.choice(sorted(self._history.sides))
        seconds = self._random.choice((1.0, 8.0, 25.0))
        self._say(f"{account} cannot be reached for {seconds} s")
        net.down.add(account)
        self._lasts(seconds, lambda: net.down.discard(account))

    def _renumber(self) -> None:
        self._say("the mailbox is numbered anew")
        self._history.sides["support"].renumber()


_KINDS: dict[str, Callable[[Trouble], None]] = {
    "broken disk": Trouble._broken_disk,
    "cut": Trouble._cut,
    "kill": Trouble._kill,
    "locked": Trouble._locked,
    "lossy": lambda _trouble: None,
    "outage": Trouble._outage,
    "pause": Trouble._pause,
    "renumber": Trouble._renumber,
    "slow": lambda _trouble: None,
    "stop": Trouble._stop,
    "undo": lambda _trouble: None,
}
# What may happen in the middle of sending: to the daemon, or the author takes the comment back.
_AMID = {"cut", "kill", "pause", "undo"}
