"""What has happened since a due delivery's comment was written, in one statement for a claim."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select

from pfinbox.domain.contract.channel import Limits
from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.outbound.hold_rules import DueDelivery
from pfinbox.store import client_wrote
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

_own, _task, _root = t.comment.alias("own"), t.task.alias("own_task"), t.task.alias("own_root")
_card = t.contact.alias("recipient")


async def due_deliveries(uow: UnitOfWork, delivery_ids: Collection[int]) -> list[DueDelivery]:
    rows = await uow.connection.execute(_due_deliveries(), {"ids": list(delivery_ids)})
    return [_due(row._mapping) for row in rows]


def _due(row: Mapping[str, Any]) -> DueDelivery:
    return DueDelivery(**{**row, "limits": Limits(**row["limits"])})


@cache
def _due_deliveries() -> Select[Any]:
    delivery = t.delivery.c
    return (
        select(
            delivery.id,
            delivery.chat_id,
            _card.c.root_id.label("contact_id"),
            _root.c.id.label("task_id"),
            delivery.due_at,
            (delivery.state == State.SCHEDULED).label("scheduled"),
            _root.c.deleted_at.is_not(None).label("task_deleted"),
            _root.c.active.label("task_active"),
            or_(t.chat.c.blocked_at.is_not(None), _address_blocked()).label("blocked"),
            func.coalesce(t.agent.c.active, True).is_(False).label("author_deactivated"),
            and_(~_chosen_beside(), _merged_since()).label("merged"),
            _in_copy().label("in_copy"),
            _quote_elsewhere().label("quote_elsewhere"),
            _client_wrote().label("client_wrote"),
            _own.c.send_anyway,
            t.account.c.limits,
            delivery.template.is_not(None).label("template"),
            t.chat.c.last_incoming_at,
        )
        .join(_own, _own.c.id == delivery.comment_id)
        .join(_task, _task.c.id == _own.c.task_id)
        .join(_root, _root.c.id == _task.c.root_id)
        .join(t.account, t.account.c.id == delivery.account_id)
        .outerjoin(_card, _card.c.id == delivery.contact_id)
        .outerjoin(t.agent, t.agent.c.id == _own.c.agent_id)
        .outerjoin(t.chat, t.chat.c.id == delivery.chat_id)
        .where(delivery.id.in_(bindparam("ids", expanding=True)))
        .order_by(delivery.id)
    )


def _members() -> Select[Any]:
    member = t.task.alias("member")
    return select(member.c.id).where(member.c.root_id == _root.c.id)


def _address_blocked() -> Any:
    """An address marked as spam (R42); ids of accounts are their own."""
    return exists().where(
        t.address.c.channel == t.account.c.channel,
        t.address.c.scope.in_([0, t.account.c.id]),
        t.address.c.value == t.delivery.c.address,
        t.address.c.blocked_at.is_not(None),
    )


def _chosen_beside() -> Any:
    return exists().where(
        t.binding.c.chat_id == t.delivery.c.chat_id,
        t.binding.c.task_id.in_(_members()),
        t.binding.c.aside,
    )


def _merged_since() -> Any:
    return exists().where(
        t.merge.c.kind == "task",
        t.merge.c.undone_at.is_(None),
        t.merge.c.at > _own.c.created_at,
        t.merge.c.other_id.in_(_members()),
    )


def _in_copy() -> Any:
    to, thread = t.delivery.alias("to"), t.chat.alias("thread")
    owner, reader = t.contact.alias("owner"), t.contact.alias("reader")
    return exists().where(
        to.c.comment_id == t.delivery.c.comment_id,
        to.c.chat_id == t.delivery.c.chat_id,
        thread.c.id == to.c.chat_id,
        owner.c.id == thread.c.contact_id,
        reader.c.id == to.c.contact_id,
        reader.c.root_id == owner.c.root_id,
        owner.c.root_id != _card.c.root_id,
    )


def _quote_elsewhere() -> Any:
    quoted, its_task = t.comment.alias("quoted"), t.task.alias("its_task")
    return exists().where(
        quoted.c.id == _own.c.quote_id,
        its_task.c.id == quoted.c.task_id,
        its_task.c.root_id != _root.c.id,
    )


def _client_wrote() -> Any:
    """Since the comment was written, or its author looked last.

    Also in the chat: it goes on in a newer task once this one is finished (R6).
    """
    newer = and_(
        t.comment.c.id > _own.c.id,
        t.comment.c.id > func.coalesce(_own.c.looked_at_id, 0),
        client_wrote.client_wrote(),
    )
    return or_(
        exists().where(t.comment.c.task_id.in_(_members()), newer),
        exists().where(t.comment.c.chat_id == t.delivery.c.chat_id, newer),
    )
