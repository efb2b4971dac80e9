"""Spam: the task into the trash and its sender blocked, with one key, and all of it back (R42)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.events import MarkedSpam, UnmarkedSpam
from pfinbox.domain.model import Task
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.tasks import awaiting_reply, bindings, previous_task, unread
from pfinbox.store import journal, snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def spam(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Trash these tasks, all or none, and block whoever wrote: address, or messenger chat.

    What they send later opens a task in Spam, unread for nobody. Who wrote from no usable address
    cannot be blocked: only the task goes.
    """
    for task_id in task_ids:
        task = await access.the_task(uow, actor, task_id, lock=True)
        if task.spam:
            continue
        chats, addresses = await _senders(uow, task)
        if not chats and not addresses and not _anybody_wrote(task):
            raise Refused(_("no client wrote in task #{id}; delete it instead").format(id=task.id))
        await _goes_on_elsewhere(uow, actor, task, chats)
        await _block(uow, chats, addresses, uow.now)
        was = (await uow.connection.execute(select(t.task).where(t.task.c.id == task.id))).one()
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.id == task.id)
            .values(
                spam=True,
                deleted_at=was.deleted_at or uow.now,
                waiting_since=None,
                last_notable_id=0,
            )
        )
        await journal.record(
            uow,
            task.id,
            MarkedSpam(
                deleted_at=was.deleted_at.isoformat() if was.deleted_at else None,
                notable=was.last_notable_id,
                mark=await snapshots.highest_comment(uow),
            ),
            actor.id,
        )
    uow.touch("tasks", "contacts")


async def unspam(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """These tasks, all or none, are where they were, and their senders can write again."""
    for task_id in task_ids:
        task = await access.the_task(uow, actor, task_id, lock=True)
        if not task.spam:
            raise Refused(_("task #{id} is not in Spam").format(id=task.id))
        await put_back(uow, actor.id, task)
    uow.touch("tasks", "contacts")


async def moved_out(uow: UnitOfWork, comment_id: int) -> None:
    """Take the task out of Spam when the mail has left the server's spam folder.

    Only where the server alone had called it spam; an agent's mark or a blocked sender stays.
    """
    root = await uow.connection.scalar(
        select(t.task.c.root_id)
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.comment.c.id == comment_id, t.task.c.spam, t.task.c.purged_at.is_(None))
    )
    if root is None:
        return
    task = await snapshots.task(uow, root, lock=True)
    if not task.spam or await _marked(uow, root) is not None or await _blocked(uow, task):
        return
    if await bindings.rival(uow, task) is None:
        await put_back(uow, None, task)
        uow.touch("tasks")


async def _blocked(uow: UnitOfWork, task: Task) -> bool:
    _chats, addresses = await _senders(uow, task)
    blocked = select(t.address.c.id).where(
        t.address.c.id.in_(addresses), t.address.c.blocked_at.is_not(None)
    )
    by_address = await uow.connection.scalar(blocked.limit(1)) is not None
    return by_address or any(chat.blocked for chat in task.chats)


async def put_back(uow: UnitOfWork, agent_id: int | None, task: Task) -> None:
    """Take a task out of Spam: as it was before, or as if it had arrived now if born there."""
    marked = await _marked(uow, task.id)
    before: dict[str, Any] = {"deleted_at": None, "notable": 0, "mark": 0}
    if marked is not None:
        before = marked
    deleted_at = datetime.fromisoformat(before["deleted_at"]) if before["deleted_at"] else None
    if task.active and deleted_at is None:
        await bindings.take_chats_back(uow, task, agent_id)
    await _block(uow, *await _senders(uow, task), None)
    values: dict[str, object] = {"spam": False, "deleted_at": deleted_at}
    if marked is None and task.contact_id is not None:
        values["previous_task_id"] = await previous_task.last_task(uow, task.contact_id)
    await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))
    await journal.record(uow, task.id, UnmarkedSpam(), agent_id)
    await _news(uow, task.id, before)


async def _news(uow: UnitOfWork, task_id: int, before: dict[str, Any]) -> None:
    """What came while it was spam is new now."""
    row = (await uow.connection.execute(select(t.task).where(t.task.c.id == task_id))).one()
    since = {one.id for one in await awaiting_reply.waiting(uow, row) if one.id > before["mark"]}
    assignee_id = row.assignee_agent_id
    if assignee_id is None:
        await awaiting_reply.refresh(uow, task_id, notable=[before["notable"], *since])
        return
    await awaiting_reply.refresh(uow, task_id, notable=[before["notable"]])
    for comment_id in sorted(since):
        await unread.notice(uow, task_id, comment_id, {assignee_id})


async def _marked(uow: UnitOfWork, task_id: int) -> dict[str, Any] | None:
    """What was written down when somebody called it spam; None for one born there."""
    last = (
        await uow.connection.execute(
            select(t.activity.c.kind, t.activity.c.args)
            .where(
                t.activity.c.task_id == task_id,
                t.activity.c.kind.in_((MarkedSpam.activity, UnmarkedSpam.activity)),
            )
            .order_by(t.activity.c.id.desc())
            .limit(1)
        )
    ).first()
    return dict(last.args) if last is not None and last.kind == MarkedSpam.activity else None


async def _senders(uow: UnitOfWork, task: Task) -> tuple[set[int], set[int]]:
    """The chats (messengers) and addresses (e-mail) from which the task's client wrote."""
    accounts = await snapshots.accounts(uow)
    theirs = {
        chat.id: accounts[chat.account_id]
        for chat in task.chats
        if task.contact_id is None or chat.contact_id == task.contact_id
    }
    threads = {i for i, account in theirs.items() if account.can(Capability.THREADS)}
    wrote_from = await uow.connection.scalars(
        select(t.chat.c.address_id).where(
            t.chat.c.id.in_(threads),
            t.chat.c.address_id.is_not(None),
            # A thread that only agents have written in proves nothing about its address.
            t.chat.c.last_incoming_at.is_not(None),
        )
    )
    return set(theirs) - threads, set(wrote_from)


def _anybody_wrote(task: Task) -> bool:
    """Whether a client wrote, if only from no address: there is nobody to block then (R48)."""
    return any(chat.last_incoming_at is not None for chat in task.chats)


async def _block(
    uow: UnitOfWork, chats: set[int], addresses: set[int], at: datetime | None
) -> None:
    await uow.connection.execute(update(t.chat).where(t.chat.c.id.in_(chats)).values(blocked_at=at))
    await uow.connection.execute(
        update(t.address).where(t.address.c.id.in_(addresses)).values(blocked_at=at)
    )


async def _goes_on_elsewhere(
    uow: UnitOfWork, actor: AgentActor, task: Task, chats: set[int]
) -> None:
    """A messenger's chat is blocked whole: its open task must be the one that is called spam."""
    others = await uow.connection.scalars(
        select(t.task.c.root_id)
        .join(t.binding, t.binding.c.task_id == t.task.c.id)
        .where(
            t.binding.c.chat_id.in_(chats),
            t.binding.c.current,
            t.task.c.root_id != task.id,
            t.task.c.purged_at.is_(None),
        )
        .order_by(t.task.c.root_id)
    )
    for other in list(others):
        if (await snapshots.task(uow, other)).open:
            words = _("its chat goes on in task #{other}; mark that as spam")
            raise await access.goes_on(uow, actor.id, other, words)
