"""The picture that a terminal makes of what is written to it."""

import re

from rich.cells import cell_len

from pfinbox.tui.shell.sparing import _state

_PARTS = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([0-9;]*)m|(\n)|([^\x1b\n])")
Picture = dict[tuple[int, int], tuple[object, ...]]


def drawn(data: str) -> tuple[Picture, str]:
    """What a terminal shows, and which codes are set at the end."""
    picture: Picture = {}
    y, x, codes = 1, 1, ""
    for to_y, to_x, sgr, line, character in _PARTS.findall(data):
        if to_y:
            y, x = int(to_y), int(to_x)
        elif line:
            y, x = y + 1, 1
        elif character:
            attributes, foreground, background = _state(codes)
            letter = character != " " or attributes - {"1", "2", "3"}
            seen = (sorted(attributes), foreground) if letter else ()
            picture[y, x] = (character, background, seen)
            x += cell_len(character)
        elif sgr in ("", "0"):
            codes = ""
        else:
            codes = sgr.removeprefix("0;") if sgr.startswith("0;") else f"{codes};{sgr}"
    return picture, codes.strip(";")
