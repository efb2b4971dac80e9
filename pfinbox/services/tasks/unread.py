"""For whom a comment is news, and whether somebody still has to answer (R41)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from pfinbox.domain.model import Account, Task
from pfinbox.services.notifications.notices import queue_news
from pfinbox.services.people import deputies
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def client_wrote(
    uow: UnitOfWork,
    task: Task,
    account: Account,
    comment_id: int,
    at: datetime,
    *,
    answered_id: int | None,
    assignee_id: int | None,
) -> None:
    """Mark the client's comment as new for those it concerns, and the task as to answer.

    New for the assignee and for those whom the answered comment notified; if nobody of them is
    here, for every agent of the account (R44: before that, for the deputy of an absent assignee).
    ``answered_id`` is the comment that it answers.
    """
    concerned = await _notified_agents(uow, answered_id) if answered_id is not None else set()
    stand_in = await deputies.before_in(uow, task, assignee_id)
    if stand_in.assignee_id is not None:
        concerned.add(stand_in.assignee_id)
    if account.role == "personal" and account.owner_id is not None and not concerned:
        concerned.add(account.owner_id)
    here = await deputies.present(uow, concerned)
    # Whoever is back some day finds it unread.
    if assignee_id is not None:
        concerned.add(assignee_id)
    if concerned:
        await notice(uow, task.id, comment_id, concerned)
    await queue_news(uow, task, comment_id, here or None)
    if stand_in.instead_of is not None:
        await deputies.say_so(uow, task, stand_in)
    values: dict[str, object] = {} if here else {"last_notable_id": comment_id}
    if stand_in.instead_of is not None and stand_in.assignee_id is None:
        values["assignee_agent_id"] = None
    if task.waiting_since is None:
        values["waiting_since"] = at
    if values:
        await uow.connection.execute(update(t.task).where(t.task.c.id == task.id).values(**values))


async def notice(
    uow: UnitOfWork, task_id: int, comment_id: int, agent_ids: Collection[int]
) -> None:
    """The comment is new for these agents."""
    known = set(
        await uow.connection.scalars(
            select(t.notice.c.agent_id).where(t.notice.c.comment_id == comment_id)
        )
    )
    rows = [
        {"agent_id": agent_id, "comment_id": comment_id, "task_id": task_id}
        for agent_id in sorted(set(agent_ids) - known)
    ]
    if rows:
        await uow.connection.execute(insert(t.notice), rows)


async def answered(uow: UnitOfWork, task_id: int) -> None:
    """A comment to a client went out, or the task was closed or snoozed: nobody waits any more."""
    await uow.connection.execute(
        update(t.task).where(t.task.c.id == task_id).values(waiting_since=None, last_notable_id=0)
    )


async def forget(uow: UnitOfWork, agent_id: int, task_id: int, up_to: int) -> None:
    """The agent has read the task up to that comment."""
    mine = (
        (t.notice.c.agent_id == agent_id)
        & (t.notice.c.comment_id <= up_to)
        & t.notice.c.task_id.in_(select(t.task.c.id).where(t.task.c.root_id == task_id))
    )
    await uow.connection.execute(delete(t.notice).where(mine))


async def _notified_agents(uow: UnitOfWork, comment_id: int) -> set[int]:
    rows = await uow.connection.scalars(
        select(t.notify.c.agent_id)
        .join(t.agent, t.agent.c.id == t.notify.c.agent_id)
        .where(t.notify.c.comment_id == comment_id, t.agent.c.active)
    )
    return set(rows)
