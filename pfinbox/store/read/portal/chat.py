"""What a visitor of a website chat sees: all that was said in that one chat, and nothing else."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, exists, or_, select, union

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.outbound.delivery import State
from pfinbox.store import files
from pfinbox.store import tables as t
from pfinbox.store.read.bytes_of import attachment_row
from pfinbox.store.read.ids import IDS, rows_of
from pfinbox.store.rows import AttachmentRow
from pfinbox.store.rows.portal import Mark, PortalCommentRow
from pfinbox.store.tables.base import BigInt
from pfinbox.store.uow import UnitOfWork

PAGE = 100


async def chat_id(uow: UnitOfWork, account: str, key: str) -> int | None:
    """The chat of this visitor; None before the first word was received."""
    found: int | None = await uow.connection.scalar(
        select(t.chat.c.id)
        .join(t.account, t.account.c.id == t.chat.c.account_id)
        .where(t.account.c.name == account, t.chat.c.key == key)
    )
    return found


async def current_task(uow: UnitOfWork, chat: int) -> int | None:
    """The root of the task that takes the chat's messages now."""
    found: int | None = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .where(t.binding.c.chat_id == chat, t.binding.c.current)
    )
    return found


async def messages(uow: UnitOfWork, chat: int) -> tuple[PortalCommentRow, ...]:
    """The newest messages of the chat, oldest first."""
    rows = (await uow.connection.execute(_messages(), {"chat": chat})).all()[::-1]
    ids = [row.id for row in rows]
    attached: dict[int, list[AttachmentRow]] = {}
    for one in await rows_of(uow, _files(), ids):
        attached.setdefault(one.comment_id, []).append(attachment_row(one))
    return tuple(_message(row, tuple(attached.get(row.id, ()))) for row in rows)


async def mine(uow: UnitOfWork, chat: int, source_id: str) -> PortalCommentRow | None:
    """A message that the visitor wrote there and did not take back, by what it is known by."""
    rows = await messages(uow, chat)
    return next((one for one in rows if one.mine and one.source_id == source_id), None)


async def marks(uow: UnitOfWork, chat: int) -> tuple[Mark, ...]:
    """What the newest messages of the chat are known by, without their words."""
    rows = (await uow.connection.execute(_marks(), {"chat": chat})).all()
    return tuple((row.id, row.edited_at) for row in rows)


async def unseen(uow: UnitOfWork, chat: int, up_to: int | None = None) -> tuple[int, ...]:
    """The deliveries of what was sent there and not seen yet; ``up_to``: of comments up to this."""
    query = (
        select(t.delivery.c.id)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .where(
            t.delivery.c.chat_id == chat,
            t.delivery.c.state == State.SENT,
            t.delivery.c.seen_at.is_(None),
            t.delivery.c.notice.is_(None),
            t.SHOWN,
        )
    )
    if up_to is not None:
        query = query.where(t.delivery.c.comment_id <= up_to)
    return tuple(await uow.connection.scalars(query))


async def reachable(uow: UnitOfWork, chat: int) -> bool:
    """Whether what is said there can follow by e-mail, or nothing ever does."""
    mail = t.account.alias("mail")
    mails = mail.c.capabilities.op("&")(int(Capability.GLOBAL_ADDRESSES)) != 0
    row = (
        await uow.connection.execute(
            select(
                t.chat.c.left_address,
                t.contact.c.root_id,
                t.account.c.limits,
                exists().where(mails, mail.c.configured).label("mails"),
            )
            .join(t.contact, t.contact.c.id == t.chat.c.contact_id)
            .join(t.account, t.account.c.id == t.chat.c.account_id)
            .where(t.chat.c.id == chat)
        )
    ).one()
    if row.left_address is not None or not row.mails or not row.limits.get("mail_after"):
        return True
    cards = select(t.contact.c.id).where(t.contact.c.root_id == row.root_id)
    by_mail = select(t.address.c.id).where(
        t.address.c.contact_id.in_(cards),
        t.address.c.channel.in_(select(mail.c.channel).where(mails)),
    )
    return await uow.connection.scalar(by_mail.limit(1)) is not None


async def mails(uow: UnitOfWork, account: str) -> bool:
    """Whether what is not seen in the account's chats can follow by e-mail."""
    mail = t.account.alias("mail")
    by_mail = mail.c.capabilities.op("&")(int(Capability.GLOBAL_ADDRESSES)) != 0
    limits = await uow.connection.scalar(
        select(t.account.c.limits).where(
            t.account.c.name == account, exists().where(by_mail, mail.c.configured)
        )
    )
    return bool(limits and limits.get("mail_after"))


async def picture(uow: UnitOfWork, digest: str) -> tuple[str, bytes] | None:
    """An agent's picture with its media type."""
    query = select(t.agent_picture.c.media_type, t.agent_picture.c.content)
    row = (await uow.connection.execute(query.where(t.agent_picture.c.sha256 == digest))).first()
    return (row.media_type, bytes(row.content)) if row is not None else None


async def file(
    uow: UnitOfWork, chat: int, attachment_id: int
) -> tuple[AttachmentRow, bytes] | None:
    """A file of a message of the chat, with its bytes."""
    row = (await uow.connection.execute(_file(), {"chat": chat, "file": attachment_id})).first()
    if row is None or row.removed_at is not None:
        return None
    return attachment_row(row), (await files.contents(uow, [row.sha256]))[row.sha256]


def _seen() -> tuple[Select[Any], Select[Any]]:
    """What the client wrote there, and what was sent there."""
    here = bindparam("chat", type_=BigInt)
    wrote = select(t.comment.c.id).where(
        t.comment.c.direction == "incoming", t.comment.c.chat_id == here, t.SHOWN
    )
    sent = (
        select(t.comment.c.id)
        .join(t.delivery, t.delivery.c.comment_id == t.comment.c.id)
        .where(
            t.comment.c.direction == "outgoing",
            t.delivery.c.chat_id == here,
            t.delivery.c.state == State.SENT,
            t.delivery.c.notice.is_(None),
            t.SHOWN,
        )
    )
    return wrote, sent


def _newest() -> Any:
    """The comments of a page, each side by the index of its chat: there may be a great many."""
    sides = [one.order_by(t.comment.c.id.desc()).limit(PAGE).subquery() for one in _seen()]
    return t.comment.c.id.in_(union(*(select(one.c.id) for one in sides)))


_ORDER = (t.comment.c.created_at.desc(), t.comment.c.id.desc())


@lru_cache
def _marks() -> Select[Any]:
    return (
        select(t.comment.c.id, t.comment.c.edited_at).where(_newest()).order_by(*_ORDER).limit(PAGE)
    )


@lru_cache
def _messages() -> Select[Any]:
    return (
        select(
            t.comment,
            case((t.comment.c.automatic, ""), else_=t.PUBLIC_NAME).label("author"),
            t.agent_picture.c.sha256.label("picture"),
        )
        .outerjoin(t.agent, t.agent.c.id == t.comment.c.agent_id)
        .outerjoin(t.agent_picture, t.agent_picture.c.agent_id == t.agent.c.id)
        .where(_newest())
        .order_by(*_ORDER)
        .limit(PAGE)
    )


@lru_cache
def _file() -> Select[Any]:
    of_comment = t.comment.c.id == t.attachment.c.comment_id
    seen = [one.where(of_comment).correlate(t.attachment).exists() for one in _seen()]
    this = t.attachment.c.id == bindparam("file", type_=BigInt)
    return select(t.attachment).where(this, or_(*seen))


@lru_cache
def _files() -> Select[Any]:
    return (
        select(t.attachment)
        .where(t.attachment.c.comment_id.in_(IDS))
        .order_by(t.attachment.c.comment_id, t.attachment.c.id)
    )


def _message(row: Row[Any], attached: tuple[AttachmentRow, ...]) -> PortalCommentRow:
    mine = row.direction == "incoming"
    return PortalCommentRow(
        id=row.id,
        mine=mine,
        by_us=not mine,
        author="" if mine else row.author or "",
        text=row.text,
        new_text=None,
        created_at=row.created_at,
        edited_at=row.edited_at,
        automatic=row.automatic,
        files=attached,
        source_id=row.source_id,
        picture=row.picture if not mine and not row.automatic else None,
    )
