"""A damaged SQLite file: one sentence that says so, what to do, and where the last backup is."""

import contextlib
import json
import sqlite3
from datetime import datetime
from pathlib import Path

from pfinbox.errors import StoreDamaged
from pfinbox.i18n import _

# The primary codes of SQLite's results: SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html).
_CODES = {11, 26}


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite found the file itself to be broken."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and code is not None and code & 0xFF in _CODES


def damaged(path: Path | None, detail: str) -> StoreDamaged:
    """What a person is told of it."""
    found = _("the database {path} is damaged: {detail}").format(path=path, detail=detail)
    last = last_backup(path) if path is not None else None
    if last is None:
        hint = _("pfinbox db check says more; no backup of it is known")
    else:
        hint = _("pfinbox db check says more; the last backup is {folder} ({at})").format(
            folder=last[0], at=last[1]
        )
    return StoreDamaged(f"{found}; {hint}")


def last_backup(path: Path) -> tuple[str, str] | None:
    """Folder and moment (ISO 8601) of the last backup of this file, None when none is known."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        value = json.loads(_note(path).read_text("utf-8"))
        return str(value["folder"]), str(value["at"])
    return None


def note_backup(path: Path, folder: Path, at: datetime) -> None:
    """Beside the file: a note inside it would be damaged with it. Without one it works as well."""
    value = {"folder": str(folder.absolute()), "at": at.isoformat(timespec="seconds")}
    with contextlib.suppress(OSError):
        _note(path).write_text(json.dumps(value) + "\n", "utf-8")


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.last-backup")
