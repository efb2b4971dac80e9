"""How a command changes tasks: in the background, said when it is stored, with a way back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content

from pfinbox.domain.tasks.change import TaskChange
from pfinbox.i18n import _
from pfinbox.services.tasks import tasks
from pfinbox.store.rows import TaskRow
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.shell.undo import Change, Step, UndoStack, as_seen, changed, inverse

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox

NOTHING_ELSE: Mapping[int, str] = {}


class Changes:
    """The changes that this agent makes on this screen, and what takes them back."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.undo_stack = UndoStack()
        # Rows that we changed and have not read again: as they were shown, as they will be.
        self._changed_rows: dict[int, tuple[TaskRow, TaskRow]] = {}

    def act(
        self,
        job: str,
        words: str,
        call: Callable[["Inbox"], Awaitable[str | None]],
        step: Step | None = None,
        ids: Sequence[int] = (),
    ) -> None:
        """Run ``call``; say its own sentence, else ``words``, when it is done.

        ``ids``: the tasks that it changes; the cursor of the list does not follow them.
        """
        shown = words
        if step is not None:
            key = spelled(context(self.layout).keymap.shown("undo"))
            shown = _("{what} ({key} takes it back)").format(what=words, key=key) if key else words
        workers.write(self.layout, job, call, lambda said: self.done(said or shown, step, ids))

    def done(self, words: str, step: Step | None = None, ids: Sequence[int] = ()) -> workers.Result:
        """A change is stored. Its step back is known before the next write begins: that may be
        the undo of it.
        """
        if step is not None:
            self.undo_stack.push(step)
        return workers.Result(partial(self._say, words, ids))

    def _say(self, words: str, ids: Sequence[int]) -> None:
        if words:
            context(self.layout).say(words)
        self.layout.changed(ids)

    def change(self, change: TaskChange, words: str, rows: Sequence[TaskRow] = ()) -> None:
        """Change the targets, all or none, with one way back for all of them."""
        self.change_each([(row, change) for row in rows or self.layout.targets], words)

    def change_each(
        self,
        changes: Sequence[tuple[TaskRow, TaskChange]],
        words: str,
        reply_via: Mapping[int, str] = NOTHING_ELSE,
    ) -> None:
        """To each task a change of its own; ``reply_via``: by what each is answered now."""
        if not changes:
            return
        rows = [row for row, _change in changes]
        left = [(self._as_left(row), change) for row, change in changes]
        wanted = [(row.id, as_seen(row, change)) for row, change in left]
        backs = [(row.id, inverse(row, change, reply_via.get(row.id))) for row, change in left]
        self._changed_rows |= {
            row.id: (row, changed(before, change))
            for row, (before, change) in zip(rows, left, strict=True)
        }
        words = about(words, rows)
        step = Change(rows[0].id, words, lambda inbox: inbox.write(tasks.change_each, backs))
        ids = [row.id for row in rows]
        self.act("change", words, lambda inbox: inbox.write(tasks.change_each, wanted), step, ids)
        self.worked_on()

    def _as_left(self, row: TaskRow) -> TaskRow:
        """The row as our own last change leaves it: the one shown may not be read again yet."""
        shown, left = self._changed_rows.get(row.id, (None, row))
        return left if shown is row else row

    def forget(self) -> None:
        """What is shown is as good as what we left, from now on."""
        self._changed_rows.clear()

    def failed(self, job: str) -> None:
        """Rows are as they are shown, then."""
        if job == "change":
            self.forget()

    def worked_on(self) -> None:
        """Marks are for one command: the next one must not meet tasks that were forgotten."""
        self.layout.task_list.unmark()

    def named(self, one: str, several: str) -> Content:
        """The title of a dialog about the targets."""
        rows = self.layout.targets
        if len(rows) == 1:
            return Content(one.format(id=rows[0].id))
        return Content(several.format(n=len(rows)))


def about(words: str, rows: Sequence[TaskRow]) -> str:
    """``words``, and what they are about: whose task, or how many they are."""
    if len(rows) == 1:
        client = rows[0].contact.name if rows[0].contact else _("no client")
        return _("#{id} {client}: {what}").format(id=rows[0].id, client=client, what=words)
    return _("{n} tasks: {what}").format(n=len(rows), what=words)
