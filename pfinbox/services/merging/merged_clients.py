"""Clients of tasks that were merged into another client's: they take part there (R32)."""

from dataclasses import replace

from pfinbox.domain.merging.joining import guests
from pfinbox.domain.merging.tree import Merge
from pfinbox.domain.model import Who
from pfinbox.store import load, snapshots, write
from pfinbox.store.uow import UnitOfWork


async def invite(uow: UnitOfWork, root_id: int, by: int | None = None) -> None:
    """Make the client of every merged task a participant, unless the root is theirs too.

    The row stands on the merged task, and is noted in the merge that made it necessary (that of
    the task ``by``, else that task's own), so that it goes when that is undone.
    """
    clients = await load.tasks.clients(uow, root_id)
    wanted = guests(await snapshots.task(uow, root_id), clients) if clients else []
    if not wanted:
        return
    tree = await load.merges.tree(uow, "task", root_id)
    noted: dict[int, Merge] = {}
    for client in wanted:
        guest = await write.tasks.join(uow, client.task_id, Who("contact", client.contact_id))
        merge = tree.merge_of(by or client.task_id)
        merge = noted.get(merge.id, merge)
        noted[merge.id] = replace(merge, guests=(*merge.guests, guest))
    await write.merges.rewrite(uow, noted.values())
