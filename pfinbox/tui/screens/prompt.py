"""Ask for one line of text: tags, a path (with completion)."""

from collections.abc import Callable, Sequence

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from pfinbox.i18n import _
from pfinbox.tui import safe
from pfinbox.tui.screens.dialog import Dialog
from pfinbox.tui.widgets.pick_list import FilterField, Item, PickList

# What could the text go on with? Whole texts, best first.
Completions = Callable[[str], Sequence[str]]


class Prompt(Dialog[str]):
    """Enter answers with the text; tab completes it from what ``completions`` offers."""

    def __init__(
        self,
        title: Content,
        value: str = "",
        *,
        completions: Completions | None = None,
        final: Callable[[str], bool] = bool,
    ) -> None:
        super().__init__(title)
        self._value = value
        self._completions = completions
        # Whether a text may be the answer; a folder is not a file yet.
        self._final = final

    def body(self) -> list[Widget]:
        passed = ("up", "down", "enter", "escape", "tab")
        widgets: list[Widget] = [FilterField(passed, value=self._value, id="answer")]
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
            offered = self._completions(self.field.value)
            self.query_one(PickList).show([Item(safe.line(text), text) for text in offered])

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
            if self._final(self.field.value):
                self.answer(self.field.value)
            elif picks:
                self._complete(picks.first(PickList).value)
                if self._final(self.field.value):
                    self.answer(self.field.value)
        elif event.key == "tab" and picks:
            self._complete(picks.first(PickList).value)
        elif event.key in ("up", "down") and picks:
            picks.first(PickList).move(-1 if event.key == "up" else 1)
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self._complete(message.value)
