"""The outgoing envelope of one part, put together when it is about to leave.

Recipients and texts were frozen when the comment was saved; what the thread looks like by now
(references, subject) is read here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, union_all

from pfinbox.domain.envelope import Outgoing, Party
from pfinbox.services.sending import Job
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# RFC 5322 sets no limit; mail programs need the beginning of a thread and its end.
MAX_REFERENCES = 30


@dataclass(frozen=True, slots=True)
class _Quote:
    source_id: str | None
    text: str | None
    author: str
    at: datetime


async def outgoing(uow: UnitOfWork, job: Job, part_id: int) -> tuple[Outgoing, str]:
    """The envelope of a part and the part's nonce."""
    part = (await uow.connection.execute(select(t.part).where(t.part.c.id == part_id))).one()
    comment = (
        await uow.connection.execute(
            select(t.comment, t.agent.c.name.label("agent_name"), t.task.c.title)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .where(t.comment.c.id == job.comment_id)
        )
    ).one()
    chat = (await uow.connection.execute(select(t.chat).where(t.chat.c.id == part.chat_id))).first()
    addresses = set(
        await uow.connection.scalars(
            select(t.delivery.c.address).where(t.delivery.c.id.in_(job.delivery_ids))
        )
    )
    to = [Party(one["value"], one["name"]) for one in part.content["to"]]
    thread = await _thread(uow, part.chat_id, part_id) if part.chat_id is not None else []
    quote = await _quote(uow, part.content["quote"], part.chat_id)
    answers = quote.source_id if quote is not None and quote.source_id else None
    if answers is None and thread:
        answers = next((i for i, incoming in reversed(thread) if incoming), thread[-1][0])
    ids = [source_id for source_id, _incoming in thread]
    references = (ids[:1] + ids[-(MAX_REFERENCES - 1) :]) if len(ids) > MAX_REFERENCES else ids
    subject = (chat.subject if chat is not None else None) or comment.title
    return (
        Outgoing(
            chat_key=chat.key if chat is not None else None,
            to=tuple(party for party in to if party.value in addresses),
            text=part.content["text"],
            created_at=comment.created_at,
            source_id=part.source_id,
            subject=_answer(subject) if thread else subject,
            files=tuple(await files.load(uow, part.content["files"])),
            in_reply_to=answers,
            references=tuple(references),
            quote_source_id=quote.source_id if quote is not None else None,
            quote_text=quote.text if quote is not None else None,
            quote_author=quote.author if quote is not None else "",
            quoted_at=quote.at if quote is not None else None,
            reply_token=f"c{part.chat_id}" if part.chat_id is not None else None,
            sender_name=comment.agent_name or "",
        ),
        part.nonce,
    )


def _answer(subject: str) -> str:
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"


async def _thread(uow: UnitOfWork, chat_id: int, part_id: int) -> list[tuple[str, bool]]:
    """Source ids of the chat's messages, oldest first, with whether each came in."""
    came = select(t.comment.c.source_id, t.comment.c.created_at.label("at"), t.comment.c.id).where(
        t.comment.c.chat_id == chat_id, t.comment.c.source_id.is_not(None)
    )
    went = (
        select(t.part.c.source_id, t.comment.c.created_at.label("at"), t.comment.c.id)
        .join(t.comment, t.comment.c.id == t.part.c.comment_id)
        .where(
            t.part.c.chat_id == chat_id,
            t.part.c.source_id.is_not(None),
            t.part.c.id != part_id,
            t.part.c.state != "pending",
        )
    )
    both = union_all(
        came.add_columns((t.comment.c.direction == "incoming").label("incoming")),
        went.add_columns((t.comment.c.direction == "incoming").label("incoming")),
    ).subquery()
    rows = await uow.connection.execute(
        select(both.c.source_id, both.c.incoming).order_by(both.c.at, both.c.id)
    )
    return [(row.source_id, bool(row.incoming)) for row in rows]


async def _quote(uow: UnitOfWork, comment_id: int | None, chat_id: int | None) -> _Quote | None:
    if comment_id is None:
        return None
    row = (
        await uow.connection.execute(
            select(
                t.comment,
                t.contact.c.name.label("contact"),
                t.contact.c.root_id.label("author_root"),
                t.agent.c.name.label("agent"),
            )
            .outerjoin(t.contact, t.contact.c.id == t.comment.c.contact_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .where(t.comment.c.id == comment_id)
        )
    ).one()
    source_id = row.source_id if row.chat_id == chat_id else None
    if row.direction == "incoming" and row.chat_id != chat_id:
        # Another client's words, or the same client's by another channel: only the latter.
        owner = await uow.connection.scalar(
            select(t.contact.c.root_id)
            .join(t.chat, t.chat.c.contact_id == t.contact.c.id)
            .where(t.chat.c.id == chat_id)
        )
        if row.author_root != owner:
            return None
    if row.direction == "outgoing":
        source_id = await uow.connection.scalar(
            select(t.part.c.source_id)
            .where(t.part.c.comment_id == comment_id, t.part.c.chat_id == chat_id)
            .order_by(t.part.c.position)
            .limit(1)
        )
        if source_id is None:
            # Not said in this chat (a colleague's note): nothing of it may reach the client.
            return None
    author = row.contact or row.agent or ""
    return _Quote(source_id, row.new_text or row.text, author, row.created_at)
