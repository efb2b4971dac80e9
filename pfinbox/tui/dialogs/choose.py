"""Choose one of several: an agent, a moment, a status, a theme."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.i18n import _
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets.pick_list import MOVES, FilterField, Item, PickList


class Choose(Dialog[Any]):
    """Typing filters, enter chooses. ``load`` may bring the items later."""

    @dataclass
    class Loaded(Message):
        items: Sequence[Item]

    def __init__(
        self,
        title: Content,
        items: Sequence[Item] = (),
        *,
        load: Callable[[], Awaitable[Sequence[Item]]] | None = None,
        typed: str = "",
        placeholder: str = "",
        others: Mapping[str, Callable[[Any], Any]] | None = None,
        hint: str = "",
    ) -> None:
        """``others``: keys that answer with something made of the highlighted value; ``hint``
        says what they are for.
        """
        super().__init__(title)
        self._others = others or {}
        self._hint = hint
        self._placeholder = placeholder or _("type to filter")
        self._typed = typed
        self._items = items
        self._load = load

    def body(self) -> list[Widget]:
        passed = (*MOVES, *self._others, "enter", "escape", "tab")
        return [FilterField(passed, value=self._typed, placeholder=self._placeholder), PickList()]

    def hints(self) -> Content:
        return Content(" · ".join(filter(None, (_("enter choose · esc leave"), self._hint))))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    def on_mount(self) -> None:
        self.pick_list.show(self._items)
        self.filter(self._typed)
        if self._load is not None:
            # What is typed ahead must meet the items that it is meant for.
            context(self).hold_keys("choose")
            workers.read(self, "choices", self._load, self.Loaded)

    def on_choose_loaded(self, message: Loaded) -> None:
        self._items = message.items
        self.pick_list.show(message.items)
        self.filter(self.query_one(Input).value)
        context(self).release_keys("choose")

    def on_failed(self) -> None:
        self.answer(None)
        context(self).drop_keys("choose")

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.filter(message.value)

    def filter(self, typed: str) -> None:
        """Show what fits; the cursor is on what enter would take."""
        self.pick_list.set_filter(typed)

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            # What was typed last may still be on its way as a message.
            self.filter(self.query_one(Input).value)
            if self.pick_list.value is not None:
                self.answer(self.pick_list.value)
        elif event.key in self._others:
            self.answer(self._others[event.key](self.pick_list.value))
        elif not self.pick_list.moved_by(event.key) and event.key != "tab":
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self.answer(message.value)
