"""Undoing a merge, of tasks as of cards, in any order (R33)."""

from pfinbox.domain.merging.parting import take_back
from pfinbox.domain.merging.tree import Merge
from pfinbox.store import load, write
from pfinbox.store.load.merges import Kind
from pfinbox.store.uow import UnitOfWork


async def undo(uow: UnitOfWork, kind: Kind, merge: Merge) -> None:
    """End a merge and put back what it changed, unless somebody changed it since."""
    await write.merges.end(uow, merge)
    later = await load.merges.later(uow, kind, merge.id)
    current = await load.merges.values(uow, merge.changes)
    back, rewritten = take_back(merge.changes, current, later)
    await write.merges.put(uow, back)
    await write.merges.rewrite(uow, rewritten)
