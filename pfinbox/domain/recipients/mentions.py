"""``@name`` in a text: whom it means, and what may still become a name while it is typed.

An ``@`` counts only where a word begins, so that an e-mail address is never anybody's name.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from pfinbox.domain.model import Who
from pfinbox.domain.text.cleaning import fold
from pfinbox.record import record

# Behind a letter, a digit or what an address may have before its @, it is no name.
_AT = re.compile(r"(?<![\w.%+@/-])@")
_LONGEST = 60
# A text with more of them is a log or a list, not a word to colleagues.
_MOST = 200


@record
class Named:
    """Somebody who can be mentioned. ``handles``: what may stand behind the ``@``."""

    who: Who
    handles: tuple[str, ...]


def begun(line: str) -> str | None:
    """What stands behind the last ``@`` of ``line``, which ends at the cursor; None: no name."""
    # Further back none is short enough; a line may be as long as a book.
    line = line[-_LONGEST - 2 :]
    found = list(_AT.finditer(line))
    if not found:
        return None
    typed = line[found[-1].end() :]
    return typed if len(typed) <= _LONGEST and typed == typed.lstrip() else None


def fitting(typed: str, people: Iterable[Named]) -> tuple[Who, ...]:
    """Who is meant by the beginning of a name, or of one word of it; in the given order."""
    wanted = fold(typed)
    return tuple(
        one.who for one in people if any(_begins(fold(handle), wanted) for handle in one.handles)
    )


def complete(typed: str, people: Iterable[Named]) -> bool:
    """Whether ``typed`` is somebody's whole name already."""
    return any(fold(typed) == fold(handle) for one in people for handle in one.handles)


def mentioned(text: str, people: Sequence[Named], cursor: int | None = None) -> tuple[Who, ...]:
    """Everyone named in ``text``, in the order of their names there.

    A name that ends at ``cursor`` (an index into ``text``) and may become a longer one is still
    being typed. Of several names the longest counts; one that means two people means nobody.
    """
    handles: dict[str, set[Who]] = {}
    for one in people:
        for handle in one.handles:
            handles.setdefault(fold(handle), set()).add(one.who)
    found: dict[Who, None] = {}
    for at in islice(_AT.finditer(text), _MOST if handles else 0):
        rest = text[at.end() : at.end() + _LONGEST + 2]
        for handle in sorted(handles, key=len, reverse=True):
            length = _length(rest, handle)
            if length is None:
                continue
            typing = at.end() + length == cursor
            longer = any(other.startswith(handle) and other != handle for other in handles)
            if len(handles[handle]) == 1 and not (typing and longer):
                found |= dict.fromkeys(handles[handle])
            break
    return tuple(found)


def _length(rest: str, handle: str) -> int | None:
    """How much of ``rest`` is this name, None where it begins with something else."""
    for length in range(1, len(rest) + 1):
        if fold(rest[:length]) == handle and _ends(rest[length:]):
            return length
    return None


def _ends(rest: str) -> bool:
    """Whether a name may end before ``rest``: ``@anna.`` is Anna, ``@anna.example`` is a host."""
    return not re.match(r"\w|[.@-]\w", rest)


def _begins(handle: str, wanted: str) -> bool:
    return handle.startswith(wanted) or f" {wanted}" in f" {handle}"
