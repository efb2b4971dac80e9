"""The part of the gateway for one reply to many tasks."""

from collections.abc import Callable, Sequence

from pfinbox.domain.recipients.bulk import BulkRow
from pfinbox.services.comments import bulk
from pfinbox.services.comments.bulk import BulkReply, Outcome
from pfinbox.store.uow import Store

# So many tasks are looked at in one short read.
LOOK = 20


class BulkGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def bulk_plan(
        self, task_ids: Sequence[int], told: Callable[[int], None]
    ) -> tuple[BulkRow, ...]:
        """To whom a bulk reply would go, by what; ``told`` hears how many were looked at."""
        rows: list[BulkRow] = []
        for start in range(0, len(task_ids), LOOK):
            async with self._store.read() as uow:
                some = task_ids[start : start + LOOK]
                rows += await bulk.plan(uow, self.agent_id, some)
            told(len(rows))
        return tuple(rows)

    async def bulk_check(self, rows: Sequence[BulkRow], key: str) -> tuple[BulkRow, ...]:
        """What has come since, and who has this reply already."""
        async with self._store.read() as uow:
            return await bulk.check(uow, rows, key)

    async def bulk_send(
        self,
        reply: BulkReply,
        rows: Sequence[BulkRow],
        told: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> Outcome:
        """A comment in each task; what cannot go is left out and named."""
        return await bulk.send(self._store, self.agent_id, reply, rows, told=told, stopped=stopped)

    async def bulk_take_back(
        self, comment_ids: Sequence[int]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Undo for all: the comments taken back, and those that had left."""
        return await bulk.take_back(self._store, self.agent_id, comment_ids)
