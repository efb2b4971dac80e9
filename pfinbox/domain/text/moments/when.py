"""Moments as people type them: "tomorrow 9", "fri 14:30", "2h", "завтра утром", "jutro o 9".

Strict: what is not understood, or could mean two things, is refused, never guessed. What is
understood, always in the agent's own time zone:

- a day (today, tomorrow, a weekday, 3 nov, 03.11, 3.11.2026, 25/12, 2026-11-03) with a time, in
  either order; without a time it means 9:00; a weekday or a date without a year is the next such
  moment; next week is its Monday, next Friday is the one of the next week;
- a time alone (14:30, at 9, 9am) means today; a part of the day (morning, evening) its next one;
- 30m, in 1h 30m, 2 days, in a week: hours and minutes are counted exactly, days, weeks and months
  by the calendar, so that they keep the time of day (or take the one given: in 2 days at 9);
- ISO 8601, exact when it has an offset.

On the days when clocks change: a time that is left out means as much later (2:30 is 3:30 then); one
that comes twice means the first, or the second once the first is over.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from pfinbox.domain.text.cleaning import clean_line, fold
from pfinbox.domain.text.moments import words
from pfinbox.domain.text.moments.days import days
from pfinbox.domain.text.moments.durations import from_now
from pfinbox.domain.text.moments.times import time_of
from pfinbox.errors import Refused, UsageError
from pfinbox.i18n import _

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)? ?(z|[+-]\d{2}:?\d{2})?"
)


def parse_when(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment meant by ``text``, in UTC; ``zone`` None is the machine's own.

    Raises UsageError for what is not understood, Refused for what has passed.
    """
    here = now.astimezone(zone)
    try:
        found = {_utc(moment, now, zone) for moment in _readings(_plain(text), here)}
    except (OverflowError, OSError, ValueError):
        found = set()  # the year 99999
    if not found:
        raise UsageError(
            _(
                "{text} is not understood as a time; write for example: tomorrow 9:00, mon 14:30,"
                " in 2h, 2026-11-03 09:00"
            ).format(text=repr(clean_line(text, 80)))
        )
    if len(found) > 1:
        first, second = (_shown(moment, zone) for moment in sorted(found)[:2])
        raise UsageError(
            _("{text} could mean {first} or {second}; write it another way").format(
                text=repr(clean_line(text, 80)), first=first, second=second
            )
        )
    moment = found.pop()
    if moment <= now:
        raise Refused(_("{when} has passed already").format(when=_shown(moment, zone)))
    return moment


def _shown(moment: datetime, zone: tzinfo | None) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


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


def _plain(text: str) -> str:
    """One way of writing for what is written in several."""
    plain = f" {' '.join(fold(text).replace(',', ' ').split())} "
    for phrase, said in words.PHRASES.items():
        plain = plain.replace(phrase if phrase == "@" else f" {phrase} ", f" {said} ")
    return " ".join(plain.split())


def _readings(text: str, here: datetime) -> Iterator[datetime]:
    """Everything that ``text`` could mean; ``here`` is now on the agent's clock."""
    if _ISO.fullmatch(text):
        yield datetime.fromisoformat(text.upper().replace(" +", "+").replace(" -", "-"))
        return
    tokens = [token if token[0].isdigit() else token.rstrip(".") for token in text.split()]
    if not all(tokens) or not tokens:
        return
    yield from from_now(tokens, here)
    if (at := time_of(tokens)) is not None:
        moment = datetime.combine(here.date(), at)
        if tokens[0] in words.PARTS and moment <= here.replace(tzinfo=None):
            moment += timedelta(days=1)
        yield moment
    yield from days(tokens, None, here)
    for cut in range(1, len(tokens)):
        day, behind = tokens[:cut], tokens[cut:]
        if (at := time_of(behind, beside_a_day=True)) is not None:
            yield from days(day, at, here)
        day, before = tokens[cut:], tokens[:cut]
        # 3 nov 9 is a date and an hour, not an hour before "nov 9".
        named = not any(token[0].isdigit() for token in day)
        if (at := time_of(before, beside_a_day=named)) is not None:
            yield from days(day, at, here)
