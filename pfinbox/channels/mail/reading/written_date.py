"""Dates as mail programs write them for people: "ср, 27 окт. 2021 г. в 09:31"; en, ru, uk, pl."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from pfinbox.channels.mail.reading.headers import date as header_date

_MAX = 200
# By their first letters, in whatever case of grammar.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "янв", "sty", "січ"),
            ("feb", "фев", "lut", "лют"),
            ("mar", "мар", "бер"),
            ("apr", "апр", "kwi", "кві"),
            ("may", "мая", "май", "maj", "тра"),
            ("jun", "июн", "cze", "чер"),
            ("jul", "июл", "lip", "лип"),
            ("aug", "авг", "sie", "сер"),
            ("sep", "сен", "wrz", "вер"),
            ("oct", "окт", "paź", "жов"),
            ("nov", "ноя", "lis", "лис"),
            ("dec", "дек", "gru", "гру"),
        ),
        start=1,
    )
    for name in names
}
_TIME = re.compile(r"\b(\d{1,2}):(\d\d)(?::\d\d)?(?:\s?([ap])\.?m\b)?")
_TWELVE_HOURS = re.compile(r"\d ?[ap]\.?m\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DAY_MONTH = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\.?,?[ -]([^\W\d_]{3,12})")
_MONTH_DAY = re.compile(r"\b([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?\b")
_DOTTED = re.compile(r"\b(\d{1,2})[.](\d{1,2})[.]((?:19|20)\d\d)\b")
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)\b")
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")
_ZONE = re.compile(r"(?:gmt|utc)?([+-])(\d{1,2}):?(\d\d)?\b")
_RFC = re.compile(r"\d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|(?:GMT|UTC)(?![+-]))\b")


def written_date(text: str, zone: tzinfo = UTC) -> datetime | None:
    """The moment in UTC; ``zone``: the writer's, where the date names none. None: unreadable."""
    line = " ".join(text[:_MAX].split())
    if _RFC.search(line) and (exact := header_date(line)) is not None:
        return exact
    line = line.casefold()
    day = _day(line)
    time = _TIME.search(line)
    if day is None or time is None:
        return None
    hour = int(time[1])
    if time[3]:
        hour = hour % 12 + (12 if time[3] == "p" else 0)
    offset = _ZONE.search(line, time.end())
    try:
        if offset is not None:
            minutes = int(offset[2]) * 60 + int(offset[3] or 0)
            zone = timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
        return datetime(*day, hour, int(time[2]), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(line: str) -> tuple[int, int, int] | None:
    """Year, month, day."""
    if found := _ISO.search(line):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DOTTED.search(line):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _SLASHED.search(line):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        # A clock of twelve hours and the month in front go together.
        american = second > 12 or (first <= 12 and _TWELVE_HOURS.search(line) is not None)
        return (year, first, second) if american else (year, second, first)
    year_found = _YEAR.search(line)
    if year_found is None:
        return None
    year = int(year_found[0])
    for pattern, day_at, month_at in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for found in pattern.finditer(line):
            month = _MONTHS.get(found[month_at][:3])
            if month is not None:
                return year, month, int(found[day_at])
    return None
