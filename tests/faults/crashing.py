"""Within a daemon's process: an end, or an error, at one chosen moment of its work.

A moment is the n-th time that the process comes to a place: ``step`` (a coroutine goes on after an
await), ``statement`` (SQL is about to be carried out), or a named place of the program. The
program itself knows nothing of this: what is counted is hung in before it starts.
"""

import asyncio
import importlib
import os
import signal
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

# Where a message is on its way, in the order in which it passes: (module, function, which side).
POINTS = {
    "lease to begin": ("pfinbox.daemon.leases", "OwnLease.begin", "before"),
    "lease begun": ("pfinbox.daemon.leases", "OwnLease.begin", "after"),
    "lease renewed": ("pfinbox.daemon.leases", "OwnLease.renew", "after"),
    "batch to store": ("pfinbox.daemon.receiver", "Receiver._store_batch", "before"),
    "batch stored": ("pfinbox.daemon.receiver", "Receiver._store_batch", "after"),
    "updates to confirm": ("pfinbox.channels.telegram.poll", "Poller.confirm", "before"),
    "to commit": ("pfinbox.store.uow", "UnitOfWork.commit", "before"),
    "committed": ("pfinbox.store.uow", "UnitOfWork.commit", "after"),
    "claimed": ("pfinbox.daemon.outbound.connections", "Connections.load", "before"),
    "to hand over": ("pfinbox.daemon.outbound.committer", "Committer.hand_over", "before"),
    "stamp to write": ("pfinbox.daemon.outbound.stamp", "Stamps.write", "before"),
    "stamp written": ("pfinbox.daemon.outbound.stamp", "Stamps.write", "after"),
    "handed over": ("pfinbox.daemon.outbound.committer", "Committer.hand_over", "after"),
    "mail taken": ("pfinbox.channels.mail.account", "MailAccount.send", "after"),
    "message taken": ("pfinbox.channels.telegram.channel", "TelegramChannel.send", "after"),
    "taken to write": ("pfinbox.services.outbound.sending", "taken", "before"),
    "taken written": ("pfinbox.services.outbound.sending", "taken", "after"),
    "lease to end": ("pfinbox.daemon.leases", "OwnLease.end", "before"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """At the ``n``-th time at ``place``: ``kill``, ``term``, ``stop``, or ``fail`` a statement, or
    ``break`` with an error that nobody thought of.
    """

    place: str
    n: int
    what: str = "kill"
    # And at every n-th time after that.
    again: bool = False


SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "stop": signal.SIGSTOP}


class Counting:
    """Counts how often the process came to each place, and does what the moment says."""

    def __init__(self, moment: Moment | None) -> None:
        self.moment = moment
        self.counts: Counter[str] = Counter()

    def at(self, place: str) -> None:
        self.counts[place] += 1
        moment = self.moment
        if moment is None or place != moment.place:
            return
        count = self.counts[place]
        if count != moment.n and not (moment.again and count % moment.n == 0):
            return
        if moment.what == "fail":
            raise OperationalError(place, None, Exception("disk I/O error"))
        if moment.what == "break":
            raise RuntimeError(f"planted: {place}")
        os.kill(os.getpid(), SIGNALS[moment.what])


class Steps(Coroutine[Any, Any, Any]):
    """A coroutine of which each step is counted."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], counting: Counting) -> None:
        self._coroutine = coroutine
        self._at = counting.at
        self.__qualname__ = getattr(coroutine, "__qualname__", "a coroutine")
        self.__name__ = self.__qualname__

    def send(self, value: Any) -> Any:
        self._at("step")
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        self._at("step")
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._coroutine.__await__()


class Policy(asyncio.DefaultEventLoopPolicy):
    """Event loops whose tasks count their steps."""

    def __init__(self, counting: Counting) -> None:
        super().__init__()
        self._counting = counting

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()

        def task(of: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> Any:
            return asyncio.Task(Steps(coroutine, self._counting), loop=of, **more)

        loop.set_task_factory(task)
        return loop


def hang_in(moment: Moment | None) -> Counting:
    """Count from now on in this process."""
    counting = Counting(moment)
    asyncio.set_event_loop_policy(Policy(counting))

    @event.listens_for(Engine, "before_cursor_execute")
    def statement(*_what: Any) -> None:
        counting.at("statement")

    for name, (module, function, side) in POINTS.items():
        _surround(importlib.import_module(module), function, side, partial(counting.at, name))
    return counting


def _surround(module: Any, function: str, side: str, come: Callable[[], None]) -> None:
    *owners, name = function.split(".")
    owner = module
    for one in owners:
        owner = getattr(owner, one)
    original = getattr(owner, name)

    if not asyncio.iscoroutinefunction(original):

        @wraps(original)
        def called(*args: Any, **values: Any) -> Any:
            come()
            return original(*args, **values)

        setattr(owner, name, called)
        return

    @wraps(original)
    async def surrounded(*args: Any, **values: Any) -> Any:
        if side == "before":
            come()
        result = await original(*args, **values)
        if side == "after":
            come()
        return result

    setattr(owner, name, surrounded)
