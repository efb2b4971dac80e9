"""Say what would happen, and ask: what it brings, then what can be done about it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.record import record
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.widgets.pick_list import Item, PickList


@record
class Question:
    """The lines to read, and the answers; none: it can only be closed."""

    lines: Sequence[Content]
    items: Sequence[Item]


class Ask(Dialog[Any]):
    """``load`` brings the question; keys typed ahead wait for it."""

    @dataclass
    class Loaded(Message):
        question: Question

    def __init__(self, title: Content, load: Callable[[], Awaitable[Question]]) -> None:
        super().__init__(title)
        self._load = load

    def body(self) -> list[Widget]:
        return [VerticalScroll(Static(id="ask-lines"), classes="ask-body"), PickList()]

    def hints(self) -> Content:
        return Content(_("↑↓ j k choose · space page · enter do it · esc leave"))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    def on_mount(self) -> None:
        context(self).hold_keys("choose")
        workers.read(self, "question", self._load, self.Loaded)

    def on_ask_loaded(self, message: Loaded) -> None:
        self.query_one("#ask-lines", Static).update(Content("\n").join(message.question.lines))
        self.pick_list.show(message.question.items)
        context(self).release_keys("choose")

    def on_failed(self) -> None:
        self.answer(None)
        context(self).drop_keys("choose")

    def on_key(self, event: events.Key) -> None:
        body = self.query_one(VerticalScroll)
        if event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            if self.pick_list.value is not None:
                self.answer(self.pick_list.value)
        elif event.key in ("up", "down") or event.character in tuple("jkол"):
            back = event.key == "up" or event.character in ("k", "л")
            self.pick_list.move(-1 if back else 1)
        elif event.key in ("space", "pagedown"):
            body.scroll_page_down(animate=False)
        elif event.key == "pageup":
            body.scroll_page_up(animate=False)
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self.answer(message.value)
