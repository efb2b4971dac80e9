"""The part of the gateway for spam, merges and comments that landed in the wrong task."""

from collections.abc import Sequence
from dataclasses import dataclass

from pfinbox.services.merging import comment_moving, merge_preview, merging, unmerge_plan, unmerging
from pfinbox.services.merging.merge_preview import MergePreview
from pfinbox.services.merging.unmerge_plan import Preview
from pfinbox.services.tasks import spam
from pfinbox.store import read
from pfinbox.store.rows import Conversation, TaskRow
from pfinbox.store.uow import Store, UnitOfWork


@dataclass(frozen=True, slots=True)
class Together:
    """What comes together: the rule's word about it, and the conversations, survivor first."""

    preview: MergePreview
    parts: tuple[Conversation, ...]


class JoiningGate:
    """Needs the store and the agent of the gateway it is a part of."""

    _store: Store
    agent_id: int

    async def spam(self, task_ids: Sequence[int]) -> None:
        agent_id = self.agent_id
        await self._store.run(lambda uow: spam.spam(uow, agent_id, tuple(task_ids)))

    async def unspam(self, task_ids: Sequence[int]) -> None:
        agent_id = self.agent_id
        await self._store.run(lambda uow: spam.unspam(uow, agent_id, tuple(task_ids)))

    async def merge_targets(self, contact_id: int | None) -> tuple[TaskRow, ...]:
        """Tasks to merge with: the client's own first, finished ones too, then the newest."""
        async with self._store.read() as uow:
            me = self.agent_id
            rows: list[TaskRow] = []
            if contact_id is not None:
                rows += (await read.contact(uow, me, contact_id)).tasks
            rows += (await read.tasks(uow, me, "active", limit=300)).rows
            return tuple({row.id: row for row in rows}.values())

    async def together(self, survivor_id: int, other_ids: Sequence[int]) -> Together:
        """What a merge would bring together; Refused where it cannot be."""
        async with self._store.read() as uow:
            me = self.agent_id
            found = await merge_preview.preview_merge(uow, me, survivor_id, other_ids)
            parts = [
                await read.conversation(uow, me, i, limit=200)
                for i in (found.survivor_id, *other_ids)
            ]
            return Together(found, tuple(parts))

    async def merge(
        self, survivor_id: int, other_ids: Sequence[int], via: str | None, *, force: bool
    ) -> int:
        me = self.agent_id
        return await self._store.run(
            lambda uow: merging.merge_tasks(
                uow, me, survivor_id, other_ids, reply_via=via, force=force
            )
        )

    async def merged_into(self, task_id: int) -> tuple[tuple[int, str], ...]:
        """Numbers and titles of what was merged into a task, the last one first."""
        async with self._store.read() as uow:
            return await read.merged_into(uow, self.agent_id, task_id)

    async def apart(self, task_id: int) -> Preview:
        """Where each comment would be without this merge (R33)."""
        async with self._store.read() as uow:
            return await unmerge_plan.preview_unmerge(uow, self.agent_id, task_id)

    async def unmerge(self, task_ids: Sequence[int]) -> None:
        """Take these tasks out, in this order, all or none."""
        me = self.agent_id

        async def each(uow: UnitOfWork) -> None:
            for task_id in task_ids:
                await unmerging.unmerge_task(uow, me, task_id)

        await self._store.run(each)

    async def move_comment(self, comment_id: int, to_task: int | None) -> int:
        """Into another task, or into a new one; returns it."""
        me = self.agent_id
        return await self._store.run(
            lambda uow: comment_moving.move_comment(uow, me, comment_id, to_task=to_task)
        )

    async def move_back(self, comment_id: int, to_task: int, made: int | None) -> None:
        """Undo a move; the task ``made`` for it goes to the trash when it is empty."""
        me = self.agent_id
        await self._store.run(
            lambda uow: comment_moving.move_back(uow, me, comment_id, to_task, made=made)
        )
