"""A list over the panes with keys of its own from the command table: outbox, quarantine."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from pfinbox.i18n import _
from pfinbox.tui.dialogs.dialog import Dialog
from pfinbox.tui.shell import workers
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import token
from pfinbox.tui.shell.unused_keys import UnusedKeys
from pfinbox.tui.widgets.hint_line import HintLine
from pfinbox.tui.widgets.pick_list import Item, PickList


class Overlay(Dialog[Any]):
    """``place`` is its column of the command table; a command is a method ``command_NAME``."""

    place: ClassVar[str] = ""
    # Commands on the row under the cursor, which may have left the list meanwhile (R47).
    on_row: ClassVar[frozenset[str]] = frozenset()
    # Those on all rows; where there is none, neither these nor those are offered.
    on_all: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, title: Content) -> None:
        super().__init__(title)
        self._prefix = ""
        self._unused = UnusedKeys()

    def body(self) -> list[Widget]:
        rows = PickList()
        # Keys that are typed ahead wait until a dialog has the focus.
        rows.can_focus = True
        return [rows, Static(classes="overlay-detail"), HintLine(lines=2, classes="overlay-hints")]

    @property
    def pick_list(self) -> PickList:
        return self.query_one(PickList)

    @property
    def rows_widget(self) -> Widget:
        """What has the focus."""
        return self.pick_list

    @property
    def hint_line(self) -> HintLine:
        return self.query_one(HintLine)

    def on_mount(self) -> None:
        # What is typed ahead must meet the rows that it is meant for.
        context(self).hold_keys("choose")
        self.rows_widget.focus()
        self.hint_line.show(self.place)
        self.reload()

    def reload(self, topics: frozenset[str] | None = None) -> None:
        """Read again what is shown; ``topics``: what changed, None: everything."""

    def show_rows(self, items: Sequence[Item], *words: str) -> None:
        """These rows; where there are none, ``words``: why, and what leads to one."""
        self.pick_list.show(items or [Item(Content(words[0]))], keep=True)
        if not self.pick_list.values:
            self.pick_list.show([Item(Content(line)) for line in words])
        self.hint_line.without = frozenset() if self.pick_list.values else self.on_row | self.on_all
        self.hint_line.show(self.place)

    def say(self, sentence: str) -> None:
        self.hint_line.say(sentence)

    def changed(self) -> None:
        """The cursor is on another row, or the row is another."""

    def on_failed(self, message: workers.Failed) -> None:
        """It bubbles on to the app, which says it."""
        context(self).drop_keys("choose")

    # --- keys -----------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        prefix, self._prefix = self._prefix, ""
        self.hint_line.hush()
        found = context(self).keymap.find(self.place, token(event), prefix)
        if found is not None:
            event.stop()
            if found.command is None:
                self._prefix = found.prefix
            else:
                self.run_command(found.command)
        else:
            key = f"{prefix} {token(event)}".strip()
            if words := self._unused.words(context(self).keymap, self.place, key):
                self.say(words)
        self.hint_line.show(self.place, self._prefix)

    def run_command(self, name: str) -> None:
        """Do what a key, the palette or a click asks for."""
        if name in self.on_row and self.pick_list.gone:
            self.say(_("This is no longer here; nothing was done."))
        elif (method := getattr(self, f"command_{name}", None)) is not None:
            method()
        else:
            # Another view: that is what the panes under this list show.
            self.answer(None)
            context(self).run_command(name)

    def on_hint_line_clicked(self, message: HintLine.Clicked) -> None:
        self.run_command(message.command)

    def on_pick_list_clicked(self, message: PickList.Clicked) -> None:
        self.changed()

    def _move(self, step: int) -> None:
        self.pick_list.move(step)
        self.changed()

    def command_down(self) -> None:
        self._move(1)

    def command_up(self) -> None:
        self._move(-1)

    def command_page_down(self) -> None:
        self._move(max(self.pick_list.size.height - 1, 1))

    def command_page_up(self) -> None:
        self._move(-max(self.pick_list.size.height - 1, 1))

    def command_top(self) -> None:
        self._move(-len(self.pick_list.shown))

    def command_bottom(self) -> None:
        self._move(len(self.pick_list.shown))

    def command_help(self) -> None:
        context(self).open_help(self.place)

    def command_back(self) -> None:
        self.answer(None)
