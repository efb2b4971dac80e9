"""A field in which tab goes on with what is typed, and the line that shows by what."""

from collections.abc import Callable, Sequence
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import safe
from pfinbox.tui.widgets.words import Words

_QUIET = "$foreground-muted"
# What of a text stays, and what may stand behind it, best first.
Following = Callable[[str], tuple[str, Sequence[str]]]


class CompletionField(Input):
    """Tab puts the first of what is offered in place, once more the next; enter takes the text.

    Nothing is highlighted before tab is pressed: what enter takes is what stands in the field.
    """

    class Wanted(Message):
        """The agent begins to type: the names that may be offered should be those of now."""

    def __init__(self, line: Words, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.line = line
        self.following: Following = lambda _text: ("", ())
        # What the line says where nothing is offered.
        self.otherwise = Content("")
        # What was offered for the text as it was typed, and which of them tab has put in place.
        self._offered: tuple[str, Sequence[str]] = ("", ())
        self._at: int | None = None
        # More is being looked for; and how far tab was to go on then.
        self.awaits = False
        self._pending = 0
        # So much of each stands in the field already, and is not shown again.
        self._known = 0

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        if has_focus:
            post_message(self, self.Wanted())
        self.offer()

    def watch_value(self) -> None:
        self.offer()

    def offer(self) -> None:
        """Show what tab would put in place now."""
        if not self.has_focus:
            self.line.write(Content(""))
            return
        stands, offered = self._offered
        if self._at is None or self.value != stands + offered[self._at]:
            stands, offered = self._look()
        line = self.otherwise
        if offered:
            parts = [Content.styled(" tab", "$text-accent")]
            for n, one in enumerate(offered[self._at or 0 :]):
                style = "bold $foreground" if self._at is not None and not n else _QUIET
                parts.append(safe.line(one[self._known :], style))
            line = Content("  ").join(parts)
        self.line.write(line.truncate(max(self.line.size.width, 1), ellipsis=True))

    def _look(self) -> tuple[str, Sequence[str]]:
        """What may follow the text as it stands."""
        self._at, self._offered = None, self.following(self.value)
        stands, _offered = self._offered
        # The operator before a value is typed already.
        self._known = self.value.rfind(":", len(stands)) + 1 - len(stands)
        self._known = max(self._known, 0)
        return self._offered

    def complete(self, step: int) -> None:
        """Put what is offered in place; the only one leads on to what may follow it."""
        stands, offered = self._offered
        if offered:
            at = (self._at + step if self._at is not None else min(step, 0)) % len(offered)
            # Known before the value changes: by that the line is drawn.
            self._at = at
            self.value = stands + offered[at]
            self.cursor_position = len(self.value)
            if len(offered) == 1:
                self._look()
                self.offer()

    def found(self) -> None:
        """What was being looked for is known; a tab that waited for this goes on."""
        self.awaits = False
        self.offer()
        pending, self._pending = self._pending, 0
        if pending:
            self.complete(pending)
            context(self).release_keys("complete")

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("tab", "shift+tab"):
            step = 1 if event.key == "tab" else -1
            if self.awaits and self._at is None:
                # Tab must not put another one in place than the line is about to show (R47).
                self._pending = step
                context(self).hold_keys("complete")
            else:
                self.complete(step)
            event.stop()
            event.prevent_default()
