"""The links to earlier tasks (R8) after a merge, read and put right in one go."""

from sqlalchemy import or_, select

from pfinbox.domain.chain import Link
from pfinbox.domain.chain import straighten as rule
from pfinbox.domain.merging import Change
from pfinbox.services import merge_records
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def straighten(uow: UnitOfWork, root_id: int) -> list[Change]:
    """Give the chain that starts at ``root_id`` an end; what was changed for that."""
    columns = (t.task.c.id, t.task.c.root_id, t.task.c.previous_task_id)
    line = select(*columns).where(t.task.c.root_id == root_id).cte("line", recursive=True)
    further = select(*columns).where(
        or_(t.task.c.id == line.c.previous_task_id, t.task.c.id == line.c.root_id)
    )
    rows = await uow.connection.execute(select(line.union(further)))
    links = {row.id: Link(row.id, row.root_id, row.previous_task_id) for row in rows}
    changes = [
        Change("task", task_id, "previous_task_id", links[task_id].previous_id, previous)
        for task_id, previous in rule(links, root_id).items()
    ]
    for change in changes:
        await merge_records.put(uow, change)
    return changes
