"""The TUI's only door to the services and the read side; every method is one short transaction."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pfinbox.domain.contract.reason import Reason
from pfinbox.domain.model import Notify
from pfinbox.domain.plan import DeliveryPlan
from pfinbox.services.comments import canned, comments, forwarding
from pfinbox.services.comments.comments import CommentRequest, Saved
from pfinbox.services.comments.forwarding import ForwardRequest
from pfinbox.services.outbound import outbox
from pfinbox.services.people import preferences, presence
from pfinbox.services.tasks import drafts, read_marks, tasks
from pfinbox.services.tasks.tasks import TaskChange
from pfinbox.store import changes, read
from pfinbox.store.rows import (
    AccountRow,
    CannedRow,
    Choices,
    ContactRow,
    Conversation,
    DaemonRow,
    DraftRow,
    NewsRow,
    PresenceRow,
    QuarantineRow,
    TaskPage,
    ViewCount,
)
from pfinbox.store.uow import Store
from pfinbox.tui.bulk_gate import BulkGate
from pfinbox.tui.card_gate import CardGate
from pfinbox.tui.correcting_gate import CorrectingGate
from pfinbox.tui.file_gate import FileGate
from pfinbox.tui.joining_gate import JoiningGate
from pfinbox.tui.outbox_gate import OutboxGate
from pfinbox.tui.quarantine_gate import QuarantineGate
from pfinbox.tui.search_gate import SearchGate
from pfinbox.tui.settings_gate import SettingsGate


class Gateway(
    JoiningGate,
    OutboxGate,
    CardGate,
    CorrectingGate,
    BulkGate,
    SearchGate,
    FileGate,
    QuarantineGate,
    SettingsGate,
):
    """Everything an agent can see and do, in the name of that agent."""

    def __init__(self, store: Store, agent_id: int) -> None:
        self._store = store
        self.agent_id = agent_id

    # --- what is to see -------------------------------------------------------------------------

    async def views(self) -> tuple[ViewCount, ...]:
        """The views with their counts: to_answer, inbox, mine …, then ``tag:x``, ``account:x``."""
        async with self._store.read() as uow:
            return await read.views(uow, self.agent_id)

    async def tasks(
        self,
        view: str,
        *,
        after: tuple[Any, ...] | None = None,
        limit: int = 60,
        query: str = "",
        from_end: bool = False,
    ) -> TaskPage:
        """A page of ``view`` behind the key ``after``; ``from_end``: the last ones, then up."""
        async with self._store.read() as uow:
            return await read.tasks(
                uow, self.agent_id, view, after=after, limit=limit, query=query, from_end=from_end
            )

    async def conversation(self, task_id: int, *, limit: int = 200) -> Conversation:
        """The newest ``limit`` comments of a task; NotFound when it is not this agent's to see.

        What was taken back is a draft again, not a part of it.
        """
        async with self._store.read() as uow:
            held = await read.conversation(uow, self.agent_id, task_id, limit=limit)
        return replace(held, comments=tuple(row for row in held.comments if not row.taken_back))

    async def news(self) -> NewsRow:
        """What is unread for this agent, and how many deliveries have failed."""
        async with self._store.read() as uow:
            return await read.news(uow, self.agent_id)

    async def contact(self, contact_id: int) -> ContactRow:
        async with self._store.read() as uow:
            return await read.contact(uow, self.agent_id, contact_id)

    async def accounts(self) -> tuple[AccountRow, ...]:
        async with self._store.read() as uow:
            return await read.accounts(uow, self.agent_id)

    async def daemon(self) -> DaemonRow | None:
        """The daemon that is alive, None when messages neither come nor go."""
        async with self._store.read() as uow:
            return await read.daemon(uow)

    async def full_disk(self) -> Reason | None:
        """Why nothing can be stored, None while there is room."""
        async with self._store.read() as uow:
            return read.full_disk(uow)

    async def quarantine(self) -> tuple[QuarantineRow, ...]:
        """What was received and could not be read, oldest first."""
        async with self._store.read() as uow:
            return tuple(await read.quarantine(uow, self.agent_id))

    async def quarantined(self, receipt_id: int) -> bytes:
        """One of them as it was received."""
        async with self._store.read() as uow:
            return await read.quarantine_raw(uow, receipt_id, self.agent_id)

    async def statuses(self) -> tuple[tuple[str, bool], ...]:
        """Names and whether active, in the configured order."""
        async with self._store.read() as uow:
            return await read.statuses(uow)

    def changes(self) -> AsyncIterator[frozenset[str]]:
        """Topics that changed, from this or any other process; the first item is empty."""
        return changes.changes(self._store)

    async def attachment(self, attachment_id: int) -> bytes:
        async with self._store.read() as uow:
            return await read.attachment_content(uow, self.agent_id, attachment_id)

    # --- writing a comment ----------------------------------------------------------------------

    async def choices(self, task_id: int) -> Choices:
        """Whom the picker offers."""
        async with self._store.read() as uow:
            return await read.choices(uow, self.agent_id, task_id)

    async def preselect(
        self,
        task_id: int,
        *,
        answers: int | None = None,
        note: bool = False,
        reply_all: bool = False,
    ) -> Notify:
        """The picker's default (R14); ``answers`` is the id of the comment being replied to.

        ``reply_all``: with everyone whom that comment went to; ``newcomers`` are people of them
        who are on no card yet (R45).
        """
        async with self._store.read() as uow:
            return await comments.preselect(
                uow, self.agent_id, task_id, answers=answers, note=note, reply_all=reply_all
            )

    async def plan(
        self,
        task_id: int,
        notify: Notify,
        *,
        when: datetime | None = None,
        answers: int | None = None,
    ) -> DeliveryPlan:
        """What would go to whom, by what, to which address."""
        async with self._store.read() as uow:
            return await comments.plan(
                uow, self.agent_id, task_id, notify, when=when, answers=answers
            )

    async def comment(self, request: CommentRequest) -> Saved:
        """Store a comment and queue its deliveries; Refused says why not."""
        agent_id = self.agent_id
        return await self._store.run(lambda uow: comments.add_comment(uow, agent_id, request))

    async def forward_plan(self, request: ForwardRequest) -> DeliveryPlan:
        """To whom a forward would go; Refused says why it cannot (R45)."""
        async with self._store.read() as uow:
            return await forwarding.plan(uow, self.agent_id, request)

    async def forward(self, request: ForwardRequest) -> Saved:
        """Pass comments and their files on to somebody outside (R45)."""
        agent_id = self.agent_id
        return await self._store.run(lambda uow: forwarding.forward(uow, agent_id, request))

    async def take_back(self, comment_id: int) -> DraftRow:
        """Undo send: a comment that has not left becomes a draft again; Refused if it has left."""
        agent_id = self.agent_id
        return await self._store.run(lambda uow: outbox.take_back(uow, agent_id, comment_id))

    async def draft(self, task_id: int, mode: str) -> DraftRow | None:
        async with self._store.read() as uow:
            return await drafts.load(uow, self.agent_id, task_id, mode)

    async def save_draft(self, task_id: int, mode: str, text: str, choices: dict[str, Any]) -> None:
        """Keep what is being written; an empty text drops the draft."""
        agent_id = self.agent_id
        await self._store.run(lambda uow: drafts.save(uow, agent_id, task_id, mode, text, choices))

    async def canned(self) -> tuple[CannedRow, ...]:
        """The canned replies, by name."""
        async with self._store.read() as uow:
            return await canned.listed(uow)

    async def save_canned(self, name: str, text: str, canned_id: int | None = None) -> None:
        """Make or change one; an empty text removes it."""
        if canned_id is not None and not text:
            await self._store.run(lambda uow: canned.remove(uow, canned_id))
        else:
            await self._store.run(lambda uow: canned.save(uow, name, text, canned_id))

    # --- changing tasks and deliveries ----------------------------------------------------------

    async def change_each(self, changes: Sequence[tuple[int, TaskChange]]) -> None:
        """To each task a change of its own, all or none."""
        agent_id = self.agent_id
        await self._store.run(lambda uow: tasks.change_each(uow, agent_id, changes))

    async def mark_all_read(self, task_ids: Sequence[int]) -> None:
        """This agent has seen everything in these tasks."""
        agent_id = self.agent_id
        await self._store.run(lambda uow: read_marks.mark_read(uow, agent_id, task_ids))

    async def mark_unread(self, task_ids: Sequence[int]) -> None:
        """These tasks are new to this agent again."""
        agent_id = self.agent_id
        await self._store.run(lambda uow: read_marks.mark_unread(uow, agent_id, task_ids))

    async def mark_read(self, task_id: int, comment_id: int) -> None:
        """This agent has seen the conversation up to ``comment_id``."""
        agent_id = self.agent_id
        await self._store.run(lambda uow: tasks.mark_read(uow, agent_id, task_id, comment_id))

    async def delete_tasks(self, task_ids: Sequence[int]) -> None:
        agent_id = self.agent_id
        await self._store.run(lambda uow: tasks.delete(uow, agent_id, tuple(task_ids)))

    async def restore_tasks(self, task_ids: Sequence[int]) -> None:
        agent_id = self.agent_id
        await self._store.run(lambda uow: tasks.restore(uow, agent_id, tuple(task_ids)))

    async def retry(self, delivery_id: int) -> None:
        agent_id = self.agent_id
        await self._store.run(lambda uow: outbox.retry(uow, agent_id, delivery_id))

    async def dismiss(self, delivery_id: int) -> None:
        agent_id = self.agent_id
        await self._store.run(lambda uow: outbox.dismiss(uow, agent_id, delivery_id))

    async def remember(self, **values: Any) -> None:
        """How this agent wants the screen to look, the next time too."""
        agent_id = self.agent_id
        await self._store.run(lambda uow: preferences.remember(uow, agent_id, **values))

    # --- colleagues -----------------------------------------------------------------------------

    async def colleagues(self) -> tuple[PresenceRow, ...]:
        """Who else looks at or answers which task."""
        async with self._store.read() as uow:
            return await read.colleagues(uow, self.agent_id)

    async def see(self, process: str, task_id: int | None, mode: str) -> None:
        """Tell colleagues what this agent looks at; ``mode``: viewing, answering or replying."""
        agent_id = self.agent_id
        await self._store.run(lambda uow: presence.see(uow, agent_id, process, task_id, mode))

    async def leave(self, process: str) -> None:
        """This screen is closed."""
        await self._store.run(lambda uow: presence.leave(uow, process))
