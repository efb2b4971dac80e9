"""The daemon as a whole: its lease, a receiver for each account it holds, one sender."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pfinbox.daemon.amender import Amender
from pfinbox.daemon.process import alive, this_process
from pfinbox.daemon.receiver import Receiver
from pfinbox.daemon.rereader import Rereader
from pfinbox.daemon.sender import Sender
from pfinbox.daemon.typist import Typist
from pfinbox.domain.channel import Channel
from pfinbox.errors import StoreError
from pfinbox.services import leases
from pfinbox.services.leases import HEARTBEAT, Holding, Lease, Process
from pfinbox.store.changes import changes
from pfinbox.store.uow import Store

log = logging.getLogger(__name__)

# A shut-down waits so long for messages that are being handed over.
_DRAIN = 8.0


@dataclass
class Daemon:
    """Serves ``accounts`` (id -> name), opening each one's channel when it comes to hold it."""

    store: Store
    accounts: Mapping[int, str]
    open_channel: Callable[[str], Channel]
    attended: bool = False
    # Set when the daemon holds its accounts and serves them (or stands by).
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    _channels: dict[int, Channel] = field(default_factory=dict)
    _receivers: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set, then drain, release the lease and return."""
        lease = await self._start()
        sender = Sender(self.store, lease, self._channels)
        await sender.look_first()
        amender = Amender(self.store, lease, self._channels)
        typist = Typist(self.store, lease, self._channels)
        rereader = Rereader(self.store, lease, self._channels)
        wakes = {
            "outbox": (sender.wake, amender.wake),
            "presence": (typist.wake,),
            "accounts": (rereader.wake,),
        }
        tasks = [
            asyncio.create_task(sender.run()),
            asyncio.create_task(amender.run()),
            asyncio.create_task(typist.run()),
            asyncio.create_task(rereader.run()),
            asyncio.create_task(self._listen(wakes)),
            asyncio.create_task(self._hold(lease, sender)),
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _rest = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()  # these never end by themselves: a fault of ours goes up
        finally:
            stopped.cancel()
            await self._end(lease, sender, tasks)

    async def run_once(self) -> tuple[bool, dict[str, Process]]:
        """Poll every account until idle, send what is due, release.

        Returns whether every account was reached, and who holds the others.
        """
        lease = await self._start()
        sender = Sender(self.store, lease, self._channels)
        try:
            await sender.look_first()
            holding = await self._acquire(lease)
            self._open(holding)
            receivers = [
                Receiver(self.store, account_id, self.accounts[account_id], channel)
                for account_id, channel in self._channels.items()
            ]
            reached = await asyncio.gather(*(receiver.run_once() for receiver in receivers))
            await sender.run_once()
            await Amender(self.store, lease, self._channels).run_once()
            await Rereader(self.store, lease, self._channels).run_once()
            return all(reached) and not holding.others, holding.others
        finally:
            await self._end(lease, sender, [])

    async def _start(self) -> Lease:
        process = this_process()
        return await self.store.run(lambda uow: leases.start(uow, process, attended=self.attended))

    async def _acquire(self, lease: Lease) -> Holding:
        return await self.store.run(lambda uow: leases.acquire(uow, lease, alive))

    def _open(self, holding: Holding) -> None:
        for account_id in holding.account_ids:
            if account_id in self.accounts and account_id not in self._channels:
                self._channels[account_id] = self.open_channel(self.accounts[account_id])

    async def _hold(self, lease: Lease, sender: Sender) -> None:
        """The heartbeat: keep what is ours, take over what a dead daemon left."""
        standing_by = False
        while True:
            try:
                holding = await self._acquire(lease)
            except StoreError as error:
                log.error("the lease cannot be renewed: %s", error)
                await asyncio.sleep(1.0)
                continue
            if holding.others and not standing_by:
                for name, process in holding.others.items():
                    log.warning(
                        "%s is held by the daemon on %s (pid %d); standing by",
                        name,
                        process.host,
                        process.pid,
                    )
            standing_by = bool(holding.others)
            await self._serve(holding, sender)
            self.ready.set()
            # Standing by, a dead daemon on this machine is noticed within a second.
            await asyncio.sleep(1.0 if standing_by else HEARTBEAT.total_seconds())

    async def _serve(self, holding: Holding, sender: Sender) -> None:
        lost = set(self._receivers) - set(holding.account_ids)
        for account_id in lost:
            log.warning("%s is served by another daemon now", self.accounts[account_id])
            await _cancel(self._receivers.pop(account_id))
            await self._channels.pop(account_id).close()
        self._open(holding)
        for account_id, channel in self._channels.items():
            if account_id not in self._receivers:
                receiver = Receiver(self.store, account_id, self.accounts[account_id], channel)
                self._receivers[account_id] = asyncio.create_task(receiver.run())
                sender.wake.set()

    async def _listen(self, wakes: Mapping[str, Sequence[asyncio.Event]]) -> None:
        while True:
            try:
                async for topics in changes(self.store):
                    for topic, events in wakes.items():
                        if not topics or topic in topics:
                            for event in events:
                                event.set()
            except StoreError as error:
                log.error("no news from the store: %s", error)
                await asyncio.sleep(2.0)

    async def _end(self, lease: Lease, sender: Sender, tasks: list[asyncio.Task[None]]) -> None:
        for receiver in self._receivers.values():
            await _cancel(receiver)
        self._receivers.clear()
        await sender.stop(_DRAIN)
        for task in tasks:
            await _cancel(task)
        for channel in self._channels.values():
            with contextlib.suppress(Exception):
                await channel.close()
        self._channels.clear()
        with contextlib.suppress(StoreError):
            await self.store.run(lambda uow: leases.release(uow, lease))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(task, return_exceptions=True)
