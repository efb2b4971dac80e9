"""The head of a task: its title, what is known of it as chips, and which colleagues are here."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from pfinbox.i18n import _
from pfinbox.store.rows import PresenceRow, TaskRow
from pfinbox.tui.inbox.presence import Others, colleague_words
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets import paint, safe
from pfinbox.wording.names import status_name
from pfinbox.wording.times import Clock

HEAD_STYLES = (
    "head--title",
    "head--active",
    "head--client",
    "head--aside",
    "head--answering",
    "head--looking",
)


def head_lines(
    task: TaskRow, others: Iterable[PresenceRow], clock: Clock, width: int, *, active: bool
) -> list[Content]:
    """Three lines; the last one is empty while this agent is alone here. ``active``: the agent is
    in the task.
    """
    number = Content.styled(f"#{task.id}", "head--aside")
    title = safe.line(task.title, "head--active" if active else "head--title")
    first = paint.ends(title, number, width)
    client = safe.line(task.contact.name if task.contact else _("no client"), "head--client")
    facts = [client, *_chips(task, clock)]
    if task.account:
        by = _("by {account}").format(account=task.account)
        facts.append(safe.line(by, "head--aside"))
    second = Content(" ").join(facts)
    if second.cell_length > width and task.account:
        # Least needed, it leaves its room to the chips.
        second = Content(" ").join(facts[:-1])
    return [first, second, colleague_words(others)]


def _chips(task: TaskRow, clock: Clock) -> list[Content]:
    """What is known of the task, each word on a ground of its own."""
    words = [(status_name(task.status), "$foreground on $chip")]
    words.append((task.assignee.name if task.assignee else _("nobody's"), "$foreground on $chip"))
    if task.waiting_since is not None:
        age = clock.age(task.waiting_since)
        words.append((_("waits {age}").format(age=age), "$text-warning on $chip"))
    words += [(f"#{tag}", "$text-primary on $chip") for tag in task.tags]
    return [
        Content.assemble((" ", style), safe.line(word, style, 40), (" ", style))
        for word, style in words
    ]


class TaskHead(Widget):
    """The task on the screen; before its conversation is read, as the list has it. Drawn line by
    line: it changes with each step of the list's cursor.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(HEAD_STYLES)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lines: list[Content] = []
        self._shown: TaskRow | None = None
        # Whether the agent is in the task.
        self._active = False
        self._others: Others = {}

    def show(self, task: TaskRow | None) -> None:
        self._shown = task
        self.draw()

    def set_active(self, *, active: bool) -> None:
        if self._active is not active:
            self._active = active
            self.draw()

    def set_others(self, others: Others) -> None:
        """Who else looks at tasks or answers in them."""
        before, self._others = self._here, others
        if self._here != before:
            self.draw()

    @property
    def _here(self) -> tuple[PresenceRow, ...]:
        """The colleagues at this task."""
        return self._others.get(self._shown.id, ()) if self._shown is not None else ()

    def draw(self) -> None:
        """The lines, as wide as there is room."""
        before, self._lines = self._lines, self._made()
        if len(before) != len(self._lines) or not all(map(Content.is_same, before, self._lines)):
            self.refresh()

    def _made(self) -> list[Content]:
        if self._shown is None:
            return []
        width = max(self.size.width, 20)
        clock = context(self).present()
        lines = head_lines(self._shown, self._here, clock, width, active=self._active)
        return [safe.fit(line, width) for line in lines]

    def on_resize(self) -> None:
        self.draw()

    def render(self) -> Content:
        """What the mouse can copy."""
        return Content("\n").join(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line of the screen, in which the mouse may mark text."""
        return self._draw_line(y, self.size.width).apply_offsets(0, y)

    def render_lines(self, crop: Region) -> list[Strip]:
        width, left = self.region.width, self.gutter.left
        lines = (self._draw_line(y, width, left) for y in crop.line_range)
        return paint.finished(self, lines, crop)

    def _draw_line(self, y: int, width: int, left: int = 0) -> Strip:
        line = self._lines[y] if y < len(self._lines) else Content()
        content = paint.marked(self, line, y).pad_left(left)
        return paint.strip(self, content, self.visual_style, width)
