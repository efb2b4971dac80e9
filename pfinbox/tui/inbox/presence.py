"""Colleagues at the same task: what we tell them, and what they tell us."""

import uuid
from collections.abc import Iterable, Mapping

from textual.content import Content

from pfinbox.i18n import _
from pfinbox.store.rows import PresenceRow
from pfinbox.tui.widgets import safe

# By task, whoever answers first.
Others = Mapping[int, tuple[PresenceRow, ...]]
# How often the screen looks what its agent does, and how often it says so at the least: seconds.
LOOK, BEAT = 1, 10
# So many looks without a new letter, and the agent is not typing any more.
_PAUSE = 5


def by_task(rows: Iterable[PresenceRow]) -> Others:
    found: dict[int, tuple[PresenceRow, ...]] = {}
    for row in rows:
        found[row.task_id] = (*found.get(row.task_id, ()), row)
    return found


def colleague_words(others: Iterable[PresenceRow]) -> Content:
    """“✎ Boris is answering”, “◉ Clara is looking”; names come from outside."""
    parts = []
    for row in others:
        style = "head--answering" if row.answering else "head--looking"
        sign = "✎ " if row.answering else "◉ "
        words = _doing(row).format(name=row.person.name)
        parts.append(safe.line(sign + words, style, 60))
    return Content("  ").join(parts)


def _doing(row: PresenceRow) -> str:
    if row.person.kind == "contact":
        return _("{name} is writing")
    return _("{name} is answering") if row.answering else _("{name} is looking at this")


class Attention:
    """What this agent does, and whether colleagues have to be told."""

    def __init__(self) -> None:
        self.process = uuid.uuid4().hex
        self._told: tuple[int | None, str] = (None, "viewing")
        self._looks = 0
        self._text = ""
        self._still = 0

    def look(
        self, task_id: int | None, answering: bool, text: str
    ) -> tuple[int | None, str] | None:
        """Called every ``LOOK`` seconds: task and mode to tell now, None when nothing is to tell.

        ``text`` is the answer so far. Whoever has nothing open says so once, then nothing.
        """
        self._still = self._still + 1 if text == self._text else 0
        self._text = text
        typing = answering and bool(text.strip()) and self._still < _PAUSE
        doing = (task_id, "replying" if typing else "answering" if answering else "viewing")
        self._looks += 1
        idle = task_id is None and self._told[0] is None
        if idle or (doing == self._told and self._looks < BEAT // LOOK):
            return None
        self._told, self._looks = doing, 0
        return doing
