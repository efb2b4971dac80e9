"""Commands and options whose help is in the reader's language.

Their help is written as ``help=N_("...")`` and looked up each time that it is shown: they are
made when their module is imported, and by then the language may not be chosen.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pfinbox.i18n import _

AnyFunction = Callable[..., Any]
F = TypeVar("F", bound=Callable[..., Any])


class _Translated:
    _help: str | None = None

    @property
    def help(self) -> str | None:
        return _(self._help) if self._help else self._help

    @help.setter  # noqa: A003 - it is click's name
    def help(self, value: str | None) -> None:
        self._help = value


class Command(_Translated, click.Command):
    """``click.Command``, its help looked up when it is shown."""


class Group(_Translated, click.Group):
    """``click.Group``, likewise; its commands are Commands."""

    command_class = Command
    group_class = type


class Option(_Translated, click.Option):
    """``click.Option``, likewise."""


def command(name: str | None = None, **settings: Any) -> Callable[[AnyFunction], Command]:
    """``click.command``, its help looked up when it is shown."""
    return click.command(name, cls=Command, **settings)


def group(name: str | None = None, **settings: Any) -> Callable[[AnyFunction], Group]:
    """``click.group``, likewise."""
    return click.group(name, cls=Group, **settings)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """``click.option``, likewise."""
    return click.option(*names, cls=Option, **settings)
