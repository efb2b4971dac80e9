"""What the client said that may be unanswered, and what was said last (R41).

What is heard here is the same as ``domain.awaiting_reply``; a property test keeps the two together.
Statements are put together once: every answer, merge and move asks for them.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, false, func, or_, select

from pfinbox.domain import awaiting_reply as rules
from pfinbox.domain.awaiting_reply import Happened, LastWord, Said, Standing
from pfinbox.domain.outbound.delivery import COUNTED_FAILED
from pfinbox.domain.text.preview import preview
from pfinbox.store import client_wrote
from pfinbox.store import tables as t
from pfinbox.store.roots import members
from pfinbox.store.uow import UnitOfWork

_root = t.task.alias("root")
_members = members(bindparam("root_id"))
_in_tree = t.comment.c.task_id.in_(_members)
# A notice to an agent is no delivery to anybody outside.
_share = and_(t.delivery.c.comment_id == t.comment.c.id, t.delivery.c.notice.is_(None))


def _said_outside() -> Any:
    """An outgoing comment to a contact, unless it still waits, never left or failed."""
    return and_(
        t.comment.c.direction == "outgoing",
        t.comment.c.internal.is_(False),
        # An acknowledgement answers nothing.
        t.comment.c.automatic.is_(False),
        t.comment.c.deleted_at.is_(None),
        or_(
            ~exists().where(_share),
            exists().where(_share, t.delivery.c.state.not_in(rules.UNSAID)),
        ),
        ~exists().where(
            _share,
            t.delivery.c.state.in_(COUNTED_FAILED),
            t.delivery.c.dismissed_at.is_(None),
        ),
    )


def _said_aside() -> Any:
    """A comment that went into a side conversation only (R45)."""
    outside = exists().where(t.chat.c.id == t.delivery.c.chat_id, t.chat.c.outside)
    return and_(exists().where(_share), ~exists().where(_share, ~outside))


async def only_outside(uow: UnitOfWork, comment_id: int) -> bool:
    """Whether a comment is no talk with the client: a forward, or an answer to its reader."""
    found = await uow.connection.scalar(
        select(t.comment.c.id).where(t.comment.c.id == comment_id, _said_aside())
    )
    return found is not None


async def standing(uow: UnitOfWork, root_id: int) -> Standing:
    """What the list shows of a root now, as far as it depends on its comments."""
    row = (await uow.connection.execute(_standing(), {"root_id": root_id})).one()
    return Standing(**row._mapping)


@cache
def _standing() -> Select[Any]:
    newest = select(func.max(t.comment.c.created_at)).where(_in_tree).scalar_subquery()
    return select(
        t.task.c.last_notable_id,
        t.task.c.created_at,
        t.task.c.last_activity_at,
        t.task.c.assignee_agent_id,
        newest.label("newest_at"),
    ).where(t.task.c.id == bindparam("root_id"))


async def heard(uow: UnitOfWork, root_id: int) -> list[Said]:
    """Messages to a root, not in the trash, that no comment to their writer followed."""
    rows = await uow.connection.execute(_heard(), {"root_id": root_id})
    return [Said(**row._mapping) for row in rows]


@cache
def _heard() -> Select[Any]:
    # The last comment that the client heard of.
    answered = (
        select(func.max(t.comment.c.id))
        .where(_in_tree, _said_outside(), ~_said_aside(), t.comment.c.sent_elsewhere.is_(False))
        .correlate(None)
        .scalar_subquery()
    )
    # A comment of a side conversation is answered in that side conversation, too.
    aside = (
        select(func.max(t.comment.c.id))
        .where(_in_tree, _said_outside(), t.comment.c.imported.is_(False))
        .correlate(None)
        .scalar_subquery()
    )
    # The receipt tells when it was stored; created_at may be long before that.
    stored = (
        select(func.min(t.receipt.c.received_at))
        .where(t.receipt.c.comment_id == t.comment.c.id)
        .scalar_subquery()
    )
    return (
        select(
            t.comment.c.id,
            t.comment.c.task_id,
            t.comment.c.created_at,
            func.coalesce(stored, t.comment.c.created_at).label("stored_at"),
        )
        .where(
            _in_tree,
            exists().where(_root.c.id == bindparam("root_id"), _root.c.deleted_at.is_(None)),
            client_wrote.is_heard(),
            t.comment.c.id > func.coalesce(answered, 0),
            ~_answered_elsewhere(),
            or_(~client_wrote.from_outside(), t.comment.c.id > func.coalesce(aside, 0)),
        )
        .order_by(t.comment.c.id)
    )


def _answered_elsewhere() -> Any:
    """Whether a comment sent elsewhere answered the client's message (R43).

    Such a copy is seen later than it was sent: perhaps the client has written again by then.
    """
    sent, to, card = t.comment.alias("sent"), t.contact.alias("reached"), t.contact.alias("card")
    writer = t.comment.alias("writer")
    writers = (
        select(card.c.root_id)
        .join(writer, writer.c.contact_id == card.c.id)
        .outerjoin(t.chat, t.chat.c.id == writer.c.chat_id)
        .where(writer.c.task_id.in_(_members), func.coalesce(t.chat.c.outside, false()).is_(False))
    )
    return exists().where(
        sent.c.task_id.in_(_members),
        sent.c.sent_elsewhere,
        sent.c.imported.is_(False),
        sent.c.deleted_at.is_(None),
        sent.c.id > t.comment.c.id,
        sent.c.created_at >= t.comment.c.created_at,
        t.notify.c.comment_id == sent.c.id,
        to.c.id == t.notify.c.contact_id,
        to.c.root_id.in_(writers),
    )


async def happened(uow: UnitOfWork, root_id: int) -> list[Happened]:
    """What may have ended the client's waiting in the tasks of a tree, or taken such an end back.

    In the order of the journal; the moment at which a task was closed last comes after it.
    """
    rows = await uow.connection.execute(_ended(), {"root_id": root_id})
    ends = [Happened(row.task_id, row.at, row.kind, row.args) for row in rows]
    closed = await uow.connection.execute(_closed(), {"root_id": root_id})
    return ends + [Happened(row.id, row.closed_at, "closed") for row in closed]


@cache
def _ended() -> Select[Any]:
    return (
        select(t.activity.c.task_id, t.activity.c.kind, t.activity.c.args, t.activity.c.at)
        .where(t.activity.c.task_id.in_(_members), t.activity.c.kind.in_(rules.ENDS))
        .order_by(t.activity.c.id)
    )


@cache
def _closed() -> Select[Any]:
    return select(t.task.c.id, t.task.c.closed_at).where(
        t.task.c.root_id == bindparam("root_id"), t.task.c.closed_at.is_not(None)
    )


async def last_word(uow: UnitOfWork, root_id: int, *, client_waits: bool) -> LastWord | None:
    """The last comment between us and a client; internal talk does not show in the list.

    Nor does what was said to somebody outside, while the client waits, nor a program's answer,
    where anybody else spoke.
    """
    row = (await uow.connection.execute(_last_word(client_waits), {"root_id": root_id})).first()
    if row is None:
        return None
    direction = None if row.automatic else row.direction
    return LastWord(direction, preview(row.new_text or row.text) or preview(row.file or ""))


@cache
def _last_word(client_waits: bool) -> Select[Any]:
    ours = and_(_said_outside(), ~_said_aside()) if client_waits else _said_outside()
    file = (
        select(t.attachment.c.name)
        .where(t.attachment.c.comment_id == t.comment.c.id)
        .order_by(t.attachment.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            t.comment.c.direction,
            t.comment.c.automatic,
            t.comment.c.text,
            t.comment.c.new_text,
            file.label("file"),
        )
        .where(_in_tree, or_(t.comment.c.direction == "incoming", ours))
        # Imported comments and those sent elsewhere were stored later than they were said.
        .order_by(t.comment.c.automatic, t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )


async def noticed(uow: UnitOfWork, comment_ids: Collection[int]) -> set[int]:
    """Those of the comments that are marked as new for certain agents."""
    return set(
        await uow.connection.scalars(
            select(t.notice.c.comment_id).where(t.notice.c.comment_id.in_(comment_ids))
        )
    )
