"""What is new for an agent and what has failed: for the bell, the title and the views' counts.

What is unread is the same as ``domain.unread``; a property test keeps the two together.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.outbound.delivery import COUNTED_FAILED
from pfinbox.store import tables as t
from pfinbox.store.read.lists import taskrows
from pfinbox.store.read.lists.taskviews import NOW, view_of
from pfinbox.store.read.visibility import Viewer, viewer
from pfinbox.store.rows import NewsRow
from pfinbox.store.uow import UnitOfWork

CAP = 1000


async def news(uow: UnitOfWork, actor: AgentActor) -> NewsRow:
    """The agent's unread tasks of the inbox (R41) and the failed deliveries, capped at ``CAP``."""
    who = await viewer(uow, actor)
    newest: dict[int, int] = {}
    for statement in (_for_everyone(who), _for_me(who)):
        for task_id, comment_id in await uow.connection.execute(statement, {"now": uow.now}):
            newest[task_id] = max(newest.get(task_id, 0), comment_id)
    failed = await uow.connection.scalar(_failed(who))
    newest_first = sorted(newest.items(), key=lambda one: -one[1])[:CAP]
    rows = await taskrows.load(uow, who, [task_id for task_id, _comment in newest_first[:1]])
    return NewsRow(tuple(newest_first), int(failed or 0), rows[0] if rows else None)


def new_for_everyone(who: Viewer, task: Any = t.task) -> ColumnElement[bool]:
    """Whether what is new for every agent in ``task``, a root, is unread for this one."""
    last = task.c.last_notable_id
    return and_(last > who.baseline, last > _read_up_to(who, task))


def new_for_one(who: Viewer, task: Any = t.task) -> ColumnElement[bool]:
    """Whether ``notice`` is this agent's and unread; ``task`` is the root of its task."""
    mine = t.notice.c.agent_id == who.agent_id
    return and_(mine, t.notice.c.comment_id > _read_up_to(who, task))


def _read_up_to(who: Viewer, task: Any) -> Any:
    mark = t.read_mark
    mine = and_(mark.c.task_id == task.c.id, mark.c.agent_id == who.agent_id)
    return func.coalesce(select(mark.c.comment_id).where(mine).correlate(task).scalar_subquery(), 0)


# Read after every change, as the counts of the views are: built once.
@lru_cache
def _for_everyone(who: Viewer) -> Select[Any]:
    inbox = view_of("inbox", who, NOW).where
    return (
        select(t.task.c.id, t.task.c.last_notable_id)
        .where(
            new_for_everyone(who),
            inbox,
            who.sees(),
        )
        .order_by(t.task.c.last_notable_id.desc())
        .limit(CAP)
    )


@lru_cache
def _for_me(who: Viewer) -> Select[Any]:
    origin = t.task.alias("origin")
    last = func.max(t.notice.c.comment_id)
    return (
        select(t.task.c.id, last)
        .select_from(t.notice)
        .join(origin, origin.c.id == t.notice.c.task_id)
        .join(t.task, t.task.c.id == origin.c.root_id)
        .where(
            new_for_one(who),
            view_of("inbox", who, NOW).where,
            who.sees(),
        )
        .group_by(t.task.c.id)
        .order_by(last.desc())
        .limit(CAP)
    )


@lru_cache
def _failed(who: Viewer) -> Select[Any]:
    origin = t.task.alias("origin")
    failed = (
        select(literal(1).label("one"))
        .select_from(t.delivery)
        .join(t.comment, t.comment.c.id == t.delivery.c.comment_id)
        .join(origin, origin.c.id == t.comment.c.task_id)
        .join(t.task, t.task.c.id == origin.c.root_id)
        .where(
            t.delivery.c.state.in_(COUNTED_FAILED),
            t.delivery.c.dismissed_at.is_(None),
            t.task.c.deleted_at.is_(None),
            t.task.c.purged_at.is_(None),
            who.sees(),
        )
        .limit(CAP)
    )
    return select(func.count()).select_from(failed.subquery())
