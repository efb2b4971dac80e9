"""Rows of the task list by their ids: two or three statements for any page."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, exists, func, or_, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.outbound.delivery import TROUBLED, State
from pfinbox.store import tables as t
from pfinbox.store.read.ids import BATCH, IDS, rows_of
from pfinbox.store.read.visibility import Viewer, viewer, visible_among, visible_root
from pfinbox.store.rows import TaskRow
from pfinbox.store.rows.of_tasks import reply_limits, row_of_task
from pfinbox.store.uow import UnitOfWork

_contact = t.contact.alias("of")
_card = t.contact.alias("card")
_helper = t.contact.alias("helper")
_helper_card = t.contact.alias("helper_card")
_previous = t.task.alias("previous")
# Comments of a merged task are read, and so unread, in its survivor.
_root = t.task.alias("root")
_member = t.task.alias("member")
_AGENT: BindParameter[int] = bindparam("agent_id", type_=t.agent.c.id.type)


async def task_row(uow: UnitOfWork, actor: AgentActor, task_id: int) -> TaskRow:
    """One line of the list; a merged task's number gives the survivor."""
    who = await viewer(uow, actor)
    return (await load(uow, who, [await visible_root(uow, who, task_id)]))[0]


async def load(uow: UnitOfWork, who: Viewer, ids: Sequence[int]) -> list[TaskRow]:
    """The rows of ``ids`` in that order; whether they may be seen was decided before."""
    found: dict[int, TaskRow] = {}
    for start in range(0, len(ids), BATCH):
        for row, _read_id in await _some(uow, who, ids[start : start + BATCH]):
            found[row.id] = row
    return [found[i] for i in ids]


async def load_read(uow: UnitOfWork, who: Viewer, task_id: int) -> tuple[TaskRow, int]:
    """One row, and the last comment that the agent has read there."""
    (found,) = await _some(uow, who, [task_id])
    return found


async def _some(uow: UnitOfWork, who: Viewer, ids: Sequence[int]) -> list[tuple[TaskRow, int]]:
    rows = await rows_of(uow, _rows(), ids, agent_id=who.agent_id)
    states = {row.root_id: row for row in await rows_of(uow, _states(), ids)}
    limited = [row.id for row in rows if reply_limits(row) is not None]
    heard = {row.root_id: row for row in await rows_of(uow, _heard(), limited)}
    befores = {row.previous_root_id for row in rows if row.previous_root_id is not None}
    before = await _last_visible(uow, who, befores)
    return [
        (
            row_of_task(
                row,
                who.baseline,
                states.get(row.id),
                before.get(row.previous_root_id),
                heard.get(row.id),
            ),
            row.read_id,
        )
        for row in rows
    ]


async def _last_visible(uow: UnitOfWork, who: Viewer, roots: set[int]) -> dict[int, int | None]:
    """For each task of a chain the last one, back from it, that may be seen (R8, R46)."""
    further: dict[int, int | None] = {}
    seen: set[int] = set()
    asked = set(roots)
    # One step back for all tasks at once; a second one is rare.
    while asked:
        visible = await visible_among(uow, who, asked)
        seen |= visible
        hidden = asked - visible
        if not hidden:
            break
        rows = await uow.connection.execute(
            select(t.task.c.id, _previous.c.root_id)
            .outerjoin(_previous, _previous.c.id == t.task.c.previous_task_id)
            .where(t.task.c.id.in_(hidden))
        )
        further |= {row.id: row.root_id for row in rows}
        asked = {one for one in further.values() if one is not None} - seen - set(further)
    found: dict[int, int | None] = {}
    for root in roots:
        passed: set[int] = set()
        at: int | None = root
        while at is not None and at not in seen:
            passed.add(at)
            at = further.get(at)
            at = None if at in passed else at
        found[root] = at
    return found


@cache
def _rows() -> Select[Any]:
    task = t.task
    mine = (t.read_mark.c.task_id == task.c.root_id) & (t.read_mark.c.agent_id == _AGENT)
    return (
        select(
            task,
            t.account.c.name.label("account_name"),
            t.account.c.channel,
            t.account.c.sign,
            t.account.c.limits,
            _card.c.id.label("card_id"),
            _card.c.name.label("card_name"),
            t.agent.c.name.label("agent_name"),
            t.agent.c.login,
            _helper_card.c.id.label("helper_id"),
            _helper_card.c.name.label("helper_name"),
            _previous.c.root_id.label("previous_root_id"),
            _root.c.last_notable_id.label("notable_id"),
            func.coalesce(t.read_mark.c.comment_id, 0).label("read_id"),
            func.coalesce(_noticed(), 0).label("noticed_id"),
            _tags().label("tags"),
            _drafted().label("draft"),
        )
        .join(_root, _root.c.id == task.c.root_id)
        .outerjoin(t.account, t.account.c.id == task.c.account_id)
        .outerjoin(_contact, _contact.c.id == task.c.contact_id)
        .outerjoin(_card, _card.c.id == _contact.c.root_id)
        .outerjoin(t.agent, t.agent.c.id == task.c.assignee_agent_id)
        .outerjoin(_helper, _helper.c.id == task.c.assignee_contact_id)
        .outerjoin(_helper_card, _helper_card.c.id == _helper.c.root_id)
        .outerjoin(_previous, _previous.c.id == task.c.previous_task_id)
        .outerjoin(t.read_mark, mine)
        .where(task.c.id.in_(IDS))
    )


def _tags() -> Any:
    """The tags of a task and of all that was merged into it, one a line."""
    return (
        select(func.aggregate_strings(t.tag.c.name, "\n"))
        .join(_member, _member.c.id == t.tag.c.task_id)
        .where(_member.c.root_id == t.task.c.id)
        .correlate(t.task)
        .scalar_subquery()
    )


def _noticed() -> Any:
    """The agent's newest notice in the task that this one is read in."""
    return (
        select(func.max(t.notice.c.comment_id))
        .join(_member, _member.c.id == t.notice.c.task_id)
        .where(t.notice.c.agent_id == _AGENT, _member.c.root_id == t.task.c.root_id)
        .correlate(t.task)
        .scalar_subquery()
    )


@cache
def _heard() -> Select[Any]:
    """When a client wrote last in the chats of a task, on the task's own account."""
    return (
        select(_root.c.id.label("root_id"), func.max(t.chat.c.last_incoming_at).label("heard_at"))
        .select_from(t.binding)
        .join(t.task, t.task.c.id == t.binding.c.task_id)
        .join(_root, _root.c.id == t.task.c.root_id)
        .join(
            t.chat,
            (t.chat.c.id == t.binding.c.chat_id) & (t.chat.c.account_id == _root.c.account_id),
        )
        .where(t.task.c.root_id.in_(IDS), t.binding.c.aside.is_(False))
        .group_by(_root.c.id)
    )


def _drafted() -> Any:
    return exists().where(t.draft.c.agent_id == _AGENT, t.draft.c.task_id == t.task.c.id)


@cache
def _states() -> Select[Any]:
    """Whether something is scheduled, and whether something failed."""
    return (
        select(
            t.task.c.root_id,
            func.max(case((t.delivery.c.state == State.SCHEDULED, 1), else_=0)).label("scheduled"),
            func.max(case((t.delivery.c.state != State.SCHEDULED, 1), else_=0)).label("failed"),
        )
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(
            t.task.c.root_id.in_(IDS),
            or_(t.delivery.c.state == State.SCHEDULED, t.delivery.c.state.in_(TROUBLED)),
            t.delivery.c.dismissed_at.is_(None),
        )
        .group_by(t.task.c.root_id)
    )
