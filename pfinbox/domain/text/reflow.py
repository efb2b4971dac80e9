"""Mails whose lines were broken at a fixed width, as paragraphs again.

Only a line break that a program must have made is taken out: the next word would not have fitted
into the longest line around. Lists, quotations, tables and verses keep their lines.
"""

import re
from itertools import pairwise

# Programs break lines somewhere in between.
NARROWEST, WIDEST = 55, 80
# Of a line with a shape of its own: indented, quoted, a list's, a table's, a rule.
_SHAPED = re.compile(r"\s|[>|#*•·–—+-]|\d{1,3}[.)]\s|.*\S(?:  |\t)\S")
_ENDED = (".", "!", "?", ":", ";", "…")


def reflow(text: str) -> str:
    """``text`` of the same length, with blanks in place of such line breaks."""
    lines = text.split("\n")
    breaks, start = ["\n"] * len(lines), 0
    while start < len(lines):
        end = start
        while end < len(lines) and lines[end] and not _SHAPED.match(lines[end]):
            end += 1
        for n in _broken(lines[start:end]):
            breaks[start + n] = " "
        start = end + 1
    breaks[-1] = ""
    return "".join(line + after for line, after in zip(lines, breaks, strict=True))


def _broken(lines: list[str]) -> list[int]:
    """The lines of one block that go on in the next one."""
    width = max(map(len, lines), default=0)
    if not NARROWEST <= width <= WIDEST:
        return []
    forced = [
        n
        for n, (line, after) in enumerate(pairwise(lines))
        if len(line) + 1 + len(after.split(" ", 1)[0]) > width
    ]
    # Where each line is a sentence, the writer made the lines.
    return [] if all(lines[n].endswith(_ENDED) for n in forced) else forced
