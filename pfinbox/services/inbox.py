"""The inbox as whoever acts sees it: front ends run every use case through it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, Self, TypeVar

from pfinbox.domain import rights
from pfinbox.domain.actor import AgentActor, ContactActor, SystemActor
from pfinbox.store import changes, snapshots

if TYPE_CHECKING:
    from pfinbox.domain.people.portal import Look
    from pfinbox.store.uow import Store, UnitOfWork

P = ParamSpec("P")
T = TypeVar("T")

A = TypeVar("A", AgentActor, ContactActor, SystemActor)

# A function over one unit of work and, second, whoever acts.
UseCase = Callable[Concatenate["UnitOfWork", A, P], Awaitable[T]]


class _Acting(Generic[A]):
    """An open store in the name of ``actor``; every read and every write is one transaction."""

    def __init__(self, store: "Store", actor: A) -> None:
        self.store = store
        self.actor: A = actor

    async def opened(self) -> None:
        """Until the store can be asked: at once, but for an ``InboxToCome``."""

    async def _admit(self, _uow: "UnitOfWork") -> None:
        """Refused where the actor may do nothing at all (any more)."""

    async def read(self, use_case: UseCase[A, P, T], /, *args: P.args, **values: P.kwargs) -> T:
        """What ``use_case`` finds; nothing it does is kept."""
        async with self.store.read() as uow:
            await self._admit(uow)
            return await use_case(uow, self.actor, *args, **values)

    async def write(self, use_case: UseCase[A, P, T], /, *args: P.args, **values: P.kwargs) -> T:
        """Carry ``use_case`` out and commit; it may start again (see ``Store.run``)."""
        me = self.actor

        async def act(uow: "UnitOfWork") -> T:
            await self._admit(uow)
            return await use_case(uow, me, *args, **values)

        return await self.store.run(act)

    def changes(self) -> AsyncIterator[frozenset[str]]:
        """Topics that changed, from this or any other process; the first item is empty."""
        return changes.changes(self.store)


class Inbox(_Acting[AgentActor]):
    """The inbox in the name of an agent."""

    async def _admit(self, uow: "UnitOfWork") -> None:
        for agent in (await snapshots.agents(uow, [self.actor.id])).values():
            rights.must_be_active(agent)

    def agreeing(self, to: "bool | Collection[Look]") -> Self:
        """The same in the name of an agent who agreed to reveal these words; True: any (R49)."""
        words = to if isinstance(to, bool) else frozenset((a.contact_id, a.comment_id) for a in to)
        agreeing = copy(self)
        agreeing.actor = replace(self.actor, agreed=words)
        return agreeing


class InboxToCome(Inbox):
    """The inbox of an agent who looks at it while its store is still to be opened by ``opening``.

    The first who waits for the store has it opened. An error of that is everybody's who waits.
    """

    def __init__(self, opening: Callable[[], Awaitable["Store"]], actor: AgentActor) -> None:
        self.actor = actor
        self._opening = opening
        self._store: list[asyncio.Future[Store]] = []

    async def opened(self) -> None:
        if not self._store:
            self._store.append(asyncio.ensure_future(self._opening()))
        # Whoever stops waiting does not stop the others.
        self.store = await asyncio.shield(self._store[0])


class ContactInbox(_Acting[ContactActor]):
    """The inbox in the name of a contact on their own page."""


class ProgramInbox(_Acting[SystemActor]):
    """The inbox before anybody is known who could act."""
