"""Merging tasks: several become one conversation, and each can be taken out again (R32, R33).

Nothing is moved. The other task points to the survivor and keeps its comments, chats, people and
tags; reading goes through the root. Only where the survivor itself is changed is there something
to undo, and that is written down in the record of the merge.
"""

from collections.abc import Sequence
from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.merging import Merged, MergedInto
from pfinbox.domain.merging import joining
from pfinbox.domain.merging.joining import Around, join
from pfinbox.domain.model import Task
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import awaiting_reply, reactions
from pfinbox.services.merging import merged_clients
from pfinbox.services.people import revealing
from pfinbox.services.tasks import bindings
from pfinbox.services.tasks.previous_task import straighten
from pfinbox.store import load, locks, snapshots, write
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
    await locks.tasks(uow, [root, *wanted])
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
    for other_id, into in (await load.tasks.merged_into(uow, other_ids)).items():
        if into is not None:
            raise Refused(
                _("task #{id} is merged into #{into} already; unmerge it first").format(
                    id=other_id, into=into
                )
            )


async def _merge(
    uow: UnitOfWork, actor: AgentActor, survivor: Task, other: Task, reply_via: str
) -> None:
    both = (survivor.id, other.id)
    around = Around(
        await load.tasks.terms(uow, both),
        await load.chats.bindings(uow, both),
        await load.merges.readers(uow, both),
        (await load.merges.tree(uow, "task", survivor.id)).into(survivor.id),
        await load.comments.highest_id(uow),
        uow.now,
    )
    merge = joining.merge(survivor, other, reply_via, around)
    await write.merges.put(uow, merge.changes)
    await write.merges.redirect(uow, "task", other.id, survivor.id)
    changes = (*merge.changes, *await straighten(uow, survivor.id))
    await write.merges.add(uow, "task", actor.id, replace(merge, changes=changes))
    await merged_clients.invite(uow, survivor.id, by=other.id)
    await awaiting_reply.refresh(
        uow,
        survivor.id,
        notable=[other.last_notable_id],
        active_at=joining.active_at(survivor, other),
    )
    await reactions.follow(uow, survivor.id, Merged(other=other.id, title=other.title), actor.id)
    await reactions.follow(uow, other.id, MergedInto(survivor=survivor.id), actor.id)


async def _take_chats(
    uow: UnitOfWork, actor: AgentActor, survivor: Task, last_merged_id: int
) -> None:
    """An open survivor takes the messages of every chat that it has now (R32).

    A finished task that had such a chat lets go of it; with an open one the two must be merged.
    """
    moved = await bindings.take_chats_back(uow, survivor, actor.id)
    if moved:
        tree = await load.merges.tree(uow, "task", survivor.id)
        merge = tree.merge_of(last_merged_id)
        await write.merges.rewrite(uow, [replace(merge, changes=(*merge.changes, *moved))])
