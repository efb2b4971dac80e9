"""Ask for a file to attach."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.content import Content
from textual.screen import Screen

from pfinbox.i18n import _
from pfinbox.tui.dialogs.prompt import Prompt
from pfinbox.tui.shell.context import context


def ask_file(screen: Screen[Any], attach: Callable[[Path], None], typed: str | None = None) -> None:
    """``attach`` gets the file that is chosen, or at once the one whose path was ``typed``."""
    machine = context(screen).machine

    def answered(text: str | None) -> None:
        path = machine.file_at(text) if text else None
        if path is not None:
            attach(path)
        elif text:
            context(screen).say(_("There is no file {path}").format(path=text), trouble=True)

    if typed:
        answered(typed)
        return
    prompt = Prompt(
        Content(_("Attach a file")),
        completions=machine.completions,
        final=lambda text: machine.file_at(text) is not None,
    )
    screen.app.push_screen(prompt, answered)
