"""An image in the cells of a terminal: every cell is two pixels, an upper and a lower half.

So it works in every terminal with colours, over ssh and in tmux. A terminal's own graphics would
be finer, but to learn whether it has them one must ask it and read the answer from the keyboard.
"""

import asyncio
import os

from textual.color import Color
from textual.content import Content
from textual.style import Style

from pfinbox.tui.files.sandbox import read_sandboxed

_UPPER = "▀"


async def picture(image: bytes, width: int, height: int) -> Content | None:
    """The image in at most ``width`` x ``height`` cells; None where it cannot be shown."""
    if os.environ.get("NO_COLOR") or width < 2 or height < 2:
        return None
    try:
        size = str(width), str(height * 2)
        code, out = await read_sandboxed("pfinbox.tui.files.image_pixels", image, *size)
    except TimeoutError:
        return None
    if code != 0:
        return None
    head, _feed, pixels = out.partition(b"\n")
    columns, rows = map(int, head.split())
    return await asyncio.to_thread(_cells, pixels, columns, rows)


def _cells(pixels: bytes, columns: int, rows: int) -> Content:
    lines = []
    row = columns * 3
    for y in range(0, rows, 2):
        upper, lower = pixels[y * row : (y + 1) * row], pixels[(y + 1) * row : (y + 2) * row]
        cells = []
        for x in range(0, row, 3):
            style = Style(
                foreground=Color(*upper[x : x + 3]),
                # An odd last row has nothing below it.
                background=Color(*lower[x : x + 3]) if lower else None,
            )
            cells.append((_UPPER, style))
        lines.append(Content.assemble(*cells))
    return Content("\n").join(lines)
