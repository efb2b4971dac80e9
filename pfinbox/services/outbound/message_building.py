"""The outgoing envelope of one part, put together when it is about to leave.

Recipients and texts were frozen when the comment was saved; what the thread looks like by now
(references, subject) is read here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, union_all

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Forwarded, Outgoing, Party
from pfinbox.domain.outbound.delivery import State
from pfinbox.services.notifications import notice_mail
from pfinbox.services.outbound.claiming import Job
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
    if part.content.get("notice"):
        return await notice_mail.envelope(uow, part), part.nonce
    comment = (
        await uow.connection.execute(
            select(t.comment, t.agent.c.name.label("agent_name"), t.task.c.title)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
            .where(t.comment.c.id == job.comment_id)
        )
    ).one()
    chat = (await uow.connection.execute(select(t.chat).where(t.chat.c.id == part.chat_id))).first()
    to, cc, only = await _recipients(uow, job, part.content)
    thread = await _thread(uow, part) if part.chat_id is not None else []
    quote = await _quote(uow, comment, part)
    answers = quote.source_id if quote is not None and quote.source_id else None
    if answers is None and thread:
        answers = next((i for i, incoming in reversed(thread) if incoming), thread[-1][0])
    ids = [source_id for source_id, _incoming in thread]
    references = (ids[:1] + ids[-(MAX_REFERENCES - 1) :]) if len(ids) > MAX_REFERENCES else ids
    subject = (chat.subject if chat is not None else None) or comment.title
    return (
        Outgoing(
            chat_key=chat.key if chat is not None else None,
            to=to,
            text=part.content["text"],
            created_at=comment.created_at,
            cc=cc,
            only=only,
            source_id=part.source_id,
            subject=_answer(subject) if thread or answers else subject,
            files=tuple(await files.load(uow, part.content["files"])),
            in_reply_to=answers,
            references=tuple(references),
            quote_source_id=quote.source_id if quote is not None else None,
            quote_text=quote.text if quote is not None else None,
            quote_author=quote.author if quote is not None else "",
            quoted_at=quote.at if quote is not None else None,
            forwarded=tuple(Forwarded.from_json(one) for one in part.content["forwarded"]),
            reply_token=f"c{part.chat_id}" if part.chat_id is not None else None,
            sender_name=comment.agent_name or "",
            automatic=comment.automatic,
            no_bounce=comment.automatic,
        ),
        part.nonce,
    )


async def _recipients(
    uow: UnitOfWork, job: Job, content: dict[str, Any]
) -> tuple[tuple[Party, ...], tuple[Party, ...], tuple[str, ...]]:
    """The parties in To and Cc, and who of them gets this copy.

    Who was refused and is tried again alone gets the same mail, with everybody's name on it; who
    does not get it at all is not named.
    """
    rows = (
        await uow.connection.execute(
            select(t.delivery.c.id, t.delivery.c.address, t.delivery.c.state).where(
                t.delivery.c.comment_id == job.comment_id,
                t.delivery.c.account_id == job.account_id,
            )
        )
    ).all()
    only = tuple(dict.fromkeys(row.address for row in rows if row.id in job.delivery_ids))
    named = {row.address for row in rows if row.state not in (State.WITHDRAWN, State.HELD)}
    to = [Party(one["value"], one["name"]) for one in content["to"] if one["value"] in named]
    cc = [Party(one["value"], one["name"]) for one in content["cc"] if one["value"] in named]
    # One address may stand on two cards.
    to = list({party.value: party for party in to}.values())
    cc = list({p.value: p for p in cc if p.value not in {one.value for one in to}}.values())
    listed = {party.value for party in (*to, *cc)}
    to += [Party(value) for value in only if value not in listed]
    if not to:
        to, cc = cc[:1], cc[1:]
    return tuple(to), tuple(cc), only


def _answer(subject: str) -> str:
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"


async def _thread(uow: UnitOfWork, part: Row[Any]) -> list[tuple[str, bool]]:
    """Source ids of the chat's other messages, oldest first, with whether each came in."""
    came = select(t.comment.c.source_id, t.comment.c.created_at.label("at"), t.comment.c.id).where(
        t.comment.c.chat_id == part.chat_id, t.comment.c.source_id.is_not(None)
    )
    went = (
        select(t.part.c.source_id, t.comment.c.created_at.label("at"), t.comment.c.id)
        .join(t.comment, t.comment.c.id == t.part.c.comment_id)
        .where(
            t.part.c.chat_id == part.chat_id,
            t.part.c.source_id.is_not(None),
            t.part.c.id != part.id,
            # The same mail, as the others in To and Cc have it already.
            t.part.c.source_id.is_distinct_from(part.source_id),
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


async def _quote(uow: UnitOfWork, comment: Row[Any], part: Row[Any]) -> _Quote | None:
    """The answered message; whether its words go along was decided when the comment was saved."""
    comment_id = part.content["quote"]
    if comment_id is None:
        return None
    text = comment.quote_text if part.content["quotes"] else None
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
    return _Quote(source_id, text, author, row.created_at)


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
