"""The statements that read a task with all that a rule looks at, put together once."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    select,
)

from pfinbox.store import tables as t
from pfinbox.store.roots import is_open


def chats() -> Select[Any]:
    now, taking, goes_on = t.binding.alias(), t.task.alias(), t.task.alias()
    return (
        select(
            t.chat,
            t.contact.c.root_id,
            t.address.c.value.label("address"),
            goes_on.c.id.label("open_task_id"),
            goes_on.c.private_to_id.label("open_task_of"),
        )
        .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
        .outerjoin(t.address, t.address.c.id == t.chat.c.address_id)
        .outerjoin(now, and_(now.c.chat_id == t.chat.c.id, now.c.current))
        .outerjoin(taking, taking.c.id == now.c.task_id)
        .outerjoin(
            goes_on,
            and_(
                goes_on.c.id == taking.c.root_id,
                is_open(goes_on),
            ),
        )
    )


_asked, _client, _assigned = t.task.alias(), t.contact.alias(), t.contact.alias()
_here, _at = t.participant.alias(), t.task.alias()
# Participants of everything merged into a root, each as its row's id, its kind and whose it is.
PARTICIPANTS = (
    select(
        func.aggregate_strings(
            cast(_here.c.id, Text)
            + func.coalesce(
                literal(" agent ") + cast(_here.c.agent_id, Text),
                literal(" contact ") + cast(t.contact.c.root_id, Text),
            ),
            "\n",
        )
    )
    .join(_at, _at.c.id == _here.c.task_id)
    .outerjoin(t.contact, t.contact.c.id == _here.c.contact_id)
    .where(_at.c.root_id == t.task.c.id)
    .correlate(t.task)
    .scalar_subquery()
)
_BY_ID = and_(_asked.c.id == bindparam("id"), _asked.c.purged_at.is_(None))
_BY_CHAT = and_(
    _asked.c.id.in_(
        select(t.binding.c.task_id).where(
            t.binding.c.chat_id == bindparam("id"), t.binding.c.current
        )
    ),
    t.task.c.purged_at.is_(None),
)


def _root(asked: ColumnElement[bool]) -> Select[Any]:
    """The statement that reads a root.

    Cards by their root: what was merged answers to its old number.
    """
    joined = and_(_asked.c.root_id == t.task.c.id, asked)
    return (
        select(
            t.task,
            _client.c.root_id.label("client_id"),
            _assigned.c.root_id.label("assigned_id"),
            PARTICIPANTS.label("participants"),
        )
        .select_from(t.task)
        .join(_asked, joined)
        .outerjoin(_client, _client.c.id == t.task.c.contact_id)
        .outerjoin(_assigned, _assigned.c.id == t.task.c.assignee_contact_id)
    )


ROOT_BY_ID, ROOT_BY_CHAT = _root(_BY_ID), _root(_BY_CHAT)
# Asked of chats that we alone began to use: few.
_used_here = and_(
    t.binding.c.aside,
    exists().where(
        t.comment.c.chat_id == t.binding.c.chat_id,
        t.comment.c.task_id == t.binding.c.task_id,
        t.comment.c.direction == "incoming",
    ),
)
# Also where its own task was merged in at the same moment (R32).
_invited = exists().where(
    t.invitation.c.chat_id == t.chat.c.id, t.invitation.c.task_id == bindparam("root")
)
BOUND = (
    chats()
    .add_columns(
        t.binding.c.task_id, t.binding.c.aside, _used_here.label("used"), _invited.label("invited")
    )
    .join(t.binding, t.binding.c.chat_id == t.chat.c.id)
    .join(t.task, t.task.c.id == t.binding.c.task_id)
    .where(t.task.c.root_id == bindparam("root"))
    .order_by(t.binding.c.id)
)
