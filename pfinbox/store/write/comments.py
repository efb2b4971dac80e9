"""Writing comments: where they stand."""

from collections.abc import Mapping

from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork


async def move(uow: UnitOfWork, tasks: Mapping[int, int]) -> None:
    """Each of these comments stands in that task now."""
    for comment_id, task_id in tasks.items():
        await uow.change(t.comment, comment_id, task_id=task_id)
