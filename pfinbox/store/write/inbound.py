"""Writing what is the same for a whole received batch: its cursor, its entries for the search."""

from typing import Any

from pfinbox.domain.inbound.working_set import WorkingSet
from pfinbox.store import tables as t
from pfinbox.store.search import index
from pfinbox.store.uow import UnitOfWork


async def finish(uow: UnitOfWork, ws: WorkingSet, cursor: Any = None) -> None:
    """Close the batch: everything in it is found by a search, and the account says what came."""
    await index.index_new(uow, ws.tasks_to_index, ws.comments_to_index)
    values: dict[str, object] = {}
    if ws.arrived:
        values["last_received_at"] = uow.now
        uow.touch("accounts")
    if cursor is not None:
        values["cursor"] = cursor
    if values:
        await uow.change(t.account, ws.account.id, **values)
