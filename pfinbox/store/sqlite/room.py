"""Whether a disk has room for another message."""

import shutil
from collections.abc import Callable
from pathlib import Path

from pfinbox.domain.contract.reason import Reason

# Less than this is no room: SQLite's log alone grows by more.
ENOUGH = 1 << 20


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def full(path: Path, free: Callable[[Path], int] = _free) -> Reason | None:
    """Why nothing can be stored in this file any more; ``free`` gives the bytes of a folder."""
    try:
        if free(path.parent) >= ENOUGH:
            return None
    except OSError:
        return None  # what is wrong then shows elsewhere
    return Reason("disk_full", {"folder": str(path.parent)})
