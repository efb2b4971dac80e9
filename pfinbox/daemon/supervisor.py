"""The daemon as a whole: its lease, a receiver for each account it holds, one sender."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pfinbox.daemon.backoff import Backoff
from pfinbox.daemon.chores.amender import Amender
from pfinbox.daemon.chores.follower import Follower
from pfinbox.daemon.chores.picture_fetcher import PictureFetcher
from pfinbox.daemon.chores.read_teller import ReadTeller
from pfinbox.daemon.chores.rereader import Rereader
from pfinbox.daemon.chores.retention import Retention
from pfinbox.daemon.chores.sign_in_mailer import SignInMailer
from pfinbox.daemon.chores.typist import Typist
from pfinbox.daemon.kept_requests import KeptRequests
from pfinbox.daemon.leases import OwnLease, Rhythm
from pfinbox.daemon.locks import Locks
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.daemon.receiver import Receiver
from pfinbox.daemon.waking import woken
from pfinbox.domain.contract.channel import Channel
from pfinbox.domain.leasing import Holding, LeaseGone, Process
from pfinbox.errors import StoreError
from pfinbox.store.changes import changes
from pfinbox.store.uow import Store

log = logging.getLogger(__name__)

# A shut-down waits so long for messages that are being handed over, and so long for anything else
# that is to end; the whole of it is done in 15 s, or serve.py ends it.
_DRAIN = 6.0
_PATIENCE = 1.5


@dataclass
class Daemon:
    """Serves ``accounts`` (id -> name), opening each one's channel when it comes to hold it."""

    store: Store
    accounts: Mapping[int, str]
    open_channel: Callable[[str], Channel]
    attended: bool = False
    # Of the accounts to which the web door brings requests.
    requests: Sequence[KeptRequests] = ()
    rhythm: Rhythm = field(default_factory=Rhythm)
    locks: Locks = field(default_factory=Locks)
    # Set when the daemon holds its accounts and serves them (or stands by).
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    _channels: dict[int, Channel] = field(default_factory=dict)
    _receivers: dict[int, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set, then drain, release the lease and return."""
        own = self._own_lease(attended=self.attended)
        await own.begin()
        while await self._until_gone(own, stop):
            log.warning("this daemon was silent for too long and another one has taken over")
            if not await self._begun_again(own, stop):
                return

    def _own_lease(self, *, attended: bool = False) -> OwnLease:
        return OwnLease(self.store, self.rhythm, self.accounts, attended=attended, locks=self.locks)

    async def _until_gone(self, own: OwnLease, stop: asyncio.Event) -> bool:
        """Serve until the lease is gone (True) or ``stop`` is set (False)."""
        lease = own.lease
        sender = Sender(self.store, lease, self._channels, fresh=own.fresh)
        amender = Amender(self.store, lease, self._channels)
        typist = Typist(self.store, lease, self._channels)
        teller = ReadTeller(self.store, lease, self._channels)
        rereader = Rereader(self.store, lease, self._channels)
        mailer = SignInMailer(self.store, lease, self._channels)
        follower = Follower(self.store, lease, self._channels)
        retention = Retention(self.store, lease, self._channels)
        pictures = PictureFetcher(self.store, lease, self._channels)
        wakes = {
            "outbox": (sender.wake, amender.wake, mailer.wake, follower.wake, teller.wake),
            "presence": (typist.wake,),
            "accounts": (rereader.wake,),
            "requests": tuple(one.wake for one in self.requests),
        }
        tasks: list[asyncio.Task[None]] = []
        stopped = asyncio.create_task(stop.wait())
        try:
            await sender.look_first()
            tasks = [
                # First of all: accounts are opened while chores make their statements.
                asyncio.create_task(self._hold(own, sender)),
                asyncio.create_task(sender.run()),
                asyncio.create_task(amender.run()),
                asyncio.create_task(typist.run()),
                asyncio.create_task(teller.run()),
                asyncio.create_task(rereader.run()),
                asyncio.create_task(mailer.run()),
                asyncio.create_task(follower.run()),
                asyncio.create_task(retention.run()),
                asyncio.create_task(pictures.run()),
                asyncio.create_task(self._listen(wakes)),
            ]
            done, _rest = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopped}:
                task.result()  # these never end by themselves: a fault of ours goes up
        except LeaseGone:
            return not stop.is_set()
        finally:
            stopped.cancel()
            await self._end(own, sender, tasks)
        return False

    async def run_once(self) -> tuple[bool, dict[str, Process]]:
        """Poll every account until idle, send what is due, release.

        Returns whether every account was reached, and who holds the others.
        """
        own = self._own_lease()
        lease = await own.begin()
        sender = Sender(self.store, lease, self._channels, fresh=own.fresh)
        beating: list[asyncio.Task[None]] = []
        try:
            await sender.look_first()
            holding = await self._all_there_is(own)
            beating.append(asyncio.create_task(self._beat(own)))
            self._open(holding)
            receivers = [self._receiver(own, account_id) for account_id in self._channels]
            reached = await asyncio.gather(*(receiver.run_once() for receiver in receivers))
            await Follower(self.store, lease, self._channels).run_once()
            await sender.run_once()
            await Amender(self.store, lease, self._channels).run_once()
            await ReadTeller(self.store, lease, self._channels).run_once()
            await Rereader(self.store, lease, self._channels).run_once()
            await SignInMailer(self.store, lease, self._channels).run_once()
            await Retention(self.store, lease, self._channels).run_once()
            await PictureFetcher(self.store, lease, self._channels).run_once()
            others = {name: holder.process for name, holder in holding.others.items()}
            return all(reached) and not others, others
        finally:
            await self._end(own, sender, beating)

    async def _all_there_is(self, own: OwnLease) -> Holding:
        """Accounts without a living daemon; seeing that one lives may take a heartbeat."""
        holding = await own.renew()
        while not own.all_live(holding):
            await asyncio.sleep(self.rhythm.look)
            if not await own.standing_by():
                holding = await own.renew()
        return holding

    async def _beat(self, own: OwnLease) -> None:
        while True:
            await asyncio.sleep(self.rhythm.heartbeat)
            try:
                await own.renew()
            except StoreError as error:
                log.error("the lease cannot be renewed: %s", error)
            except LeaseGone:
                # Receivers and sender notice it at their next step.
                return

    async def _begun_again(self, own: OwnLease, stop: asyncio.Event) -> bool:
        """Begin a new lease, however long the store is away; False when the daemon is to stop."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                await own.begin()
            except StoreError as error:
                log.error("no new lease yet: %s", error)
                await woken(stop, backoff.next())
            else:
                return True
        return False

    def _receiver(self, own: OwnLease, account_id: int) -> Receiver:
        name, channel = self.accounts[account_id], self._channels[account_id]
        pushed = any(one.account_id == account_id for one in self.requests)
        return Receiver(self.store, account_id, name, channel, own.lease, own.fresh, pushed=pushed)

    def _open(self, holding: Holding) -> None:
        for account_id in holding.account_ids:
            if account_id not in self._channels:
                self._channels[account_id] = self.open_channel(self.accounts[account_id])

    async def _hold(self, own: OwnLease, sender: Sender) -> None:
        """The heartbeat: keep what is ours, take over what a dead daemon left."""
        others: dict[str, Process] = {}
        trouble = ""
        while True:
            try:
                if not others or not await own.standing_by():
                    holding = await own.renew()
                    found = {name: holder.process for name, holder in holding.others.items()}
                    self._say(others, found)
                    others = found
                    await self._serve(holding, own, sender)
                    self.ready.set()
                trouble = ""
            except StoreError as error:
                if trouble != str(error):
                    trouble = str(error)
                    log.error("the lease cannot be renewed: %s", error)
                await asyncio.sleep(self.rhythm.look)
                continue
            await asyncio.sleep(self.rhythm.look if others else self.rhythm.heartbeat)

    def _say(self, before: Mapping[str, Process], now: Mapping[str, Process]) -> None:
        for name, process in now.items():
            if before.get(name) != process:
                log.warning(
                    "%s is held by the daemon on %s (pid %d); standing by",
                    name,
                    process.host,
                    process.pid,
                )

    async def _serve(self, holding: Holding, own: OwnLease, sender: Sender) -> None:
        lost = set(self._receivers) - set(holding.account_ids)
        for account_id in lost:
            log.warning(
                "%s is not ours any more: another daemon serves it, or began without it",
                self.accounts[account_id],
            )
            await _cancelled(self._receivers.pop(account_id))
            await _within([asyncio.create_task(_closed(self._channels.pop(account_id)))])
        self._open(holding)
        for account_id in self._channels:
            if account_id not in self._receivers:
                receiver = self._receiver(own, account_id)
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

    async def _end(self, own: OwnLease, sender: Sender, tasks: list[asyncio.Task[None]]) -> None:
        """Drain, close, release; each step has a deadline, as it might wait for ever."""
        receivers = list(self._receivers.values())
        self._receivers.clear()
        await _cancelled(*receivers)
        await sender.stop(_DRAIN)
        await _cancelled(*tasks)
        closing = [asyncio.create_task(_closed(channel)) for channel in self._channels.values()]
        self._channels.clear()
        await _within(closing)
        await _within([asyncio.create_task(own.end())])


async def _closed(channel: Channel) -> None:
    with contextlib.suppress(Exception):
        await channel.close()


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await _within(tasks)


async def _within(tasks: Collection[asyncio.Task[None]]) -> None:
    """Wait until all tasks have ended in any way, but no longer than ``_PATIENCE``."""
    if not tasks:
        return
    done, waiting = await asyncio.wait(tasks, timeout=_PATIENCE)
    for task in done:
        # Said by whoever waits for it, or its cancellation: seen, so that asyncio is quiet.
        if not task.cancelled():
            task.exception()
    for task in waiting:
        log.warning("%s does not end", getattr(task.get_coro(), "__qualname__", "a task"))
