"""What goes along with a text: a file of this machine, or one that is in the store already."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfinbox.domain.contract.files import File, Weighed
from pfinbox.services import queries
from pfinbox.store.rows import AttachmentRow
from pfinbox.tui.shell.machine import Machine, media_type

if TYPE_CHECKING:
    from pfinbox.services.inbox import Inbox

# In the store: of a comment that was taken back.
Attached = Path | AttachmentRow


async def contents(files: Sequence[Attached], machine: Machine, inbox: "Inbox") -> tuple[File, ...]:
    """Their names and bytes; raises OSError, and NotFound for what was purged meanwhile."""
    return tuple(
        [
            await asyncio.to_thread(machine.read, file)
            if isinstance(file, Path)
            else File(
                file.name, file.media_type, await inbox.read(queries.attachment_content, file.id)
            )
            for file in files
        ]
    )


def weighed(files: Sequence[Attached]) -> list[Weighed]:
    """What is known of them without their bytes; a file that is gone is found missing later."""
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            kind = media_type(file) if isinstance(file, Path) else file.media_type
            found.append(Weighed(file.name, kind, size(file)))
    return found


def size(file: Attached) -> int:
    """In bytes; raises OSError."""
    return file.stat().st_size if isinstance(file, Path) else file.size


def as_json(file: Attached) -> Any:
    """As a draft keeps it."""
    if isinstance(file, Path):
        return str(file)
    return [file.id, file.name, file.media_type, file.size, file.sha256]


def from_json(kept: Any) -> Attached:
    return Path(kept) if isinstance(kept, str) else AttachmentRow(*kept)
