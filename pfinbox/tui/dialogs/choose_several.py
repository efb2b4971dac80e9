"""Choose several at once, for one task or many: space marks, enter is done."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.i18n import _
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.dialogs.marks import Marks
from pfinbox.tui.widgets.pick_list import MOVES, FilterField, Item, PickList


class ChooseSeveral(Choose):
    """Answers with what is ``Marked``; ``load`` brings the items, and what each task has.

    Where a line was looked for by typing, enter marks it, too (R47).
    """

    def __init__(
        self,
        title: Content,
        load: Callable[[], Awaitable[tuple[Sequence[Item], Collection[Collection[Any]]]]],
    ) -> None:
        self._marks: Marks[Any] = Marks(())

        async def load_items() -> Sequence[Item]:
            items, held = await load()
            self._marks = Marks(held)
            return [self._marked(item) for item in items]

        super().__init__(title, load=load_items)

    def body(self) -> list[Widget]:
        passed = (*MOVES, "enter", "escape", "tab", "space")
        return [FilterField(passed, placeholder=self._placeholder), PickList()]

    def hints(self) -> Content:
        return Content(_("space mark · enter done · esc leave"))

    def on_key(self, event: events.Key) -> None:
        field = self.query_one(Input)
        if event.key in ("enter", "space", "tab"):
            # What was typed last may still be on its way as a message.
            self.filter(field.value)
            if event.key == "enter":
                self._done(looked_for=bool(field.value.strip()))
            else:
                self._mark(self.pick_list.value)
        elif event.key == "escape":
            self.answer(None)
        elif not self.pick_list.moved_by(event.key):
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self._mark(message.value)

    def _marked(self, item: Item) -> Item:
        """The line with its mark; what becomes of it stands where its aside was."""
        words = self._marks.words(item.value)
        return replace(item, checked=self._marks.checked(item.value), aside=words or item.aside)

    def _mark(self, value: Any) -> None:
        """Mark the line or take its mark away; the next one can be typed at once."""
        if value is not None:
            self._marks.toggle(value)
            self.query_one(Input).value = ""
            self.filter("")
            self.pick_list.show([self._marked(item) for item in self._items])
            self.pick_list.put_cursor(value)

    def _done(self, *, looked_for: bool) -> None:
        value = self.pick_list.value
        if looked_for and value is None:
            # What was looked for is not here: nothing is settled by that.
            return
        if looked_for and value not in self._marks:
            self._marks.want(value, wanted=True)
        self.answer(self._marks.marked)
