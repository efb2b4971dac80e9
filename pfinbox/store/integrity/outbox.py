"""Deliveries against their parts, and chats against the tasks that take their messages."""

from typing import Any

from sqlalchemy import and_, exists, func, select, update

from pfinbox.domain.outbound.delivery import PartState, State, Step
from pfinbox.store import tables as t
from pfinbox.store.integrity.check import Check, Ids
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import deliveries

_WAITING = (State.SCHEDULED, State.PENDING, State.SENDING, State.TRANSMITTING, State.HELD)
_shared = t.delivery_part.c.delivery_id == t.delivery.c.id


def _has_part(*conditions: Any) -> Any:
    return exists().where(_shared, t.part.c.id == t.delivery_part.c.part_id, *conditions)


async def without_parts(uow: UnitOfWork) -> Ids:
    """Deliveries that are still to go, and of which there is nothing to send."""
    return await _deliveries(uow, and_(t.delivery.c.state.in_(_WAITING), ~_has_part()))


async def _already_sent(uow: UnitOfWork) -> Ids:
    """Deliveries that are still to go, though the other side has every part."""
    whole = and_(_has_part(), ~_has_part(t.part.c.state != PartState.SENT))
    waits = t.delivery.c.state.in_((State.SCHEDULED, State.PENDING, State.HELD))
    return await _deliveries(uow, and_(waits, whole))


async def _settle(uow: UnitOfWork, ids: Ids) -> None:
    """Nothing would be left to send: they are sent."""
    some = [int(one) for one in ids]
    await deliveries.move(uow, Step.RESTORED, some)
    await deliveries.move(uow, Step.MARKED_SENT, some, sent_at=uow.now, error=None)


async def half_sent(uow: UnitOfWork) -> Ids:
    """Deliveries that count as sent while a part of them never left."""
    left = t.part.c.state.in_((PartState.PENDING, PartState.TRANSMITTING))
    return await _deliveries(uow, and_(t.delivery.c.state == State.SENT, _has_part(left)))


async def _deliveries(uow: UnitOfWork, condition: Any) -> Ids:
    query = select(t.delivery.c.id).where(condition).order_by(t.delivery.c.id)
    return list(await uow.connection.scalars(query))


async def _left_over(uow: UnitOfWork) -> Ids:
    """Parts of no delivery."""
    used = exists().where(t.delivery_part.c.part_id == t.part.c.id)
    return list(
        await uow.connection.scalars(select(t.part.c.id).where(~used).order_by(t.part.c.id))
    )


async def _taken_by_none(uow: UnitOfWork) -> Ids:
    """Chats whose messages no task takes, though one has taken them."""
    bound = exists().where(t.binding.c.chat_id == t.chat.c.id, ~t.binding.c.aside)
    current = exists().where(t.binding.c.chat_id == t.chat.c.id, t.binding.c.current)
    query = select(t.chat.c.id).where(bound, ~current).order_by(t.chat.c.id)
    return list(await uow.connection.scalars(query))


async def _bind(uow: UnitOfWork, ids: Ids) -> None:
    """The task that it was bound to last takes them."""
    newest = (
        select(func.max(t.binding.c.id))
        .where(t.binding.c.chat_id.in_(ids), ~t.binding.c.aside)
        .group_by(t.binding.c.chat_id)
    )
    await uow.connection.execute(
        update(t.binding).where(t.binding.c.id.in_(newest)).values(current=True)
    )


async def _unknown_status(uow: UnitOfWork) -> Ids:
    """Tasks in a status that there is not, or that count as open where theirs is closed."""
    known = exists().where(t.status.c.name == t.task.c.status, t.status.c.active == t.task.c.active)
    query = select(t.task.c.id).where(~known, t.task.c.purged_at.is_(None)).order_by(t.task.c.id)
    return list(await uow.connection.scalars(query))


async def _restate(uow: UnitOfWork, ids: Ids) -> None:
    """By its status a task is open or not; an unknown status becomes the first one of its kind."""
    position = t.status.c.position
    for active in (True, False):
        first = await uow.connection.scalar(
            select(t.status.c.name).where(t.status.c.active == active).order_by(position).limit(1)
        )
        known = exists().where(t.status.c.name == t.task.c.status)
        mine = t.task.c.id.in_(ids)
        await uow.connection.execute(
            update(t.task).where(mine, ~known, t.task.c.active == active).values(status=first)
        )
        named = exists().where(t.status.c.name == t.task.c.status, t.status.c.active == active)
        await uow.connection.execute(update(t.task).where(mine, named).values(active=active))
    uow.touch("tasks")


CHECKS = (
    Check("delivery_already_sent", _already_sent, _settle),
    Check("part_left_over", _left_over),
    Check("chat_without_task", _taken_by_none, _bind),
    Check("task_status", _unknown_status, _restate),
)
