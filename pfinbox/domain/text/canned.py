"""Canned replies: a text with places, ``{{client.first_name|there}}``, filled in for one task.

After the bar stands what is said where the value is empty. A name that means nothing is an error
that is shown, never a hole in a letter to a client.
"""

import re
from collections.abc import Mapping

from pfinbox.domain.text.cleaning import clean_line, fold
from pfinbox.errors import UsageError
from pfinbox.i18n import _

NAMES = (
    "client.name",
    "client.first_name",
    "task.title",
    "task.number",
    "agent.name",
    "agent.first_name",
)
LONGEST_NAME, LONGEST_TEXT = 80, 20_000

_PLACE = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")


# In a text it begins where a word begins: neither a date nor the rest of a path.
_BEGUN = re.compile(r"(?:^|(?<=\s))/(\w[\w-]*)$")


def path(name: str) -> str:
    """A name as it is kept, with its folders: ``Shipping/Late``; empty where nothing is left."""
    parts = (part.strip() for part in clean_line(name, LONGEST_NAME).split("/"))
    return "/".join(filter(None, parts))


def begun(line: str) -> str | None:
    """What stands behind the ``/`` of ``line``, which ends at the cursor; None: no name."""
    found = _BEGUN.search(line[-LONGEST_NAME:])
    return found[1] if found is not None else None


def fits(typed: str, name: str) -> bool:
    """Whether a word of the name, or of one of its folders, begins so."""
    return any(word.startswith(fold(typed)) for word in re.split(r"[/\s]+", fold(name)))


def check(text: str) -> None:
    """UsageError where the text has a place that means nothing."""
    for place in _PLACE.finditer(text):
        name = place[1].strip()
        if name not in NAMES:
            words = _("{{{{{name}}}}} means nothing; known: {known}")
            raise UsageError(words.format(name=name, known=", ".join(NAMES)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text for one task; ``values`` by name. UsageError for an unknown name, as `check`."""
    check(text)
    return _PLACE.sub(lambda place: values.get(place[1].strip(), "") or place[2] or "", text)


def person_values(who: str, name: str) -> dict[str, str]:
    """``client.name`` and ``client.first_name``, or an agent's.

    Whoever gave no name is called by the address or number; nobody is greeted by that.
    """
    if "@" in name or not any(letter.isalpha() for letter in name):
        name = ""
    return {f"{who}.name": name, f"{who}.first_name": name.split()[0] if name.split() else ""}
