"""The bottom line: the keys that matter now; a click on one does the same."""

from typing import Any, ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.timer import Timer

from pfinbox.tui.shell.command import OVERLAYS, TASK
from pfinbox.tui.shell.context import context
from pfinbox.tui.shell.keymap import spelled
from pfinbox.tui.shell.post_message import post_message
from pfinbox.tui.widgets import paint, safe
from pfinbox.tui.widgets.words import Words

NOTICE = 4.0


class HintLine(Words):
    """Labels of the command table for one place, as many as fit into ``lines``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hint--key",
        "hint--label",
        "hint--prefix",
        "hint--notice",
    }

    class Clicked(Message):
        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self, lines: int = 1, **kwargs: Any) -> None:
        super().__init__(lambda: self.show(self.place, self.prefix), **kwargs)
        self.lines = lines
        self.place = "list"
        self.prefix = ""
        # A comment is selected: the keys for it matter now.
        self.on_comment = False
        # Commands that have nothing to work on now.
        self.without: frozenset[str] = frozenset()
        self._notice: Content | None = None
        self._timer: Timer | None = None
        # What the line was last written for: most keys change nothing of that.
        self._written_for: object = None

    def say(self, sentence: str) -> None:
        """A sentence in place of the keys, for some seconds or until the next key."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(NOTICE, self._said)
        self._notice = Content.assemble(" ", safe.line(sentence, "hint--notice"))
        self.show(self.place, self.prefix)

    def hush(self) -> None:
        """The agent goes on working: the keys again."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._notice = None

    def _said(self) -> None:
        self.hush()
        self.show(self.place, self.prefix)

    def show(self, place: str, prefix: str = "") -> None:
        """The keys of ``place``; after a ``prefix`` what may follow it."""
        self.place, self.prefix = place, prefix
        room = self.content_size.width
        wanted = (place, prefix, room, self.on_comment, self.without, self._notice)
        if wanted == self._written_for:
            return
        self._written_for = wanted
        keymap = context(self).keymap
        here = [
            c for c in keymap.commands.values() if place in c.where and c.name not in self.without
        ]
        if self._notice is not None and not prefix:
            self.write(paint.resolved(self, self._notice))
            return
        lines = self.lines
        parts: list[Content] = []
        if prefix:
            offered = [
                (key.removeprefix(f"{prefix} "), command)
                for command in here
                for key in keymap.keys[command.name]
                if key.startswith(f"{prefix} ")
            ]
            parts.append(Content.styled(f" {prefix} … ", "hint--prefix"))
            room -= parts[0].cell_length
        else:
            # An overlay is visited now and then: its own keys are all shown.
            own = [c for c in here if place in OVERLAYS and c.hint is None]
            own = [c for c in own if c.group not in ("moving", "views")]
            hinted = sorted((c for c in here if c.hint is not None), key=lambda c: c.hint or 0)
            if self.on_comment and place == TASK:
                hinted = [c for c in hinted if c.name in ("help", "reply", "back")]
                hinted[2:2] = [c for c in here if c.group == "comment"]
            hinted = [*hinted, *own]
            offered = [(keymap.shown(c.name), c) for c in hinted if keymap.shown(c.name)]
        for key, command in offered:
            label = command.label.lower() if prefix else command.label
            meta = Style.from_meta({"command": command.name})
            hint = Content.assemble(
                (f" {spelled(key)}", "hint--key"), (f" {label} ", "hint--label")
            ).stylize(meta)
            if hint.cell_length > room:
                lines, room = lines - 1, self.content_size.width
                if lines == 0 or hint.cell_length > room:
                    break
                parts.append(Content("\n"))
            room -= hint.cell_length
            parts.append(hint)
        self.write(paint.resolved(self, Content.assemble(*parts)))

    def notify_style_update(self) -> None:
        self._written_for = None
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        command = event.style.meta.get("command")
        if isinstance(command, str):
            post_message(self, self.Clicked(command))
