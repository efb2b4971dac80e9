"""Comments, with what the rules about writing, correcting and moving them look at."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select

from pfinbox.domain.merging.moving import Movable
from pfinbox.domain.merging.parting import Spoken
from pfinbox.domain.outbound.correcting import Written
from pfinbox.domain.outbound.delivery import WAITING
from pfinbox.domain.text.preview import preview
from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.store import client_wrote
from pfinbox.store import tables as t
from pfinbox.store.roots import members
from pfinbox.store.rows import DraftRow
from pfinbox.store.uow import UnitOfWork


@record
class Draft:
    """A draft with its id."""

    id: int
    row: DraftRow


async def spoken(uow: UnitOfWork, root_id: int) -> list[Spoken]:
    """The comments of a root and of what is merged into it, with the chats by which they went."""
    rows = await uow.connection.execute(
        select(t.comment.c.id, t.delivery.c.chat_id)
        .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
        .where(t.comment.c.task_id.in_(members(root_id)), t.delivery.c.chat_id.is_not(None))
    )
    delivered: dict[int, set[int]] = {}
    for row in rows:
        delivered.setdefault(row.id, set()).add(row.chat_id)
    rows = await uow.connection.execute(
        select(
            t.comment.c.id,
            t.comment.c.task_id,
            t.comment.c.direction,
            t.comment.c.internal,
            t.comment.c.sent_elsewhere,
            t.comment.c.chat_id,
            t.comment.c.text,
            t.comment.c.new_text,
            t.comment.c.created_at,
        )
        .where(t.comment.c.task_id.in_(members(root_id)))
        .order_by(t.comment.c.created_at, t.comment.c.id)
    )
    return [
        Spoken(
            row.id,
            row.task_id,
            row.created_at,
            row.direction == "outgoing",
            frozenset(
                # A comment sent elsewhere went by the chat in which it was found.
                [row.chat_id] if row.sent_elsewhere and row.chat_id else delivered.get(row.id, ())
            ),
            internal=row.internal,
            line=preview(row.new_text or row.text),
        )
        for row in rows
    ]


async def root_of(uow: UnitOfWork, comment_id: int) -> int | None:
    """The root task in which a comment stands; None for a purged one."""
    root = t.task.alias("root")
    found: int | None = await uow.connection.scalar(
        select(root.c.id)
        .join(t.task, t.task.c.root_id == root.c.id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id == comment_id, root.c.purged_at.is_(None))
    )
    return found


async def task_of(
    uow: UnitOfWork, *, comment_id: int | None = None, delivery_id: int | None = None
) -> int | None:
    """The task in which a comment, or the comment that a delivery carries, was written."""
    query = select(t.comment.c.task_id)
    if delivery_id is not None:
        query = query.join(t.delivery, t.delivery.c.comment_id == t.comment.c.id).where(
            t.delivery.c.id == delivery_id
        )
    else:
        query = query.where(t.comment.c.id == comment_id)
    found: int | None = await uow.connection.scalar(query)
    return found


async def tasks_of(uow: UnitOfWork, comment_ids: Collection[int]) -> set[int]:
    """The tasks in which these comments were written."""
    query = select(t.comment.c.task_id).where(t.comment.c.id.in_(comment_ids))
    return set(await uow.connection.scalars(query))


async def last(uow: UnitOfWork, root_id: int) -> int | None:
    """The comment of the task and of those merged into it that was stored last."""
    found: int | None = await uow.connection.scalar(
        select(func.max(t.comment.c.id)).where(t.comment.c.task_id.in_(members(root_id)))
    )
    return found


async def last_of_client(uow: UnitOfWork, root_id: int) -> int | None:
    """What a client said last; what was imported has been stored newest first."""
    found: int | None = await uow.connection.scalar(
        select(t.comment.c.id)
        .where(t.comment.c.task_id.in_(members(root_id)), t.comment.c.direction == "incoming")
        .order_by(t.comment.c.imported, t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )
    return found


async def draft(uow: UnitOfWork, agent_id: int, task_id: int, mode: str) -> Draft | None:
    """The agent's newest draft in a task or in what is merged with it; 0: of a new task."""
    own = t.task.alias("own")
    root = select(own.c.root_id).where(own.c.id == task_id).scalar_subquery()
    row = (
        await uow.connection.execute(
            select(t.draft, t.task.c.root_id)
            .outerjoin(t.task, t.task.c.id == t.draft.c.task_id)
            .where(
                t.draft.c.agent_id == agent_id,
                t.draft.c.mode == mode,
                or_(t.draft.c.task_id == task_id, t.task.c.root_id == root),
            )
            .order_by(t.draft.c.updated_at.desc(), t.draft.c.id.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    shown = DraftRow(row.root_id or task_id, row.mode, row.text, row.choices, row.updated_at)
    return Draft(row.id, shown)


async def by_key(uow: UnitOfWork, keys: Collection[str]) -> dict[str, tuple[int, datetime | None]]:
    """The comments that were written with these keys: id, and when each leaves."""
    rows = await uow.connection.execute(
        select(t.comment.c.client_key, t.comment.c.id, t.comment.c.due_at).where(
            t.comment.c.client_key.in_(keys)
        )
    )
    return {row.client_key: (row.id, row.due_at) for row in rows}


async def client_wrote_after(uow: UnitOfWork, seen: Mapping[int, int]) -> dict[int, list[int]]:
    """By root, the client's comments after the one that was seen there, by their ids."""
    found: dict[int, list[int]] = {}
    if not seen:
        return found
    rows = await uow.connection.execute(
        select(t.task.c.root_id, t.comment.c.id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(
            t.task.c.root_id.in_(seen),
            t.comment.c.id > min(seen.values()),
            client_wrote.client_wrote(),
        )
        .order_by(t.comment.c.id)
    )
    for row in rows:
        if row.id > seen[row.root_id]:
            found.setdefault(row.root_id, []).append(row.id)
    return found


async def answered_after(uow: UnitOfWork, root_id: int, seen: int, agent_id: int) -> list[int]:
    """What colleagues said to the client after the comment ``seen``, or wrote in another program.

    The ids, oldest first.
    """
    ids = await uow.connection.scalars(
        select(t.comment.c.id)
        .where(
            t.comment.c.task_id.in_(members(root_id)),
            t.comment.c.id > seen,
            t.comment.c.direction == "outgoing",
            t.comment.c.internal.is_(False),
            t.comment.c.automatic.is_(False),
            t.comment.c.deleted_at.is_(None),
            or_(t.comment.c.agent_id.is_(None), t.comment.c.agent_id != agent_id),
        )
        .order_by(t.comment.c.id)
    )
    return list(ids)


async def last_words(uow: UnitOfWork, root_id: int) -> tuple[int, int | None]:
    """The last comment of a task, and the card of who wrote the client's last one (R14)."""
    last = select(func.max(t.comment.c.id)).where(t.comment.c.task_id.in_(members(root_id)))
    answered = await uow.connection.scalar(
        select(t.contact.c.root_id)
        .join(t.comment, t.comment.c.contact_id == t.contact.c.id)
        .where(
            t.comment.c.task_id.in_(members(root_id)),
            t.comment.c.direction == "incoming",
            # An answer in a side conversation is not the client's (R45).
            ~client_wrote.from_outside(),
        )
        .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )
    return await uow.connection.scalar(last) or 0, answered


async def written(uow: UnitOfWork, comment_id: int) -> Written:
    """A comment as it may be corrected; NotFound when there is none."""
    row = (
        await uow.connection.execute(select(t.comment).where(t.comment.c.id == comment_id))
    ).first()
    if row is None:
        raise NotFound(_("there is no comment {id}").format(id=comment_id))
    deliveries = await uow.connection.execute(
        select(t.delivery.c.id, t.delivery.c.state, t.delivery.c.doubted)
        .where(t.delivery.c.comment_id == comment_id, t.delivery.c.notice.is_(None))
        .order_by(t.delivery.c.id)
    )
    found = deliveries.all()
    parts = await uow.connection.scalars(
        select(t.part.c.state).where(
            # Without a chat: a notice to a colleague.
            t.part.c.comment_id == comment_id,
            t.part.c.chat_id.is_not(None),
        )
    )
    return Written(
        id=row.id,
        text=row.text,
        agent_id=row.agent_id,
        hidden=row.hidden,
        deleted=row.deleted_at is not None,
        deliveries=tuple((one.id, one.state) for one in found),
        parts=frozenset(parts),
        doubted=any(one.doubted and one.state in WAITING for one in found),
    )


async def movable(uow: UnitOfWork, comment_id: int) -> Movable:
    """A comment as moving it looks at it; its task is locked, with its chats."""
    other = t.comment.alias("other")
    beside = exists().where(other.c.chat_id == t.comment.c.chat_id, other.c.id != t.comment.c.id)
    sent = exists().where(t.part.c.chat_id == t.comment.c.chat_id)
    query = (
        select(
            *(t.comment.c[name] for name in ("id", "task_id")),
            (t.comment.c.direction == "incoming").label("incoming"),
            *(t.comment.c[name] for name in ("text", "created_at", "contact_id")),
            t.contact.c.root_id.label("card_id"),
            *(t.comment.c[name] for name in ("account_id", "chat_id", "source_id")),
            t.chat.c.subject,
            and_(~beside, ~sent).label("alone"),
            exists().where(t.notice.c.comment_id == t.comment.c.id).label("noticed"),
        )
        .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
        .outerjoin(t.chat, t.chat.c.id == t.comment.c.chat_id)
        .where(t.comment.c.id == comment_id)
    )
    return Movable(**(await uow.connection.execute(query)).one()._mapping)


async def highest_id(uow: UnitOfWork) -> int:
    """The id of the newest comment; 0 where there is none."""
    return int(await uow.connection.scalar(select(func.max(t.comment.c.id))) or 0)
