"""The fields of a mail above its text; the keys of the composer come before their own."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from pfinbox.tui.shell.command import COMPOSER
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import token
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import safe

# Left to the sheet, and to the list under a field.
_WALKS = ("tab", "shift+tab", "enter", "escape", "up", "down")


class MailField(Input):
    """One line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(compact=True, select_on_focus=False, **kwargs)

    async def _on_key(self, event: events.Key) -> None:
        known = context(self).keymap.find(COMPOSER, token(event)) is not None
        if event.key in _WALKS or (known and not event.is_printable):
            event.prevent_default()


class Turning(Static, can_focus=True):
    """One of a few values; left and right turn to another one."""

    @dataclass
    class Turned(Message):
        value: str

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.values: tuple[str, ...] = ()
        self.value = ""

    def offer(self, values: tuple[str, ...], value: str) -> None:
        """What there is to turn to; with one value there is nothing to stop at."""
        self.values = values
        self.value = value if value in values else next(iter(values), "")
        self.can_focus = len(values) > 1
        self._draw()

    def _draw(self) -> None:
        more = f"  ◂▸ {len(self.values)}" if len(self.values) > 1 else ""
        self.update(Content.assemble(safe.line(self.value), (more, "$foreground-muted")))

    def on_key(self, event: events.Key) -> None:
        step = {"left": -1, "right": 1, "space": 1}.get(event.key)
        if step is not None and len(self.values) > 1:
            event.stop()
            at = self.values.index(self.value)
            self.value = self.values[(at + step) % len(self.values)]
            self._draw()
            post_message(self, self.Turned(self.value))
