"""Loading what was said and done in the tasks that a batch concerns, as far as rules ask for it."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from pfinbox.domain.contract.channel import Capability
from pfinbox.domain.contract.incoming import Incoming, Message, Unreadable
from pfinbox.domain.events.tasks import ParticipantWrote, PutBefore
from pfinbox.domain.inbound.awaited import Awaiting
from pfinbox.domain.inbound.known import KnownComment, KnownTask
from pfinbox.domain.inbound.reactions.deputies import works
from pfinbox.domain.inbound.working_set import WorkingSet, names_of
from pfinbox.store import tables as t
from pfinbox.store.load.inbound import bindings, last_said
from pfinbox.store.load.inbound.chats import whole_tasks
from pfinbox.store.load.inbound.portions import in_portions
from pfinbox.store.uow import UnitOfWork

# What the import itself writes into a task's journal.
_BY_IMPORT = (ParticipantWrote.activity, PutBefore.activity)


async def load(uow: UnitOfWork, ws: WorkingSet, items: Sequence[Incoming]) -> None:
    """Everything that hangs on tasks; most batches ask for little of it."""
    past = [one for one in items if one.history]
    if past:
        await _awaited(uow, ws, past)
    blocked = [one.blocked for one in ws.people.values()]
    blocked += [one.blocked for one in ws.chats.values()]
    if any(blocked) and not ws.account.can(Capability.THREADS):
        await bindings.spam_tasks(uow, ws)
    # The past reopens nothing.
    if ws.account.new_task_after_close != "true" and len(past) < len(items):
        finished = {i for i, one in ws.tasks.items() if one.task.living and not one.task.active}
        if finished:
            await bindings.bindings(uow, ws, finished)
    if past or any(_of_ours(ws, one) for one in items):
        await _said(uow, ws)
    if len(past) < len(items):
        await _absences(uow, ws)
        if any(last_said.may_open(ws, one) for one in items if not one.history):
            await last_said.load(uow, ws)


def _of_ours(ws: WorkingSet, item: Incoming) -> bool:
    event = item.event
    if isinstance(event, Unreadable):
        return event.sender is not None and ws.side.is_ours(event.sender.value)
    if not isinstance(event, Message):
        return False
    return event.sent_elsewhere or event.in_sent or ws.side.is_ours(event.sender.value)


async def _awaited(uow: UnitOfWork, ws: WorkingSet, past: Collection[Incoming]) -> None:
    """What imported comments wait for among these, and the tasks of notes without a chat."""
    names = sorted(names_of(past))
    found = in_portions(uow, _waiting(), "names", names, account_id=ws.account.id)
    rows = [row async for row in found]
    roots = {row.root_id for row in rows if row.chat_id is None} - ws.tasks.keys()
    if roots and not uow.sqlite:
        locking = select(t.task.c.id).where(t.task.c.id.in_(roots)).order_by(t.task.c.id)
        await uow.connection.execute(locking.with_for_update())
    await whole_tasks(uow, ws, roots)
    for row in rows:
        note_of = row.root_id if row.chat_id is None else None
        if note_of is None or note_of in ws.tasks:
            one = Awaiting(row.comment_id, row.rank, row.direction == "incoming", note_of)
            ws.awaited.add(row.source_id, one)


@cache
def _waiting() -> Select[Any]:
    return (
        select(t.awaited, t.comment.c.direction, t.comment.c.chat_id, t.task.c.root_id)
        .join(t.comment, t.comment.c.id == t.awaited.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.awaited.c.account_id == bindparam("account_id"),
            t.awaited.c.source_id.in_(bindparam("names", expanding=True)),
        )
        .order_by(t.awaited.c.comment_id)
    )


async def _said(uow: UnitOfWork, ws: WorkingSet) -> None:
    """Every comment of the tasks, without its words, and whether a person dealt with them."""
    roots = {"roots": list(ws.tasks)}
    if not ws.tasks:
        return
    for row in await uow.connection.execute(_comments(), roots):
        ws.tasks[row.root_id].said.append(
            KnownComment(
                row.id,
                row.task_id,
                row.created_at,
                internal=row.internal,
                automatic=row.automatic,
                imported=row.imported,
                account_id=row.account_id,
                card_id=row.contact_id,
                contact_id=row.author_id,
                chat_id=row.chat_id,
                source_id=row.source_id,
                answer_to=row.answer_to,
            )
        )
    for task_id in await uow.connection.scalars(_handled(), roots):
        ws.tasks[task_id].handled = True


@cache
def _comments() -> Select[Any]:
    comment = t.comment.c
    return (
        select(
            comment.id,
            comment.task_id,
            comment.created_at,
            comment.internal,
            comment.automatic,
            comment.imported,
            comment.account_id,
            comment.contact_id,
            comment.chat_id,
            comment.source_id,
            comment.recipients[("answer_to", 0)].as_string().label("answer_to"),
            t.contact.c.root_id.label("author_id"),
            t.task.c.root_id,
        )
        .join(t.task, t.task.c.id == comment.task_id)
        .outerjoin(t.contact, t.contact.c.id == comment.contact_id)
        .where(t.task.c.root_id.in_(bindparam("roots", expanding=True)))
        .order_by(comment.id)
    )


@cache
def _handled() -> Select[Any]:
    return (
        select(t.activity.c.task_id)
        .where(
            t.activity.c.task_id.in_(bindparam("roots", expanding=True)),
            t.activity.c.kind.not_in(_BY_IMPORT),
        )
        .distinct()
    )


async def _absences(uow: UnitOfWork, ws: WorkingSet) -> None:
    """What was said in tasks of agents who are not here of who gets their messages (R44)."""
    away = [root_id for root_id, one in ws.tasks.items() if _assignee_away(ws, one)]
    if not away:
        return
    wrote = await uow.connection.execute(
        select(t.task.c.root_id, t.comment.c.agent_id, func.max(t.comment.c.created_at))
        .join(t.comment, t.comment.c.task_id == t.task.c.id)
        .where(t.task.c.root_id.in_(away), t.comment.c.agent_id.is_not(None))
        .group_by(t.task.c.root_id, t.comment.c.agent_id)
    )
    for root_id, agent_id, at in wrote:
        ws.tasks[root_id].agents_wrote[agent_id] = at
    said = await uow.connection.execute(
        select(t.task.c.root_id, t.activity.c.args, t.activity.c.at)
        .join(t.activity, t.activity.c.task_id == t.task.c.id)
        .where(t.task.c.root_id.in_(away), t.activity.c.kind == PutBefore.activity)
        .order_by(t.activity.c.id)
    )
    for row in said:
        ws.tasks[row.root_id].put_before = (dict(row.args), row.at)


def _assignee_away(ws: WorkingSet, root: KnownTask) -> bool:
    assignee = root.task.assignee
    if assignee is None or assignee.kind != "agent":
        return False
    agent = ws.agents.get(assignee.id)
    return agent is None or not works(agent, ws.now)
