"""What happens to a chat besides new messages: edits, deletions, starts, blocks (R11, R25, R42)."""

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update

from pfinbox.domain.envelope import ChatStarted, ChatState, Deletion, Edit
from pfinbox.domain.model import Account
from pfinbox.domain.reason import Reason
from pfinbox.domain.text import clean
from pfinbox.services import invitations, senders, standing
from pfinbox.store import journal, searchindex
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# How a receipt ends: its state, the comment it concerns, why.
Outcome = tuple[str, int | None, Reason | None]


async def edit(uow: UnitOfWork, account: Account, event: Edit) -> Outcome:
    """The earlier text is kept beside the new one (R11)."""
    row = (
        await uow.connection.execute(
            select(t.comment.c.id, t.comment.c.text, t.task.c.root_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(
                t.comment.c.account_id == account.id,
                t.comment.c.source_id == event.source_id,
                t.comment.c.direction == "incoming",
            )
            .order_by(t.comment.c.id.desc())
            .limit(1)
        )
    ).first()
    if row is None:
        return "ignored", None, Reason("ignored", {"detail": "edit of an unknown message"})
    text = clean(event.text)
    if text != row.text:
        await uow.add(t.comment_edit, comment_id=row.id, text=row.text, at=event.edited_at)
        await uow.connection.execute(
            update(t.comment)
            .where(t.comment.c.id == row.id)
            .values(text=text, new_text=None, edited_at=event.edited_at)
        )
        await searchindex.index_comment(uow, row.id)
        await standing.refresh(uow, row.root_id)
        uow.touch("tasks")
    return "shown", row.id, None


async def delete(uow: UnitOfWork, account: Account, event: Deletion) -> Outcome:
    """Marked, not lost (R11)."""
    ids = list(
        await uow.connection.scalars(
            select(t.comment.c.id).where(
                t.comment.c.account_id == account.id,
                t.comment.c.source_id.in_(event.source_ids),
                t.comment.c.direction == "incoming",
            )
        )
    )
    await uow.connection.execute(
        update(t.comment).where(t.comment.c.id.in_(ids)).values(deleted_at=event.deleted_at)
    )
    uow.touch("tasks")
    return "shown" if ids else "ignored", ids[0] if ids else None, None


async def started(uow: UnitOfWork, account: Account, event: ChatStarted) -> None:
    """A card and a chat, no task (R42); with an invitation's token it joins that task (R30)."""
    sender = await senders.find_or_make(uow, account, event.sender)
    chat_id = await uow.connection.scalar(
        select(t.chat.c.id).where(t.chat.c.account_id == account.id, t.chat.c.key == event.chat_key)
    )
    if chat_id is None:
        chat_id = await uow.add(
            t.chat,
            account_id=account.id,
            key=event.chat_key,
            contact_id=sender.card_id,
            address_id=sender.address_id,
            created_at=uow.now,
        )
    else:
        await uow.connection.execute(
            update(t.chat).where(t.chat.c.id == chat_id).values(writable=True, state_reason=None)
        )
    if event.payload:
        await invitations.redeem(uow, account, event.payload, chat_id, sender)
    uow.touch("contacts")


async def state(uow: UnitOfWork, account: Account, event: ChatState) -> None:
    """The client blocked or unblocked us: known before the next answer is written (R25)."""
    chat_id = await uow.connection.scalar(
        select(t.chat.c.id).where(t.chat.c.account_id == account.id, t.chat.c.key == event.chat_key)
    )
    if chat_id is not None:
        await set_writable(uow, chat_id, event.writable, event.reason)


async def set_writable(
    uow: UnitOfWork, chat_id: int, writable: bool, reason: Reason | None
) -> None:
    """Record whether a chat can be written to, and say so in the task that it serves now."""
    await uow.connection.execute(
        update(t.chat)
        .where(t.chat.c.id == chat_id)
        .values(writable=writable, state_reason=reason.as_json() if reason else None)
    )
    task_id = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .where(t.binding.c.chat_id == chat_id, t.binding.c.current)
    )
    if task_id is not None:
        kind = "chat_opened" if writable else "chat_closed"
        await journal.record(uow, task_id, kind, reason=reason.as_json() if reason else None)
    uow.touch("tasks")


async def drop_quarantine(uow: UnitOfWork, comment_id: int | None) -> None:
    """Remove the stand-in task of something that was read in the end."""
    if comment_id is None:
        return
    row = (
        await uow.connection.execute(
            select(t.comment.c.task_id, t.comment.c.chat_id).where(t.comment.c.id == comment_id)
        )
    ).one()
    others = await uow.connection.scalar(
        select(t.comment.c.id).where(
            t.comment.c.task_id == row.task_id, t.comment.c.id != comment_id
        )
    )
    if others is None:
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.id == row.task_id)
            .values(deleted_at=uow.now, purged_at=uow.now, waiting_since=None)
        )
        await uow.connection.execute(
            sql_delete(t.notice).where(t.notice.c.comment_id == comment_id)
        )
    uow.touch("tasks")
