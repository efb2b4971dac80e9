"""A time of day as people type it: 14:30, at 9, 9am, evening, утром в 8, o 6 wieczorem."""

import re
from collections.abc import Sequence
from datetime import time

from pfinbox.domain.text.moments import words

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_SUFFIXED = re.compile(r"(\d{1,2}(?::\d{2})?)(am|pm)")
_HOUR = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")


def time_of(tokens: Sequence[str], *, beside_a_day: bool = False) -> time | None:
    """A bare number is an hour only behind "at", with a part of the day, or beside a day."""
    rest, part = list(tokens), ""
    if rest and rest[0] in words.PARTS:
        part = rest.pop(0)
    said_at = bool(rest) and rest[0] in words.AT
    if said_at:
        rest = rest[2:] if rest[1:2] and rest[1] in words.O_CLOCK_BEFORE else rest[1:]
    if not part and rest and rest[-1] in words.PARTS:
        # Evening at 8, and at 8 in the evening.
        part = rest.pop()
    if part and not rest and not said_at:
        return time(words.PARTS[part])
    sure = said_at or beside_a_day
    if len(rest) == 1 and rest[0] in words.NOON and not part:
        return time(12)
    if len(rest) == 1 and (suffixed := _SUFFIXED.fullmatch(rest[0])):
        rest = [suffixed[1], suffixed[2]]
    if sure and len(rest) > 1 and rest[1] in words.O_CLOCK_BEHIND:
        del rest[1]
    if len(rest) == 2 and not part and (sure or rest[1] not in words.DAY_UNITS):
        part = rest.pop()
        return _in_part(rest[0], part)
    if len(rest) != 1:
        return None
    if part:
        return _in_part(rest[0], part)
    if sure and (hour := _HOUR.fullmatch(rest[0])):
        return _clock(int(hour[1]), int(hour[2] or 0))
    match = _CLOCK.fullmatch(rest[0])
    return _clock(int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _in_part(text: str, part: str) -> time | None:
    """An hour of that half of the day; none where the hour does not lie in it."""
    match = _HOUR.fullmatch(text)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if part in words.AM | words.PM:
        fits, later = 1 <= hour <= 12, 12 * (part in words.PM) - 12 * (hour == 12)
    elif part in words.MORNING:
        fits, later = 1 <= hour <= 11, 0
    elif part in words.AFTERNOON:
        fits, later = 1 <= hour <= 6 or 12 <= hour <= 18, 12 * (hour <= 6)
    elif part in words.EVENING:
        fits, later = 4 <= hour <= 11 or 16 <= hour <= 23, 12 * (hour <= 11)
    elif part in words.NIGHT:
        fits, later = 1 <= hour <= 5 or hour == 12, -12 * (hour == 12)
    else:
        return None
    return _clock(hour + later, minute) if fits else None


def _clock(hour: int, minute: int, second: int = 0) -> time | None:
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
