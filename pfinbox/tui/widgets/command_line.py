"""The ``:`` line: a command by its name, with an argument."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message

from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets.completion import CompletionField
from pfinbox.tui.widgets.words import Words


class CommandLine(CompletionField):
    """Hidden until ``:`` is pressed; ``line`` shows over it what tab would go on with."""

    @dataclass
    class Entered(Message):
        name: str
        argument: str

    class Left(Message):
        """Nothing is to be done."""

    def __init__(self, line: Words, **kwargs: Any) -> None:
        super().__init__(line, compact=True, select_on_focus=False, **kwargs)

    def open(self, text: str = ":") -> None:
        """Show the line and give it the focus."""
        self.add_class("-open")
        self.line.display = True
        self.value = text
        self.cursor_position = len(text)
        self.screen.set_focus(self, scroll_visible=False)

    def close(self) -> None:
        self.remove_class("-open")
        self.line.display = False

    async def _on_key(self, event: events.Key) -> None:
        """Handled here, not by a message: the keys behind ``enter`` are for another place."""
        if event.key not in ("escape", "enter"):
            return
        name, _blank, argument = self.value.strip().lstrip(":").partition(" ")
        self.close()
        # :save-search is typed more easily than :save_search.
        name = name.replace("-", "_")
        if event.key == "enter" and name:
            post_message(self, self.Entered(name, argument.strip()))
        else:
            post_message(self, self.Left())
        event.stop()
        event.prevent_default()
