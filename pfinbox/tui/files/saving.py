"""Where a client's file is put on the agent's machine: never over another one."""

import getpass
import os
import platform
import shlex
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pfinbox.errors import PfinboxError
from pfinbox.i18n import _

_TRIES = 1000
# What programs only show. Whatever else there is may run something when it is opened.
_SHOWN = """
7z avif bmp csv docx eml flac gif gz heic ics jpeg jpg json log m4a md mkv mov mp3 mp4 odp ods odt
oga ogg opus pdf png pptx rar rtf tar tif tiff tsv txt vcf wav webm webp xlsx xml xz zip
"""
SHOWN = frozenset(_SHOWN.split())


def may_run(name: str) -> bool:
    """Whether opening a file of this name could do more than show it."""
    return name.rpartition(".")[2].casefold() not in SHOWN


def save(path: Path, content: bytes) -> Path:
    """Write a new file for this user alone; where one is already, beside it: ``name (2).pdf``."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(1, _TRIES):
            beside = f"{path.stem} ({number}){path.suffix}" if number > 1 else path.name
            place = path.with_name(beside)
            try:
                descriptor = os.open(place, flags, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            return place
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the name.
        detail = getattr(error, "strerror", None) or error
        raise PfinboxError(
            _("{path} cannot be written: {detail}").format(path=path, detail=detail)
        ) from error
    raise PfinboxError(_("there are too many files called {path}").format(path=path))


@cache
def _copies() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="pfinbox-open-")


def save_to_open(name: str, content: bytes) -> Path:
    """A copy for another program, in a folder of this user's own that goes with this program."""
    return save(Path(_copies().name) / name, content)


def fetching(command: Sequence[str], name: str) -> str:
    """The line that fetches the file to the machine from which the agent came by ssh.

    ``command``: what writes the file to stdout here. The address is the one that ssh was given
    (SSH_CONNECTION: client's address and port, ours and port), else this machine's name.
    """
    came = os.environ.get("SSH_CONNECTION", "").split()
    host, port = (came[2], came[3]) if len(came) == 4 else (platform.node(), "22")
    ssh = ["ssh", *(["-p", port] if port != "22" else []), f"{getpass.getuser()}@{host}"]
    # Read by two shells: the one there gets it as a whole.
    there = shlex.join([*command, "--to", "-"])
    return f"{shlex.join([*ssh, there])} > {shlex.quote(f'./{name}')}"
