"""One world: clients, servers behind lines, a store, daemons; what happens in it is accounted."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify, Who
from pfinbox.errors import StoreError
from pfinbox.services import queries
from pfinbox.services.comments.comments import CommentRequest, add_comment
from pfinbox.services.inbox import Inbox
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.rows import TaskRow
from pfinbox.store.uow import Store
from tests.faults.ledger import Entry, Ledger, Shown
from tests.faults.lines import laid
from tests.faults.patience import within
from tests.faults.processes import Process
from tests.faults.programs import Programs
from tests.faults.servers import Servers, mounted
from tests.faults.shop import Shop
from tests.faults.sides import CLIENTS, Sides
from tests.faults.witness import Witness
from tests.servers.bot_api import BotApi
from tests.servers.certificates import an_authority
from tests.servers.dovecot import PASSWORD
from tests.servers.smtp import run_smtp

# How often something is looked at that another process does.
_LOOK = 0.1
# An account that is not well after so many seconds will not be.
_GIVEN_UP = 1200.0


@dataclass(eq=False)
class World(Programs):
    """``dice`` decides everything that is left to chance."""

    kind: str
    dice: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    tasks: dict[str, list[TaskRow]] = field(default_factory=dict)
    # Accounts that the fault does not concern, on which there is traffic of their own.
    beside: tuple[str, ...] = ()
    faults: int = 0
    # When the first fault began.
    broke: datetime | None = None
    # By the monotonic clock: when the last fault ended.
    healed: float = 0.0
    witness: Witness = field(init=False)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    # Clients who have not been heard yet.
    _saying: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.store, AgentActor(1))
        self.witness = Witness(self.store, self.doctor)

    # -- clients and agents

    async def says(self, account: str, client: int | None = None) -> str:
        """A client of this account writes; the name of the message."""
        name = self.ledger.name("in")
        client = self.dice.randrange(CLIENTS) if client is None else client
        at = datetime.now(UTC)
        # Given from the first moment on: it may be taken before the client hears of it.
        self.ledger.given[name] = Entry(name, account, at)
        saying = asyncio.create_task(self.sides.say(account, name, client))
        self._saying.add(saying)
        saying.add_done_callback(self._saying.discard)
        # A client goes on until the message is taken, also when the traffic around it is over.
        await asyncio.shield(saying)
        return name

    async def given(self, account: str, count: int) -> list[bytes]:
        """Many messages at once; those of a mailbox are returned, to be delivered together."""
        mails = []
        for _number in range(count):
            name, client = self.ledger.name("in"), self.dice.randrange(CLIENTS)
            self.ledger.given[name] = Entry(name, account, datetime.now(UTC))
            if account == "support":
                mails.append(self.sides.mail(name, client))
            else:
                await self.sides.say(account, name, client)
        return mails

    async def writes(self, account: str) -> str:
        """An agent answers a client of this account, for whom each has its place in the order."""
        async with self._writing:
            name, task = self.ledger.name("out"), self.dice.choice(self.tasks[account])
            at = datetime.now(UTC)
            assert task.contact is not None
            notify = Notify((Who("contact", task.contact.id),))
            request = CommentRequest(task.id, f"{name} for you", notify, client_key=name)
            # Until the store is there again.
            while not await self._written(request):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK)
            self.ledger.written[name] = Entry(name, account, at, task.id)
        return name

    async def _written(self, request: CommentRequest) -> bool:
        try:
            await self.inbox.write(add_comment, request)
        except StoreError as error:
            self.witness.told.setdefault(f"screen: {error}")
            return False
        return True

    async def something(self, accounts: Sequence[str]) -> None:
        """One message in or out, by chance."""
        act = self.dice.choice((self.says, self.writes))
        await act(self.dice.choice(accounts))

    @asynccontextmanager
    async def traffic(
        self, every: float = 0.5, accounts: Sequence[str] | None = None
    ) -> AsyncIterator[None]:
        """While within: messages of clients and agents, one every so many seconds."""

        async def go_on() -> None:
            while True:
                await self.something(accounts or self.sides.accounts)
                await asyncio.sleep(self.dice.uniform(0.5, 1.5) * every)

        going = asyncio.create_task(go_on())
        try:
            yield
        finally:
            await _ended(going)

    # -- faults

    @asynccontextmanager
    async def fault(self, *, ask_doctor: bool = False, seen: bool = True) -> AsyncIterator[None]:
        """A fault lasts for as long as this; what people are told meanwhile is kept.

        ``seen``: not where nobody has begun to use this store.
        """
        self.faults += 1
        self.broke = self.broke or datetime.now(UTC)
        watching = asyncio.create_task(self.witness.watch()) if seen else None
        try:
            yield
            if ask_doctor:
                await self.witness.doctor()
        finally:
            self.healed = time.monotonic()
            if watching is not None:
                await _ended(watching)

    async def lasting(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    # -- the account

    async def accounts_are(self, state: str, seconds: float = 60) -> None:
        async with within(seconds):
            while True:
                async with self.store.read() as uow:
                    rows = await read.accounts(uow, AgentActor(1))
                if rows and all(row.state == state for row in rows):
                    return
                await asyncio.sleep(_LOOK)

    async def _are_well(self) -> bool:
        async with self.store.read() as uow:
            rows = await read.accounts(uow, AgentActor(1))
        return all(row.state == "ok" for row in rows)

    async def holders(self) -> set[int]:
        """The pids of the daemons that hold an account."""
        holding = select(t.lease.c.pid).join(t.account, t.account.c.lease_id == t.lease.c.id)
        async with self.store.read() as uow:
            return set(await uow.connection.scalars(holding))

    async def served_by(self, *daemons: Process) -> None:
        """Wait until one of these daemons, and no other, holds the accounts."""
        pids = {daemon.pid for daemon in daemons}
        async with within(60):
            while True:
                found = await self.holders()
                if found and found <= pids:
                    return
                await asyncio.sleep(_LOOK)

    async def settled(self, seconds: float = 180) -> tuple[Shown, float]:
        """Wait until every message is stored and every delivery at its end.

        Gives up when nothing has come to its end for so many seconds, though every account is well:
        neither a slow machine loses anything, nor an account that rests before its next try.
        Returns what the store shows then, and the seconds since the last fault ended.
        """
        until, left, end = 0.0, -1, time.monotonic() + _GIVEN_UP
        while True:
            began = time.monotonic()
            shown = await self.ledger.shown(self.store)
            now = time.monotonic()
            before, left = left, len(self.ledger.unsettled(shown))
            if left != before:
                until = now + seconds
            if not left or now > end or (now > until and await self._are_well()):
                return shown, now - self.healed
            # The daemon needs the machine more than whoever looks at it.
            await asyncio.sleep(max(_LOOK, 5 * (now - began)))

    async def final(self, name: str) -> str:
        """Wait until a delivery is at its end, and return its state."""
        async with within(180):
            while True:
                shown = await self.ledger.shown(self.store)
                if name in shown.delivered and name not in self.ledger.unsettled(shown):
                    return shown.delivered[name][0]
                await asyncio.sleep(_LOOK)

    async def caught_up(self) -> None:
        """Wait until hardly anything is under way, as in a daemon that keeps pace.

        What goes on beside a row, on other accounts, does so all the time.
        """
        async with within(180):
            while True:
                left = self.ledger.unsettled(await self.ledger.shown(self.store))
                if sum(self.ledger.account_of(one) not in self.beside for one in left) <= 1:
                    return
                await asyncio.sleep(_LOOK)

    def taken(self) -> list[str]:
        """The comments that clients got, those of one account in their order."""
        return self.ledger.names_in(self.sides.taken())

    async def begin(self) -> None:
        """A daemon serves, and every client has written once."""
        self.write_config()
        await self.start()
        await self.accounts_are("ok")
        for account in self.sides.accounts:
            for client in range(CLIENTS):
                await self.says(account, client)
        self.healed = time.monotonic()
        shown, _seconds = await self.settled(60)
        assert not self.ledger.unsettled(shown)
        page = await self.inbox.read(queries.tasks, "all")
        for row in page.rows:
            assert row.account is not None
            self.tasks.setdefault(row.account, []).append(row)

    async def end(self) -> None:
        for saying in list(self._saying):
            await _ended(saying)
        for daemon in self.daemons:
            await daemon.kill()
        await self.store.close()


async def _ended(task: asyncio.Task[None]) -> None:
    """End what goes on for ever; an error that ended it before is the row's own."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


@asynccontextmanager
async def a_world(
    servers: Servers,
    kind: str,
    seed: str,
    *,
    door: bool = False,
    disk: int = 0,
    tls: bool = False,
) -> AsyncIterator[World]:
    """A world of its own with a daemon that serves it.

    ``door``: and a shop at its web door; ``disk``: the megabytes of a disk of its own; ``tls``: the
    mailbox is reached by TLS.
    """
    dice, folder = random.Random(seed), servers.new_folder()
    async with AsyncExitStack() as stack:
        if disk:
            await asyncio.to_thread(stack.enter_context, mounted(folder, disk))
        sides = Sides(
            servers.dovecot.user(),
            stack.enter_context(run_smtp(password=PASSWORD)),
            await stack.enter_async_context(BotApi()),
            await stack.enter_async_context(Shop().open()) if door else None,
        )
        authority = stack.enter_context(an_authority()) if tls else None
        shown = authority.sign("good").context() if authority else None
        laying = laid(servers, sides, kind, folder, dice, shown)
        lines = await stack.enter_async_context(laying)
        store = Store(servers.new_store(kind, folder))
        world = World(servers, folder, store, sides, lines, kind, dice, authority=authority)
        stack.push_async_callback(world.end)
        await world.begin()
        yield world
