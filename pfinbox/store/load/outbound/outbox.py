"""What a person's acts on queued messages look at."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select

from pfinbox.domain.model import Who
from pfinbox.domain.outbound.delivery import PartState, State
from pfinbox.domain.outbound.queueing import PartContent
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


@record
class Queued:
    """A delivery, with the words of its comment."""

    id: int
    state: State
    doubted: bool
    comment_id: int
    # None: a notice to a colleague.
    contact_id: int | None
    account_id: int
    chat_id: int | None
    address: str
    task_id: int
    text: str
    quote_id: int | None
    quotes: bool


async def queued(uow: UnitOfWork, delivery_id: int) -> Queued:
    """A delivery, locked until the transaction ends; NotFound when there is none."""
    delivery, comment = t.delivery.c, t.comment.c
    query = (
        select(
            *(delivery[name] for name in ("id", "state", "doubted", "comment_id", "contact_id")),
            *(delivery[name] for name in ("account_id", "chat_id", "address")),
            *(comment[name] for name in ("task_id", "text", "quote_id")),
            comment.quote_text.is_not(None).label("quotes"),
        )
        .join(t.comment, comment.id == delivery.comment_id)
        .where(delivery.id == delivery_id)
    )
    if not uow.sqlite:
        query = query.with_for_update(of=t.delivery)
    row = (await uow.connection.execute(query)).first()
    if row is None:
        raise NotFound(_("there is no delivery {id}").format(id=delivery_id))
    values: dict[str, Any] = {**row._mapping, "state": State(row.state)}
    return Queued(**values)


async def of_comment(uow: UnitOfWork, comment_id: int, *, lock: bool = False) -> dict[int, State]:
    """The deliveries of a comment to contacts, with their states; ``lock``: for a change."""
    query = (
        select(t.delivery.c.id, t.delivery.c.state)
        .where(t.delivery.c.comment_id == comment_id, t.delivery.c.notice.is_(None))
        .order_by(t.delivery.c.id)
    )
    if lock and not uow.sqlite:
        query = query.with_for_update()
    return {row.id: State(row.state) for row in await uow.connection.execute(query)}


async def may_have_arrived(uow: UnitOfWork, comment_id: int) -> bool:
    """Whether a contact has a part of the comment, or may have one."""
    doubted = exists().where(
        t.delivery.c.comment_id == comment_id,
        t.delivery.c.notice.is_(None),
        t.delivery.c.doubted.is_(True),
    )
    sent = exists().where(
        t.part.c.comment_id == comment_id,
        # Without a chat: a notice to a colleague.
        t.part.c.chat_id.is_not(None),
        t.part.c.state == PartState.SENT,
    )
    return bool(await uow.connection.scalar(select(or_(doubted, sent))))


async def parts_of_comment(uow: UnitOfWork, comment_id: int) -> list[PartContent]:
    """All parts of a comment, notices to colleagues included."""
    rows = await uow.connection.execute(
        select(t.part.c.id, t.part.c.chat_id, t.part.c.state, t.part.c.content)
        .where(t.part.c.comment_id == comment_id)
        .order_by(t.part.c.id)
    )
    return [PartContent(*row) for row in rows]


async def parts_of_delivery(uow: UnitOfWork, delivery_id: int) -> list[PartContent]:
    """The parts of one delivery, in their order."""
    rows = await uow.connection.execute(
        select(t.part.c.id, t.part.c.chat_id, t.part.c.state, t.part.c.content)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .where(t.delivery_part.c.delivery_id == delivery_id)
        .order_by(t.part.c.position)
    )
    return [PartContent(*row) for row in rows]


@record
class Outgoing:
    """A comment of ours, as a draft is made of it again."""

    id: int
    agent_id: int | None
    text: str
    quote_id: int | None
    choices: Mapping[str, Any] | None
    due_at: datetime | None
    send_anyway: bool


async def outgoing(uow: UnitOfWork, comment_id: int) -> Outgoing:
    """NotFound when there is none, or a client wrote it."""
    comment = t.comment.c
    row = (
        await uow.connection.execute(
            select(*(comment[one.name] for one in fields(Outgoing))).where(
                comment.id == comment_id, comment.direction == "outgoing"
            )
        )
    ).first()
    if row is None:
        raise NotFound(_("there is no comment {id}").format(id=comment_id))
    return Outgoing(**row._mapping)


async def notified(uow: UnitOfWork, comment_id: int) -> list[Who]:
    """Whom a comment was written to."""
    rows = await uow.connection.execute(
        select(t.notify.c.agent_id, t.notify.c.contact_id).where(
            t.notify.c.comment_id == comment_id
        )
    )
    return [
        Who("agent", row.agent_id) if row.agent_id else Who("contact", row.contact_id)
        for row in rows
    ]


async def files(uow: UnitOfWork, comment_id: int) -> list[Mapping[str, Any]]:
    """The files of a comment: id, name, media_type, size, sha256."""
    names = ("id", "name", "media_type", "size", "sha256")
    rows = await uow.connection.execute(
        select(*(t.attachment.c[name] for name in names))
        .where(t.attachment.c.comment_id == comment_id)
        .order_by(t.attachment.c.id)
    )
    return [dict(row._mapping) for row in rows]
