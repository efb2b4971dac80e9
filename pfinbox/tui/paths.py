"""Completing a path to a file on the agent's machine."""

import os
from collections.abc import Callable
from pathlib import Path

_MOST = 200


def completing(folder: Path | None) -> Callable[[str], list[str]]:
    """As ``complete``; before anything is typed, the files of ``folder``, the newest first."""

    def completions(typed: str) -> list[str]:
        return newest(folder) if folder is not None and not typed else complete(typed)

    return completions


def newest(folder: Path) -> list[str]:
    """The files that lie in ``folder``, by the time of their last change."""
    try:
        with os.scandir(folder) as found:
            files = [e for e in found if e.is_file() and not e.name.startswith(".")]
            files.sort(key=lambda e: e.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return [str(folder / entry.name) for entry in files[:_MOST]]


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
