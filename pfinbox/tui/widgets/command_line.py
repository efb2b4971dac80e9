"""The ``:`` line: a command by its name, with an argument."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input

from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message


class CommandLine(Input):
    """Hidden until ``:`` is pressed."""

    @dataclass
    class Entered(Message):
        name: str
        argument: str

    class Left(Message):
        """Nothing is to be done."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(compact=True, **kwargs)

    def on_mount(self) -> None:
        names = sorted(f":{name}" for name in context(self).keymap.commands)
        self.suggester = SuggestFromList(names, case_sensitive=False)

    def open(self, text: str = ":") -> None:
        """Show the line and give it the focus."""
        self.add_class("-open")
        self.value = text
        self.cursor_position = len(text)
        self.screen.set_focus(self, scroll_visible=False)

    def close(self) -> None:
        self.remove_class("-open")

    async def _on_key(self, event: events.Key) -> None:
        """Handled here, not by a message: the keys behind ``enter`` are for another place."""
        if event.key == "tab":
            self.action_cursor_right()
        elif event.key in ("escape", "enter"):
            name, _blank, argument = self.value.strip().lstrip(":").partition(" ")
            self.close()
            # :save-search is typed more easily than :save_search.
            name = name.replace("-", "_")
            if event.key == "enter" and name:
                post_message(self, self.Entered(name, argument.strip()))
            else:
                post_message(self, self.Left())
        else:
            return
        event.stop()
        event.prevent_default()
