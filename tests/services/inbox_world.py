"""A real inbox beside its model: everything that can happen, and what must always be true.

Every action takes plain numbers for its choices, so that hypothesis or a seeded generator can
drive it; a choice that is not there does nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from pfinbox.domain.actor import AgentActor
from pfinbox.domain.model import Notify, Who
from pfinbox.domain.tasks.change import TaskChange
from pfinbox.errors import Refused
from pfinbox.services.comments import comments
from pfinbox.services.comments.comments import CommentRequest
from pfinbox.services.tasks import tasks
from pfinbox.store import snapshots
from pfinbox.store import tables as t
from tests.builders import Inbox
from tests.services import inbox_truths
from tests.services.inbox_model import Model, ModelComment, ModelTask

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
        known = (name for name in self.names.values() if name.partition(":")[2] == user)
        chat = next(known, f"new:{user}")
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
        try:
            saved = await self._run(
                lambda uow: comments.add_comment(uow, AgentActor(self.anna), request)
            )
        except Refused as refused:
            self._goes_on_elsewhere(task_id, refused)
            return
        await self._bindings()
        rows = await self._rows(
            select(t.delivery.c.chat_id).where(t.delivery.c.comment_id == saved.comment_id)
        )
        assert bool(rows) == (chosen is not None)
        chats = frozenset(self.names[row.chat_id] for row in rows)
        self.model.comments[saved.comment_id] = ModelComment(task_id, True, chats)

    def _goes_on_elsewhere(self, task_id: int, refused: Refused) -> None:
        """R4: refused only from a task that is over, while a chat goes on in another one."""
        assert "goes on in" in str(refused)
        open_ones = {root for name in self.names.values() for root in self.model.open_with(name)}
        assert task_id not in open_ones
        assert open_ones

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
        await self._run(lambda uow: tasks.change(uow, AgentActor(self.anna), (task_id,), wanted))

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
            await self._run(lambda uow: tasks.delete(uow, AgentActor(self.anna), (task_id,)))
            self.model.tasks[task_id].deleted = True

    async def restores(self, which: int) -> None:
        task_id = pick(self.model.roots(living=False), which)
        if task_id is None:
            return
        allowed = not self.model.tasks[task_id].active or self.model.may_open(task_id)
        if await self._allowed(
            allowed, self._run(lambda uow: tasks.restore(uow, AgentActor(self.anna), (task_id,)))
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
            await self._run(lambda uow: tasks.mark_read(uow, AgentActor(boris), task_id, seen))

    async def days_pass(self) -> None:
        self.inbox.clock.advance(days=15)

    async def check(self) -> None:
        """What must be true after every step; what costs most is looked at now and then."""
        self.steps += 1
        async with self.inbox.store.read() as uow:
            await inbox_truths.every_comment_in_its_task(uow, self.model)
            await inbox_truths.one_open_task_a_chat(uow)
            await inbox_truths.deliveries(uow)
            await inbox_truths.chains_end(uow)
        if self.steps % 4 == 0:
            # Rolled back: only looking.
            async with self.inbox.store.write() as uow:
                await inbox_truths.standing_is_right(uow, self.model)
