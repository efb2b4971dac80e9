"""A list to choose from inside a dialog: groups, check marks, a filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input

from pfinbox.domain.text.cleaning import fold
from pfinbox.record import record
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint

_NOTHING = Content("")
# Keys that move the cursor, by so many lines, while a field over the list has the focus.
MOVES = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}


@record
class Item:
    """One line. ``value`` None makes it a heading; ``checked`` None leaves the box out.

    ``words``: what finds it as well when it is typed.
    """

    label: Content
    value: Any = None
    aside: Content = _NOTHING
    checked: bool | None = None
    words: str = ""


class PickList(ScrollView, can_focus=False):
    """Shows items and a cursor; the dialog around it decides what keys do."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pick--cursor", "pick--heading", "pick--checked"}

    @dataclass
    class Clicked(Message):
        value: Any

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.items: list[Item] = []
        self.shown: list[Item] = []
        self.cursor = 0
        self.filter = ""
        # Under the cursor, and no longer among the items.
        self._gone: Item | None = None
        # Counts what was shown: a click is for the lines as they were drawn.
        self._drawn = 0

    def show(self, items: Sequence[Item], *, keep: bool = False) -> None:
        """Replace the items; the cursor stays on the same value.

        ``keep``: also where that one is gone, until the cursor moves on; what a key does to it is
        the dialog's to say. Else the next one would stand there when the key comes (R47).
        """
        held = self.shown[self.cursor] if self.cursor < len(self.shown) else None
        before = [item.value for item in self.shown]
        self.items = list(items)
        self._gone = None
        self._apply()
        value = held.value if held is not None else None
        if keep and held is not None and value is not None and value not in self.values:
            self._gone = Item(held.label, value, Content.styled("✓", "$foreground-muted"))
            follows = [one for one in before[self.cursor :] if one in self.values]
            at = self._place(follows[0]) if follows else len(self.items)
            self.items.insert(at, self._gone)
            self._apply()
        self._to(value)

    @property
    def values(self) -> list[Any]:
        """What can be chosen, as it is shown."""
        return [item.value for item in self.shown if item.value is not None]

    @property
    def gone(self) -> bool:
        """Whether what is under the cursor is no longer among the items."""
        return self._gone is not None

    def _place(self, value: Any) -> int:
        return next(n for n, item in enumerate(self.items) if item.value == value)

    def set_filter(self, text: str) -> bool:
        """Show what contains the words of ``text``, with the cursor on the first.

        The same filter again moves nothing; whether it was another one.
        """
        new = fold(text.strip())
        if new == self.filter:
            return False
        self.filter = new
        self._apply()
        self.cursor = 0
        self.move(0)
        return True

    @property
    def value(self) -> Any:
        """The value under the cursor, None in an empty list."""
        return self.shown[self.cursor].value if self.cursor < len(self.shown) else None

    def move(self, step: int) -> None:
        """To the next line in that direction that can be chosen."""
        places = [n for n, item in enumerate(self.shown) if item.value is not None]
        if places:
            near = min(range(len(places)), key=lambda n: abs(places[n] - self.cursor))
            self.cursor = places[max(0, min(near + step, len(places) - 1))]
            self._leave_gone()
            y, height = self.scroll_offset.y, max(self.size.height, 1)
            if not y <= self.cursor < y + height:
                self.scroll_to(y=max(self.cursor - height // 2, 0), animate=False)
        self.refresh()

    def step_off(self) -> None:
        """Off a row that is gone, to the one below it, else to the one above."""
        for step in (1, -1):
            if self.gone:
                self.move(step)

    def _leave_gone(self) -> None:
        """What is no longer there goes when the cursor has left it."""
        gone, value = self._gone, self.value
        if gone is not None and value != gone.value:
            self._gone = None
            self.items = [item for item in self.items if item is not gone]
            self._apply()
            self._to(value)

    def moved_by(self, key: str) -> bool:
        """Whether the key moves the cursor; then it has."""
        if key in MOVES:
            self.move(MOVES[key])
        return key in MOVES

    def put_cursor(self, value: Any) -> None:
        """On the item with this value, where there is one."""
        self._to(value)

    def _to(self, value: Any) -> None:
        for n, item in enumerate(self.shown):
            if item.value is not None and item.value == value:
                self.cursor = n
        self.move(0)

    def _apply(self) -> None:
        """Items that match, and headings that still have something under them."""
        self.shown, fitting = [], {id(item) for item in self._fitting()}
        heading: Item | None = None
        for item in self.items:
            if item.value is None:
                heading = item
            elif id(item) in fitting:
                self.shown += [heading] if heading else []
                heading = None
                self.shown.append(item)
        if not self.shown and not self.filter:
            # Nothing to choose from: what stands here is the sentence that says so.
            self.shown = list(self.items)
        self._drawn += 1
        self.virtual_size = Size(self.size.width, len(self.shown))
        self.refresh()

    def _fitting(self) -> list[Item]:
        """What contains the filter as it was typed; only where nothing does, its words."""
        items = [(item, fold(f"{item.label.plain} {item.words}")) for item in self.items]
        found = [item for item, text in items if item.value is not None and self.filter in text]
        words = self.filter.split()
        return found or [item for item, text in items if all(word in text for word in words)]

    def on_resize(self) -> None:
        """What is under the cursor stays in sight, also where there was no room before."""
        self.move(0)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        number, width = self.scroll_offset.y + y, self.size.width
        if number >= len(self.shown):
            return paint.blank(self, width)
        item = self.shown[number]
        if item.value is None:
            heading = Content.assemble(" ", item.label).stylize("pick--heading")
            return paint.strip(self, heading, self.visual_style, width)
        box = Content("")
        if item.checked is not None:
            box = Content.styled("[x] ", "pick--checked") if item.checked else Content("[ ] ")
        # What stands at the end keeps a blank from the scrollbar's edge.
        room = width - 1 - int(self.show_vertical_scrollbar)
        line = paint.ends(Content.assemble("  ", box, item.label), item.aside, room)
        base = self.get_visual_style("pick--cursor") if number == self.cursor else self.visual_style
        return paint.strip(self, line, base, width).apply_meta(
            {"item": number, "drawn": self._drawn}
        )

    def on_click(self, event: events.Click) -> None:
        number = event.style.meta.get("item")
        if isinstance(number, int) and event.style.meta.get("drawn") == self._drawn:
            self.cursor = number
            self.refresh()
            post_message(self, self.Clicked(self.value))


class OwnList(PickList, can_focus=True):
    """A list that takes the keys itself; while another widget has them its cursor is pale."""

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class FilterField(Input):
    """The field over a list; keys in ``passed`` are left to the dialog.

    What stands in it is typed on; ``suggested``: replaced by the first letter.
    """

    def __init__(self, passed: tuple[str, ...], *, suggested: bool = False, **kwargs: Any) -> None:
        super().__init__(compact=True, select_on_focus=suggested, **kwargs)
        self.passed = passed

    async def _on_key(self, event: events.Key) -> None:
        if event.key in self.passed:
            event.prevent_default()
