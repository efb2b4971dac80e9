"""What an agent does to tasks: status, assignee, tags, snooze, trash, read marks (R34, R35)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.events import (
    Assigned,
    ContactChanged,
    Deleted,
    Joined,
    Left,
    ReplyViaChanged,
    Restored,
    Snoozed,
    StatusChanged,
    TaskCreated,
    TitleChanged,
    Unassigned,
    Unsnoozed,
)
from pfinbox.domain.model import Task, Who
from pfinbox.domain.text.cleaning import clean_line
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.people import revealing
from pfinbox.services.tasks import bindings, spam, undo_close, unread
from pfinbox.store import journal, snapshots, statuses, write
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What to change; whatever is left at its default stays as it is."""

    status: str | None = None
    assignee: Who | None = None
    unassign: bool = False
    title: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    snooze_until: datetime | None = None
    no_snooze: bool = False
    add_participants: tuple[Who, ...] = ()
    remove_participants: tuple[Who, ...] = ()
    contact_id: int | None = None
    reply_via: str | None = None
    # The agent undoes an earlier change; within minutes of it that is recognised without this.
    undo: bool = False
    # Who had the task when the agent looked; whoever took it since keeps it.
    seen: "Seen | None" = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What an agent saw of a task before changing it."""

    assignee: Who | None


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
    line = clean_line(title)
    if not line:
        raise UsageError(_("a task needs a title"))
    under = await access.the_account(uow, actor, account) if account is not None else None
    personal = under is not None and under.role == "personal"
    task_id = await uow.add_root(
        t.task,
        title=line,
        status=await statuses.first_status(uow),
        active=True,
        contact_id=(
            await access.the_contact(uow, actor, contact_id) if contact_id is not None else None
        ),
        account_id=under.id if under is not None else None,
        private_to_id=actor.id if personal else None,
        created_at=uow.now,
        last_activity_at=uow.now,
    )
    await index.index_task(uow, task_id)
    await journal.record(uow, task_id, TaskCreated(), actor.id)
    uow.touch("tasks")
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
    # In one order for everybody: two agents who lock the same tasks must not wait for each other.
    for task_id, wanted in sorted(changes, key=lambda one: one[0]):
        task = await access.living_task(uow, actor, task_id)
        # A new participant may see the task; a private one is on no page until it is shared (R10).
        widens = wanted.contact_id is not None or wanted.add_participants or wanted.assignee
        guard = revealing.guard(uow, actor, tasks=[task.id]) if widens else revealing.nothing()
        async with guard:
            await _change(uow, actor, task, wanted)
    uow.touch("tasks")


async def _change(uow: UnitOfWork, actor: AgentActor, task: Task, wanted: TaskChange) -> None:
    values: dict[str, object] = {}
    waits_again = False
    if wanted.title is not None:
        line = clean_line(wanted.title)
        if not line:
            raise UsageError(_("a task needs a title"))
        values["title"] = line
        await journal.record(uow, task.id, TitleChanged(to=line), actor.id)
    if wanted.status is not None and wanted.status != task.status:
        slip = await undo_close.undoes(uow, actor, task.id, StatusChanged, said_so=wanted.undo)
        values |= await _status(uow, actor, task, wanted.status, slip)
        waits_again = slip and bool(values["active"]) and not task.active
    if wanted.unassign or wanted.assignee is not None:
        await _nobody_was_faster(uow, task, wanted)
        values |= await _assignee(uow, actor, task, wanted.assignee)
    if wanted.snooze_until is not None:
        if wanted.snooze_until <= uow.now:
            raise Refused(_("a snooze must end in the future"))
        values["snoozed_until"] = wanted.snooze_until
        await unread.answered(uow, task.id)
        until = wanted.snooze_until.isoformat()
        await journal.record(uow, task.id, Snoozed(until=until), actor.id)
    if wanted.no_snooze and task.snoozed_until is not None:
        values["snoozed_until"] = None
        slip = await undo_close.undoes(uow, actor, task.id, Snoozed, said_so=wanted.undo)
        await journal.record(uow, task.id, Unsnoozed(undo=slip), actor.id)
        waits_again = waits_again or slip
    if wanted.reply_via is not None:
        await access.the_way(uow, actor, task, wanted.reply_via)
        values["reply_via"] = wanted.reply_via
        await journal.record(uow, task.id, ReplyViaChanged(to=wanted.reply_via), actor.id)
    if wanted.contact_id is not None:
        values["contact_id"] = await access.the_contact(uow, actor, wanted.contact_id)
        await journal.record(uow, task.id, ContactChanged(to=wanted.contact_id), actor.id)
    await _tags(uow, task, wanted)
    await _participants(uow, actor, task, wanted)
    if values:
        await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))
    if waits_again:
        await undo_close.wait_again(uow, task.id)
    if "title" in values or "contact_id" in values:
        await index.index_task(uow, task.id)


async def _status(
    uow: UnitOfWork, actor: AgentActor, task: Task, status: str, slip: bool
) -> dict[str, object]:
    active = await statuses.is_active(uow, status)
    undo = slip and active and not task.active
    await journal.record(uow, task.id, StatusChanged(task.status, status, undo), actor.id)
    values: dict[str, object] = {"status": status, "active": active}
    if active and not task.active:
        await bindings.take_chats_back(uow, task, actor.id)
        values["closed_at"] = None
    if not active and task.active:
        await unread.answered(uow, task.id)
        values |= {"closed_at": uow.now, "snoozed_until": None}
    return values


async def _assignee(
    uow: UnitOfWork, actor: AgentActor, task: Task, who: Who | None
) -> dict[str, object]:
    if who is not None:
        await _may_take_part(uow, actor, who)
    event = Assigned(who.kind, who.id) if who is not None else Unassigned()
    await journal.record(uow, task.id, event, actor.id)
    return {
        "assignee_agent_id": who.id if who is not None and who.kind == "agent" else None,
        "assignee_contact_id": who.id if who is not None and who.kind == "contact" else None,
    }


async def _nobody_was_faster(uow: UnitOfWork, task: Task, wanted: TaskChange) -> None:
    """Of two agents who take a task at the same moment the first keeps it; the other is told."""
    holder = task.assignee
    if wanted.seen is None or holder is None or holder in (wanted.seen.assignee, wanted.assignee):
        return
    people = await snapshots.people(uow, [holder])
    named = people.agents if holder.kind == "agent" else people.contacts
    words = _("{name} has taken #{id} meanwhile")
    raise Refused(words.format(name=named[holder.id].name, id=task.id))


async def _may_take_part(uow: UnitOfWork, actor: AgentActor, who: Who) -> None:
    """An active agent, or a card with the switch "can be chosen in tasks" (R28)."""
    if who.kind == "contact":
        await access.the_contact(uow, actor, who.id)
    people = await snapshots.people(uow, [who])
    if who.kind == "agent" and not people.agents[who.id].active:
        raise Refused(_("{name} is deactivated").format(name=people.agents[who.id].name))
    if who.kind == "contact" and not people.contacts[who.id].selectable:
        raise Refused(
            _("{name} cannot be chosen in tasks; switch it on at the card first").format(
                name=people.contacts[who.id].name
            )
        )


async def _tags(uow: UnitOfWork, task: Task, wanted: TaskChange) -> None:
    insert = sqlite.insert if uow.sqlite else postgresql.insert
    for tag in wanted.add_tags:
        name = clean_line(tag, 64).replace(" ", "-").lower()
        if name:
            statement = insert(t.tag).values(task_id=task.id, name=name)
            await uow.connection.execute(statement.on_conflict_do_nothing())
    if wanted.remove_tags:
        await uow.connection.execute(
            sql_delete(t.tag).where(
                t.tag.c.task_id.in_(select(t.task.c.id).where(t.task.c.root_id == task.id)),
                t.tag.c.name.in_(wanted.remove_tags),
            )
        )


async def _let_in(uow: UnitOfWork, task: Task, who: Who) -> None:
    """Somebody who came in by writing is added by an agent, too."""
    if who.kind == "contact":
        cards = select(t.contact.c.id).where(t.contact.c.root_id == who.id)
        members = select(t.task.c.id).where(t.task.c.root_id == task.id)
        await uow.connection.execute(
            update(t.participant)
            .where(t.participant.c.task_id.in_(members), t.participant.c.contact_id.in_(cards))
            .values(let_in=True)
        )


async def _participants(uow: UnitOfWork, actor: AgentActor, task: Task, wanted: TaskChange) -> None:
    for who in wanted.add_participants:
        if who in task.participants:
            await _let_in(uow, task, who)
            continue
        await _may_take_part(uow, actor, who)
        column = "agent_id" if who.kind == "agent" else "contact_id"
        await uow.add(t.participant, task_id=task.id, **{column: who.id})
        await journal.record(uow, task.id, Joined(kind=who.kind, id=who.id), actor.id)
    for who in wanted.remove_participants:
        person = t.participant.c.agent_id if who.kind == "agent" else t.participant.c.contact_id
        await uow.connection.execute(
            sql_delete(t.participant).where(
                t.participant.c.task_id.in_(select(t.task.c.id).where(t.task.c.root_id == task.id)),
                person == who.id,
            )
        )
        await journal.record(uow, task.id, Left(kind=who.kind, id=who.id), actor.id)


async def delete(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Into the trash; a deleted task takes no message any more (R7, R34)."""
    for task_id in task_ids:
        task = await access.living_task(uow, actor, task_id)
        await uow.connection.execute(
            update(t.task)
            .where(t.task.c.id == task.id)
            .values(deleted_at=uow.now, waiting_since=None, last_notable_id=0)
        )
        await journal.record(uow, task.id, Deleted(), actor.id)
    uow.touch("tasks")


async def restore(uow: UnitOfWork, actor: AgentActor, task_ids: Sequence[int]) -> None:
    """Out of the trash again, unless its chat goes on in another open task by now."""
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
        await uow.connection.execute(
            update(t.task).where(t.task.c.id == task.id).values(deleted_at=None)
        )
        await journal.record(uow, task.id, Restored(), actor.id)
    uow.touch("tasks")


async def mark_read(uow: UnitOfWork, actor: AgentActor, task_id: int, comment_id: int) -> None:
    """This agent has seen the task up to that comment; a mark never goes back."""
    task = await access.the_task(uow, actor, task_id)
    insert = sqlite.insert if uow.sqlite else postgresql.insert
    statement = insert(t.read_mark).values(
        agent_id=actor.id, task_id=task.id, comment_id=comment_id
    )
    await uow.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["agent_id", "task_id"],
            set_={"comment_id": statement.excluded.comment_id},
            where=t.read_mark.c.comment_id < statement.excluded.comment_id,
        )
    )
    await write.unread.forget(uow, actor.id, task.id, comment_id)
    uow.touch("tasks")
