"""Writing what is new for whom: notices and read marks (R35, R41)."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, exists, select, update

from pfinbox.store import tables as t
from pfinbox.store.roots import members
from pfinbox.store.row_statements import inserting
from pfinbox.store.uow import UnitOfWork


async def notice(
    uow: UnitOfWork, task_id: int, comment_id: int, agent_ids: Collection[int]
) -> None:
    """Add notices: the comment is unread for these agents; ``task_id``: its root."""
    rows = [
        {"agent_id": agent_id, "comment_id": comment_id, "task_id": task_id}
        for agent_id in sorted(set(agent_ids))
    ]
    await uow.add_missing(t.notice, rows)
    uow.touch("tasks")


async def forget(uow: UnitOfWork, agent_id: int, root_id: int, up_to: int) -> None:
    """Remove an agent's notices of a root's comments up to that one."""
    await uow.connection.execute(
        delete(t.notice).where(
            t.notice.c.agent_id == agent_id,
            t.notice.c.comment_id <= up_to,
            t.notice.c.task_id.in_(members(root_id)),
        )
    )


async def forget_all(uow: UnitOfWork, agent_id: int) -> None:
    """Remove all notices of an agent who has left."""
    await uow.connection.execute(delete(t.notice).where(t.notice.c.agent_id == agent_id))


async def read_up_to(uow: UnitOfWork, task_id: int, marks: Mapping[int, int]) -> None:
    """Raise read marks of a task, by agent; a mark never goes back."""
    if not marks:
        return
    statement = inserting(t.read_mark, uow.sqlite)
    await uow.connection.execute(
        statement.on_conflict_do_update(
            index_elements=["agent_id", "task_id"],
            set_={"comment_id": statement.excluded.comment_id},
            where=t.read_mark.c.comment_id < statement.excluded.comment_id,
        ),
        [
            {"agent_id": agent_id, "task_id": task_id, "comment_id": comment_id}
            for agent_id, comment_id in marks.items()
        ],
    )
    uow.touch("tasks")


async def unread_from(uow: UnitOfWork, agent_id: int, task_id: int, comment_id: int) -> None:
    """Set an agent's read mark before this comment."""
    await uow.connection.execute(
        update(t.read_mark)
        .where(
            t.read_mark.c.agent_id == agent_id,
            t.read_mark.c.task_id == task_id,
            t.read_mark.c.comment_id >= comment_id,
        )
        .values(comment_id=comment_id - 1)
    )
    uow.touch("tasks")


async def notices_follow(uow: UnitOfWork, root_ids: Collection[int]) -> None:
    """Move notices to the roots in which their comments stand now."""
    own, noted = t.task.alias("own"), t.task.alias("noted")
    root = (
        select(own.c.root_id)
        .join(t.comment, t.comment.c.task_id == own.c.id)
        .where(t.comment.c.id == t.notice.c.comment_id)
        .correlate(t.notice)
        .scalar_subquery()
    )
    await uow.connection.execute(
        update(t.notice)
        .where(
            root.in_(root_ids),
            exists().where(noted.c.id == t.notice.c.task_id, noted.c.root_id != root),
        )
        .values(task_id=root)
    )
