"""The text field of the composer; the keys of the command table come before its own."""

from collections.abc import Callable
from typing import Any

from rich.text import Text
from textual import events
from textual.widgets import TextArea

from pfinbox.domain.text.cleaning import clean
from pfinbox.tui.shell.command import COMPOSER
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import token
from pfinbox.tui.widgets.long_line import LONG, LongLine


class TextBox(TextArea):
    """A plain text area. Textual calls the handlers of the base class after these here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            compact=True,
            highlight_cursor_line=False,
            **kwargs,
        )
        # Keys of a list that is open under the text.
        self.take_key: Callable[[str], bool] = lambda _key: False
        # What stands here is fixed: nothing can be typed.
        self.fixed = False
        self._rows: dict[tuple[str, tuple[int, ...]], list[Text]] = {}

    def get_line(self, line_index: int) -> Text:
        line = self.document.get_line(line_index)
        if len(line) < LONG:
            return super().get_line(line_index)
        return LongLine(line, self._rows)

    async def _on_key(self, event: events.Key) -> None:
        if self.take_key(event.key):
            event.stop()
            event.prevent_default()
        elif context(self).keymap.find(COMPOSER, token(event)) is not None:
            # Left to the screen, which knows the commands; in order with what was typed before.
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        # What comes from the clipboard comes from outside.
        event.stop()
        event.prevent_default()
        self.type(clean(event.text))

    def type(self, text: str) -> None:
        """Put text in place of the selection, as if typed."""
        if self.fixed:
            return
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)

    def fix(self, fixed: bool) -> None:
        """Let nothing be typed from now on, or let it again."""
        self.fixed = self.read_only = fixed

    def hold(self, held: bool) -> None:
        """For a while nothing can be typed; then again, unless it is fixed."""
        self.read_only = held or self.fixed

    def put(self, text: str) -> None:
        """Set the text, with the cursor at its end."""
        self.load_text(clean(text))
        self.move_cursor(self.document.end)

    def put_before(self, text: str) -> None:
        """Put a draft that arrives late before what has been typed meanwhile."""
        row, column = self.cursor_location
        before = clean(text).rstrip("\n") + "\n\n"
        self.insert(before, (0, 0), maintain_selection_offset=False)
        self.move_cursor((row + before.count("\n"), column))
