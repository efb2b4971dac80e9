"""A day as people type it: tomorrow, fri, next week, 12/12, 3 nov, в следующий понедельник."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from pfinbox.domain.text.moments import words

# Of a day that was named without a time.
START_OF_DAY = time(9)

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(?:(\d{4}|\d{2})\.?)?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMBER = re.compile(r"(\d{1,2})\.?(?:st|nd|rd|th|-?го|-?go)?")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|-?го|-?go)")
_YEAR = re.compile(r"\d{4}")


def days(tokens: Sequence[str], at: time | None, here: datetime) -> Iterator[datetime]:
    """Every day that ``tokens`` could name, at its time; ``here`` is now on the agent's clock."""
    at, today = at or START_OF_DAY, here.date()
    rest = list(tokens)
    while len(rest) > 1 and rest[0] in words.ON:
        rest = rest[1:]
    weekday = words.WEEKDAYS.get(rest[0]) if rest else None
    if len(rest) == 1 and rest[0] in words.DAYS:
        yield datetime.combine(today + timedelta(days=words.DAYS[rest[0]]), at)
    elif len(rest) == 1 and weekday is not None:
        moment = datetime.combine(_in_week(today, weekday), at)
        yield moment if moment > here.replace(tzinfo=None) else moment + timedelta(days=7)
    elif weekday is not None:
        yield from _of_weekday(rest[1:], weekday, at, here)
    elif len(rest) == 2 and rest[0] in words.THIS and rest[1] in words.WEEKDAYS:
        yield datetime.combine(_in_week(today, words.WEEKDAYS[rest[1]]), at)
    elif len(rest) == 2 and rest[0] in words.NEXT:
        yield from _next(rest[1], at, today)
    else:
        yield from _dates(rest, at, here)


def _in_week(today: date, weekday: int) -> date:
    """The day of the week that ``today`` is in, which begins on Monday."""
    return today + timedelta(days=weekday - today.weekday())


def _of_weekday(rest: Sequence[str], weekday: int, at: time, here: datetime) -> Iterator[datetime]:
    """Monday next week; and Monday 9 Nov, if that is one."""
    following = list(days(rest, at, here))
    if any(word in words.NEXT for word in rest) and rest[-1] in words.WEEKS:
        yield from (datetime.combine(_in_week(day.date(), weekday), at) for day in following)
    elif rest[-1] not in words.WEEKDAYS:
        yield from (day for day in following if day.weekday() == weekday)


def _next(word: str, at: time, today: date) -> Iterator[datetime]:
    """Next week is its Monday, next Friday is that week's, next month is its first day."""
    monday = _in_week(today, 7)
    if word in words.WEEKS:
        yield datetime.combine(monday, at)
    elif word in words.WEEKDAYS:
        yield datetime.combine(monday + timedelta(days=words.WEEKDAYS[word]), at)
    elif word in words.MONTH_UNITS:
        yield datetime.combine(today.replace(day=1) + timedelta(days=31), at).replace(day=1)


def _dates(rest: Sequence[str], at: time, here: datetime) -> Iterator[datetime]:
    """The next such date, where no year is said."""
    for day, month, year in _numbers(rest, here):
        years = [year] if year else range(here.year, here.year + 9)
        for one in years:
            try:
                found = datetime.combine(date(one, month, day), at)
            except ValueError:
                continue
            if year or found > here.replace(tzinfo=None):
                yield found
                break


def _numbers(rest: Sequence[str], here: datetime) -> Iterator[tuple[int, int, int | None]]:
    """Day, month and year; 11/03 is read in two ways, as people do."""
    if len(rest) == 1 and (match := _ISO_DAY.fullmatch(rest[0])):
        yield int(match[3]), int(match[2]), int(match[1])
    elif len(rest) == 1 and (match := _DOTTED.fullmatch(rest[0])):
        year = int(match[3]) if match[3] else None
        yield int(match[1]), int(match[2]), year + 2000 if year and year < 100 else year
    elif len(rest) == 1 and (match := _SLASHED.fullmatch(rest[0])):
        year = int(match[3]) if match[3] else None
        yield int(match[1]), int(match[2]), year
        yield int(match[2]), int(match[1]), year
    elif len(rest) == 1 and (match := _ORDINAL.fullmatch(rest[0])):
        # The 5th: of this month, or of the next one.
        following = here.replace(day=1) + timedelta(days=31)
        passed = int(match[1]) <= here.day
        month = following if passed else here
        yield int(match[1]), month.month, month.year
    elif len(rest) in (2, 3) and all(map(_YEAR.fullmatch, rest[2:])):
        first, second = rest[0], rest[1]
        day, month_name = (first, second) if first[0].isdigit() else (second, first)
        if (match := _NUMBER.fullmatch(day)) and month_name in words.MONTHS:
            year = int(rest[2]) if rest[2:] else None
            yield int(match[1]), words.MONTHS[month_name], year
