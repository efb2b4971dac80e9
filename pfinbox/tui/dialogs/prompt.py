"""Ask for one line of text: tags, a path (with completion)."""

from collections.abc import Callable, Sequence
from typing import Any

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.i18n import _
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.pick_list import FilterField, Item, PickList

# What could the text go on with? Whole texts, best first.
Completions = Callable[[str], Sequence[str]]


class Prompt(Dialog[str]):
    """Enter answers with the text; tab completes it from what ``completions`` offers.

    Among completions the text itself is a line, where it can be the answer: enter takes the line
    under the cursor (R47).
    """

    def __init__(
        self,
        title: Content,
        value: str = "",
        *,
        completions: Completions | None = None,
        final: Callable[[str], bool] = bool,
        suggested: bool = False,
    ) -> None:
        super().__init__(title)
        self._value = value
        self._completions = completions
        # Whether a text may be the answer; a folder is not a file yet.
        self._final = final
        # Typing replaces the value.
        self._suggested = suggested
        # What the completions belong to.
        self._offered: str | None = None

    def body(self) -> list[Widget]:
        passed = ("up", "down", "enter", "escape", "tab")
        widgets: list[Widget] = [
            FilterField(passed, value=self._value, suggested=self._suggested, id="answer")
        ]
        if self._completions is not None:
            widgets.append(PickList())
        return widgets

    def hints(self) -> Content:
        if self._completions is None:
            return Content(_("enter done · esc leave"))
        return Content(_("tab complete · ↑↓ choose · enter done · esc leave"))

    @property
    def field(self) -> Input:
        return self.query_one("#answer", Input)

    def on_mount(self) -> None:
        self._offer()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._offer()

    def _offer(self) -> None:
        if self._completions is not None:
            typed = self.field.value
            if typed == self._offered:
                return
            self._offered, offered = typed, list(self._completions(typed))
            if offered and typed not in offered and self._final(typed):
                offered.insert(0, typed)
            picks = self.query_one(PickList)
            picks.show([Item(safe.line(text), text) for text in offered])
            picks.put_cursor(typed if typed in offered else next(iter(offered), None))

    def _next(self, picks: PickList) -> Any:
        """What tab goes on to: the line under the cursor, or behind the text itself the first."""
        if picks.value != self.field.value:
            return picks.value
        return next((value for value in picks.values if value != self.field.value), None)

    def _complete(self, text: str | None) -> None:
        if text is not None:
            self.field.value = text
            self.field.cursor_position = len(text)
            self._offer()

    def on_key(self, event: events.Key) -> None:
        picks = self.query(PickList)
        if event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            # What was typed last may still be on its way as a message.
            self._offer()
            if picks:
                self._complete(picks.first(PickList).value)
            if self._final(self.field.value):
                self.answer(self.field.value)
        elif event.key == "tab" and picks:
            self._offer()
            self._complete(self._next(picks.first(PickList)))
        elif event.key in ("up", "down") and picks:
            picks.first(PickList).move(-1 if event.key == "up" else 1)
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self._complete(message.value)
