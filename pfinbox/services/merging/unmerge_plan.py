"""What taking a merged task out would mean: which comments go, and whether it may be done (R33)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.merging import Spoken, goes_with, one_task_a_chat
from pfinbox.domain.model import Task
from pfinbox.domain.text.preview import preview
from pfinbox.errors import NotFound, Refused
from pfinbox.i18n import _
from pfinbox.services import access
from pfinbox.services.tasks import bindings, merge_records
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.read import visibility
from pfinbox.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Place:
    """One comment of a merged conversation and the task where it would be."""

    comment_id: int
    task_id: int
    direction: str
    internal: bool
    line: str
    at: datetime
    # The comment was written in another task of the merge and follows the chat of its delivery.
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What an unmerge would do; ``refusal`` says why it cannot be done now."""

    survivor_id: int
    task_id: int
    places: tuple[Place, ...]
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Parting:
    """What taking one task out means."""

    survivor: Task
    leaving_id: int
    below: frozenset[int]
    merge: Row[Any]
    comments: tuple[Row[Any], ...]
    # The comments that leave.
    going: frozenset[int]
    chats: frozenset[int]


async def preview_unmerge(uow: UnitOfWork, actor: AgentActor, task_id: int) -> Preview:
    """Where each comment of the conversation would be; nothing is changed."""
    parting = await part(uow, actor, task_id)
    refusal = None
    try:
        await must_leave_one_task_a_chat(uow, actor, parting)
    except Refused as refused:
        refusal = str(refused)
    places = tuple(
        Place(
            comment_id=row.id,
            task_id=task_id if row.id in parting.going else parting.survivor.id,
            direction=row.direction,
            internal=row.internal,
            line=preview(row.new_text or row.text),
            at=row.created_at,
            moves=row.id in parting.going and row.task_id not in parting.below,
        )
        for row in parting.comments
    )
    return Preview(parting.survivor.id, task_id, places, refusal)


async def part(uow: UnitOfWork, actor: AgentActor, task_id: int) -> Parting:
    survivor = await access.the_task(uow, actor, task_id)
    merged_into = (
        await uow.connection.execute(
            select(t.task.c.merged_into_id).where(
                t.task.c.id == task_id, t.task.c.purged_at.is_(None)
            )
        )
    ).first()
    if merged_into is None:
        raise NotFound(_("there is no task #{id}").format(id=task_id))
    if merged_into.merged_into_id is None:
        raise Refused(_("task #{id} is not merged into another one").format(id=task_id))
    tree = await merge_records.tree(uow, "task", survivor.id)
    merge = await merge_records.standing(uow, "task", task_id)
    chats = frozenset(merge.before["chats"])
    comments = await _comments(uow, survivor.id)
    by_chat = await delivered_by(uow, survivor.id)
    going = frozenset(
        row.id
        for row in comments
        if goes_with(spoken(row, by_chat.get(row.id, frozenset())), tree, task_id, chats)
    )
    below = tree.below(task_id)
    return Parting(survivor, task_id, below, merge, tuple(comments), going, chats)


async def _comments(uow: UnitOfWork, root_id: int) -> list[Row[Any]]:
    return list(
        await uow.connection.execute(
            select(
                t.comment.c.id,
                t.comment.c.task_id,
                t.comment.c.direction,
                t.comment.c.internal,
                t.comment.c.sent_elsewhere,
                t.comment.c.chat_id,
                t.comment.c.text,
                t.comment.c.new_text,
                t.comment.c.created_at,
            )
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(t.task.c.root_id == root_id)
            .order_by(t.comment.c.created_at, t.comment.c.id)
        )
    )


async def delivered_by(uow: UnitOfWork, root_id: int) -> dict[int, frozenset[int]]:
    rows = await uow.connection.execute(
        select(t.delivery.c.comment_id, t.delivery.c.chat_id)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id == root_id, t.delivery.c.chat_id.is_not(None))
    )
    found: dict[int, set[int]] = {}
    for row in rows:
        found.setdefault(row.comment_id, set()).add(row.chat_id)
    return {comment_id: frozenset(chats) for comment_id, chats in found.items()}


def spoken(row: Row[Any], delivered: frozenset[int]) -> Spoken:
    # A comment sent elsewhere went by the chat in which it was found.
    chats = frozenset([row.chat_id]) if row.sent_elsewhere and row.chat_id else delivered
    return Spoken(row.id, row.task_id, row.direction == "outgoing", chats)


async def _leaving(uow: UnitOfWork, parting: Parting) -> tuple[Task, Task]:
    """Both tasks as they would be, as far as chats and their being open matter."""
    rows = await uow.connection.execute(
        select(t.binding.c.chat_id, t.binding.c.task_id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.task.c.root_id == parting.survivor.id)
    )
    mine: set[int] = set()
    theirs: set[int] = set()
    for row in rows:
        (theirs if row.task_id in parting.below else mine).add(row.chat_id)
    own = (
        await uow.connection.execute(select(t.task).where(t.task.c.id == parting.leaving_id))
    ).one()
    chats = parting.survivor.chats
    return (
        snapshots.task_of(
            (
                await uow.connection.execute(
                    select(t.task).where(t.task.c.id == parting.survivor.id)
                )
            ).one(),
            (None, None),
            tuple(chat for chat in chats if chat.id in mine),
        ),
        snapshots.task_of(own, (None, None), tuple(c for c in chats if c.id in theirs)),
    )


async def must_leave_one_task_a_chat(uow: UnitOfWork, actor: AgentActor, parting: Parting) -> None:
    survivor, leaving = await _leaving(uow, parting)
    rows = await uow.connection.execute(
        select(t.binding.c.chat_id, t.task.c.root_id)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .where(t.binding.c.current, t.binding.c.chat_id.in_([c.id for c in leaving.chats]))
    )
    elsewhere: dict[int, int] = {}
    for row in rows.all():
        if row.root_id != survivor.id and await bindings.is_open(uow, row.root_id):
            elsewhere[row.chat_id] = row.root_id
    who = await visibility.viewer(uow, actor)
    others = set(elsewhere.values())
    if leaving.open and others - await visibility.visible_among(uow, who, others):
        raise Refused(_("its chat goes on in a task that you may not see"))
    one_task_a_chat(survivor, leaving, elsewhere, {c.id: c.key for c in leaving.chats})
