"""How the chats of an account are read, each with the root task that takes its messages now."""

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, Text, and_, bindparam, cast, func, literal, select

from pfinbox.store import tables as t
from pfinbox.store.task_statements import PARTICIPANTS

_client, _assigned, _own = t.contact.alias(), t.contact.alias(), t.task.alias("own")
_recorded = (
    select(func.max(t.activity.c.at))
    .join(_own, _own.c.id == t.activity.c.task_id)
    .where(_own.c.root_id == t.task.c.id)
    .correlate(t.task)
    .scalar_subquery()
)


def notified_agents(comment_id: Any) -> Any:
    """The active agents whom a comment notified, with blanks between."""
    return (
        select(func.aggregate_strings(cast(t.notify.c.agent_id, Text), " "))
        .join(t.agent, t.agent.c.id == t.notify.c.agent_id)
        .where(t.notify.c.comment_id == comment_id, t.agent.c.active)
        .scalar_subquery()
    )


_said, _said_in = t.comment.alias("said"), t.task.alias("said_in")
# The last comment to a client, which a messenger's answer answers; then whom it notified.
_last_to_client = (
    select(
        cast(_said.c.id, Text)
        + literal(" ")
        + func.coalesce(notified_agents(_said.c.id), literal(""))
    )
    .join(_said_in, _said_in.c.id == _said.c.task_id)
    .where(
        _said_in.c.root_id == t.task.c.id,
        _said.c.internal.is_(False),
        _said.c.direction == "outgoing",
        _said.c.automatic.is_(False),
        _said.c.imported.is_(False),
    )
    .order_by(_said.c.id.desc())
    .limit(1)
    .correlate(t.task)
    .scalar_subquery()
)
# A root task with what receiving looks at.
_TASK: tuple[Any, ...] = (
    t.task,
    _client.c.root_id.label("client_id"),
    _assigned.c.root_id.label("assigned_id"),
    PARTICIPANTS.label("participants"),
    _recorded.label("recorded_at"),
    _last_to_client.label("last_to_client"),
)


@cache
def _chats(*, by_key: bool) -> Select[Any]:
    """Chats of an account, each with the task that takes its messages now (R4)."""
    serving = t.task.alias("serving")
    here = t.chat.c.account_id == bindparam("account_id")
    names: BindParameter[Any] = bindparam("names", expanding=True)
    named = and_(here, t.chat.c.key.in_(names)) if by_key else and_(here, t.chat.c.id.in_(names))
    return (
        select(
            *_TASK,
            t.chat.c.id.label("chat_id"),
            t.chat.c.key,
            t.chat.c.contact_id.label("card_id"),
            t.contact.c.root_id.label("owner_id"),
            t.chat.c.address_id,
            t.address.c.value.label("address"),
            t.address.c.blocked_at.label("address_blocked_at"),
            t.chat.c.answer_to,
            t.chat.c.left_address,
            t.chat.c.subject,
            t.chat.c.blocked_at,
            t.chat.c.greeting,
            t.chat.c.outside,
            t.chat.c.last_incoming_at,
            t.binding.c.id.label("binding_id"),
            serving.c.id.label("serving_id"),
            serving.c.root_id.label("serving_root"),
        )
        .select_from(t.chat)
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .outerjoin(t.address, t.address.c.id == t.chat.c.address_id)
        .outerjoin(t.binding, and_(t.binding.c.chat_id == t.chat.c.id, t.binding.c.current))
        .outerjoin(serving, serving.c.id == t.binding.c.task_id)
        .outerjoin(t.task, t.task.c.id == serving.c.root_id)
        .outerjoin(_client, _client.c.id == t.task.c.contact_id)
        .outerjoin(_assigned, _assigned.c.id == t.task.c.assignee_contact_id)
        .where(named)
    )


def chats_by_id() -> Select[Any]:
    return _chats(by_key=False)


def chats_by_key() -> Select[Any]:
    return _chats(by_key=True)


@cache
def root_tasks() -> Select[Any]:
    return (
        select(*_TASK)
        .select_from(t.task)
        .outerjoin(_client, _client.c.id == t.task.c.contact_id)
        .outerjoin(_assigned, _assigned.c.id == t.task.c.assignee_contact_id)
        .where(
            t.task.c.id.in_(bindparam("ids", expanding=True)),
            t.task.c.root_id == t.task.c.id,
            t.task.c.purged_at.is_(None),
        )
    )
