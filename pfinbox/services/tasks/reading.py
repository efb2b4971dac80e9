"""Read marks through merges (R41): what was unread stays unread.

An agent's mark is one comment id; two conversations read to different points need a mark below
whatever is still new in either.
"""

from collections import defaultdict

from sqlalchemy import select, update

from pfinbox.domain.merging import Change
from pfinbox.domain.unread import Reading, unread
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def joined(
    uow: UnitOfWork, survivor_id: int, other_id: int, survivor_notable: int, other_notable: int
) -> tuple[list[Change], dict[int, int]]:
    """The marks that the survivor needs once ``other_id`` is merged in; both are roots still.

    The changes, and every agent's mark as it is then.
    """
    marks: dict[int, dict[int, int]] = defaultdict(dict)
    rows = await uow.connection.execute(
        select(t.read_mark).where(t.read_mark.c.task_id.in_([survivor_id, other_id]))
    )
    for row in rows:
        marks[row.agent_id][row.task_id] = row.comment_id
    notices: dict[tuple[int, int], set[int]] = defaultdict(set)
    for row in await uow.connection.execute(
        select(t.notice.c.agent_id, t.notice.c.comment_id, t.task.c.root_id)
        .join(t.task, t.task.c.id == t.notice.c.task_id)
        .where(t.task.c.root_id.in_([survivor_id, other_id]))
    ):
        notices[row.agent_id, row.root_id].add(row.comment_id)
    baselines = await uow.connection.execute(
        select(t.agent.c.id, t.agent.c.read_baseline).where(t.agent.c.id.in_(marks))
    )
    new: dict[int, set[int]] = defaultdict(set)
    for agent_id, baseline in baselines:
        for task_id, notable in ((survivor_id, survivor_notable), (other_id, other_notable)):
            read_id = marks[agent_id].get(task_id, 0)
            told = notices[agent_id, task_id]
            new[agent_id] |= unread(Reading(notable, told, read_id, baseline))
    changes = []
    after = {}
    for agent_id, read in marks.items():
        was = read.get(survivor_id)
        now = max(read.values(), default=0)
        if new[agent_id]:
            now = min(now, min(new[agent_id]) - 1)
        after[agent_id] = now
        if now != (was or 0):
            changes.append(Change("read_mark", agent_id, str(survivor_id), was, now))
    return changes, after


async def parted(
    uow: UnitOfWork, survivor_id: int, leaving_id: int, made_by_merges: dict[int, set[int]]
) -> None:
    """What an agent read in the merged task counts for the leaving task, too.

    ``made_by_merges``: marks that stood after a merge, by agent: another one was made by reading.
    Called before the survivor's marks are put back.
    """
    rows = await uow.connection.execute(
        select(t.read_mark.c.agent_id, t.read_mark.c.task_id, t.read_mark.c.comment_id).where(
            t.read_mark.c.task_id.in_([survivor_id, leaving_id])
        )
    )
    marks: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        marks[row.agent_id][row.task_id] = row.comment_id
    for agent_id, read in marks.items():
        now = read.get(survivor_id)
        if now is None or now in made_by_merges.get(agent_id, ()):
            continue
        if now > read.get(leaving_id, 0):
            was = read.get(leaving_id)
            if was is None:
                await uow.connection.execute(
                    t.read_mark.insert().values(
                        agent_id=agent_id, task_id=leaving_id, comment_id=now
                    )
                )
            else:
                await uow.connection.execute(
                    update(t.read_mark)
                    .where(t.read_mark.c.agent_id == agent_id, t.read_mark.c.task_id == leaving_id)
                    .values(comment_id=now)
                )


async def notices_follow(uow: UnitOfWork, root_id: int, other_root_id: int) -> None:
    """A notice belongs to the task in which its comment is read now."""
    rows = await uow.connection.execute(
        select(t.notice.c.comment_id, t.task.c.root_id, t.notice.c.task_id)
        .join(t.comment, t.comment.c.id == t.notice.c.comment_id)
        .join(t.task, t.task.c.id == t.comment.c.task_id)
        .where(t.task.c.root_id.in_([root_id, other_root_id]))
        .distinct()
    )
    for row in rows.all():
        noted = await uow.connection.scalar(
            select(t.task.c.root_id).where(t.task.c.id == row.task_id)
        )
        if noted != row.root_id:
            await uow.connection.execute(
                update(t.notice)
                .where(t.notice.c.comment_id == row.comment_id)
                .values(task_id=row.root_id)
            )
