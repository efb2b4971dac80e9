"""An account under test: its channel between the other side and a store, with our own daemon."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Row, func, select, update

from pfinbox.daemon.chores.picture_fetcher import PictureFetcher
from pfinbox.daemon.chores.read_teller import ReadTeller
from pfinbox.daemon.kept_requests import KeptRequests
from pfinbox.daemon.outbound.sender import Sender
from pfinbox.daemon.receiver import Receiver
from pfinbox.domain.actor import SystemActor
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import Channel, Transmitting
from pfinbox.domain.contract.gap import Gap
from pfinbox.domain.contract.outgoing import Outgoing, Sent
from pfinbox.domain.contract.webhook import Kept, Request
from pfinbox.domain.leasing import Lease, Process
from pfinbox.domain.people.account_setup import AccountSetup
from pfinbox.errors import NotFound
from pfinbox.services import queries
from pfinbox.services.inbound import gaps, keeping
from pfinbox.services.inbound.keeping import Pushed
from pfinbox.services.system import leases
from pfinbox.services.tasks import read_marks
from pfinbox.store import read
from pfinbox.store import tables as t
from pfinbox.store.load import accounts as load_accounts
from tests.builders import Inbox, client
from tests.channels.conformance.other_side import Configured


def setup_of(other: Configured) -> AccountSetup:
    """The account as the daemon would write it into the store."""
    spec, settings = other.spec, other.settings()
    capabilities, limits = spec.capabilities, spec.limits
    if spec.adapt is not None:
        capabilities, limits = spec.adapt(settings, capabilities, limits)
    return AccountSetup(
        "it", spec.name, spec.describe(settings), capabilities, limits, sign=spec.sign
    )


class Crashing:
    """A channel whose daemon is killed when the other side has taken a message."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def send(self, part: Outgoing, transmitting: Transmitting) -> Sent:
        await self._channel.send(part, transmitting)
        raise RuntimeError("killed before it was written down")


class Giving:
    """A channel that receives what the test says."""

    def __init__(self, channel: Channel, batches: Sequence[Batch]) -> None:
        self._channel = channel
        self._batches = batches

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def receive(self, _cursor: str | None) -> AsyncIterator[Batch]:
        for batch in self._batches:
            yield batch
        yield Batch(idle=True)


class Backwards(KeptRequests):
    """What was kept, the last one first."""

    async def waiting(self, after: int) -> Sequence[Kept]:
        return (await super().waiting(0))[::-1]


class Account:
    """Receives and sends as the daemon does, a process for each time."""

    def __init__(self, inbox: Inbox, other: Configured) -> None:
        self.inbox = inbox
        self.other = other
        self._pid = 0

    @property
    def id(self) -> int:
        return self.inbox.account_ids["it"]

    @asynccontextmanager
    async def channel(self, requests: type[KeptRequests] = KeptRequests) -> AsyncIterator[Channel]:
        opened = self.other.open(
            requests=requests(self.inbox.store, self.id),
            stored_keys=self._stored_keys,
            has_chat=self._has_chat,
        )
        try:
            yield opened
        finally:
            await opened.close()

    async def _stored_keys(self, prefix: str) -> Collection[str]:
        async with self.inbox.store.read() as uow:
            return await load_accounts.receipt_keys(uow, self.id, prefix)

    async def _has_chat(self, key: str) -> bool:
        async with self.inbox.store.read() as uow:
            return await load_accounts.has_chat(uow, self.id, key)

    async def receive(self, *instead: Batch, backwards: bool = False) -> bool:
        """All there is, or ``instead`` of it; False when the account could not be reached.

        ``backwards``: what was kept, the last request first.
        """
        async with self.channel(Backwards if backwards else KeptRequests) as opened:
            channel: Channel = Giving(opened, instead) if instead else opened
            lease = await self._lease()
            receiver = Receiver(
                self.inbox.store, self.id, "it", channel, lease, lambda: True, pushed=self._pushed
            )
            reached = await receiver.run_once()
        if self._pushed:
            await self.inbox.store.run(lambda uow: gaps.reached(uow, SystemActor("web"), ["it"]))
        return reached

    @property
    def _pushed(self) -> bool:
        return self.other.spec.admit is not None

    async def gap(self) -> Gap | None:
        """What the account says to be missing."""
        (row,) = await self.inbox.acting("anna").read(read.accounts)
        return row.gap

    async def receive_and_die(self) -> None:
        """The first batch is asked for, and never stored."""
        cursor = await self.cursor()
        async with self.channel() as channel:
            async for batch in channel.receive(cursor):
                if batch.items or batch.idle:
                    return

    async def kept_requests(self) -> Sequence[Kept]:
        return await KeptRequests(self.inbox.store, self.id).waiting(0)

    async def keep(self, *several: Sequence[Request]) -> None:
        """As the door keeps what the channel has admitted, without asking it."""
        pushed = [
            Pushed("it", f"{n} {m}", request)
            for n, some in enumerate(several)
            for m, request in enumerate(some)
        ]
        await self.inbox.store.run(lambda uow: keeping.keep(uow, SystemActor("web"), pushed))

    async def activities(self) -> list[str]:
        """What the journals of all tasks keep, by kind."""
        async with self.inbox.store.read() as uow:
            return list(await uow.connection.scalars(select(t.activity.c.kind)))

    async def cursor(self) -> str | None:
        async with self.inbox.store.read() as uow:
            return await load_accounts.cursor(uow, self.id)

    async def batches(self) -> list[Batch]:
        """What is there, without storing any of it."""
        found: list[Batch] = []
        cursor = await self.cursor()
        async with self.channel() as channel:
            async for batch in channel.receive(cursor):
                if batch.idle and not batch.items:
                    return found
                found.append(batch)
        return found

    async def send(self, *, crash: bool = False) -> None:
        """What is due."""
        async with self.channel() as channel:
            by_id: dict[int, Channel] = {self.id: Crashing(channel) if crash else channel}
            await Sender(self.inbox.store, await self._lease(), by_id).run_once()

    async def answer(self, text: str = "Hello back", **values: Any) -> None:
        """An agent answers the client."""
        await self.inbox.comment(1, text, to=[client(1)], **values)

    async def read(self) -> None:
        """An agent reads all that the client wrote."""
        await self.inbox.acting("anna").write(read_marks.mark_read, [1])
        async with self.channel() as channel:
            teller = ReadTeller(self.inbox.store, await self._lease(), {self.id: channel})
            await teller.run_once()

    async def fetch_pictures(self) -> None:
        async with self.channel() as channel:
            fetcher = PictureFetcher(self.inbox.store, await self._lease(), {self.id: channel})
            await fetcher.run_once()

    async def picture(self) -> tuple[str, bytes] | None:
        """The only client's, as an agent finds it on the card."""
        try:
            row, content = await self.inbox.acting("anna").read(queries.picture, 1)
        except NotFound:
            return None
        return row.media_type, content

    async def later(self) -> None:
        """Whatever backs off is due now."""
        self.other.well_again()
        self.inbox.clock.advance(minutes=1)
        async with self.inbox.store.write() as uow:
            await uow.connection.execute(
                update(t.delivery)
                .where(t.delivery.c.state == "pending")
                .values(due_at=self.inbox.clock.now)
            )
            await uow.commit()

    async def comments(self) -> list[Row[Any]]:
        """The client's, in their order."""
        query = select(t.comment).where(t.comment.c.direction == "incoming")
        async with self.inbox.store.read() as uow:
            order = (t.comment.c.created_at, t.comment.c.id)
            return list(await uow.connection.execute(query.order_by(*order)))

    async def texts(self) -> list[str]:
        return [row.text.strip() for row in await self.comments()]

    async def states(self) -> list[str]:
        async with self.inbox.store.read() as uow:
            query = select(t.delivery.c.state).order_by(t.delivery.c.id)
            return list(await uow.connection.scalars(query))

    async def count(self, table: Any) -> int:
        async with self.inbox.store.read() as uow:
            return int(await uow.connection.scalar(select(func.count()).select_from(table)) or 0)

    async def name_of_client(self) -> Mapping[str, Any]:
        """The only client's name, and the title of the task."""
        async with self.inbox.store.read() as uow:
            name = await uow.connection.scalar(select(t.contact.c.name))
            title = await uow.connection.scalar(select(t.task.c.title))
        return {"name": name, "title": title}

    async def _lease(self) -> Lease:
        self._pid += 1
        pid = self._pid
        lease = await self.inbox.store.run(lambda uow: leases.start(uow, Process("here", pid)))
        await self.inbox.store.run(lambda uow: leases.acquire(uow, lease, lambda _i, _n: True))
        return lease
