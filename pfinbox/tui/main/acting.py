"""How a command is carried out: on which tasks, by whom it is told, and what takes it back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message

from pfinbox.errors import NotFound
from pfinbox.i18n import _
from pfinbox.services.tasks import tasks
from pfinbox.services.tasks.tasks import TaskChange
from pfinbox.store.rows import TaskRow
from pfinbox.tui.compose.writing import Mode
from pfinbox.tui.main.workplace import Workplace
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.commands import COMPOSER, LIST, TASK
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.undo import Change, Step, UndoStack, as_seen, changed, inverse


class Acting(Workplace):
    """What the commands share: the main screen is put together from families of them, and each
    knows this class only.
    """

    @dataclass
    class Done(Message):
        """A change is stored."""

        words: str

    def __init__(self, agent_id: int, agent_name: str) -> None:
        super().__init__(agent_id, agent_name)
        self.undo_stack = UndoStack()
        # Rows that we changed and have not read again: as they were shown, as they will be.
        self._changed_rows: dict[int, tuple[TaskRow, TaskRow]] = {}
        self._composing = False
        # Where the agent was before writing.
        self._came_from = LIST

    @property
    def target(self) -> TaskRow | None:
        """The task that commands are about: the one that the agent sees (R47)."""
        if self._shown not in (TASK, COMPOSER):
            return self.task_list.current if self.list_pane.display else None
        task_id, held = self.task_pane.task_id, self.task_pane.conversation
        if held is not None and held.task.id == task_id:
            return held.task
        # It is still being read; the list knows it already.
        return next((row for row in self.task_list.rows if row.id == task_id), None)

    @property
    def at_hand(self) -> int | None:
        """The number of the target, also while it is still being read."""
        if self._shown in (TASK, COMPOSER):
            return self.task_pane.task_id
        return self.target.id if self.target is not None else None

    @property
    def targets(self) -> list[TaskRow]:
        """The tasks that commands are about: those that are marked, else the one at hand."""
        if self.place == LIST:
            return self.task_list.chosen
        # From the views or the search field too, what is marked is in sight.
        if self._shown not in (TASK, COMPOSER) and self.task_list.marked:
            return self.task_list.chosen if self.list_pane.display else []
        return [self.target] if self.target is not None else []

    def _act(
        self,
        job: str,
        words: str,
        call: Callable[[], Awaitable[str | None]],
        step: Step | None = None,
    ) -> None:
        workers.write(self, job, call, lambda said: self.done(said or words, step))

    def done(self, words: str, step: Step | None = None) -> Done:
        """A change is stored. Its step back is known before the next write begins: that may be
        the undo of it.
        """
        if step is not None:
            self.undo_stack.push(step)
        return self.Done(words)

    def on_acting_done(self, message: Done) -> None:
        if message.words:
            context(self).say(message.words)
        self.changed()

    def _change(self, change: TaskChange, words: str, rows: Sequence[TaskRow] = ()) -> None:
        """Change the targets, all or none, with one way back for all of them."""
        rows = rows or self.targets
        if not rows:
            return
        inbox, before = context(self).inbox, [self._as_left(row) for row in rows]
        changes = [(row.id, as_seen(row, change)) for row in before]
        backs = [(row.id, inverse(row, change)) for row in before]
        self._changed_rows |= {
            row.id: (row, changed(left, change)) for row, left in zip(rows, before, strict=True)
        }
        words = self._many(words, rows)
        step = Change(rows[0].id, words, lambda: inbox.write(tasks.change_each, backs))
        self._act("change", words, lambda: inbox.write(tasks.change_each, changes), step)
        self._worked_on(rows)

    def _as_left(self, row: TaskRow) -> TaskRow:
        """The row as our own last change leaves it: the one shown may not be read again yet."""
        shown, left = self._changed_rows.get(row.id, (None, row))
        return left if shown is row else row

    def on_failed(self, message: workers.Failed) -> None:
        """It bubbles on to the app, which says it. Rows are as they are shown, then."""
        if message.job == "change":
            self._changed_rows.clear()

    def _many(self, words: str, rows: Sequence[TaskRow]) -> str:
        if len(rows) == 1:
            return words
        return _("{n} tasks: {what}").format(n=len(rows), what=words)

    def _worked_on(self, rows: Sequence[TaskRow]) -> None:
        """Marks are for one command: the next one must not meet tasks that were forgotten."""
        self.task_list.unmark()

    def _named(self, one: str, many: str) -> Content:
        """The title of a dialog about the targets."""
        rows = self.targets
        if len(rows) == 1:
            return Content(one.format(id=rows[0].id))
        return Content(many.format(n=len(rows)))

    # --- what several families begin ------------------------------------------------------------

    def write(self, mode: Mode, task_id: int | None = None) -> None:
        """Open the composer within this very key press: the next key is text already.

        In the task at hand, or in the one with this number.
        """
        task_id = task_id or self.at_hand
        if task_id is not None:
            self.task_pane.show_task(task_id)
        else:
            context(self).say(_("There is no task to write in."))
            return
        if self.place != COMPOSER:
            self._came_from = self.place
        self._at(COMPOSER)
        self._composing = True
        self.task_pane.write(mode)

    def open_number(self, number: str) -> None:
        """The task that somebody typed the number of."""
        digits = number.lstrip("#")
        if not digits.isdigit():
            raise NotFound(_("there is no task {number}").format(number=number))
        self.open_task(int(digits))
