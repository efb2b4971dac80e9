"""What the pages of the first start share: a frame, words to read, and lines to choose from."""

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell.key_queue import KeyQueue
from pfinbox.tui.widgets.pick_list import Item, PickList


class Page(Dialog[Any]):
    """Escape answers None: one step back. Keys wait from an answer until the next page is there."""

    def on_mount(self) -> None:
        self.start()
        if isinstance(self.app, KeyQueue):
            self.app.release_keys("page")

    def start(self) -> None:
        """Give the focus to what keys are for."""

    def answer(self, result: Any) -> None:
        if self.is_current and isinstance(self.app, KeyQueue):
            # Finding likely servers may take some seconds.
            self.app.hold_keys("page", patience=30)
        super().answer(result)


class Pick(Page):
    """Something to read, then what can be done about it."""

    def __init__(self, title: Content, words: Sequence[Content], items: Sequence[Item]) -> None:
        super().__init__(title)
        self.words = words
        self.items = items
        # The value that the cursor begins on; None: the first one.
        self.on: Any = None
        # What escape does here.
        self.escape = _("back")

    def body(self) -> list[Widget]:
        picks = PickList(id="ways")
        picks.can_focus = True
        if not self.words:
            return [picks]
        return [Static(Content("\n").join(self.words), classes="setup-words"), picks]

    def hints(self) -> Content:
        return Content(_("↑↓ choose · enter do it · esc {what}").format(what=self.escape))

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    def start(self) -> None:
        self.pick_list.show(self.items)
        if self.on is not None:
            self.pick_list.put_cursor(self.on)
        self.pick_list.focus()

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.answer(None)
        elif event.key == "enter":
            if self.pick_list.value is not None:
                self.answer(self.pick_list.value)
        elif event.key in ("up", "down", "tab", "shift+tab") or event.character in tuple("jkол"):
            back = event.key in ("up", "shift+tab") or event.character in ("k", "л")
            self.pick_list.move(-1 if back else 1)
        elif event.key in ("space", "pagedown", "pageup"):
            for body in self.query(VerticalScroll):
                step = -1 if event.key == "pageup" else 1
                body.scroll_relative(y=step * body.size.height, animate=False)
        else:
            return
        event.stop()

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self.answer(message.value)
