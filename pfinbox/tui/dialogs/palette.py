"""The palette (ctrl+p): the commands of the table, found by typing.

Not Textual's own: that one looks for what is typed a little later, and enter, quickly typed, took
what had stood there before (R47).
"""

from collections.abc import Iterable

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.tui.dialogs.choose import Choose
from pfinbox.tui.shell.command import Command
from pfinbox.tui.shell.keymap import Keymap, spelled
from pfinbox.tui.widgets.pick_list import Item


def palette(keymap: Keymap, overlay: str = "") -> Choose:
    """Answers with the name of a command. Over a ``overlay``, what is under it is out of reach."""
    items = [
        Item(
            Content(command.help),
            command.name,
            Content.styled(_key(keymap, command), "$foreground-muted"),
            words=command.name,
        )
        for command in _offered(keymap, overlay)
    ]
    return Choose(Content(_("Commands")), items, placeholder=_("Find a command …"))


def _offered(keymap: Keymap, overlay: str) -> Iterable[Command]:
    """All commands but those that only move the cursor."""
    for command in keymap.commands.values():
        here = not overlay or overlay in command.where
        if here and command.group != "moving" and command.name != "palette":
            yield command


def _key(keymap: Keymap, command: Command) -> str:
    key = keymap.shown(command.name)
    return spelled(key) if key else f":{command.name}"
