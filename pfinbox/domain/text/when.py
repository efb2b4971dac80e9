"""Moments as people type them: "tomorrow 9:00", "mon 14:30", "in 2h", "завтра в 9", "jutro o 9".

Strict: what is not understood, or could mean two things, is refused, never guessed. What is
understood, always in the agent's own time zone:

- a day (today, tomorrow, a weekday, 3 nov, 03.11, 3.11.2026, 2026-11-03) with a time, in either
  order; without a time it means 9:00; a weekday or a date without a year is the next such moment;
- a time alone (14:30, at 9, 9am) means today;
- in 30 min, in 1h 30m, in 2 days, in a week: hours and minutes are counted exactly, days and weeks
  by the calendar, so that they keep the time of day (or take the one given: in 2 days at 9);
- ISO 8601, exact when it has an offset.

On the days when clocks change: a time that is left out means as much later (2:30 is 3:30 then); one
that comes twice means the first, or the second once the first is over.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pfinbox.domain.text import whenwords as words
from pfinbox.domain.text.cleaning import clean_line, fold
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _

# Of a day that was named without a time.
START_OF_DAY = time(9)

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_HOUR = re.compile(r"\d{1,2}")
_SUFFIXED = re.compile(r"(\d{1,2}(?::\d{2})?)(am|pm)")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(?:(\d{4})\.?)?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)? ?(z|[+-]\d{2}:?\d{2})?"
)
_AMOUNT = re.compile(r"(\d{1,4}) ?([^\W\d_]+)")


def parse_when(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment meant by ``text``, in UTC; ``zone`` None is the machine's own.

    Raises UsageError for what is not understood, Refused for what has passed.
    """
    plain = " ".join(fold(text).replace(",", " ").split())
    here = now.astimezone(zone)
    try:
        found = {_utc(moment, now, zone) for moment in _readings(plain, here)}
    except (OverflowError, OSError):
        found = set()  # the year 99999
    if len(found) != 1:
        raise UsageError(
            _(
                "{text} is not understood as a time; write for example: tomorrow 9:00, mon 14:30,"
                " in 2h, 2026-11-03 09:00"
            ).format(text=repr(clean_line(text, 80)))
        )
    moment = found.pop()
    if moment <= now:
        shown = moment.astimezone(zone).isoformat(" ", "minutes")
        raise Refused(_("{when} has passed already").format(when=shown))
    return moment


def _utc(moment: datetime, now: datetime, zone: tzinfo | None) -> datetime:
    """A wall-clock time (no zone yet) or an exact one as UTC."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    # timestamp() of a time without a zone takes the machine's; astimezone() errs in a gap there.
    first, second = (
        datetime.fromtimestamp(moment.replace(fold=n, tzinfo=zone).timestamp(), UTC) for n in (0, 1)
    )
    # Of a left-out time, fold=1 is the earlier one; then the later one is meant.
    return second if first <= now < second else first


def _readings(text: str, here: datetime) -> Iterator[datetime]:
    """Everything that ``text`` could mean; ``here`` is now on the agent's clock."""
    if _ISO.fullmatch(text):
        yield from _iso(text)
        return
    tokens = [token if token[0].isdigit() else token.rstrip(".") for token in text.split()]
    if not all(tokens) or not tokens:
        return
    if tokens[0] in words.IN or tokens[0].startswith("+"):
        yield from _relative(tokens, here)
        return
    if (at := _time(tokens)) is not None:
        yield datetime.combine(here.date(), at)
    yield from _days(tokens, None, here)
    for cut in range(1, len(tokens)):
        if (at := _time(tokens[cut:])) is not None:
            yield from _days(tokens[:cut], at, here)
        if (at := _time(tokens[:cut])) is not None:
            yield from _days(tokens[cut:], at, here)


def _iso(text: str) -> Iterator[datetime]:
    try:
        yield datetime.fromisoformat(text.upper().replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return


def _relative(tokens: Sequence[str], here: datetime) -> Iterator[datetime]:
    text = " ".join(tokens)
    text = text[1:] if text.startswith("+") else text.partition(" ")[2]
    for cut in range(len(text.split()), 0, -1):
        amount, rest = " ".join(text.split()[:cut]), text.split()[cut:]
        duration = _duration(amount.strip())
        if duration is None:
            continue
        exact, days = duration
        if not rest and exact and not days:
            # Read again as a wall clock below: the offset of ``here`` may not be that of then.
            yield (here.astimezone(UTC) + exact)
        elif not rest and days and not exact:
            yield here.replace(tzinfo=None, second=0, microsecond=0, fold=0) + days
        elif days and not exact and (at := _time(rest)) is not None:
            yield datetime.combine(here.date() + days, at)


def _duration(text: str) -> tuple[timedelta, timedelta] | None:
    """Exact hours and minutes, and calendar days; None when it is no duration."""
    if text in words.HALF_AN_HOUR:
        return timedelta(minutes=30), timedelta()
    named = [word for word in text.split() if word not in words.ARTICLES]
    if len(named) == 1 and named[0] in words.ALONE:
        text = f"1 {named[0]}"
    exact, days, end = timedelta(), timedelta(), 0
    while end < len(text):
        match = _AMOUNT.match(text, end)
        if match is None:
            return None
        n, unit = int(match[1]), match[2]
        if unit in words.MINUTES:
            exact += timedelta(minutes=n)
        elif unit in words.HOURS:
            exact += timedelta(hours=n)
        elif unit in words.DAY_UNITS:
            days += timedelta(days=n)
        elif unit in words.WEEKS:
            days += timedelta(weeks=n)
        else:
            return None
        end = match.end()
        while end < len(text) and text[end] == " ":
            end += 1
    return exact, days


def _time(tokens: Sequence[str]) -> time | None:
    """A time of day. A bare number is one only behind "at" or before "am" and the like."""
    rest = list(tokens)
    said_at = bool(rest) and rest[0] in words.AT
    if said_at:
        rest = rest[1:]
        if rest and rest[0] in words.O_CLOCK:
            rest = rest[1:]
    if len(rest) == 1 and rest[0] in words.NOON:
        return time(12)
    if len(rest) == 1 and (suffixed := _SUFFIXED.fullmatch(rest[0])):
        rest = [suffixed[1], suffixed[2]]
    if len(rest) == 2 and rest[1] in words.MORNING | words.EVENING:
        return _half_day(rest[0], evening=rest[1] in words.EVENING)
    if len(rest) != 1:
        return None
    if said_at and _HOUR.fullmatch(rest[0]):
        return _clock(int(rest[0]), 0, 0)
    match = _CLOCK.fullmatch(rest[0])
    return _clock(int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _half_day(text: str, *, evening: bool) -> time | None:
    match = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?", text)
    if match is None or not 1 <= int(match[1]) <= 12:
        return None
    hour = int(match[1]) % 12 + (12 if evening else 0)
    return _clock(hour, int(match[2] or 0), 0)


def _clock(hour: int, minute: int, second: int) -> time | None:
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _days(tokens: Sequence[str], at: time | None, here: datetime) -> Iterator[datetime]:
    """The day that ``tokens`` name, at its time."""
    at = at or START_OF_DAY
    today, wall = here.date(), here.replace(tzinfo=None)
    rest = list(tokens)
    if len(rest) > 1 and rest[0] in words.ON:
        rest = rest[1:]
    if rest == ["day", "after", "tomorrow"]:
        rest = ["overmorrow"]
    if len(rest) == 1 and rest[0] in words.DAYS:
        yield datetime.combine(today + timedelta(days=words.DAYS[rest[0]]), at)
    elif len(rest) == 1 and rest[0] in words.WEEKDAYS:
        ahead = (words.WEEKDAYS[rest[0]] - today.weekday()) % 7
        moment = datetime.combine(today + timedelta(days=ahead), at)
        yield moment if moment > wall else moment + timedelta(days=7)
    elif len(rest) == 1 and _ISO_DAY.fullmatch(rest[0]):
        year, month, day = map(int, rest[0].split("-"))
        yield from _date(year, month, day, at)
    elif (parts := _day_month(rest)) is not None:
        day, month, known = parts
        for year in [known] if known else range(today.year, today.year + 9):
            found = next(_date(year, month, day, at), None)
            if found is not None and (known or found > wall):
                yield found
                return


def _day_month(rest: Sequence[str]) -> tuple[int, int, int | None] | None:
    """Day, month and year; never 11/03, which people read in two ways."""
    if len(rest) == 1 and (match := _DOTTED.fullmatch(rest[0])):
        return int(match[1]), int(match[2]), int(match[3]) if match[3] else None
    if len(rest) not in (2, 3) or (len(rest) == 3 and not re.fullmatch(r"\d{4}", rest[2])):
        return None
    year = int(rest[2]) if len(rest) == 3 else None
    day, month = (rest[0], rest[1]) if rest[0][0].isdigit() else (rest[1], rest[0])
    if not re.fullmatch(r"\d{1,2}\.?", day) or month not in words.MONTHS:
        return None
    return int(day.rstrip(".")), words.MONTHS[month], year


def _date(year: int, month: int, day: int, at: time) -> Iterator[datetime]:
    try:
        yield datetime.combine(date(year, month, day), at)
    except ValueError:
        return
