"""A real inbox beside its model: everything that can happen, and what must always be true.

Every action takes plain numbers for its choices, so that hypothesis or a seeded generator can
drive it; a choice that is not there does nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from pfinbox.domain.model import Notify, Who
from pfinbox.errors import Refused
from pfinbox.services import comments, standing, tasks
from pfinbox.services.comments import CommentRequest
from pfinbox.services.contact_merging import merge_contacts, unmerge_contact
from pfinbox.services.merging import merge_tasks
from pfinbox.services.moving import move_comment
from pfinbox.services.parting import preview_unmerge
from pfinbox.services.tasks import TaskChange
from pfinbox.services.unmerging import unmerge_task
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from pfinbox.store.uow import UnitOfWork
from tests.builders import Inbox
from tests.services.inbox_model import Model, ModelComment, ModelTask
from tests.services.photograph import differences, photograph

USERS = ("501", "502")
SENDERS = ("maria@x.example", "olga@x.example", "ivan@x.example")


def pick(things: Sequence[Any], n: int) -> Any:
    """One of ``things``, None when there are none."""
    return things[n % len(things)] if things else None


class World:
    """An inbox, the model of what it must be, and the names of its chats."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.model = Model()
        self.anna = inbox.agent_ids["anna"]
        # Chats by their number in the store, and mails by which they can be answered.
        self.names: dict[int, str] = {}
        self.mails: dict[str, str] = {}
        self.steps = 0

    async def _run(self, use_case: Any) -> Any:
        self.inbox.clock.advance(seconds=1)
        return await self.inbox.store.run(use_case)

    # --- what the store says --------------------------------------------------------------------

    async def _rows(self, query: Any) -> list[Any]:
        async with self.inbox.store.read() as uow:
            return list(await uow.connection.execute(query))

    async def _current(self) -> dict[str, int]:
        """The task that took each chat's messages last, as the store has it."""
        rows = await self._rows(
            select(t.binding.c.chat_id, t.binding.c.task_id).where(t.binding.c.current)
        )
        return {self.names[row.chat_id]: row.task_id for row in rows}

    async def _bindings(self) -> None:
        """Learn the names and bindings of chats that the last action made."""
        rows = await self._rows(
            select(t.binding.c.task_id, t.chat.c.id, t.chat.c.key).join(
                t.chat, t.chat.c.id == t.binding.c.chat_id
            )
        )
        for task in self.model.tasks.values():
            task.chats.clear()
        for row in rows:
            self.names.setdefault(row.id, f"{row.id}:{row.key}")
            self.model.tasks[row.task_id].chats.add(self.names[row.id])

    # --- clients --------------------------------------------------------------------------------

    async def writes(self, who: int) -> None:
        """R4, R6, R7: a messenger's client writes."""
        user = pick(USERS, who)
        chat = next((n for n in self.names.values() if n.endswith(f":{user}")), f"new:{user}")
        expected = self.model.lands(chat, None, self.inbox.clock.now, mail=False)
        comment_id = await self.inbox.says(f"step {self.steps}", user=user, name=f"U{user}")
        await self._landed(comment_id, expected)

    async def mails_anew(self, who: int) -> None:
        """R5: a mail that answers nothing is a task of its own."""
        await self._mail(pick(SENDERS, who), None)

    async def answers(self, who: int, which: int) -> None:
        """R5, R6: a mail that answers an earlier one, perhaps by somebody else."""
        answered = pick(sorted(self.mails), which)
        if answered is not None:
            await self._mail(pick(SENDERS, who), answered)

    async def _mail(self, sender: str, answered: str | None) -> None:
        expected = None
        if answered is not None:
            chat = self.mails[answered]
            current = (await self._current()).get(chat)
            now = self.inbox.clock.now
            expected = self.model.lands(chat, current, now, mail=True)
        source_id = f"<{self.steps:04d}@x.example>"
        comment_id = await self.inbox.mails(
            f"step {self.steps}",
            sender=sender,
            name=sender.split("@")[0],
            source_id=source_id,
            answers=answered,
        )
        await self._landed(comment_id, expected)
        rows = await self._rows(select(t.comment.c.chat_id).where(t.comment.c.id == comment_id))
        self.mails[source_id] = self.names[rows[0].chat_id]

    async def _landed(self, comment_id: int, expected: int | None) -> None:
        rows = await self._rows(
            select(t.comment.c.task_id, t.task.c.root_id)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .where(t.comment.c.id == comment_id)
        )
        origin, root = rows[0]
        if expected is None:
            assert origin not in self.model.tasks, f"landed in the old task {root}"
            self.model.tasks[origin] = ModelTask()
        else:
            assert root == expected, f"landed in {root} instead of {expected}"
            self.model.tasks[root].active = True
            self.model.tasks[root].closed_at = None
        self.model.comments[comment_id] = ModelComment(origin)
        await self._bindings()

    # --- agents ---------------------------------------------------------------------------------

    async def comments(self, which: int, to: int, via: int) -> None:
        """R13, R15, R16: to the client, to a participant, or to nobody outside."""
        task_id = pick(self.model.roots(living=True), which)
        if task_id is None:
            return
        async with self.inbox.store.read() as uow:
            task = await snapshots.task(uow, task_id)
        people = [Who("contact", task.contact_id)] if task.contact_id else []
        people += [who for who in task.participants if who.kind == "contact"]
        chosen = pick([*people, None], to)
        if chosen and chosen.id not in {chat.contact_id for chat in task.chats}:
            # Moved here, or named in Cc: without a chat in this task only by mail (R23).
            chosen = None
        notify = Notify((chosen,) if chosen else (), reply_via=pick(["own", "last", "all"], via))
        request = CommentRequest(task_id, f"step {self.steps}", notify)
        saved = await self._run(lambda uow: comments.add_comment(uow, self.anna, request))
        await self._bindings()
        rows = await self._rows(
            select(t.delivery.c.chat_id).where(t.delivery.c.comment_id == saved.comment_id)
        )
        assert bool(rows) == (chosen is not None)
        chats = frozenset(self.names[row.chat_id] for row in rows)
        self.model.comments[saved.comment_id] = ModelComment(task_id, True, chats)

    async def closes(self, which: int) -> None:
        task_id = pick([r for r in self.model.roots(living=True) if self.model.open(r)], which)
        if task_id is not None:
            await self._change(task_id, status="done")
            self.model.tasks[task_id].active = False
            self.model.tasks[task_id].closed_at = self.inbox.clock.now

    async def reopens(self, which: int) -> None:
        """R4: refused while another open task has one of its chats."""
        closed = [r for r in self.model.roots(living=True) if not self.model.open(r)]
        task_id = pick(closed, which)
        if task_id is None:
            return
        if await self._allowed(self.model.may_open(task_id), self._change(task_id, status="open")):
            self.model.tasks[task_id].active = True
            self.model.tasks[task_id].closed_at = None

    async def _change(self, task_id: int, **values: Any) -> None:
        wanted = TaskChange(**values)
        await self._run(lambda uow: tasks.change(uow, self.anna, (task_id,), wanted))

    async def _allowed(self, expected: bool, doing: Any) -> bool:
        """Run it; it must be refused exactly when the model says so."""
        refusal = None
        try:
            await doing
        except Refused as refused:
            refusal = str(refused)
        assert (refusal is None) == expected, refusal or "not refused"
        return expected

    async def deletes(self, which: int) -> None:
        task_id = pick(self.model.roots(living=True), which)
        if task_id is not None:
            await self._run(lambda uow: tasks.delete(uow, self.anna, (task_id,)))
            self.model.tasks[task_id].deleted = True

    async def restores(self, which: int) -> None:
        task_id = pick(self.model.roots(living=False), which)
        if task_id is None:
            return
        allowed = not self.model.tasks[task_id].active or self.model.may_open(task_id)
        if await self._allowed(
            allowed, self._run(lambda uow: tasks.restore(uow, self.anna, (task_id,)))
        ):
            self.model.tasks[task_id].deleted = False

    async def assigns(self, which: int, who: int) -> None:
        task_id = pick(self.model.roots(living=True), which)
        if task_id is not None:
            agent = pick([None, *(self.inbox.agent(a) for a in ("anna", "boris"))], who)
            await self._change(task_id, assignee=agent, unassign=agent is None)

    async def reads(self, which: int, comment: int) -> None:
        task_id = pick(self.model.roots(living=True), which)
        seen = pick(sorted(self.model.comments), comment)
        if task_id is not None:
            boris = self.inbox.agent_ids["boris"]
            await self._run(lambda uow: tasks.mark_read(uow, boris, task_id, seen))

    async def days_pass(self) -> None:
        self.inbox.clock.advance(days=15)

    # --- merging --------------------------------------------------------------------------------

    def _pair(self, first: int, second: int) -> tuple[int, int] | None:
        roots = self.model.roots()
        if len(roots) < 2:
            return None
        survivor = pick(roots, first)
        return survivor, pick([r for r in roots if r != survivor], second)

    async def _merge(self, uow: UnitOfWork, survivor: int, other: int) -> None:
        try:
            await merge_tasks(uow, self.anna, survivor, [other], force=True)
        except Refused as refused:
            if "choose one to answer by" not in str(refused):
                raise
            # A survivor that lost its thread by moving: the choice is made, the first one offered.
            via = str(refused).rpartition(": ")[2].split(", ")[0]
            await merge_tasks(uow, self.anna, survivor, [other], force=True, reply_via=via)

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
            shown = await preview_unmerge(uow, self.anna, task_id)
        allowed = self.model.may_unmerge(task_id)
        assert (shown.refusal is None) == allowed
        going = {
            i
            for i, c in self.model.comments.items()
            if self.model.root(c.origin) == survivor and self.model.goes(c, i, task_id)
        }
        assert {p.comment_id for p in shown.places if p.task_id == task_id} == going
        if not await self._allowed(
            allowed, self._run(lambda uow: unmerge_task(uow, self.anna, task_id))
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
        await self._run(lambda uow: unmerge_task(uow, self.anna, other))
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
            lambda uow: move_comment(uow, self.anna, comment_id, to_task=target)
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
        await self._run(lambda uow: merge_contacts(uow, self.anna, survivor, [other]))
        if before is not None:
            await self._run(lambda uow: unmerge_contact(uow, self.anna, other))
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
            await self._run(lambda uow: unmerge_contact(uow, self.anna, card))

    # --- what is always true --------------------------------------------------------------------

    async def check(self) -> None:
        self.steps += 1
        async with self.inbox.store.read() as uow:
            await self._every_comment_in_its_task(uow)
            await self._one_open_task_a_chat(uow)
            await self._deliveries(uow)
            await self._chains_end(uow)
        if self.steps % 4 == 0:
            await self._standing_is_right()

    async def _every_comment_in_its_task(self, uow: UnitOfWork) -> None:
        """R12, R32: every stored message is in exactly one task that is not merged in."""
        root = t.task.alias("root")
        rows = await uow.connection.execute(
            select(t.comment.c.id, root.c.id.label("root_id"), root.c.deleted_at)
            .join(t.task, t.task.c.id == t.comment.c.task_id)
            .join(root, root.c.id == t.task.c.root_id)
            .where(root.c.merged_into_id.is_(None), root.c.root_id == root.c.id)
        )
        found = {row.id: (row.root_id, row.deleted_at is not None) for row in rows}
        model = self.model
        roots = {i: model.root(c.origin) for i, c in model.comments.items()}
        assert found == {i: (r, model.tasks[r].deleted) for i, r in roots.items()}

    async def _one_open_task_a_chat(self, uow: UnitOfWork) -> None:
        """R4, and an open task has the messages of all its chats (R32)."""
        root = t.task.alias("root")
        rows = await uow.connection.execute(
            select(t.binding.c.chat_id, t.binding.c.current, root.c.id)
            .join(t.task, t.task.c.id == t.binding.c.task_id)
            .join(root, root.c.id == t.task.c.root_id)
            .where(root.c.active, root.c.deleted_at.is_(None))
        )
        open_: dict[int, set[int]] = {}
        current: dict[int, set[int]] = {}
        for row in rows:
            open_.setdefault(row.chat_id, set()).add(row.id)
            if row.current:
                current.setdefault(row.chat_id, set()).add(row.id)
        assert all(len(roots) == 1 for roots in open_.values()), open_
        assert current == open_

    async def _deliveries(self, uow: UnitOfWork) -> None:
        """R13, R15: only to who was chosen, only by chats of their own."""
        to, owner, chosen = (t.contact.alias(n) for n in ("to_card", "owner", "chosen"))
        rows = await uow.connection.execute(
            select(
                t.delivery.c.comment_id,
                to.c.root_id.label("to_id"),
                owner.c.root_id.label("owner_id"),
            )
            .join(to, to.c.id == t.delivery.c.contact_id)
            .join(t.chat, t.chat.c.id == t.delivery.c.chat_id)
            .join(owner, owner.c.id == t.chat.c.contact_id)
        )
        notified: dict[int, set[int]] = {}
        got = await uow.connection.execute(
            select(t.notify.c.comment_id, chosen.c.root_id).join(
                chosen, chosen.c.id == t.notify.c.contact_id
            )
        )
        for comment_id, card_id in got:
            notified.setdefault(comment_id, set()).add(card_id)
        for row in rows:
            assert row.to_id in notified[row.comment_id]
            assert row.owner_id == row.to_id

    async def _chains_end(self, uow: UnitOfWork) -> None:
        """R8: walking back from any task comes to an end."""
        rows = await uow.connection.execute(
            select(t.task.c.id, t.task.c.root_id, t.task.c.previous_task_id)
        )
        links = {row.id: row for row in rows}
        for root in {row.root_id for row in links.values()}:
            seen, here = {root}, links[root].previous_task_id
            while here is not None:
                here = links[here].root_id
                assert here not in seen, f"a circle at {here}"
                seen.add(here)
                here = links[here].previous_task_id

    async def _standing_is_right(self) -> None:
        """R41: what is kept up to date is what the comments say."""
        shown = select(
            t.task.c.id,
            t.task.c.waiting_since,
            t.task.c.last_notable_id,
            t.task.c.last_line,
            t.task.c.last_direction,
        ).order_by(t.task.c.id)
        async with self.inbox.store.write() as uow:
            before = [tuple(row) for row in await uow.connection.execute(shown)]
            for root in self.model.roots():
                await standing.refresh(uow, root)
            after = [tuple(row) for row in await uow.connection.execute(shown)]
        assert before == after
