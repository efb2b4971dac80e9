"""Moving a comment that landed in the wrong task; later answers to it follow (R5, R33).

In a channel with threads, later answers to the comment follow it. When nothing else of its thread
stays behind, the thread itself goes over; otherwise the comment becomes the beginning of a thread
of its own, known by its message id, and the rest of the old thread goes on where it was. In a
messenger there is but one thread: the comment alone moves, the chat's next messages land in the
chat's open task as before (R4).
"""

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.events.merging import CommentMoved, CommentReceived
from pfinbox.domain.merging import moving as rules
from pfinbox.domain.merging.moving import Movable
from pfinbox.domain.model import Account, Who
from pfinbox.domain.tasks.joining import Place, place
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import awaiting_reply, reactions
from pfinbox.services.people import revealing
from pfinbox.services.tasks import tasks
from pfinbox.store import load, locks, snapshots, statuses, write
from pfinbox.store.uow import UnitOfWork


async def move_comment(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, *, to_task: int | None = None
) -> int:
    """Put what a client wrote into ``to_task``, or into a new task; returns that task's root."""
    task = await access.task_of_comment(uow, actor, comment_id)
    await locks.tasks(uow, [task.id] if to_task is None else [task.id, to_task])
    comment = await load.comments.movable(uow, comment_id)
    source = await access.living_task(uow, actor, comment.task_id)
    if not comment.incoming:
        raise Refused(_("only what a client wrote can be moved to another task"))
    account = (await snapshots.accounts(uow)).get(comment.account_id or 0)
    if to_task is None:
        target_id = await _new_task(uow, source.id, comment, account)
    else:
        target_id = (await access.living_task(uow, actor, to_task)).id
    if target_id == source.id:
        raise Refused(
            _("comment {id} is in task #{task} already").format(id=comment_id, task=source.id)
        )
    was_newest = source.last_notable_id == comment_id
    async with revealing.guard(uow, actor, tasks=[source.id, target_id], comments=[comment_id]):
        why = Reason("moved", {"from": source.id})
        await write.comments.move(uow, {comment_id: target_id}, why)
        await write.unread.notices_follow(uow, [target_id])
        if rules.threaded(comment, account):
            await _thread_follows(uow, comment, source.id, target_id)
        await _take_part(uow, target_id, comment)
    moved = CommentMoved(comment=comment_id, to=target_id)
    await reactions.follow(uow, source.id, moved, actor.id)
    received = CommentReceived(comment=comment_id, source=source.id)
    await reactions.follow(uow, target_id, received, actor.id)
    # An agent who has not read the comment finds it unread in its new task.
    new = not comment.noticed and (was_newest or to_task is None)
    await awaiting_reply.refresh(uow, target_id, notable=[comment_id] if new else [])
    left = await awaiting_reply.unnoticed(uow, source.id) if was_newest else set()
    await awaiting_reply.refresh(uow, source.id, notable={i for i in left if i < comment_id})
    return target_id


async def move_back(
    uow: UnitOfWork, actor: AgentActor, comment_id: int, to_task: int, *, made: int | None
) -> None:
    """Undo a move; the task ``made`` for it goes where nothing is in it any more."""
    await move_comment(uow, actor, comment_id, to_task=to_task)
    if made is not None and await load.comments.last(uow, made) is None:
        await tasks.delete(uow, actor, (made,))


async def _new_task(
    uow: UnitOfWork, source_id: int, comment: Movable, account: Account | None
) -> int:
    """A task as if the comment had opened it, linked to the one it comes from (R8)."""
    personal = account is not None and account.role == "personal"
    return await write.tasks.add(
        uow,
        rules.title_of(comment, account),
        at=comment.created_at,
        status=await statuses.first_status(uow),
        contact_id=comment.contact_id,
        account_id=comment.account_id,
        reply_via=rules.reply_via(account),
        previous_task_id=source_id,
        private_to_id=account.owner_id if account is not None and personal else None,
    )


async def _take_part(uow: UnitOfWork, task_id: int, comment: Movable) -> None:
    """The author can be answered where the comment is now."""
    if comment.contact_id is None or comment.card_id is None:
        return
    becomes = place(await snapshots.task(uow, task_id), comment.card_id)
    if becomes is Place.CLIENT:
        await write.tasks.change(uow, task_id, contact_id=comment.contact_id)
    elif becomes is Place.PARTICIPANT:
        await write.tasks.join(uow, task_id, Who("contact", comment.contact_id))


async def _thread_follows(
    uow: UnitOfWork, comment: Movable, source_id: int, target_id: int
) -> None:
    chat_id = comment.chat_id or 0
    if comment.alone:
        await write.chats.leave(uow, chat_id, source_id)
    else:
        chat = await load.chats.record(uow, chat_id)
        address_id = await load.chats.address_in(uow, chat, comment.contact_id)
        chat_id = await write.chats.begin_apart(uow, chat, comment, address_id)
    await write.chats.move_current(uow, chat_id, target_id)
