"""Paths that an agent types."""

import os
from pathlib import Path

from pfinbox.errors import PfinboxError
from pfinbox.i18n import _

_MOST = 200


def newest(folder: Path) -> list[Path]:
    """The files that lie in ``folder``, by the time of their last change."""
    try:
        with os.scandir(folder) as found:
            files = [
                e for e in found if e.is_file(follow_symlinks=False) and not e.name.startswith(".")
            ]
            files.sort(key=lambda e: e.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [folder / entry.name for entry in files[:_MOST]]


def complete(typed: str) -> list[str]:
    """Files and folders that ``typed`` may go on with; folders end in ``/`` and come first."""
    folder, _slash, begun = typed.rpartition("/")
    try:
        place = Path(os.path.expanduser(f"{folder}/")) if _slash else Path.cwd()
        with os.scandir(place) as found:
            entries = sorted(found, key=lambda e: (not e.is_dir(), e.name.casefold()))
    except (OSError, ValueError):
        return []
    matching = [
        entry
        for entry in entries
        if entry.name.casefold().startswith(begun.casefold())
        and (begun.startswith(".") or not entry.name.startswith("."))
    ]
    prefix = f"{folder}/" if _slash else ""
    return [f"{prefix}{entry.name}{'/' if entry.is_dir() else ''}" for entry in matching[:_MOST]]


def file_at(typed: str) -> Path | None:
    """The file that was typed, None when there is none."""
    path = os.path.expanduser(typed.strip())
    # A name may be too long, or in a folder that is not for this user: then there is none.
    return Path(path) if os.path.isfile(path) else None


def place(typed: str, name: str) -> Path:
    """The path that was typed to save at; ``name`` inside it where it is a folder."""
    try:
        path = Path(typed.strip()).expanduser()
    except RuntimeError as error:  # there is no such user
        raise PfinboxError(
            _("{path} cannot be written: {detail}").format(path=typed, detail=error)
        ) from error
    inside = typed.strip().endswith("/") or os.path.isdir(path)
    return path / name if inside else path


def downloads() -> Path:
    """Where a desktop's programs save files; else where pfinbox was called."""
    folder = os.path.expanduser("~/Downloads")
    return Path(folder if os.path.isdir(folder) else ".")
