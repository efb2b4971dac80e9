"""Locks of PostgreSQL: chats, then tasks, each in the order of their ids; and never again.

Whoever stores a message holds its chat before its task. Two writers who take both in one order
wait for each other in turn, never crosswise. SQLite's only writer holds its lock from BEGIN on.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def chats(uow: UnitOfWork, chat_ids: Collection[int]) -> None:
    """Hold these chats until the transaction ends: their next messages wait (R4).

    With them the other chats of the tasks that they serve: such a task may take them back.
    """
    wanted = set(chat_ids) - uow.held_chats
    if wanted and not uow.sqlite:
        await hold_chats(uow, _chats(), {"ids": sorted(wanted)})


async def tasks(
    uow: UnitOfWork, task_ids: Collection[int], *, contacts: Collection[int] = ()
) -> None:
    """Hold the trees that these tasks belong to, with all their chats.

    ``contacts``: whose messenger chats may be written to from these tasks.
    """
    if uow.sqlite or uow.held_tasks.issuperset(task_ids):
        return
    given = {"ids": sorted(set(task_ids)), "contacts": sorted(set(contacts))}
    await hold_chats(uow, _bound(), given)
    uow.held_tasks.update(await uow.connection.scalars(_trees(), given))


async def hold_chats(
    uow: UnitOfWork, query: Select[Any], given: Mapping[str, Any] | None = None
) -> None:
    """Hold the chats whose ids this query gives, in their order."""
    if uow.has_locked or uow.held_tasks:
        # What is held already, or was made here, is not locked once more.
        found = await uow.connection.scalars(query, given)
        if uow.held_chats.issuperset(found):
            return
    uow.has_locked = True
    uow.held_chats.update(await uow.connection.scalars(query.with_for_update(), given))


async def chats_of_statuses(uow: UnitOfWork, statuses: Collection[str]) -> None:
    """Hold every chat of a finished task with one of these statuses, which becomes active."""
    if statuses and not uow.sqlite:
        bound = (
            select(t.binding.c.chat_id)
            .join(t.task, t.task.c.id == t.binding.c.task_id)
            .where(t.task.c.status.in_(statuses), t.task.c.active.is_(False))
        )
        query = select(t.chat.c.id).where(t.chat.c.id.in_(bound)).order_by(t.chat.c.id)
        await hold_chats(uow, query)


def holds(uow: UnitOfWork, task_id: int) -> bool:
    """Whether nobody else can change the task before this transaction ends."""
    return uow.sqlite or task_id in uow.held_tasks


async def cards(uow: UnitOfWork, root_ids: Collection[int]) -> None:
    """Hold these cards, with those that were merged into them."""
    if root_ids and not uow.sqlite:
        of_tree = t.contact.c.root_id.in_(root_ids)
        query = select(t.contact.c.id).where(of_tree).order_by(t.contact.c.id)
        await uow.connection.execute(query.with_for_update())


@cache
def _chats() -> Select[Any]:
    asked: Any = bindparam("ids", expanding=True)
    first, own, others, also = t.binding.alias(), t.task.alias(), t.binding.alias(), t.task.alias()
    served = (
        select(own.c.root_id)
        .join(first, first.c.task_id == own.c.id)
        .where(first.c.chat_id.in_(asked), first.c.current)
    )
    beside = (
        select(others.c.chat_id)
        .join(also, also.c.id == others.c.task_id)
        .where(also.c.root_id.in_(served))
    )
    named = or_(t.chat.c.id.in_(asked), t.chat.c.id.in_(beside))
    return select(t.chat.c.id).where(named).order_by(t.chat.c.id)


def _roots() -> Select[Any]:
    asked = t.task.alias("asked")
    return select(asked.c.root_id).where(asked.c.id.in_(bindparam("ids", expanding=True)))


@cache
def _bound() -> Select[Any]:
    bound = (
        select(t.binding.c.chat_id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.task.c.root_id.in_(_roots()))
    )
    other = t.chat.alias("other")
    card, root = t.contact.alias("card"), t.contact.alias("asked_card")
    messenger = t.account.c.capabilities.op("&")(int(Capability.THREADS)) == 0
    theirs = (
        select(other.c.id)
        .join(card, card.c.id == other.c.contact_id)
        .join(root, root.c.root_id == card.c.root_id)
        .join(t.account, t.account.c.id == other.c.account_id)
        .where(root.c.id.in_(bindparam("contacts", expanding=True)), messenger)
    )
    named = or_(t.chat.c.id.in_(bound), t.chat.c.id.in_(theirs))
    return select(t.chat.c.id).where(named).order_by(t.chat.c.id)


@cache
def _trees() -> Select[Any]:
    return (
        select(t.task.c.id)
        .where(t.task.c.root_id.in_(_roots()))
        .order_by(t.task.c.id)
        .with_for_update()
    )
