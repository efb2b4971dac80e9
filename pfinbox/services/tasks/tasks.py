"""What an agent does to tasks: status, assignee, tags, snooze, trash, read marks (R34, R35)."""

from collections.abc import Sequence
from dataclasses import replace

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events.tasks import Deleted, Restored, TaskCreated
from pfinbox.domain.model import Task
from pfinbox.domain.tasks import change as rules
from pfinbox.domain.tasks.change import Around, TaskChange
from pfinbox.domain.tasks.undo_close import OPENING_OR_CLOSING
from pfinbox.errors import Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.events import reactions
from pfinbox.services.people import revealing
from pfinbox.services.tasks import bindings, spam
from pfinbox.store import load, locks, snapshots, statuses, write
from pfinbox.store.load.outbound import read_marks as load_marks
from pfinbox.store.uow import UnitOfWork
from pfinbox.store.write.outbound import read_marks as write_marks


async def new(
    uow: UnitOfWork,
    actor: AgentActor,
    title: str,
    *,
    contact_id: int | None = None,
    account: str | None = None,
) -> int:
    """Make a task by hand; nothing is sent before the first comment. Returns its id.

    ``account``: whose rules it lives under; on a personal one it is seen by the owner alone (R10).
    """
    line = rules.title_of(title)
    under = await access.the_account(uow, actor, account) if account is not None else None
    if contact_id is not None:
        contact_id = await access.the_contact(uow, actor, contact_id)
    task_id = await write.tasks.add(
        uow,
        line,
        status=await statuses.first_status(uow),
        contact_id=contact_id,
        account_id=under.id if under is not None else None,
        private_to_id=actor.id if under is not None and under.role == "personal" else None,
    )
    await reactions.follow(uow, task_id, TaskCreated(), actor.id)
    return task_id


async def change(
    uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int], wanted: TaskChange
) -> None:
    """Apply one change to several tasks, all or none."""
    await change_each(uow, actor, [(task_id, wanted) for task_id in task_ids])


async def change_each(
    uow: UnitOfWork, actor: AgentActor, changes: Sequence[tuple[int, TaskChange]]
) -> None:
    """To each task a change of its own, all or none."""
    await locks.tasks(uow, [task_id for task_id, _wanted in changes])
    # A new participant may see the task; a private one is on no page until it is shared (R10).
    widened = [task_id for task_id, wanted in changes if wanted.widens]
    guard = revealing.guard(uow, actor, tasks=widened) if widened else revealing.nothing()
    async with guard:
        for task_id, wanted in changes:
            await _change(uow, actor, await access.living_task(uow, actor, task_id), wanted)


async def _change(uow: UnitOfWork, actor: AgentActor, task: Task, wanted: TaskChange) -> None:
    if wanted.contact_id is not None:
        root_id = await access.the_contact(uow, actor, wanted.contact_id)
        wanted = replace(wanted, contact_id=root_id)
    around = await _around(uow, actor, task, wanted)
    changed = rules.change(task, wanted, around)
    if changed.opened:
        await bindings.take_chats_back(uow, task, actor.id)
    await write.tasks.apply(uow, task.id, changed)
    for event in changed.events:
        await reactions.follow(uow, task.id, event, actor.id)


async def _around(uow: UnitOfWork, actor: AgentActor, task: Task, wanted: TaskChange) -> Around:
    """What the change looks at; NotFound for whatever the agent may not name."""
    await access.the_way(uow, actor, task, wanted.reply_via)
    new = [who for who in wanted.people if who not in task.participants or who == wanted.assignee]
    for contact_id in [who.id for who in new if who.kind == "contact"]:
        await access.the_contact(uow, actor, contact_id)
    holder = [task.assignee] if task.assignee is not None and wanted.seen is not None else []
    people = await snapshots.people(uow, [*new, *holder]) if new or holder else None
    return Around(
        actor.id,
        uow.now,
        await statuses.all_statuses(uow) if wanted.status is not None else {},
        (
            await load.tasks.last_event(uow, task.id, OPENING_OR_CLOSING)
            if wanted.status is not None or wanted.no_snooze
            else None
        ),
        people.agents if people is not None else {},
        people.contacts if people is not None else {},
    )


async def delete(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Into the trash; a deleted task takes no message any more (R7, R34)."""
    await locks.tasks(uow, task_ids)
    for task_id in task_ids:
        task = await access.living_task(uow, actor, task_id)
        await write.tasks.trash(uow, task.id, uow.now)
        await reactions.follow(uow, task.id, Deleted(), actor.id)


async def restore(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Out of the trash again, unless its chat goes on in another open task by now."""
    await locks.tasks(uow, task_ids)
    for task_id in task_ids:
        task = await access.the_task(uow, actor, task_id, lock=True)
        if task.living:
            raise Refused(_("task #{id} is not in the trash").format(id=task.id))
        if task.spam:
            # A restored task whose sender stays blocked would never get an answer.
            await spam.put_back(uow, actor.id, task)
            task = await access.the_task(uow, actor, task_id)
            if task.living:
                continue
        if task.active:
            await bindings.take_chats_back(uow, task, actor.id)
        await write.tasks.change(uow, task.id, deleted_at=None)
        await reactions.follow(uow, task.id, Restored(), actor.id)


async def mark_read(uow: UnitOfWork, actor: AgentActor, task_id: int, comment_id: int) -> None:
    """This agent has seen the task up to that comment; a mark never goes back."""
    task = await access.the_task(uow, actor, task_id)
    await write.unread.read_up_to(uow, task.id, {actor.id: comment_id})
    await write.unread.forget(uow, actor.id, task.id, comment_id)
    await write_marks.read_up_to(uow, await load_marks.last_said(uow, task.id, comment_id))
