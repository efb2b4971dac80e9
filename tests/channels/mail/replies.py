"""Answers as mail programs write them, in ``replies.txt``, each with where its new part ends.

Invented for this, in the form that each program gave them in 2026; no mail of anybody's.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("replies.txt")
_COMPARED = Path(__file__).with_name("replies_compared.txt")
_CUT = "~~~~\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """``new`` is what a reader should see: all of ``text`` where nothing may be folded away."""

    name: str
    text: str
    new: str


@cache
def replies() -> tuple[Reply, ...]:
    found = []
    for block in _FILE.read_text(encoding="utf-8").split("#### ")[1:]:
        name, text = block.split("\n", 1)
        new, _cut, quoted = text.partition(_CUT)
        found.append(Reply(name, new + quoted, new if quoted else text))
    return tuple(found)


@cache
def first_looks() -> dict[str, tuple[bool, bool]]:
    """By name: whether ours, and whether mail-parser-reply, was right at the first look."""
    lines = _COMPARED.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {name: (ours == "right", theirs == "right") for name, ours, theirs in rows}
