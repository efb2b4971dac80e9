"""What a family of commands stands on: the panes that it acts on, and the changes that it makes."""

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from pfinbox.tui.commands.changes import Changes
from pfinbox.tui.main.layout import Layout
from pfinbox.tui.shell.context import Context, context


class Family:
    """Its public methods are handlers of the command table (``commands.table``).

    A family knows the layout, never the main screen, and holds nothing of a task between two keys.
    """

    def __init__(self, layout: Layout, changes: Changes) -> None:
        self.layout = layout
        self.changes = changes

    @property
    def context(self) -> Context:
        return context(self.layout)

    def push(self, dialog: Screen[Any], answered: Callable[[Any], None] | None = None) -> None:
        """Open a dialog; what it ends with goes to ``answered``."""
        self.layout.app.push_screen(dialog, answered)
