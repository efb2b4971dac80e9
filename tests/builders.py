"""Readable ways to make what a test needs; every builder goes through the real services."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pfinbox.channels.mail import SPEC as MAIL
from pfinbox.channels.telegram import SPEC as TELEGRAM
from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.batch import Batch
from pfinbox.domain.contract.channel import ChannelSpec
from pfinbox.domain.contract.files import File
from pfinbox.domain.contract.incoming import Incoming, Message
from pfinbox.domain.contract.party import Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.leasing import Process
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.outbound.delivery import Job
from pfinbox.domain.people.account_setup import AccountSetup
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import CommentRequest, Saved
from pfinbox.services.inbound import receiving
from pfinbox.services.inbox import Inbox as ActorInbox
from pfinbox.services.outbound import claiming, sending
from pfinbox.services.people import agents
from pfinbox.services.system import configuration, leases
from pfinbox.store import schema
from pfinbox.store.uow import Store, UnitOfWork
from tests import lock_order

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
STATUSES = (("new", True), ("open", True), ("waiting", True), ("done", False), ("rejected", False))
_numbers = itertools.count(1)


class Clock:
    """A clock that moves only when a test says so."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        self.now += timedelta(**duration)
        return self.now


def mail_account(name: str = "support", **values: Any) -> AccountSetup:
    return _account(MAIL, name, f"{name}@ours.example", **values)


def chat_account(name: str = "bot", **values: Any) -> AccountSetup:
    return _account(TELEGRAM, name, f"@{name}", **values)


def _account(spec: ChannelSpec, name: str, label: str, **values: Any) -> AccountSetup:
    setup = AccountSetup(name, spec.name, label, spec.capabilities, spec.limits, sign=spec.sign)
    return replace(setup, **values)


class Inbox:
    """A store with accounts and agents, and short words for what happens in it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        if not store.sqlite:
            lock_order.watch(store.writer)
        self.clock = clock
        self.account_ids: dict[str, int] = {}
        self.agent_ids: dict[str, int] = {}

    @classmethod
    async def make(
        cls,
        where: str | Store,
        *setups: AccountSetup,
        logins: Sequence[str] = ("anna", "boris"),
        clock: Clock | None = None,
    ) -> "Inbox":
        """In an empty database, by its URL, or in a store that is open already."""
        clock = clock or Clock()
        store = Store(where) if isinstance(where, str) else where
        store.clock = clock
        await schema.create_missing(store)
        inbox = cls(store, clock)
        for login in logins:
            if not inbox.agent_ids:
                agent = await store.run(lambda uow, login=login: agents.sign_in(uow, login))  # type: ignore[misc]
                inbox.agent_ids[login] = agent.id
            else:
                inbox.agent_ids[login] = await store.run(
                    lambda uow, login=login: agents.add(  # type: ignore[misc]
                        uow, AgentActor(inbox.agent_ids[logins[0]]), login
                    )
                )
        await inbox.configure(*(setups or (mail_account(), chat_account())))
        return inbox

    async def configure(self, *setups: AccountSetup) -> None:
        self.account_ids = await self.store.run(
            lambda uow: configuration.configure(uow, setups, STATUSES, {})
        )

    def actor(self, login: str) -> AgentActor:
        return AgentActor(self.agent_ids[login])

    def acting(self, login: str, of: type[ActorInbox] | None = None) -> ActorInbox:
        """The inbox in the name of this agent; ``of``: a class that stands in for it."""
        return (of or ActorInbox)(self.store, self.actor(login))

    async def receive(self, account: str, *events: Incoming, cursor: str | None = None) -> Any:
        account_id = self.account_ids[account]
        return await self.store.run(
            lambda uow: receiving.receive(uow, account_id, Batch(items=events, cursor=cursor))
        )

    @asynccontextmanager
    async def handing_over(self) -> AsyncIterator[tuple[UnitOfWork, Job]]:
        """The first due message as a daemon hands it over; what happens to it is kept."""
        async with self.store.write() as uow:
            lease = await leases.start(uow, Process("here", next(_numbers)))
            await leases.acquire(uow, lease)
            claimed = (await claiming.claim(uow, lease.id, 1))[0]
            job, _n = await sending.transmitting(uow, claimed, claimed.part_ids[0], None)
            yield uow, job
            await leases.release(uow, lease)
            await uow.commit()

    async def fails(self, reason: Reason, *, unknown: bool = False) -> None:
        """The first due message is handed over, in vain; or nobody knows."""
        async with self.handing_over() as (uow, job):
            if unknown:
                await sending.perhaps(uow, job, job.part_ids[0], reason, 0.0)
            else:
                await sending.never(uow, job, job.part_ids[0], reason)

    async def says(
        self,
        text: str = "Hello",
        *,
        account: str = "bot",
        user: str = "501",
        name: str = "Maria",
        **values: Any,
    ) -> int:
        """A messenger's client writes; returns the comment's id."""
        n = next(_numbers)
        self.clock.advance(seconds=1)
        message = Message(
            source_id=f"{user}:{n}",
            chat_key=user,
            sender=Party(user, name, name.lower()),
            sent_at=self.clock.now,
            text=text,
        )
        return await self._arrived(account, f"u{n}", replace(message, **values))

    async def mails(
        self,
        text: str = "Hello",
        *,
        account: str = "support",
        sender: str = "maria@client.example",
        name: str = "Maria",
        subject: str = "A question",
        answers: str | None = None,
        **values: Any,
    ) -> int:
        """A client mails; ``answers`` is the Message-ID in In-Reply-To. The comment's id."""
        n = next(_numbers)
        self.clock.advance(seconds=1)
        message = Message(
            source_id=f"<{n}@client.example>",
            chat_key=None,
            sender=Party(sender, name),
            sent_at=self.clock.now,
            text=text,
            title=subject,
            references=(answers,) if answers else (),
        )
        return await self._arrived(account, f"INBOX:1:{n}", replace(message, **values))

    async def _arrived(self, account: str, key: str, message: Message) -> int:
        incoming = Incoming(key=key, raw=message.text.encode("utf-8", "replace"), event=message)
        done = await self.receive(account, incoming)
        assert len(done.comment_ids) == 1, done
        return int(done.comment_ids[0])

    async def comment(
        self,
        task_id: int,
        text: str = "Hello back",
        *,
        by: str = "anna",
        to: Sequence[Who] = (),
        **values: Any,
    ) -> Saved:
        request = CommentRequest(task_id, text, values.pop("notify", Notify(tuple(to))), **values)
        agent_id = self.agent_ids[by]
        self.clock.advance(seconds=1)
        return await self.store.run(
            lambda uow: comments.add_comment(uow, AgentActor(agent_id), request)
        )

    def agent(self, login: str) -> Who:
        return Who("agent", self.agent_ids[login])


def a_file(name: str = "photo.png", content: bytes = b"bytes", kind: str = "image/png") -> File:
    return File(name, kind, content)


def client(contact_id: int) -> Who:
    return Who("contact", contact_id)
