"""Notices by e-mail: what is queued, and what a mail to an agent is put together from (R22)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.notices.notices import TOLD
from pfinbox.domain.notices.text import Entry
from pfinbox.record import record
from pfinbox.store import client_wrote
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Comments that a mail shows, and earlier mails that it names.
_TAIL = 6
_REFERENCES = 10


@record
class Letter:
    """A queued notice: what it tells of, to which address it goes, how its agent reads."""

    part_id: int
    source_id: str | None
    nonce: str
    notice: str
    reason: Reason | None
    comment_id: int
    task_id: int
    account_id: int
    agent_id: int
    address: str
    first_tried_at: datetime | None
    language: str | None
    timezone: str | None


@record
class Told:
    """The comment that a notice tells of; ``quote_id``: what it answers."""

    id: int
    agent_id: int | None
    quote_id: int | None
    words: str
    # The author's name, and card if it is a contact.
    author: str
    author_id: int | None


@record
class Due:
    """A notice whose moment has come; ``due_at``: when its comment leaves, if later."""

    notice: str
    agent_id: int
    task_id: int
    deleted: bool
    due_at: datetime | None


async def letter(uow: UnitOfWork, part_id: int) -> Letter:
    """The notice that a part carries."""
    row = (
        await uow.connection.execute(
            select(
                t.part,
                t.delivery.c.notice,
                t.delivery.c.agent_id,
                t.delivery.c.address,
                t.delivery.c.first_tried_at,
                t.comment.c.task_id,
                t.agent.c.language,
                t.agent.c.timezone,
            )
            .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
            .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
            .join(t.comment, t.comment.c.id == t.part.c.comment_id)
            .join(t.agent, t.agent.c.id == t.delivery.c.agent_id)
            .where(t.part.c.id == part_id)
        )
    ).one()
    reason = row.content["reason"]
    return Letter(
        part_id=row.id,
        source_id=row.source_id,
        nonce=row.nonce,
        notice=row.notice,
        reason=Reason.from_json(reason) if reason is not None else None,
        comment_id=row.comment_id,
        task_id=row.task_id,
        account_id=row.account_id,
        agent_id=row.agent_id,
        address=row.address,
        first_tried_at=row.first_tried_at,
        language=row.language,
        timezone=row.timezone,
    )


async def told(uow: UnitOfWork, comment_id: int) -> Told:
    """A comment as a notice tells of it."""
    row = (
        await uow.connection.execute(
            select(
                t.comment,
                t.contact.c.name.label("card_name"),
                t.contact.c.root_id,
                t.agent.c.name.label("agent_name"),
            )
            .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .where(t.comment.c.id == comment_id)
        )
    ).one()
    return Told(
        id=row.id,
        agent_id=row.agent_id,
        quote_id=row.quote_id,
        words=row.new_text or row.text,
        author=row.agent_name or row.card_name or "",
        author_id=row.root_id if row.agent_id is None else None,
    )


async def last_of_client(uow: UnitOfWork, root_id: int) -> int | None:
    """The client's last comment in a task."""
    found: int | None = await uow.connection.scalar(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id == root_id, client_wrote.client_wrote())
        .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )
    return found


_ENTRIES: Select[Any] = (
    select(
        t.comment,
        t.agent.c.name.label("agent_name"),
        t.contact.c.name.label("card_name"),
        t.chat.c.outside,
    )
    .join(t.task, t.task.c.id == t.comment.c.task_id)
    .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
    .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
    .outerjoin(t.chat, t.chat.c.id == t.comment.c.chat_id)
    .where(
        t.task.c.root_id == bindparam("root_id"),
        t.comment.c.id <= bindparam("last_id"),
        or_(t.comment.c.deleted_at.is_(None), t.comment.c.id == bindparam("last_id")),
    )
    .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
    .limit(_TAIL)
)


async def entries(uow: UnitOfWork, root_id: int, last_id: int) -> list[Entry]:
    """The last comments of a task up to one of them, which comes last."""
    rows = (await uow.connection.execute(_ENTRIES, {"root_id": root_id, "last_id": last_id})).all()[
        ::-1
    ]
    ids = [row.id for row in rows]
    to = await _grouped(
        uow,
        select(t.notify.c.comment_id, t.contact.c.name)
        .join(t.contact, t.contact.c.id == t.notify.c.contact_id)
        .where(t.notify.c.comment_id.in_(ids))
        .order_by(t.notify.c.id),
    )
    files = await _grouped(
        uow,
        select(t.attachment.c.comment_id, t.attachment.c.name)
        .where(t.attachment.c.comment_id.in_(ids))
        .order_by(t.attachment.c.id),
    )
    return [
        Entry(
            author=row.agent_name or row.card_name or "",
            incoming=row.direction == "incoming",
            outside=bool(row.outside),
            at=row.created_at,
            text=row.new_text or row.text,
            to=tuple(to.get(row.id, ())),
            files=tuple(files.get(row.id, ())),
            verified=row.verified,
            automatic=row.automatic,
        )
        for row in rows
    ]


async def _grouped(uow: UnitOfWork, query: Select[Any]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for comment_id, name in await uow.connection.execute(query):
        found.setdefault(comment_id, []).append(name)
    return found


async def earlier(uow: UnitOfWork, root_id: int, letter: Letter) -> list[str]:
    """Ids of earlier notices of a task to the same agent: mail programs show them as one thread."""
    rows = await uow.connection.scalars(
        select(t.part.c.source_id)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .join(t.comment, t.comment.c.id == t.part.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.task.c.root_id == root_id,
            t.delivery.c.agent_id == letter.agent_id,
            t.part.c.id < letter.part_id,
            t.part.c.source_id.is_not(None),
        )
        .order_by(t.part.c.id.desc())
        .limit(_REFERENCES)
    )
    return list(rows)[::-1]


async def told_lately(uow: UnitOfWork, agent_id: int) -> int:
    """How many mails about refused answers the agent has got within an hour."""
    count = await uow.connection.scalar(
        select(func.count())
        .select_from(t.delivery)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .where(
            t.delivery.c.agent_id == agent_id,
            t.delivery.c.notice == TOLD,
            t.comment.c.created_at > uow.now - timedelta(hours=1),
        )
    )
    return count or 0


async def due(uow: UnitOfWork, delivery_id: int) -> Due:
    """The notice that a delivery carries, with its comment."""
    row = (
        await uow.connection.execute(
            select(
                t.delivery.c.notice,
                t.delivery.c.agent_id,
                t.comment.c.task_id,
                t.comment.c.deleted_at,
                t.comment.c.due_at,
            )
            .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
            .where(t.delivery.c.id == delivery_id)
        )
    ).one()
    return Due(row.notice, row.agent_id, row.task_id, row.deleted_at is not None, row.due_at)
