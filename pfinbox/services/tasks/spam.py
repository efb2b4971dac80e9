"""Spam: the task into the trash and its sender blocked, with one key, and all of it back (R42)."""

from collections.abc import Sequence

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.tasks import MarkedSpam, UnmarkedSpam
from pfinbox.domain.model import Task
from pfinbox.domain.tasks import spam as rules
from pfinbox.domain.tasks.spam import BeforeSpam
from pfinbox.domain.tasks.taking import rival
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import awaiting_reply, reactions
from pfinbox.services.tasks import bindings
from pfinbox.store import load, locks, snapshots, write
from pfinbox.store.uow import UnitOfWork


async def spam(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Trash these tasks, all or none, and block whoever wrote: address, or messenger chat.

    What they send later opens a task in Spam, unread for nobody. Who wrote from no usable address
    cannot be blocked: only the task goes.
    """
    await locks.tasks(uow, task_ids)
    for task_id in task_ids:
        task = await access.the_task(uow, actor, task_id, lock=True)
        if task.spam:
            continue
        senders = rules.senders(task, await snapshots.accounts(uow))
        addresses = await load.chats.written_from(uow, senders.threads)
        if not senders.chats and not addresses and not rules.anybody_wrote(task):
            raise Refused(_("no client wrote in task #{id}; delete it instead").format(id=task.id))
        other = rules.goes_on_in(task, senders.chats)
        if other is not None:
            words = _("its chat goes on in task #{other}; mark that as spam")
            raise await access.goes_on(uow, actor.id, other, words)
        await write.chats.block(uow, senders.chats, addresses, uow.now)
        await write.signing_in.end_sessions_by(uow, addresses)
        await write.tasks.trash(uow, task.id, task.deleted_at or uow.now, spam=True)
        marked = MarkedSpam(
            deleted_at=task.deleted_at.isoformat() if task.deleted_at else None,
            notable=task.last_notable_id,
            mark=await load.comments.highest_id(uow),
        )
        await reactions.follow(uow, task.id, marked, actor.id)


async def unspam(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """These tasks, all or none, are where they were, and their senders can write again."""
    await locks.tasks(uow, task_ids)
    for task_id in task_ids:
        task = await access.the_task(uow, actor, task_id, lock=True)
        if not task.spam:
            raise Refused(_("task #{id} is not in Spam").format(id=task.id))
        await put_back(uow, actor.id, task)


async def moved_out(uow: UnitOfWork, comment_id: int) -> None:
    """Take the task out of Spam when the mail has left the server's spam folder.

    Only where the server alone had called it spam; an agent's mark or a blocked sender stays.
    """
    root = await load.comments.root_of(uow, comment_id)
    if root is None:
        return
    task = await snapshots.task(uow, root, lock=True)
    if not task.spam or await _marked(uow, root) is not None or rival(task) is not None:
        return
    senders = rules.senders(task, await snapshots.accounts(uow))
    addresses = await load.chats.written_from(uow, senders.threads)
    if not any(addresses.values()) and not any(chat.blocked for chat in task.chats):
        await put_back(uow, None, task)


async def put_back(uow: UnitOfWork, agent_id: int | None, task: Task) -> None:
    """Take a task out of Spam: as it was before, or as if it had arrived now if born there."""
    marked = await _marked(uow, task.id)
    before = marked or BeforeSpam()
    if task.active and before.deleted_at is None:
        await bindings.take_chats_back(uow, task, agent_id)
    senders = rules.senders(task, await snapshots.accounts(uow))
    addresses = await load.chats.written_from(uow, senders.threads)
    await write.chats.block(uow, senders.chats, addresses, None)
    values: dict[str, object] = {"spam": False, "deleted_at": before.deleted_at}
    if marked is None and task.contact_id is not None:
        values["previous_task_id"] = await load.previous_task.last_task(uow, task.contact_id)
    await write.tasks.change(uow, task.id, **values)
    await reactions.follow(uow, task.id, UnmarkedSpam(), agent_id)
    await _news(uow, task, before)


async def _news(uow: UnitOfWork, task: Task, before: BeforeSpam) -> None:
    """What came while it was spam is new now: for its assignee, else for every agent."""
    waiting = await awaiting_reply.waiting(uow, task.id)
    since = {one.id for one in waiting if one.id > before.mark}
    assignee = task.assignee
    if assignee is None or assignee.kind != "agent":
        await awaiting_reply.refresh(uow, task.id, notable=[before.notable, *since])
        return
    await awaiting_reply.refresh(uow, task.id, notable=[before.notable])
    for comment_id in sorted(since):
        await write.unread.notice(uow, task.id, comment_id, {assignee.id})


async def _marked(uow: UnitOfWork, task_id: int) -> BeforeSpam | None:
    """What was written down when an agent called it spam; None for one born there."""
    last = await load.tasks.last_event(uow, task_id, (MarkedSpam, UnmarkedSpam))
    return rules.before_spam(last.args) if last is not None and last.was(MarkedSpam) else None
