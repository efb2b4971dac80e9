"""How long from now, as people type it: in 2h, 30m, 3 days, через неделю, za 2 dni o 9."""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from pfinbox.domain.text.moments import words
from pfinbox.domain.text.moments.times import time_of
from pfinbox.record import record

_AMOUNT = re.compile(r"(\d{1,4}) ?([^\W\d_]+) *")


@record
class _Duration:
    """Hours and minutes are exact; days and months go by the calendar."""

    exact: timedelta = timedelta()
    days: int = 0
    months: int = 0

    def calendar(self, today: date) -> date:
        """The last day of a shorter month stands for the days that it lacks."""
        year, month = divmod(today.year * 12 + today.month - 1 + self.months, 12)
        day = min(today.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, day) + timedelta(days=self.days)


def from_now(tokens: Sequence[str], here: datetime) -> Iterator[datetime]:
    """The moment after so long; ``in`` and ``+`` may be left out before a number."""
    rest = list(tokens)
    if rest[0] in words.IN:
        rest = rest[1:]
        if len(rest) and rest[0] in words.ALONE:
            rest.insert(0, "1")
    elif rest[0].startswith("+"):
        rest[0] = rest[0][1:]
    for cut in range(len(rest), 0, -1):
        duration = _duration(rest[:cut])
        if duration is None:
            continue
        by_calendar, behind = duration.days or duration.months, rest[cut:]
        if duration.exact and not by_calendar and not behind:
            # Counted in UTC: the offset of ``here`` may not be that of then.
            yield here.astimezone(UTC) + duration.exact
        elif by_calendar and not duration.exact and not behind:
            now = here.replace(tzinfo=None, second=0, microsecond=0, fold=0)
            yield datetime.combine(duration.calendar(now.date()), now.time())
        elif by_calendar and not duration.exact and (at := time_of(behind)) is not None:
            yield datetime.combine(duration.calendar(here.date()), at)


def _duration(tokens: Sequence[str]) -> _Duration | None:
    numbers = {word: str(number) for word, number in words.NUMBERS.items()}
    numbers |= dict.fromkeys(words.ARTICLES, "1")
    text = " ".join(numbers.get(token, token) for token in tokens)
    exact, days, months, end = timedelta(), 0, 0, 0
    while end < len(text):
        match = _AMOUNT.match(text, end)
        if match is None:
            return None
        n, unit, end = int(match[1]), match[2], match.end()
        if unit in words.MINUTES:
            exact += timedelta(minutes=n)
        elif unit in words.HOURS:
            exact += timedelta(hours=n)
        elif unit in words.DAY_UNITS:
            days += n
        elif unit in words.WEEKS:
            days += 7 * n
        elif unit in words.MONTH_UNITS:
            months += n
        else:
            return None
    return _Duration(exact, days, months)
