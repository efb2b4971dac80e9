"""What this daemon has done since its start, counted: for ``/metrics``."""

import asyncio
import os
import resource
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pfinbox.daemon.health.timing import Timing
from pfinbox.domain.health.happened import Happened
from pfinbox.domain.health.metrics import Metric, Sample, single
from pfinbox.store.uow import Store

# Seconds; what comes later than the last one is counted as +Inf.
_DELAYS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
_PAUSE = 0.5
# How a delivery ends, as its states are called.
_ENDS = ("sent", "failed", "unknown")


@dataclass
class Histogram:
    """How many values were at most so large."""

    bounds: tuple[float, ...] = _DELAYS
    counts: list[int] = field(default_factory=lambda: [0] * (len(_DELAYS) + 1))
    total: float = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def metric(self, name: str, help_: str) -> Metric:
        samples, below = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            below += count
            samples.append(Sample(below, {"le": bound}, "_bucket"))
        samples += [Sample(self.total, {}, "_sum"), Sample(below, {}, "_count")]
        return Metric(name, "histogram", help_, samples)


@dataclass
class Figures:
    """Counts what happens; ``accounts``: names by id."""

    accounts: Mapping[int, str]
    _received: Counter[tuple[str, str]] = field(default_factory=Counter)
    _ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lag: dict[str, float] = field(default_factory=dict)
    _loop: Histogram = field(default_factory=Histogram)
    _database: Timing | None = None
    _began: float = field(default_factory=time.time)

    def count(self, happened: Iterable[Happened]) -> None:
        """A listener of the store."""
        for one in happened:
            self._count(one)

    def _count(self, happened: Happened) -> None:
        facts = happened.facts
        account = self.accounts.get(int(facts["account"] or 0), "")
        if happened.kind == "received":
            self._received[account, str(facts["state"])] += 1
            if facts["lag"] is not None:
                self._lag[account] = float(facts["lag"])
        elif facts["state"] in _ENDS:
            self._ended[account, str(facts["state"])] += 1

    def time(self, store: Store) -> None:
        """Measure the database from now on."""
        self._database = Timing(store)

    def __post_init__(self) -> None:
        # A counter that is there from the start shows its first step, too.
        for account in self.accounts.values():
            self._received[account, "shown"] = 0
            for end in _ENDS:
                self._ended[account, end] = 0

    async def watch_loop(self, stop: asyncio.Event) -> None:
        """Measure how late the event loop comes to what is due, until ``stop``."""
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            due = loop.time() + _PAUSE
            await asyncio.sleep(_PAUSE)
            self._loop.add(max(loop.time() - due, 0.0))

    def metrics(self) -> Iterator[Metric]:
        """All of them, as they are now."""
        yield Metric(
            "pfinbox_received_total",
            "counter",
            "What was received since the daemon's start, by what became of it.",
            _samples(self._received, "account", "state"),
        )
        yield Metric(
            "pfinbox_deliveries_total",
            "counter",
            "Deliveries that were sent, failed or are unknown since the daemon's start.",
            _samples(self._ended, "account", "state"),
        )
        yield Metric(
            "pfinbox_receive_lag_seconds",
            "gauge",
            "How late the last message was stored, by the other side's clock.",
            [Sample(lag, {"account": account}) for account, lag in self._lag.items()],
        )
        yield self._loop.metric(
            "pfinbox_loop_delay_seconds", "How late the event loop came to what was due."
        )
        if self._database is not None:
            yield single(
                "pfinbox_database_statements_total",
                "counter",
                "Statements that the database has carried out for the daemon.",
                self._database.statements,
            )
            yield single(
                "pfinbox_database_seconds_total",
                "counter",
                "How long the daemon has waited for them.",
                self._database.seconds,
            )
        yield from _process(self._began)


def _samples(counted: Counter[tuple[str, str]], *names: str) -> list[Sample]:
    return [Sample(n, dict(zip(names, key, strict=True))) for key, n in sorted(counted.items())]


def _process(began: float) -> Iterator[Metric]:
    """This process, by the names that Prometheus' own clients use."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    yield single("process_cpu_seconds_total", "counter", "CPU time of the daemon.", cpu)
    yield single("process_start_time_seconds", "gauge", "When the daemon began.", began)
    yield single("process_resident_memory_bytes", "gauge", "Its memory.", _resident(used.ru_maxrss))
    yield single("process_open_fds", "gauge", "Its open files.", _open_files())


def _resident(highest: int) -> int:
    """Now where the system tells, else the most that it ever was."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return highest * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def _open_files() -> int:
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            return len(os.listdir(folder))
        except OSError:
            continue
    return 0
