"""The views on the left, with their counts."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from pfinbox.i18n import _
from pfinbox.store.rows import ViewCount
from pfinbox.tui.inbox.views import AWAY, LATER, SEARCH, WORK, view_name
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint, safe
from pfinbox.tui.widgets.line_view import LineView

# A count far away from its name would be hard to match with it.
WIDEST = 30


class ViewsPane(LineView, can_focus=True):
    """One line a view; the cursor moves over views only."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "views--active",
        "views--current",
        "views--cursor",
        "views--count",
        "views--heading",
        "views--due",
        "views--failed",
    }

    @dataclass
    class Chosen(Message):
        view: str

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.counts: dict[str, int] = {}
        # Searches that the agent keeps; they are counted more seldom.
        self.saved: tuple[ViewCount, ...] = ()
        self.failed = 0
        # What the agent began to write: in no task, so of no view of tasks.
        self.drafts = 0
        self.current = "to_answer"
        self.cursor = "to_answer"
        # Views by key, headings as "= Tags", an empty line as "".
        self._lines: list[str] = []
        self.show((), "to_answer")

    @property
    def views(self) -> list[str]:
        return [line for line in self._lines if line and not line.startswith("= ")]

    def show(self, counts: tuple[ViewCount, ...], current: str) -> None:
        """New counts; groups that are empty have no heading."""
        counts = tuple(row for row in counts if not row.key.startswith(SEARCH))
        self.counts = {row.key: row.count for row in (*counts, *self.saved)}
        if current != self.current:
            self.cursor = current
        self.current = current
        tags = [row.key for row in counts if row.key.startswith("tag:")]
        accounts = [row.key for row in counts if row.key.startswith("account:")]
        self._lines = [*WORK, "", *LATER, "", *AWAY]
        searches = [row.key for row in self.saved]
        self._lines += ["", f"= {_('Searches')}", *searches] if searches else []
        self._lines += ["", f"= {_('Tags')}", *tags] if tags else []
        self._lines += ["", f"= {_('Accounts')}", *accounts] if accounts else []
        self.virtual_size = Size(self.size.width, len(self._lines))
        self.refresh()

    def show_saved(self, saved: tuple[ViewCount, ...]) -> None:
        """The searches that the agent keeps, with new counts."""
        if saved != self.saved:
            self.saved = saved
            self.show(tuple(ViewCount(key, n) for key, n in self.counts.items()), self.current)

    def set_failed(self, failed: int) -> None:
        """So many deliveries failed: said at the outbox, by a sign too."""
        if failed != self.failed:
            self.failed = failed
            self.refresh()

    def set_drafts(self, drafts: int) -> None:
        if drafts != self.drafts:
            self.drafts = drafts
            self.refresh()

    def move(self, step: int) -> None:
        views = self.views
        at = views.index(self.cursor) if self.cursor in views else 0
        self._to(views[max(0, min(at + step, len(views) - 1))])

    def move_to_end(self, *, last: bool) -> None:
        self._to(self.views[-1 if last else 0])

    def open(self) -> None:
        post_message(self, self.Chosen(self.cursor))

    def _to(self, view: str) -> None:
        self.cursor = view
        line = self._lines.index(view)
        if not self.scroll_offset.y <= line < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(line - self.size.height // 2, 0), animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        number = self.scroll_offset.y + y
        line = self._lines[number] if number < len(self._lines) else ""
        width = self.size.width
        base = self.visual_style
        if line.startswith("= "):
            heading = safe.line(line.removeprefix("= "), "views--heading")
            return paint.strip(self, Content.assemble("  ", heading), base, width)
        if not line:
            return paint.blank(self, width)
        if self.has_focus and line == self.cursor:
            base = self.get_visual_style("views--cursor")
        current = line == self.current
        count = self.drafts if line == "drafts" else self.counts.get(line, 0)
        shown = "" if not count else "999+" if count > 999 else str(count)
        right = Content.styled(shown, "views--due" if line == "to_answer" else "views--count")
        if line == "outbox" and self.failed:
            failed = "999+" if self.failed > 999 else str(self.failed)
            right = Content.assemble((f"! {failed} ", "views--failed"), " ", right)
        here = "views--active" if self.has_focus else "views--current"
        name = safe.line(view_name(line), here if current else "")
        mark = Content.styled("▎", here) if current else Content(" ")
        sign = "#" if line.startswith("tag:") else "/" if line.startswith(SEARCH) else ""
        room = min(width - 2, WIDEST)
        text = paint.ends(Content.assemble(mark, " ", sign, name), right, room)
        return paint.strip(self, text, base, width).apply_meta({"view": line})

    def on_focus(self) -> None:
        self.cursor = self.current
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        view = event.style.meta.get("view")
        if isinstance(view, str):
            self._to(view)
            self.open()
