"""Moving a comment that landed in the wrong task; later answers to it follow (R5, R33).

In a channel with threads, later answers to the comment follow it. When nothing else of its thread
stays behind, the thread itself goes over; otherwise the comment becomes the beginning of a thread
of its own, known by its message id, and the rest of the old thread goes on where it was. In a
messenger there is but one thread: the comment alone moves, the chat's next messages land in the
chat's open task as before (R4).
"""

import secrets
from typing import Any

from sqlalchemy import Row, delete, select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events import CommentMoved, CommentReceived
from pfinbox.domain.model import Account
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import revealing
from pfinbox.services.tasks import awaiting_reply, routing, tasks
from pfinbox.store import journal, snapshots, statuses
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def move_comment(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, *, to_task: int | None = None
) -> int:
    """Put what a client wrote into ``to_task``, or into a new task; returns that task's root."""
    await access.task_of_comment(uow, actor, comment_id)
    comment = (
        await uow.connection.execute(select(t.comment).where(t.comment.c.id == comment_id))
    ).one()
    if comment.chat_id is not None:
        await routing.lock_chat(uow, comment.chat_id)
    source = await access.living_task(uow, actor, comment.task_id)
    if comment.direction != "incoming":
        raise Refused(_("only what a client wrote can be moved to another task"))
    account = (await snapshots.accounts(uow)).get(comment.account_id)
    if to_task is None:
        target_id = await _new_task(uow, source.id, comment, account)
    else:
        target_id = (await access.living_task(uow, actor, to_task)).id
    if target_id == source.id:
        raise Refused(
            _("comment {id} is in task #{task} already").format(id=comment_id, task=source.id)
        )
    was = (
        await uow.connection.execute(
            select(t.task.c.last_notable_id).where(t.task.c.id == source.id)
        )
    ).scalar_one()
    async with revealing.guard(uow, actor, tasks=[source.id, target_id], comments=[comment_id]):
        why = Reason("moved", {"from": source.id})
        await uow.connection.execute(
            update(t.comment)
            .where(t.comment.c.id == comment_id)
            .values(task_id=target_id, matched_by=why.as_json())
        )
        await uow.connection.execute(
            update(t.notice).where(t.notice.c.comment_id == comment_id).values(task_id=target_id)
        )
        if account is not None and account.can(Capability.THREADS) and comment.chat_id is not None:
            await _thread_follows(uow, comment, source.id, target_id)
        await _take_part(uow, target_id, comment.contact_id)
    await journal.record(uow, source.id, CommentMoved(comment=comment_id, to=target_id), actor.id)
    await journal.record(
        uow, target_id, CommentReceived(comment=comment_id, source=source.id), actor.id
    )
    # An agent who has not read the comment finds it unread in its new task.
    new = {comment_id} if was == comment_id or to_task is None else set()
    if not await _noticed(uow, comment_id):
        await awaiting_reply.refresh(uow, target_id, notable=new)
    else:
        await awaiting_reply.refresh(uow, target_id)
    left = await awaiting_reply.unnoticed(uow, source.id, 0) if was == comment_id else set()
    await awaiting_reply.refresh(uow, source.id, notable={i for i in left if i < comment_id})
    await index.index_task(uow, target_id)
    uow.touch("tasks")
    return target_id


async def move_back(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, to_task: int, *, made: int | None
) -> None:
    """Undo a move; the task ``made`` for it goes where nothing is in it any more."""
    await move_comment(uow, actor, comment_id, to_task=to_task)
    if made is None:
        return
    inside = select(t.task.c.id).where(t.task.c.root_id == made)
    left = select(t.comment.c.id).where(t.comment.c.task_id.in_(inside)).limit(1)
    if await uow.connection.scalar(left) is None:
        await tasks.delete(uow, actor, (made,))


async def _new_task(
    uow: UnitOfWork, source_id: int, comment: Row[Any], account: Account | None
) -> int:
    """A task as if the comment had opened it, linked to the one it comes from (R8)."""
    first = next((line for line in comment.text.splitlines() if line.strip()), "")
    title = clean_line(first, 80)
    reply_via = "own"
    if account is not None and account.can(Capability.THREADS):
        subject = await uow.connection.scalar(
            select(t.chat.c.subject).where(t.chat.c.id == comment.chat_id)
        )
        title = subject or title
    elif account is not None:
        # The chat stays current on its open task; the new task can answer by it, too.
        reply_via = account.name
    return await uow.add_root(
        t.task,
        title=title or "…",
        status=await statuses.first_status(uow),
        active=True,
        contact_id=comment.contact_id,
        account_id=comment.account_id,
        reply_via=reply_via,
        previous_task_id=source_id,
        private_to_id=(
            account.owner_id if account is not None and account.role == "personal" else None
        ),
        created_at=comment.created_at,
        last_activity_at=comment.created_at,
    )


async def _noticed(uow: UnitOfWork, comment_id: int) -> bool:
    found = await uow.connection.scalar(
        select(t.notice.c.comment_id).where(t.notice.c.comment_id == comment_id).limit(1)
    )
    return found is not None


async def _take_part(uow: UnitOfWork, task_id: int, contact_id: int | None) -> None:
    """The author can be answered where the comment is now."""
    task = await snapshots.task(uow, task_id)
    if contact_id is None:
        return
    if task.contact_id is None:
        await uow.connection.execute(
            update(t.task).where(t.task.c.id == task_id).values(contact_id=contact_id)
        )
        return
    card = await snapshots.contact_root(uow, contact_id)
    here = {task.contact_id, *(who.id for who in task.participants if who.kind == "contact")}
    if card not in here:
        await uow.add(t.participant, task_id=task_id, contact_id=contact_id)


async def _thread_follows(
    uow: UnitOfWork, comment: Row[Any], source_id: int, target_id: int
) -> None:
    if await _alone(uow, comment, source_id):
        await uow.connection.execute(
            delete(t.binding).where(
                t.binding.c.chat_id == comment.chat_id,
                t.binding.c.task_id.in_(select(t.task.c.id).where(t.task.c.root_id == source_id)),
            )
        )
        await routing.move_current(uow, comment.chat_id, target_id)
        return
    chat = (
        await uow.connection.execute(select(t.chat).where(t.chat.c.id == comment.chat_id))
    ).one()
    own = await uow.add(
        t.chat,
        account_id=chat.account_id,
        key=f"moved:{secrets.token_hex(8)}",
        contact_id=comment.contact_id,
        address_id=await _address(uow, chat, comment.contact_id),
        answer_to=chat.answer_to if chat.contact_id == comment.contact_id else None,
        subject=chat.subject,
        last_incoming_at=comment.created_at,
        created_at=uow.now,
    )
    await routing.move_current(uow, own, target_id)
    await uow.connection.execute(
        update(t.comment).where(t.comment.c.id == comment.id).values(chat_id=own)
    )
    await uow.connection.execute(
        update(t.known_id)
        .where(
            t.known_id.c.account_id == chat.account_id,
            t.known_id.c.source_id == comment.source_id,
        )
        .values(chat_id=own)
    )


async def _alone(uow: UnitOfWork, comment: Row[Any], source_id: int) -> bool:
    """Whether nothing else of the comment's thread is anywhere but in the comment."""
    other = await uow.connection.scalar(
        select(t.comment.c.id)
        .where(t.comment.c.chat_id == comment.chat_id, t.comment.c.id != comment.id)
        .limit(1)
    )
    sent = await uow.connection.scalar(
        select(t.part.c.id).where(t.part.c.chat_id == comment.chat_id).limit(1)
    )
    return other is None and sent is None


async def _address(uow: UnitOfWork, chat: Row[Any], contact_id: int | None) -> int | None:
    """Where the author wrote from: the chat's address if it is theirs, else their main one."""
    mine = (
        select(t.address.c.id)
        .join(t.contact, t.contact.c.id == t.address.c.contact_id)
        .join(t.account, t.account.c.channel == t.address.c.channel)
        .where(
            t.account.c.id == chat.account_id,
            t.contact.c.root_id
            == select(t.contact.c.root_id).where(t.contact.c.id == contact_id).scalar_subquery(),
        )
        .order_by((t.address.c.id == chat.address_id).desc(), t.address.c.main.desc())
        .limit(1)
    )
    return await uow.connection.scalar(mine)
