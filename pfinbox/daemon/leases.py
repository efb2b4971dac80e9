"""This daemon's lease from its start to its end, and what it sees of the other daemons.

Nothing that another machine, container or process could have as well (pid, host name, boot id)
proves that a daemon lives or is dead: only its lock file does, and whether its heart goes on
beating by this daemon's own clock.
"""

import contextlib
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pfinbox.daemon.locks import LockFile, Locks
from pfinbox.daemon.process import this_process
from pfinbox.daemon.waking import loop_time
from pfinbox.domain.leasing import Holder, Holding, Lease
from pfinbox.errors import StoreError
from pfinbox.record import record
from pfinbox.services.system import leases
from pfinbox.store.uow import Store

log = logging.getLogger(__name__)


@record
class Rhythm:
    """How often a daemon shows that it lives and looks at the others, in seconds."""

    heartbeat: float = 10.0
    # A daemon without a heartbeat for so long is silent.
    silence: float = 20.0
    # A daemon that stands by looks so often.
    look: float = 1.0


@dataclass
class _Seen:
    heartbeat: int
    since: float
    moved: bool = False


@dataclass
class Watch:
    """The heartbeats of other daemons that this one has seen, by its own monotonic clock."""

    rhythm: Rhythm
    # Whether the process of an instance is there, None where that cannot be known.
    locked: Callable[[str], bool | None]
    clock: Callable[[], float] = loop_time
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)
    _looked: float = 0.0

    def begin(self) -> None:
        """Begin a look. A daemon that could not look (stopped, no database) has seen no silence."""
        now = self.clock()
        if now - self._looked > self.rhythm.silence / 2:
            for seen in self._seen.values():
                seen.since = now
        self._looked = now

    def silent(self, instance: str, heartbeat: int) -> bool:
        """Whether the daemon is dead for certain, or has sent no heartbeat for too long."""
        if instance in self._ended or self.locked(instance) is False:
            # No later daemon has this name; a transaction that is repeated asks again.
            self._ended.add(instance)
            return True
        now = self.clock()
        seen = self._seen.get(instance)
        if seen is None or seen.heartbeat != heartbeat:
            self._seen[instance] = _Seen(heartbeat, now, moved=seen is not None)
            return False
        return now - seen.since >= self.rhythm.silence

    def bury(self, locks: Locks) -> None:
        """Remove the lock files of ended daemons, whose accounts are taken over."""
        for instance in self._ended:
            locks.remove(instance)
        self._ended.clear()

    def lives(self, holder: Holder, now: datetime) -> bool:
        """Whether a heartbeat was seen, or its process is there and its lease row is recent."""
        seen = self._seen.get(holder.instance)
        if seen is not None and seen.moved:
            return True
        lately = timedelta(0) <= now - holder.heartbeat_at < timedelta(seconds=self.rhythm.silence)
        return lately and self.locked(holder.instance) is True


class OwnLease:
    """This daemon's lease: begun at the start, renewed in time, given back at the end."""

    def __init__(
        self,
        store: Store,
        rhythm: Rhythm,
        accounts: Collection[int],
        *,
        attended: bool = False,
        locks: Locks | None = None,
    ) -> None:
        self._store = store
        self._locks = locks or Locks()
        self._accounts = tuple(accounts)
        self._rhythm = rhythm
        self._attended = attended
        self._lock: LockFile | None = None
        # The daemons of an SQLite file are on one machine, where a lock can be seen.
        self._watch = Watch(rhythm, self._locks.locked if store.sqlite else _unknown)
        self._renewed = float("-inf")
        self._lease: Lease | None = None

    @property
    def lease(self) -> Lease:
        if self._lease is None:
            raise AssertionError("begin() comes first")
        return self._lease

    async def begin(self) -> Lease:
        instance, self._renewed = leases.new_instance(), float("-inf")
        if self._store.sqlite:
            self._lock = self._locks.take(instance)
        try:
            self._lease = await self._store.run(
                lambda uow: leases.start(
                    uow, this_process(), instance=instance, attended=self._attended
                )
            )
        except BaseException:
            self._unlock(released=True)
            raise
        return self._lease

    async def renew(self) -> Holding:
        """Send a heartbeat and take accounts without a living daemon. LeaseGone: ours is over."""
        lease, began = self.lease, self._watch.clock()
        self._watch.begin()
        silent, accounts = self._watch.silent, self._accounts
        holding = await self._store.run(lambda uow: leases.acquire(uow, lease, silent, accounts))
        self._renewed = began
        self._watch.bury(self._locks)
        return holding

    async def standing_by(self) -> bool:
        """Look at the other daemons once; False when it is time to renew the lease."""
        if self._watch.clock() - self._renewed >= self._rhythm.heartbeat:
            return False
        self._watch.begin()
        async with self._store.read() as uow:
            silent, accounts = self._watch.silent, self._accounts
            return not await leases.vacant(uow, self.lease, silent, accounts)

    def all_live(self, holding: Holding) -> bool:
        """Whether every other daemon that holds an account is known to live."""
        now = self._store.clock()
        return all(self._watch.lives(holder, now) for holder in holding.others.values())

    def fresh(self) -> bool:
        """Whether no other daemon can have seen enough silence to take this one for dead."""
        return self._watch.clock() - self._renewed < self._rhythm.silence

    async def end(self) -> None:
        """Release the lease; where that cannot be written, the freed lock alone says so."""
        released = False
        if self._lease is not None:
            lease, self._lease = self._lease, None
            with contextlib.suppress(StoreError):
                await self._store.run(lambda uow: leases.release(uow, lease))
                released = True
        self._unlock(released=released)

    def _unlock(self, *, released: bool) -> None:
        if self._lock is not None:
            self._lock.drop(released=released)
            self._lock = None


def _unknown(_instance: str) -> None:
    return None
