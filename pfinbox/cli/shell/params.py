"""Kinds of arguments that several commands take."""

import mimetypes
from pathlib import Path
from typing import Any

import click

from pfinbox.domain.contract.files import File
from pfinbox.i18n import _


class _Id(click.ParamType[int]):
    """The number of a task, comment, contact …; people copy it with its #."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        digits = str(value).removeprefix("#")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            self.fail(_("{value} is no number").format(value=repr(value)), param, ctx)
        return int(digits)


ID = _Id()
FILE = click.Path(exists=True, dir_okay=False, allow_dash=True)


def read_text(text: str | None, file: str | None) -> str | None:
    """What ``--text`` says, or the file that ``--text-file`` names (- is stdin)."""
    if text is not None and file is not None:
        raise click.UsageError(_("give --text or --text-file, not both"))
    if file is None:
        return text
    try:
        with click.open_file(file, "rb") as opened:
            return bytes(opened.read()).decode()
    except OSError as error:
        raise click.UsageError(
            _("{file} cannot be read: {detail}").format(file=file, detail=error.strerror)
        ) from error
    except UnicodeDecodeError as error:
        raise click.UsageError(_("{file} is not UTF-8 text").format(file=file)) from error


def read_file(path: str) -> File:
    """A file to send, with the type that its name promises."""
    try:
        with click.open_file(path, "rb") as opened:
            content = bytes(opened.read())
    except OSError as error:
        raise click.UsageError(
            _("{file} cannot be read: {detail}").format(file=path, detail=error.strerror)
        ) from error
    media_type, encoding = mimetypes.guess_type(path)
    if media_type is None or encoding is not None:
        # Of a .tar.gz it names what is inside, not the file itself.
        media_type = "application/octet-stream"
    return File(Path(path).name, media_type, content)
