"""What an agent does to tasks: assign, close, snooze, tag, trash, and take it all back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual.content import Content
from textual.message import Message

from pfinbox.domain.delivery import TROUBLED
from pfinbox.domain.model import Who
from pfinbox.i18n import _
from pfinbox.services.tasks import TaskChange
from pfinbox.store.rows import DeliveryRow, DraftRow, TaskRow
from pfinbox.tui import jobs, safe
from pfinbox.tui.commands import LIST
from pfinbox.tui.delivery_words import waits_seconds
from pfinbox.tui.desk import desk
from pfinbox.tui.screens.choose import Choose
from pfinbox.tui.screens.prompt import Prompt
from pfinbox.tui.screens.workplace import Workplace
from pfinbox.tui.undo import Change, Comment, Step, UndoStack, inverse
from pfinbox.tui.widgets.pick_list import Item


class Working(Workplace):
    """Commands on the task under the cursor, or on the one that is open."""

    @dataclass
    class Done(Message):
        """A change is stored; ``step`` is the way back."""

        words: str
        step: Step | None = None

    @dataclass
    class TakenBack(Message):
        draft: DraftRow

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        self.undo_stack = UndoStack()

    @property
    def target(self) -> TaskRow | None:
        """The task that commands are about."""
        if self.place == LIST:
            return self.task_list.current
        task_id, held = self.task_pane.task_id, self.task_pane.conversation
        if held is not None and held.task.id == task_id:
            return held.task
        # It is still being read; the list knows it already.
        return next((row for row in self.task_list.rows if row.id == task_id), None)

    def _act(
        self,
        job: str,
        words: str,
        call: Callable[[], Awaitable[None]],
        step: Step | None = None,
    ) -> None:
        jobs.write(self, job, call, lambda _nothing: self.Done(words, step))

    def on_working_done(self, message: Done) -> None:
        if message.step is not None:
            self.undo_stack.push(message.step)
        if message.words:
            desk(self).say(message.words)
        self.changed()

    def _change(self, change: TaskChange, words: str) -> None:
        """Change the target, with the way back."""
        row = self.target
        if row is None:
            return
        gateway, back = desk(self).gateway, inverse(row, change)
        step = Change(row.id, words, lambda: gateway.change_tasks([row.id], back))
        self._act("change", words, lambda: gateway.change_tasks([row.id], change), step)

    # --- who does it ----------------------------------------------------------------------------

    def command_mine(self, argument: str = "") -> None:
        self._change(TaskChange(assignee=Who("agent", self.agent_id)), _("Assigned to you"))

    def command_assign(self, argument: str = "") -> None:
        row = self.target
        if row is None:
            return
        gateway = desk(self).gateway

        async def load() -> Sequence[Item]:
            choices = await gateway.choices(row.id)
            agents = [person for person in choices.people if person.kind == "agent"]
            me = Item(
                Content.assemble(safe.line(self.agent_name), (_(" (me)"), "dim")),
                Who("agent", self.agent_id),
            )
            items = [
                Item(safe.line(p.name), p.who, safe.line(p.login or "", "dim")) for p in agents
            ]
            return [me, *items, Item(Content(_("nobody")), "nobody")]

        def chosen(value: object) -> None:
            if value == "nobody":
                self._change(TaskChange(unassign=True), _("Assigned to nobody"))
            elif isinstance(value, Who):
                self._change(TaskChange(assignee=value), _("Assigned"))

        title = _("Assign #{id} to").format(id=row.id)
        dialog = Choose(Content(title), load=load, typed=argument)
        self.app.push_screen(dialog, chosen)

    # --- how far it is --------------------------------------------------------------------------

    def command_close(self, argument: str = "") -> None:
        row = self.target
        if row is not None and not row.active:
            desk(self).say(_("This task is closed already."))
            return
        finished = next((name for name, active in self.statuses if not active), "done")
        self._change(TaskChange(status=finished), _("Closed (z opens it again)"))

    def command_close_next(self, argument: str = "") -> None:
        self.command_close()
        if self.place == LIST:
            self.task_list.move(1)
        else:
            self.next_task()

    def next_task(self) -> None:
        """From inside a task to the next one of the list."""
        before = self.task_list.cursor
        self.task_list.move(1)
        after = self.task_list.cursor
        if after is None or after == before:
            self.go(LIST)
        else:
            self.open_task(after)

    def command_status(self, argument: str = "") -> None:
        row = self.target
        if row is None:
            return
        gateway = desk(self).gateway

        async def load() -> Sequence[Item]:
            return [
                Item(safe.line(name), name, Content("" if active else _("closed")))
                for name, active in await gateway.statuses()
            ]

        def chosen(value: object) -> None:
            if isinstance(value, str):
                words = _("Status: {status}").format(status=value)
                self._change(TaskChange(status=value), words)

        title = Content(_("Status of #{id}").format(id=row.id))
        self.app.push_screen(Choose(title, load=load, typed=argument), chosen)

    # --- when it comes back ---------------------------------------------------------------------

    def command_snooze(self, argument: str = "") -> None:
        row = self.target
        if row is None:
            return
        clock = desk(self).present()
        items = [
            Item(Content(label), moment, Content.styled(clock.moment(moment), "dim"))
            for label, moment in clock.snooze_presets()
        ]
        if row.snoozed_until is not None and row.snoozed_until > clock.now:
            items.append(Item(Content(_("wake it now")), "wake"))
        title = Content(_("Hide #{id} until the client writes, or until").format(id=row.id))

        def chosen(value: object) -> None:
            if value == "wake":
                self._change(TaskChange(no_snooze=True), _("Awake"))
            elif isinstance(value, datetime):
                words = _("Back {when}").format(when=clock.moment(value))
                self._change(TaskChange(snooze_until=value), words)

        self.app.push_screen(Choose(title, items, typed=argument), chosen)

    # --- tags and trash -------------------------------------------------------------------------

    def command_tags(self, argument: str = "") -> None:
        row = self.target
        if row is None:
            return

        def answered(text: str | None) -> None:
            if text is None:
                return
            wanted = tuple(dict.fromkeys(w.lstrip("#") for w in text.replace(",", " ").split()))
            add = tuple(tag for tag in wanted if tag and tag not in row.tags)
            remove = tuple(tag for tag in row.tags if tag not in wanted)
            if add or remove:
                change = TaskChange(add_tags=add, remove_tags=remove)
                self._change(change, _("Tags changed"))

        if argument:
            answered(" ".join((*row.tags, argument)))
            return
        title = Content(_("Tags of #{id}").format(id=row.id))
        value = " ".join(row.tags) + (" " if row.tags else "")
        self.app.push_screen(Prompt(title, value, final=lambda _text: True), answered)

    def command_trash(self, argument: str = "") -> None:
        row = self.target
        if row is None:
            return
        gateway, ids = desk(self).gateway, [row.id]
        if row.deleted_at is not None:
            step = Change(row.id, _("restored"), lambda: gateway.delete_tasks(ids))
            words = _("Out of the trash")
            self._act("restore", words, lambda: gateway.restore_tasks(ids), step)
        else:
            step = Change(row.id, _("trash"), lambda: gateway.restore_tasks(ids))
            words = _("In the trash (z takes it out)")
            self._act("delete", words, lambda: gateway.delete_tasks(ids), step)

    # --- deliveries -----------------------------------------------------------------------------

    def command_retry(self, argument: str = "") -> None:
        gateway = desk(self).gateway
        for row in self._troubled():
            self._act("retry", _("Tried again"), lambda row=row: gateway.retry(row.id))  # type: ignore[misc]

    def command_dismiss(self, argument: str = "") -> None:
        gateway = desk(self).gateway
        for row in self._troubled():
            self._act("dismiss", _("Left as it is"), lambda row=row: gateway.dismiss(row.id))  # type: ignore[misc]

    def _troubled(self) -> list[DeliveryRow]:
        """Failed deliveries of the selected comment, else of the last comment that has some."""
        view = self.task_pane.view
        chosen = view.selected_comment
        for comment in [chosen] if chosen else reversed(view.comments):
            rows = [row for row in comment.deliveries if row.state in TROUBLED]
            if rows := [row for row in rows if row.dismissed_at is None]:
                return rows
        desk(self).say(_("Nothing has failed here."))
        return []

    # --- the way back ---------------------------------------------------------------------------

    def command_undo(self, argument: str = "") -> None:
        """Take back the newest step: a comment that has not left, or a change."""
        step = self.undo_stack.pop() or self._waiting_comment()
        gateway = desk(self).gateway
        if step is None:
            desk(self).say(_("There is nothing to take back."))
        elif isinstance(step, Comment):
            comment_id = step.comment_id
            desk(self).hold_keys("take back")
            jobs.write(self, "take back", lambda: gateway.take_back(comment_id), self.TakenBack)
        else:
            words = _("Taken back: {what}").format(what=step.words)
            self._act("undo", words, step.back)

    def _waiting_comment(self) -> Comment | None:
        """A comment of this agent in the open task that has not left yet, also after a restart."""
        now = desk(self).present().now
        for row in reversed(self.task_pane.view.comments):
            mine = row.author.kind == "agent" and row.author.id == self.agent_id
            if mine and waits_seconds(row, now) is not None:
                return Comment(self.task_pane.task_id or 0, row.id)
        return None

    def on_working_taken_back(self, message: TakenBack) -> None:
        draft = message.draft
        self.task_pane.show_task(draft.task_id, opened=True)
        self.task_pane.write("note" if draft.mode == "note" else "reply")
        desk(self).release_keys("take back")
        self.changed()
