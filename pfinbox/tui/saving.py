"""Where a client's file is put on the agent's machine: never over another one."""

import os
import shlex
import tempfile
from pathlib import Path

from pfinbox.domain.filename import safe_name
from pfinbox.errors import PfinboxError
from pfinbox.i18n import _

_TRIES = 1000
# What a desktop would run, not show.
_RUNNABLE = """
apk appimage bat cmd com command cpl deb desktop dll dmg exe hta htm html iso jar js jse lnk msi
pif pkg ps1 py reg rpm scr sh svg url vbe vbs wsf xhtml
"""
RUNNABLE = frozenset(_RUNNABLE.split())


def file_name(name: str, attachment_id: int) -> str:
    """What the file is called here, at most 200 bytes, its ending kept."""
    whole = safe_name(name) or f"attachment-{attachment_id}"
    stem, ending = os.path.splitext(whole)
    ending = ending if len(ending.encode()) <= 40 else ""
    room = 200 - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + ending


def runnable(name: str) -> bool:
    """Whether opening such a file could run something."""
    return name.rpartition(".")[2].casefold() in RUNNABLE


def default_folder(drop_folder: Path | None) -> Path:
    """Where files are saved unless the agent says otherwise."""
    if drop_folder is not None:
        return drop_folder
    downloads = Path.home() / "Downloads"
    return downloads if downloads.is_dir() else Path.cwd()


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
    except OSError as error:
        raise PfinboxError(
            _("{path} cannot be written: {detail}").format(path=path, detail=error.strerror)
        ) from error
    raise PfinboxError(_("there are too many files called {path}").format(path=path))


def save_to_open(name: str, content: bytes) -> Path:
    """A copy for another program, in a folder of this user's own."""
    return save(Path(tempfile.mkdtemp(prefix="pfinbox-open-")) / name, content)


def fetching(attachment_id: int, name: str, host: str) -> str:
    """The line that fetches the file to another machine, for its shell."""
    return f"ssh {shlex.quote(host)} pfinbox attachment get {attachment_id} --to - > " + (
        shlex.quote(f"./{name}")
    )
