"""Lists for people: aligned columns, local times."""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from pfinbox.domain.text.cleaning import clean_line


def aligned(rows: Sequence[Sequence[str]], widest: int = 50) -> Iterator[str]:
    """Each row as one line; the last column takes what it needs, the others at most ``widest``."""
    cut = [[clean_line(cell, widest) for cell in row[:-1]] + [clean_line(row[-1])] for row in rows]
    widths = [max(map(cells, column)) for column in zip(*cut, strict=True)]
    for row in cut:
        line = [cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(line).rstrip()


def cells(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def local(moment: datetime | None, zone: tzinfo | None) -> str:
    """A moment on the reader's clock; nothing for none."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment is not None else ""
