"""Compiles the catalogues: each language's ``pfinbox.po`` to the ``.mo`` beside it.

Run by the build (``hatch_build.py``) and before the tests; it imports nothing of pfinbox.
"""

from datetime import UTC, datetime
from pathlib import Path


def compile_catalogues(folder: Path, *, stale_only: bool = False) -> list[Path]:
    """The files written; with ``stale_only`` those that are missing or older than their source."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if stale_only and target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        # Here, since every test run asks whether something is stale, and nothing is.
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        with source.open("rb") as read:
            catalog = read_po(read, locale=source.parts[-3], abort_invalid=True)
        # Not the present: the same source gives the same bytes.
        catalog.creation_date = catalog.revision_date = datetime.fromtimestamp(0, UTC)
        # In one step: another process may be reading the old one.
        new = target.with_suffix(".mo.new")
        with new.open("wb") as opened:
            write_mo(opened, catalog)
        new.replace(target)
        written.append(target)
    return written
