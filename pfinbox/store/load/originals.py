"""What is answered and what is forwarded: the comments of a task as a new one refers to them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.party import Party
from pfinbox.domain.model import Who
from pfinbox.domain.outbound.delivery import State
from pfinbox.domain.recipients.forwarding import Passable
from pfinbox.domain.recipients.original import Original
from pfinbox.domain.recipients.picker import Said
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.store import tables as t
from pfinbox.store.roots import members
from pfinbox.store.uow import UnitOfWork

# A delivery in one of these states has not arrived, and will not before an answer.
_NOT_THERE = (State.FAILED, State.WITHDRAWN, State.HELD, State.SCHEDULED)


_AUTHOR, _CHOSEN = t.contact.alias("author"), t.contact.alias("chosen")
_SAID = (
    select(
        t.comment.c.id,
        t.comment.c.agent_id,
        _AUTHOR.c.root_id.label("author_id"),
        t.notify.c.id.label("notify_id"),
        t.notify.c.agent_id.label("notified_id"),
        _CHOSEN.c.root_id.label("chosen_id"),
    )
    .outerjoin(_AUTHOR, _AUTHOR.c.id == t.comment.c.contact_id)
    .outerjoin(t.notify, t.notify.c.comment_id == t.comment.c.id)
    .outerjoin(_CHOSEN, _CHOSEN.c.id == t.notify.c.contact_id)
    .where(t.comment.c.task_id.in_(members(bindparam("root_id"))))
    .order_by(t.comment.c.created_at, t.comment.c.id, t.notify.c.id)
)
_ONE_SAID = _SAID.where(t.comment.c.id == bindparam("id"))


async def said(uow: UnitOfWork, root_id: int, comment_id: int | None = None) -> dict[int, Said]:
    """Who wrote the comments of a task, or one of them, and whom each notified; oldest first."""
    query = _SAID if comment_id is None else _ONE_SAID
    authors: dict[int, Who] = {}
    notified: dict[int, list[Who]] = {}
    for row in await uow.connection.execute(query, {"root_id": root_id, "id": comment_id}):
        authors[row.id] = _who(row.agent_id, row.author_id or 0)
        whom = notified.setdefault(row.id, [])
        if row.notify_id is not None:
            whom.append(_who(row.notified_id, row.chosen_id))
    return {one: Said(author, tuple(notified[one])) for one, author in authors.items()}


def _who(agent_id: int | None, contact_id: int) -> Who:
    return Who("agent", agent_id) if agent_id is not None else Who("contact", contact_id)


async def original(uow: UnitOfWork, root_id: int, comment_id: int) -> Original:
    """The comment that is answered; NotFound when it is not one of this task, as merged."""
    row = (
        await uow.connection.execute(
            select(
                t.comment,
                t.contact.c.root_id.label("author_root"),
                t.chat.c.subject,
                t.chat.c.outside,
                t.chat.c.answer_to,
            )
            .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .outerjoin(t.chat, t.chat.c.id == t.comment.c.chat_id)
            .where(t.comment.c.id == comment_id, t.comment.c.task_id.in_(members(root_id)))
        )
    ).first()
    if row is None:
        words = _("comment {id} is not in task #{task}")
        raise NotFound(words.format(id=comment_id, task=root_id))
    incoming = row.direction == "incoming"
    listed = row.recipients or {}
    names = listed.get("names", {})
    reached, chats = frozenset[int](), frozenset[int]()
    if not incoming:
        reached = frozenset(await uow.connection.scalars(_reached(comment_id)))
        chats = frozenset(
            await uow.connection.scalars(
                select(t.part.c.chat_id).where(
                    t.part.c.comment_id == comment_id, t.part.c.chat_id.is_not(None)
                )
            )
        )
    elif row.source_id is not None and row.chat_id is not None:
        chats = frozenset([row.chat_id])
    return Original(
        id=row.id,
        incoming=incoming,
        words=row.new_text or row.text,
        author_id=row.author_root,
        account_id=row.account_id,
        subject=row.subject if incoming else None,
        outside=bool(row.outside),
        recipients=tuple(
            Party(value, names.get(value, ""))
            for value in (*listed.get("to", ()), *listed.get("cc", ()))
        ),
        answer_to=row.answer_to,
        reached=reached,
        chats=chats,
    )


def _reached(comment_id: int) -> Select[tuple[int]]:
    """The contacts chosen for a comment of ours, unless it did not reach them."""
    person, of = t.contact.alias(), t.contact.alias()
    theirs = exists().where(
        t.delivery.c.comment_id == comment_id,
        t.delivery.c.notice.is_(None),
        of.c.id == t.delivery.c.contact_id,
        of.c.root_id == person.c.root_id,
    )
    return (
        select(person.c.root_id)
        .join(t.notify, t.notify.c.contact_id == person.c.id)
        .where(
            t.notify.c.comment_id == comment_id,
            # A comment without deliveries was written elsewhere: its contacts have it (R43).
            or_(~theirs, theirs.where(t.delivery.c.state.not_in(_NOT_THERE))),
        )
    )


async def passable(uow: UnitOfWork, root_id: int, ids: Collection[int]) -> list[Passable]:
    """The comments of a task, or those of ``ids``, in the order of the conversation."""
    by_mail = t.account.c.capabilities.op("&")(int(Capability.GLOBAL_ADDRESSES)) != 0
    sent_from = (
        select(t.account.c.label)
        .join(t.delivery, t.delivery.c.account_id == t.account.c.id)
        .where(t.delivery.c.comment_id == t.comment.c.id, by_mail)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            t.comment,
            t.contact.c.name.label("contact"),
            t.contact.c.root_id.label("author_root"),
            t.PUBLIC_NAME.label("agent"),
            t.chat.c.subject,
            t.chat.c.address_id,
            sent_from.label("sent_from"),
        )
        .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
        .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
        .outerjoin(t.chat, t.chat.c.id == t.comment.c.chat_id)
        .where(t.comment.c.task_id.in_(members(root_id)))
        .order_by(t.comment.c.created_at, t.comment.c.id)
    )
    if ids:
        query = query.where(t.comment.c.id.in_(ids))
    return [_passable(row) for row in await uow.connection.execute(query)]


def _passable(row: Any) -> Passable:
    return Passable(
        id=row.id,
        incoming=row.direction == "incoming",
        internal=row.internal,
        hidden=row.hidden,
        deleted=row.deleted_at is not None,
        words=row.text if row.new_text is None else row.new_text,
        at=row.claimed_at or row.created_at,
        author=row.contact or row.agent or "",
        author_id=row.author_root,
        account_id=row.account_id,
        address_id=row.address_id,
        sent_from=row.sent_from,
        subject=row.subject,
    )


async def attachments(uow: UnitOfWork, comment_ids: Collection[int]) -> list[int]:
    """The files of these comments, by their ids."""
    found = await uow.connection.scalars(
        select(t.attachment.c.id)
        .where(t.attachment.c.comment_id.in_(comment_ids))
        .order_by(t.attachment.c.comment_id, t.attachment.c.id)
    )
    return list(found)
