"""``pfinbox backup DIR --keep N``: older backups beside the new one make room."""

import shutil
from pathlib import Path

from pfinbox.bootstrap.backups import manifest
from pfinbox.bootstrap.backups.manifest import NAME, BadBackup
from pfinbox.errors import NotFound


def remove_old(made: Path, keep: int) -> list[Path]:
    """Remove backups that are older than the ``keep`` newest ones; returns their folders.

    Only whole and verified backups of the same store count and go, those in folders beside
    ``made``, oldest first. Whatever else lies there, damaged backups among it, stays as it is.
    """
    made = made.resolve()
    store_id = manifest.verify(made).store_id
    found = sorted((at, folder) for folder, at in _sound(made.parent, store_id).items())
    removed = []
    for _at, folder in found[:-keep]:
        if folder != made:
            _remove(folder)
            removed.append(folder)
    return removed


def _sound(parent: Path, store_id: str) -> dict[Path, str]:
    """The folders with sound backups of this store, and when each was made."""
    found = {}
    for folder in parent.iterdir():
        if folder.is_symlink() or not (folder / NAME).is_file():
            continue
        try:
            said = manifest.verify(folder)
        except (BadBackup, NotFound, OSError):
            continue
        names = {path.name for path in folder.iterdir()}
        if said.store_id == store_id and names == {NAME, *said.files}:
            found[folder] = said.made_at
    return found


def _remove(folder: Path) -> None:
    """Half removed, a folder must not look like a damaged backup: its name goes first."""
    aside = folder.with_name(f".{folder.name}.removed")
    folder.rename(aside)
    shutil.rmtree(aside)
