"""The world with merges in it: of tasks and cards, undone at once or later, and comments moved."""

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.errors import Refused
from pfinbox.services.merging.comment_moving import move_comment
from pfinbox.services.merging.contact_merging import merge_contacts, unmerge_contact
from pfinbox.services.merging.merging import merge_tasks
from pfinbox.services.merging.unmerge_plan import preview_unmerge
from pfinbox.services.merging.unmerging import unmerge_task
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from tests.services.inbox_model import ModelTask
from tests.services.inbox_world import World, pick
from tests.services.photograph import differences, photograph


class MergingWorld(World):
    """Everything that can happen."""

    def _pair(self, first: int, second: int) -> tuple[int, int] | None:
        roots = self.model.roots()
        if len(roots) < 2:
            return None
        survivor = pick(roots, first)
        return survivor, pick([r for r in roots if r != survivor], second)

    async def _merge(self, uow: UnitOfWork, survivor: int, other: int) -> None:
        try:
            await merge_tasks(uow, AgentActor(self.anna), survivor, [other], force=True)
        except Refused as refused:
            if "choose one to answer by" not in str(refused):
                raise
            # A survivor that lost its thread by moving: the choice is made, the first one offered.
            via = str(refused).rpartition(": ")[2].split(", ")[0]
            await merge_tasks(
                uow, AgentActor(self.anna), survivor, [other], force=True, reply_via=via
            )

    async def merges(self, first: int, second: int) -> None:
        """R32."""
        if (pair := self._pair(first, second)) is None:
            return
        survivor, other = pair
        current = await self._current()
        if await self._allowed(
            self.model.may_merge(survivor, other),
            self._run(lambda uow: self._merge(uow, survivor, other)),
        ):
            self.model.merge(survivor, other, current)

    async def unmerges(self, which: int) -> None:
        """R33: each comment goes where the model and the preview say."""
        task_id = pick(self.model.merged(), which)
        if task_id is None:
            return
        survivor = self.model.root(task_id)
        async with self.inbox.store.read() as uow:
            shown = await preview_unmerge(uow, AgentActor(self.anna), task_id)
        allowed = self.model.may_unmerge(task_id)
        assert (shown.refusal is None) == allowed
        going = {
            i
            for i, c in self.model.comments.items()
            if self.model.root(c.origin) == survivor and self.model.goes(c, i, task_id)
        }
        assert {p.comment_id for p in shown.places if p.task_id == task_id} == going
        if not await self._allowed(
            allowed, self._run(lambda uow: unmerge_task(uow, AgentActor(self.anna), task_id))
        ):
            return
        below = self.model.below(task_id)
        self.model.unmerge(task_id)
        for row in await self._rows(
            select(t.comment.c.id, t.comment.c.task_id).where(t.comment.c.id.in_(going))
        ):
            assert row.task_id in below
            self.model.comments[row.id].origin = row.task_id
        await self._bindings()

    async def merges_and_takes_back(self, first: int, second: int) -> None:
        """R33: unmerge puts back exactly what was."""
        if (pair := self._pair(first, second)) is None:
            return
        survivor, other = pair
        before = await photograph(self.inbox)
        try:
            await self._run(lambda uow: self._merge(uow, survivor, other))
        except Refused:
            return
        await self._run(lambda uow: unmerge_task(uow, AgentActor(self.anna), other))
        changed = differences(before, await photograph(self.inbox))
        assert not changed, changed

    async def moves(self, which: int, to: int) -> None:
        """What a client wrote in a living task, put into another or a new one."""
        movable = [
            i
            for i, c in sorted(self.model.comments.items())
            if not c.outgoing and not self.model.tasks[self.model.root(c.origin)].deleted
        ]
        comment_id = pick(movable, which)
        if comment_id is None:
            return
        here = self.model.root(self.model.comments[comment_id].origin)
        target = pick([None, *(r for r in self.model.roots(living=True) if r != here)], to)
        found = await self._run(
            lambda uow: move_comment(uow, AgentActor(self.anna), comment_id, to_task=target)
        )
        if target is None:
            self.model.tasks[found] = ModelTask()
        self.model.comments[comment_id].origin = found
        await self._bindings()
        rows = await self._rows(
            select(t.comment.c.chat_id, t.comment.c.source_id).where(t.comment.c.id == comment_id)
        )
        if rows[0].source_id in self.mails:
            self.mails[rows[0].source_id] = self.names[rows[0].chat_id]

    async def merges_cards(self, first: int, second: int, back: int) -> None:
        """R26; every other time it is taken back at once, and everything is as it was."""
        rows = await self._rows(
            select(t.contact.c.id)
            .where(t.contact.c.merged_into_id.is_(None))
            .order_by(t.contact.c.id)
        )
        cards = [row.id for row in rows]
        if len(cards) < 2:
            return
        survivor = pick(cards, first)
        other = pick([c for c in cards if c != survivor], second)
        before = await photograph(self.inbox) if back % 2 else None
        await self._run(lambda uow: merge_contacts(uow, AgentActor(self.anna), survivor, [other]))
        if before is not None:
            await self._run(lambda uow: unmerge_contact(uow, AgentActor(self.anna), other))
            changed = differences(before, await photograph(self.inbox))
            assert not changed, changed

    async def unmerges_card(self, which: int) -> None:
        rows = await self._rows(
            select(t.contact.c.id)
            .where(t.contact.c.merged_into_id.is_not(None))
            .order_by(t.contact.c.id)
        )
        card = pick([row.id for row in rows], which)
        if card is not None:
            await self._run(lambda uow: unmerge_contact(uow, AgentActor(self.anna), card))
