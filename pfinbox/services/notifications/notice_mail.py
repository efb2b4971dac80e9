"""The mail of a notice (R22), put together when it is about to leave."""

from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, or_, select

from pfinbox.domain import notice_text
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.envelope import Outgoing, Party
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Account, Agent, Task
from pfinbox.domain.notice_text import Entry
from pfinbox.domain.notices import TOLD, new_token
from pfinbox.i18n import _, speaking
from pfinbox.services import access
from pfinbox.services.notifications import addressees
from pfinbox.store import client_wrote, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

TAIL = 6
_REFERENCES = 10
# Refusals after which the agent may answer again, by a fresh address.
_AGAIN = ("client_wrote", "answer_expired")


async def envelope(uow: UnitOfWork, part_id: int) -> tuple[Outgoing, str]:
    """The envelope of the part of a notice and its nonce, in the language that its agent reads."""
    part = (await uow.connection.execute(select(t.part).where(t.part.c.id == part_id))).one()
    delivery = (
        await uow.connection.execute(
            select(t.delivery)
            .join(t.delivery_part, t.delivery_part.c.delivery_id == t.delivery.c.id)
            .where(t.delivery_part.c.part_id == part.id)
        )
    ).one()
    comment = await _comment(uow, part.comment_id)
    task = await snapshots.task(uow, comment.task_id)
    agent = (await snapshots.agents(uow, [delivery.agent_id]))[delivery.agent_id]
    account = (await snapshots.accounts(uow))[part.account_id]
    language, zone = await _reads_in(uow, agent)
    subject = f"#{task.id} {task.title}"
    with speaking(language):
        if delivery.notice == TOLD:
            reason = Reason.from_json(part.content["reason"])
            text, token = await _told(uow, task, agent, account, comment, reason, zone)
            subject = _("Not sent: {subject}").format(subject=subject)
            sender = ""
        else:
            text, token = await _news(uow, task, agent, account, comment, zone)
            sender = await _author(uow, task, comment)
    outgoing = Outgoing(
        chat_key=None,
        to=(Party(delivery.address, agent.name),),
        text=text,
        created_at=delivery.first_tried_at or uow.now,
        source_id=part.source_id,
        subject=subject,
        references=tuple(await _earlier(uow, task, agent, part.id)),
        answer_token=token,
        sender_name=sender,
        automatic=True,
    )
    return outgoing, part.nonce


async def _news(
    uow: UnitOfWork,
    task: Task,
    agent: Agent,
    account: Account,
    comment: Row[Any],
    zone: tzinfo,
    *,
    first: str = "",
) -> tuple[str, str | None]:
    """The text, and the answer address's token where this account can have one."""
    entries = await _tail(uow, task.id, comment.id)
    goes_to: list[str] | None = None
    token = None
    if account.can(Capability.ANSWER_ADDRESSES):
        who = await addressees.of_answer(uow, task, comment, agent.id, account)
        goes_to = await addressees.names(uow, task, who)
        token = new_token(agent.id, comment.task_id, comment.id, uow.now).spelled()
    text = notice_text.news(task.id, task.title, entries, zone, goes_to=goes_to, first=first)
    return text, token


async def _told(
    uow: UnitOfWork,
    task: Task,
    agent: Agent,
    account: Account,
    note: Row[Any],
    reason: Reason,
    zone: tzinfo,
) -> tuple[str, str | None]:
    # A note may quote a stranger, unless the mail came from the agent's own address.
    words = (note.new_text or note.text) if note.agent_id == agent.id else None
    text = notice_text.told(task.id, reason, words)
    if reason.kind not in _AGAIN or not agent.active or not await access.may_see(uow, agent, task):
        return text, None
    answered_id = note.quote_id
    if reason.kind == "client_wrote":
        answered_id = await _last_of_client(uow, task.id) or answered_id
    if answered_id is None:
        return text, None
    answered = await _comment(uow, answered_id)
    return await _news(uow, task, agent, account, answered, zone, first=text)


async def _comment(uow: UnitOfWork, comment_id: int) -> Row[Any]:
    return (
        await uow.connection.execute(select(t.comment).where(t.comment.c.id == comment_id))
    ).one()


async def _last_of_client(uow: UnitOfWork, root_id: int) -> int | None:
    found: int | None = await uow.connection.scalar(
        select(t.comment.c.id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id == root_id, client_wrote.client_wrote())
        .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
        .limit(1)
    )
    return found


async def _author(uow: UnitOfWork, task: Task, comment: Row[Any]) -> str:
    if comment.agent_id is not None:
        return (await snapshots.agents(uow, [comment.agent_id]))[comment.agent_id].name
    card = (
        await uow.connection.execute(
            select(t.contact.c.name, t.contact.c.root_id).where(
                t.contact.c.id == comment.contact_id
            )
        )
    ).first()
    return addressees.marked(task, card.root_id, card.name) if card is not None else ""


async def _reads_in(uow: UnitOfWork, agent: Agent) -> tuple[str | None, tzinfo]:
    """The agent's language, None where it is not known, and zone."""
    query = select(t.agent.c.language, t.agent.c.timezone).where(t.agent.c.id == agent.id)
    row = (await uow.connection.execute(query)).one()
    try:
        return row.language, ZoneInfo(row.timezone) if row.timezone else UTC
    except (OSError, ValueError):  # this machine does not know it
        return row.language, UTC


async def _tail(uow: UnitOfWork, root_id: int, last_id: int) -> list[Entry]:
    """The last comments of a task up to one of them, which comes last."""
    rows = (
        await uow.connection.execute(
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
                t.task.c.root_id == root_id,
                t.comment.c.id <= last_id,
                or_(t.comment.c.deleted_at.is_(None), t.comment.c.id == last_id),
            )
            .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
            .limit(TAIL)
        )
    ).all()[::-1]
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


async def _grouped(uow: UnitOfWork, query: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for comment_id, name in await uow.connection.execute(query):
        found.setdefault(comment_id, []).append(name)
    return found


async def _earlier(uow: UnitOfWork, task: Task, agent: Agent, before_id: int) -> list[str]:
    """Ids of earlier notices of this task to this agent: mail programs show them as one thread."""
    rows = await uow.connection.scalars(
        select(t.part.c.source_id)
        .join(t.delivery_part, t.delivery_part.c.part_id == t.part.c.id)
        .join(t.delivery, t.delivery.c.id == t.delivery_part.c.delivery_id)
        .join(t.comment, t.comment.c.id == t.part.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            and_(t.task.c.root_id == task.id, t.delivery.c.agent_id == agent.id),
            t.part.c.id < before_id,
            t.part.c.source_id.is_not(None),
        )
        .order_by(t.part.c.id.desc())
        .limit(_REFERENCES)
    )
    return list(rows)[::-1]
