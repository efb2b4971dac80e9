"""Who waits in a task and what was said last, computed from its comments (R41).

A message that arrives and an answer keep these columns up to date themselves; a comment that is
moved, taken back or edited has them computed here. The same as ``domain.awaiting_reply``; a
property test keeps the two together.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, false, func, or_, select, update

from pfinbox.domain import awaiting_reply as rules
from pfinbox.domain.events import Deleted, Snoozed, StatusChanged, Unsnoozed
from pfinbox.domain.text.preview import preview
from pfinbox.services.tasks.merge_records import tree
from pfinbox.store import client_wrote, statuses
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork

# Activities that end the client's waiting, or take such an end back.
_ENDS = tuple(event.activity for event in (StatusChanged, Snoozed, Unsnoozed, Deleted))


async def refresh(
    uow: UnitOfWork,
    task_id: int,
    *,
    notable: Collection[int] = (),
    active_at: datetime | None = None,
) -> None:
    """Recompute what the list shows of a root from its comments, merged ones included.

    ``notable``: comments that may be new for every agent besides the one noted in the task;
    those that nobody has to answer any more are left out. ``active_at``: the earliest moment that
    it can have been active last; by default the one noted.
    """
    task = (await uow.connection.execute(select(t.task).where(t.task.c.id == task_id))).one()
    waits = await waiting(uow, task)
    last = await _last_word(uow, task_id, client_waits=bool(waits))
    newest = await uow.connection.scalar(
        select(func.max(t.comment.c.created_at)).where(_in_tree(task_id))
    )
    new = {task.last_notable_id, *notable} & {row.id for row in waits}
    await uow.connection.execute(
        update(t.task)
        .where(t.task.c.id == task_id)
        .values(
            waiting_since=waits[0].created_at if waits else None,
            last_notable_id=max(new, default=0),
            last_direction=last.direction if last is not None else None,
            last_line=await _line(uow, last) if last is not None else "",
            last_activity_at=max(
                active_at or task.last_activity_at, newest or task.created_at, task.created_at
            ),
        )
    )
    uow.touch("tasks")


def _in_tree(root_id: int) -> Any:
    return t.comment.c.task_id.in_(select(t.task.c.id).where(t.task.c.root_id == root_id))


def _said_outside() -> Any:
    """An outgoing comment to a contact, unless it still waits or never left."""
    mine = and_(t.delivery.c.comment_id == t.comment.c.id, t.delivery.c.notice.is_(None))
    return and_(
        t.comment.c.direction == "outgoing",
        t.comment.c.internal.is_(False),
        # An acknowledgement answers nothing.
        t.comment.c.automatic.is_(False),
        t.comment.c.deleted_at.is_(None),
        or_(~exists().where(mine), exists().where(mine, t.delivery.c.state.not_in(rules.UNSAID))),
    )


def _by_client_chat() -> Any:
    """A delivery by any way but a thread with somebody outside (R45)."""
    outside = exists().where(t.chat.c.id == t.delivery.c.chat_id, t.chat.c.outside)
    return and_(t.delivery.c.comment_id == t.comment.c.id, t.delivery.c.notice.is_(None), ~outside)


def _said_aside() -> Any:
    """A comment that went into a side conversation only."""
    mine = and_(t.delivery.c.comment_id == t.comment.c.id, t.delivery.c.notice.is_(None))
    return and_(exists().where(mine), ~exists().where(_by_client_chat()))


_tree = t.comment.c.task_id.in_(select(t.task.c.id).where(t.task.c.root_id == bindparam("root_id")))
# In one, and put together once: every answer, merge and move asks for them.
_HEARD = select(
    # The last comment that the client heard of.
    select(func.max(t.comment.c.id))
    .where(_tree, _said_outside(), ~_said_aside(), t.comment.c.sent_elsewhere.is_(False))
    .scalar_subquery(),
    # A comment of a side conversation is answered in that side conversation, too.
    select(func.max(t.comment.c.id))
    .where(_tree, _said_outside(), t.comment.c.imported.is_(False))
    .scalar_subquery(),
)


async def only_outside(uow: UnitOfWork, comment_id: int) -> bool:
    """Whether a comment is no talk with the client: a forward, or an answer to its reader."""
    found = await uow.connection.scalar(
        select(t.comment.c.id).where(t.comment.c.id == comment_id, _said_aside())
    )
    return found is not None


async def waiting(uow: UnitOfWork, task: Row[Any]) -> list[Any]:
    """The client's messages still to answer (id, created_at), oldest first."""
    if task.spam or task.deleted_at is not None:
        return []
    heard = await uow.connection.execute(_HEARD, {"root_id": task.id})
    answered_id, aside_id = heard.one()
    # The receipt tells when it was stored; created_at may be long before that.
    stored = (
        select(func.min(t.receipt.c.received_at))
        .where(t.receipt.c.comment_id == t.comment.c.id)
        .scalar_subquery()
    )
    rows = (
        await uow.connection.execute(
            select(
                t.comment.c.id,
                t.comment.c.created_at,
                t.comment.c.task_id,
                func.coalesce(stored, t.comment.c.created_at).label("stored_at"),
            )
            .where(
                _in_tree(task.id),
                client_wrote.is_heard(),
                t.comment.c.id > (answered_id or 0),
                ~_answered_elsewhere(task.id),
                or_(~client_wrote.from_outside(), t.comment.c.id > (aside_id or 0)),
            )
            .order_by(t.comment.c.id)
        )
    ).all()
    settled = await _settled(uow, task.id, {row.task_id for row in rows})
    return [
        row
        for row in rows
        if not rules.is_settled(row.stored_at, row.created_at, settled[row.task_id])
    ]


def _answered_elsewhere(root_id: int) -> Any:
    """Whether a comment sent elsewhere answered the client's message (R43).

    Such a copy is seen later than it was sent: perhaps the client has written again by then.
    """
    sent, to, card = t.comment.alias("sent"), t.contact.alias("reached"), t.contact.alias("card")
    writer, own = t.comment.alias("writer"), t.task.alias("own")
    writers = (
        select(card.c.root_id)
        .join(writer, writer.c.contact_id == card.c.id)
        .join(own, own.c.id == writer.c.task_id)
        .outerjoin(t.chat, t.chat.c.id == writer.c.chat_id)
        .where(own.c.root_id == root_id, func.coalesce(t.chat.c.outside, false()).is_(False))
    )
    return exists().where(
        sent.c.task_id.in_(select(t.task.c.id).where(t.task.c.root_id == root_id)),
        sent.c.sent_elsewhere,
        sent.c.imported.is_(False),
        sent.c.deleted_at.is_(None),
        sent.c.id > t.comment.c.id,
        sent.c.created_at >= t.comment.c.created_at,
        t.notify.c.comment_id == sent.c.id,
        to.c.id == t.notify.c.contact_id,
        to.c.root_id.in_(writers),
    )


async def _settled(
    uow: UnitOfWork, root_id: int, task_ids: Collection[int]
) -> dict[int, datetime | None]:
    """When each of the merged tasks was last closed, snoozed or deleted, alone or as one."""
    if not task_ids:
        return {}
    members = await tree(uow, "task", root_id)
    known = await statuses.all_statuses(uow)
    rows = await uow.connection.execute(
        select(t.activity.c.task_id, t.activity.c.kind, t.activity.c.args, t.activity.c.at)
        .join(t.task, t.task.c.id == t.activity.c.task_id)
        .where(t.task.c.root_id == root_id, t.activity.c.kind.in_(_ENDS))
        .order_by(t.activity.c.id)
    )
    ends: list[tuple[int, datetime]] = []
    for row in rows:
        if row.args.get("undo"):
            # An agent's own close that was taken back counts as never made.
            last = max((n for n, end in enumerate(ends) if end[0] == row.task_id), default=None)
            if last is not None:
                del ends[last]
        elif row.kind in (Snoozed.activity, Deleted.activity) or (
            row.kind == StatusChanged.activity
            and known.get(row.args.get("before"), True)
            and not known.get(row.args.get("to"), True)
        ):
            ends.append((row.task_id, row.at))
    closed = await uow.connection.execute(
        select(t.task.c.id, t.task.c.closed_at).where(
            t.task.c.root_id == root_id, t.task.c.closed_at.is_not(None)
        )
    )
    ends += [(row.id, row.closed_at) for row in closed]
    found: dict[int, datetime | None] = {}
    for task_id in task_ids:
        since = {task_id: datetime.min.replace(tzinfo=uow.now.tzinfo)}
        joined = since[task_id]
        for edge in members.way_up(task_id):
            joined = max(joined, edge.at)
            since[edge.survivor_id] = joined
        found[task_id] = max((at for i, at in ends if i in since and at >= since[i]), default=None)
    return found


async def _last_word(uow: UnitOfWork, root_id: int, *, client_waits: bool) -> Any:
    """The last comment between us and a client; internal talk does not show in the list.

    Nor does what was said to somebody outside, while the client waits.
    """
    ours = and_(_said_outside(), ~_said_aside()) if client_waits else _said_outside()
    return (
        await uow.connection.execute(
            select(t.comment.c.id, t.comment.c.direction, t.comment.c.text, t.comment.c.new_text)
            .where(_in_tree(root_id), or_(t.comment.c.direction == "incoming", ours))
            # Imported comments and those sent elsewhere were stored later than they were said.
            .order_by(t.comment.c.created_at.desc(), t.comment.c.id.desc())
            .limit(1)
        )
    ).first()


async def _line(uow: UnitOfWork, last: Any) -> str:
    line = preview(last.new_text or last.text)
    if line:
        return line
    name = await uow.connection.scalar(
        select(t.attachment.c.name)
        .where(t.attachment.c.comment_id == last.id)
        .order_by(t.attachment.c.id)
        .limit(1)
    )
    return preview(name or "")


async def unnoticed(uow: UnitOfWork, task_id: int, after: int) -> set[int]:
    """Waiting messages stored after comment ``after`` that are marked as new for no one agent."""
    task = (await uow.connection.execute(select(t.task).where(t.task.c.id == task_id))).one()
    if task.assignee_agent_id is not None:
        return set()
    ids = {row.id for row in await waiting(uow, task) if row.id > after}
    told = await uow.connection.scalars(
        select(t.notice.c.comment_id).where(t.notice.c.comment_id.in_(ids))
    )
    return ids - set(told)
