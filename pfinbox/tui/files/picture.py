"""An image in the cells of a terminal: every cell is two pixels, an upper and a lower half.

So it works in every terminal with colours, over ssh and in tmux. A terminal's own graphics would
be finer, but to learn whether it has them one must ask it and read the answer from the keyboard.
"""

import asyncio
import os
import re

from textual.color import Color
from textual.content import Content
from textual.style import Style

from pfinbox.tui.files.sandbox import read_sandboxed

_UPPER = "▀"
# Columns, rows and pixels; the process that made them may be in a stranger's hands.
_ANSWER = re.compile(rb"([1-9][0-9]{0,3}) ([1-9][0-9]{0,3})\n(.*)", re.DOTALL)
_HEAD = 10


async def picture(image: bytes, width: int, height: int) -> Content | None:
    """The image in at most ``width`` x ``height`` cells; None where it cannot be shown."""
    if os.environ.get("NO_COLOR") or width < 2 or height < 2:
        return None
    try:
        size = str(width), str(height * 2)
        most = 3 * width * height * 2 + _HEAD
        code, out = await read_sandboxed("pfinbox.tui.files.image_pixels", image, *size, most=most)
    except TimeoutError:
        return None
    found = _ANSWER.fullmatch(out) if code == 0 else None
    if found is None or len(found[3]) != 3 * int(found[1]) * int(found[2]):
        return None
    return await asyncio.to_thread(_cells, found[3], int(found[1]), int(found[2]))


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
