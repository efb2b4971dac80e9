"""The search field of the list, with what it may go on with under it."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from pfinbox.i18n import _
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets.completion import CompletionField
from pfinbox.tui.widgets.words import Words


class SearchBar(Vertical):
    """Hidden until it is opened; what it says is done by the list."""

    @dataclass
    class Changed(Message):
        text: str

    class Submitted(Message):
        """The agent goes on to what was found."""

    class Left(Message):
        """Nothing is looked for any more."""

    class ScopeWanted(Message):
        """The search is to look in all tasks, or in the view alone again."""

    class KeepWanted(Message):
        """The search is to become a view."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(classes="-hidden", **kwargs)

    def compose(self) -> ComposeResult:
        line = Words(id="search-line")
        yield CompletionField(line, id="search", placeholder=_("words, #128, from: tag: before: …"))
        yield line

    @property
    def field(self) -> CompletionField:
        return self.query_one(CompletionField)

    def open(self, text: str) -> None:
        """Show the field and give it the focus, at once: the next key is already for it."""
        self.remove_class("-hidden")
        self.field.value = text
        self.field.focus(scroll_visible=False)

    def close(self) -> None:
        """An empty field is put away."""
        self.set_class(not self.field.value.strip(), "-hidden")

    def clear(self) -> None:
        self.field.value = ""

    def tell(self, words: str) -> None:
        """Keys that matter here, where no operator or value is offered."""
        self.field.otherwise = Content.styled(f" {words}", "$foreground-muted")
        self.field.offer()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        post_message(self, self.Changed(message.value.strip()))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        post_message(self, self.Submitted())

    def on_key(self, event: events.Key) -> None:
        messages = {
            "escape": self.Left,
            "down": self.Submitted,
            "ctrl+o": self.ScopeWanted,
            "ctrl+s": self.KeepWanted,
        }
        if event.key in messages:
            event.stop()
            post_message(self, messages[event.key]())
