"""Where a file goes that a command was asked for."""

import os
from pathlib import Path

from pfinbox.cli.shell.output import print_bytes, print_lines
from pfinbox.errors import PfinboxError, Refused
from pfinbox.i18n import _


def put(content: bytes, to: str | None, name: str) -> None:
    """Where ``to`` says, - is stdout; else under ``name`` in the current folder."""
    if to == "-":
        print_bytes(content)
        return
    path = Path(to) if to is not None else Path(name)
    _save(path, content, overwrite=to is not None)
    print_lines([str(path)])


def _save(path: Path, content: bytes, *, overwrite: bool) -> None:
    """A name that a sender chose never overwrites anything."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if overwrite else os.O_EXCL | os.O_NOFOLLOW)
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Refused(
            _("{path} exists already; say where to save it: --to FILE").format(path=path)
        ) from error
    except OSError as error:
        raise PfinboxError(
            _("{path} cannot be written: {detail}").format(path=path, detail=error.strerror)
        ) from error
