"""Merging tasks: several become one conversation, and each can be taken out again (R32, R33).

Nothing is moved. The other task points to the survivor and keeps its comments, chats, people and
tags; reading goes through the root. Only where the survivor itself is changed is there something
to undo, and that is written down in the record of the merge.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events import Merged, MergedInto
from pfinbox.domain.merging import Change, Terms, adopt, join
from pfinbox.domain.model import Task
from pfinbox.errors import NotFound, Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.merging import merged_clients
from pfinbox.services.people import revealing
from pfinbox.services.tasks import awaiting_reply, bindings, merge_records, reading
from pfinbox.services.tasks.previous_task import straighten
from pfinbox.store import journal, snapshots
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def merge_tasks(
    uow: UnitOfWork,
    actor: AgentActor,
    survivor_id: int,
    other_ids: Sequence[int],
    *,
    reply_via: str | None = None,
    force: bool = False,
) -> int:
    """Merge ``other_ids`` into ``survivor_id``, all or none; the survivor's root is returned.

    ``reply_via``: the account to answer by where the survivor has no channel and the others have
    several. ``force``: also tasks of different contacts, or of different audiences (R10).
    """
    wanted = list(dict.fromkeys(other_ids))
    if not wanted:
        raise UsageError(_("name at least one task to merge into #{id}").format(id=survivor_id))
    for task_id in (survivor_id, *wanted):
        await access.the_task(uow, actor, task_id)
    await _mergeable(uow, survivor_id, wanted)
    root = await snapshots.task_root(uow, survivor_id)
    await merge_records.lock(uow, "task", [root, *wanted])
    survivor = await access.living_task(uow, actor, root)
    others = [await access.living_task(uow, actor, i) for i in wanted]
    if survivor.id in wanted:
        raise Refused(
            _("task #{survivor} is a part of #{other}; a task cannot be merged with itself").format(
                survivor=survivor_id, other=survivor.id
            )
        )
    ids = {x.contact_id for x in (survivor, *others) if x.contact_id is not None}
    contacts = await snapshots.contacts(uow, ids)
    accounts = await snapshots.accounts(uow)
    if reply_via is not None:
        await _a_way(uow, actor, (survivor, *others), reply_via)
    also: Refused | None = None
    try:
        via = join(survivor, others, contacts, accounts, reply_via=reply_via, force=force)
    except Refused as refusal:
        # The question that ``force`` answers also lists the words that contacts would see.
        via = join(survivor, others, contacts, accounts, reply_via=reply_via, force=True)
        also = refusal
    # Unmerging the task whose channel was chosen takes the choice back.
    named = [
        other
        for other in others
        if any(accounts[c.account_id].name == via and not c.outside for c in other.chats)
    ]
    async with revealing.guard(uow, actor, tasks=[survivor.id, *wanted], also=also):
        for other in others:
            chosen = via if other in (named or others)[:1] else survivor.reply_via
            await _merge(uow, actor, survivor, other, chosen)
            survivor = await snapshots.task(uow, survivor.id)
    if survivor.open:
        await _take_chats(uow, actor, survivor, others[-1].id)
    uow.touch("tasks", "outbox", "drafts")
    return survivor.id


async def _a_way(uow: UnitOfWork, actor: AgentActor, tasks: Sequence[Task], via: str) -> None:
    """NotFound when ``via`` is no account of the tasks, and none that the agent may use."""
    of_tasks = {chat.account_id for task in tasks for chat in task.chats}
    accounts = await snapshots.accounts(uow)
    if via not in {accounts[i].name for i in of_tasks}:
        await access.the_account(uow, actor, via)


async def _mergeable(uow: UnitOfWork, survivor_id: int, other_ids: Sequence[int]) -> None:
    """What can be said from the numbers alone, before anything is locked."""
    if survivor_id in other_ids:
        raise Refused(_("task #{id} cannot be merged with itself").format(id=survivor_id))
    rows = await uow.connection.execute(
        select(t.task.c.id, t.task.c.merged_into_id).where(t.task.c.id.in_(other_ids))
    )
    known = {row.id: row.merged_into_id for row in rows}
    for other_id in other_ids:
        if other_id not in known:
            raise NotFound(_("there is no task #{id}").format(id=other_id))
        if known[other_id] is not None:
            raise Refused(
                _("task #{id} is merged into #{into} already; unmerge it first").format(
                    id=other_id, into=known[other_id]
                )
            )


async def _merge(
    uow: UnitOfWork, actor: AgentActor, survivor: Task, other: Task, reply_via: str
) -> None:
    mark = await snapshots.highest_comment(uow)
    before = await _row(uow, survivor.id)
    lost = await _row(uow, other.id)
    own = await _own(uow, before)
    chats = await _chats_that_leave(uow, survivor, other)
    changes = adopted(before, lost)
    if before.reply_via != reply_via:
        changes.append(Change("task", survivor.id, "reply_via", before.reply_via, reply_via))
    marks, read = await reading.joined(
        uow, survivor.id, other.id, before.last_notable_id, lost.last_notable_id
    )
    changes += marks
    for change in changes:
        await merge_records.put(uow, change)
    await merge_records.redirect(uow, "task", other.id, survivor.id)
    changes += await straighten(uow, survivor.id)
    merge_id = await merge_records.record(
        uow,
        "task",
        actor.id,
        survivor.id,
        other.id,
        mark=mark,
        changes=changes,
        chats=sorted(chats),
        own=own,
        active_at=before.last_activity_at.isoformat(),
        notable=before.last_notable_id,
        read=read,
        guests=[],
    )
    await merged_clients.invite(uow, survivor.id, merge_id)
    await index.index_task(uow, survivor.id)
    await awaiting_reply.refresh(
        uow,
        survivor.id,
        notable=[lost.last_notable_id],
        active_at=max(before.last_activity_at, lost.last_activity_at),
    )
    await journal.record(uow, survivor.id, Merged(other=other.id, title=other.title), actor.id)
    await journal.record(uow, other.id, MergedInto(survivor=survivor.id), actor.id)


async def _row(uow: UnitOfWork, task_id: int) -> Row[Any]:
    return (await uow.connection.execute(select(t.task).where(t.task.c.id == task_id))).one()


def adopted(survivor: Row[Any], other: Row[Any]) -> list[Change]:
    """What the survivor takes from the other because it has none of it.

    The rows' own values, not those of roots: a card may be unmerged later.
    """
    mine = Terms(survivor.contact_id, survivor.account_id, survivor.private_to_id)
    now = adopt(mine, Terms(other.contact_id, other.account_id, other.private_to_id))
    return [
        Change("task", survivor.id, column, getattr(mine, column), getattr(now, column))
        for column in ("contact_id", "account_id", "private_to_id")
        if getattr(mine, column) != getattr(now, column)
    ]


async def _own(uow: UnitOfWork, survivor: Row[Any]) -> dict[str, object]:
    """What the survivor showed before anything was merged in; merges are undone in any order."""
    earlier = await merge_records.into(uow, "task", survivor.id)
    if earlier:
        own: dict[str, object] = earlier[0].before["own"]
        return own
    return {"active_at": survivor.last_activity_at.isoformat()}


async def _chats_that_leave(uow: UnitOfWork, survivor: Task, other: Task) -> set[int]:
    """The other's chats, but for one that both have had and that the survivor has now."""
    rows = await uow.connection.execute(
        select(t.binding.c.chat_id, t.task.c.root_id, t.binding.c.current)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.task.c.root_id.in_([survivor.id, other.id]))
    )
    theirs: set[int] = set()
    both: set[int] = set()
    current: dict[int, int] = {}
    for row in rows:
        (theirs if row.root_id == other.id else both).add(row.chat_id)
        if row.current:
            current[row.chat_id] = row.root_id
    return {chat for chat in theirs if chat not in both or current.get(chat) == other.id}


async def _take_chats(
    uow: UnitOfWork, actor: AgentActor, survivor: Task, last_merged_id: int
) -> None:
    """An open survivor takes the messages of every chat that it has now (R32).

    A finished task that had such a chat lets go of it; with an open one the two must be merged.
    """
    before = await bindings.currents(uow, [chat.id for chat in survivor.chats])
    await bindings.take_chats_back(uow, survivor, actor.id)
    after = await bindings.currents(uow, [chat.id for chat in survivor.chats])
    moved = [
        Change("binding", binding_id, "current", was, after[binding_id])
        for binding_id, was in before.items()
        if was != after[binding_id]
    ]
    if moved:
        record = await merge_records.standing(uow, "task", last_merged_id)
        changes = [*record.before["changes"], *merge_records.as_json(moved)]
        await merge_records.rewrite(uow, record.id, changes=changes)
