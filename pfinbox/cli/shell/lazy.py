"""Groups of commands that import a command when it is used, so that help comes at once."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from pfinbox.cli.shell.speaking import Group
from pfinbox.i18n import _
from pfinbox.importing import kept

# Name of a command -> where it is ("module:attribute") and one line of help, marked by N_.
Commands = Mapping[str, tuple[str, str]]


class LazyGroup(Group):
    """A group that knows its commands by name and line only."""

    def __init__(self, *args: Any, lazy: Commands, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, _colon, attribute = self._lazy[cmd_name][0].partition(":")
        with kept():
            command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, (_where, line) in self._lazy.items()])
