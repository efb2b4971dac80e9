"""What outgoing parts are built from, for a whole claim of deliveries."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, union_all

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.outbound.outgoing import Draft, Quote, Recipient
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def drafts(uow: UnitOfWork, part_ids: Collection[int]) -> dict[int, Draft]:
    """By the part's id; three statements, and some for each that answers a message.

    A notice to a colleague is not among them: it is put together in the colleague's language.
    """
    rows = [row for row in await _parts(uow, part_ids) if not row.content.get("notice")]
    recipients = await _recipients(uow, {row.comment_id for row in rows})
    threads = await _threads(uow, {row.chat_id for row in rows if row.chat_id is not None})
    found: dict[int, Draft] = {}
    for row in rows:
        # The same mail has the same id, as the others in To and Cc have it already.
        thread = [
            (one.source_id, bool(one.incoming))
            for one in threads.get(row.chat_id, ())
            if not one.part_id or (one.part_id != row.id and one.source_id != row.source_id)
        ]
        found[row.id] = Draft(
            part_id=row.id,
            nonce=row.nonce,
            content=row.content,
            source_id=row.source_id,
            chat_id=row.chat_id,
            chat_key=row.chat_key,
            username=row.username,
            subject=row.chat_subject or row.title,
            created_at=row.created_at,
            automatic=row.automatic,
            agent_name=row.agent_name or "",
            recipients=tuple(recipients.get((row.comment_id, row.account_id), ())),
            thread=tuple(thread),
            quote=await _quote(uow, row),
        )
    return found


_PARTS: Select[Any] = (
    select(
        t.part.c.id,
        t.part.c.comment_id,
        t.part.c.account_id,
        t.part.c.chat_id,
        t.part.c.nonce,
        t.part.c.source_id,
        t.part.c.content,
        t.comment.c.created_at,
        t.comment.c.automatic,
        t.comment.c.quote_text,
        t.PUBLIC_NAME.label("agent_name"),
        t.task.c.title,
        t.chat.c.key.label("chat_key"),
        t.chat.c.subject.label("chat_subject"),
        t.address.c.username,
    )
    .join(t.comment, t.comment.c.id == t.part.c.comment_id)
    .join(t.task, t.task.c.id == t.comment.c.task_id)
    .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
    .outerjoin(t.chat, t.chat.c.id == t.part.c.chat_id)
    .outerjoin(t.address, t.address.c.id == t.chat.c.address_id)
    .where(t.part.c.id.in_(bindparam("ids", expanding=True)))
)


async def _parts(uow: UnitOfWork, part_ids: Collection[int]) -> list[Any]:
    rows = await uow.connection.execute(_PARTS, {"ids": list(part_ids)})
    return list(rows.all())


async def _recipients(
    uow: UnitOfWork, comment_ids: Collection[int]
) -> dict[tuple[int, int], list[Recipient]]:
    """By comment and account."""
    delivery = t.delivery.c
    rows = await uow.connection.execute(
        select(
            delivery.id, delivery.comment_id, delivery.account_id, delivery.address, delivery.state
        )
        .where(delivery.comment_id.in_(comment_ids))
        .order_by(delivery.id)
    )
    found: dict[tuple[int, int], list[Recipient]] = {}
    for row in rows:
        one = Recipient(row.id, row.address, row.state)
        found.setdefault((row.comment_id, row.account_id), []).append(one)
    return found


_incoming = (t.comment.c.direction == "incoming").label("incoming")
_came = select(
    t.comment.c.chat_id,
    t.comment.c.source_id,
    t.comment.c.created_at.label("at"),
    t.comment.c.id,
    # A type for PostgreSQL: no comment has part 0.
    (t.comment.c.id * 0).label("part_id"),
    _incoming,
).where(
    t.comment.c.chat_id.in_(bindparam("chat_ids", expanding=True)),
    t.comment.c.source_id.is_not(None),
)
_went = (
    select(
        t.part.c.chat_id,
        t.part.c.source_id,
        t.comment.c.created_at.label("at"),
        t.comment.c.id,
        t.part.c.id.label("part_id"),
        _incoming,
    )
    .join(t.comment, t.comment.c.id == t.part.c.comment_id)
    .where(
        t.part.c.chat_id.in_(bindparam("chat_ids", expanding=True)),
        t.part.c.source_id.is_not(None),
        t.part.c.state != "pending",
    )
)
_both = union_all(_came, _went).subquery()
_THREADS = select(_both).order_by(_both.c.at, _both.c.id)


async def _threads(uow: UnitOfWork, chat_ids: Collection[int]) -> dict[int, list[Row[Any]]]:
    """What came and what went in each chat, oldest first."""
    found: dict[int, list[Row[Any]]] = {}
    for row in await uow.connection.execute(_THREADS, {"chat_ids": list(chat_ids)}):
        found.setdefault(row.chat_id, []).append(row)
    return found


async def _quote(uow: UnitOfWork, part: Any) -> Quote | None:
    """The answered message; whether its words go along was decided when the comment was saved."""
    comment_id = part.content["quote"]
    if comment_id is None:
        return None
    text = part.quote_text if part.content["quotes"] else None
    row = (
        await uow.connection.execute(
            select(
                t.comment,
                t.contact.c.name.label("contact"),
                t.contact.c.root_id.label("author_root"),
                t.PUBLIC_NAME.label("agent"),
            )
            .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .where(t.comment.c.id == comment_id)
        )
    ).first()
    if row is None:
        return None  # purged since
    if row.direction == "incoming":
        # A Message-ID means the same in every thread of the account; a messenger's only there.
        known = row.chat_id == part.chat_id or (
            row.account_id == part.account_id
            and await _threaded(uow, part.account_id)
            and await _had_it(uow, row, part)
        )
        source_id = row.source_id if known else None
    else:
        source_id = await uow.connection.scalar(
            select(t.part.c.source_id)
            .where(t.part.c.comment_id == comment_id, t.part.c.chat_id == part.chat_id)
            .order_by(t.part.c.position)
            .limit(1)
        )
    author = row.contact or row.agent or ""
    return Quote(source_id, text, author, row.created_at)


async def _had_it(uow: UnitOfWork, said: Row[Any], part: Row[Any]) -> bool:
    """Whether the people who get this part had the mail: its id means something to them."""
    people = [*part.content["to"], *part.content["cc"]]
    readers = set(
        await uow.connection.scalars(
            select(t.contact.c.root_id).where(
                t.contact.c.id.in_([one["contact"] for one in people])
            )
        )
    )
    if said.author_root in readers:
        return True
    if await uow.connection.scalar(select(t.chat.c.outside).where(t.chat.c.id == said.chat_id)):
        return False
    lists = said.recipients or {}
    had = {*lists.get("to", ()), *lists.get("cc", ())}
    return {one["value"] for one in people} <= had


async def _threaded(uow: UnitOfWork, account_id: int) -> bool:
    capabilities = await uow.connection.scalar(
        select(t.account.c.capabilities).where(t.account.c.id == account_id)
    )
    return bool((capabilities or 0) & Capability.THREADS)
