"""When somebody is there: ``mon-fri 9:00-18:00`` in a zone, and the next time after that."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pfinbox.record import record

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(
    r"({days})(?:-({days}))? (\d{{1,2}}):(\d\d)-(\d{{1,2}}):(\d\d)".format(days="|".join(_DAYS))
)
_MIDNIGHT = 24 * 60


@record
class Hours:
    """By weekday (Monday is 0): from which minute of the day until which."""

    spans: tuple[tuple[int, int, int], ...]
    zone: ZoneInfo

    def includes(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(
            day == local.weekday() and start <= minute < end for day, start, end in self.spans
        )

    def next_opening(self, now: datetime) -> datetime:
        """When it opens again; a whole day that is closed is passed over."""
        local = now.astimezone(self.zone)
        moments = [
            datetime.combine(
                local.date() + timedelta(days=ahead), time(start // 60, start % 60), self.zone
            ).astimezone(UTC)
            for ahead in range(8)
            for day, start, _end in self.spans
            if day == (local.weekday() + ahead) % 7
        ]
        return min(one for one in moments if one > now)


def opening_hours(lines: Iterable[str], zone: ZoneInfo) -> Hours | None:
    """The hours as they are configured; None for no line. ValueError names the line."""
    spans: list[tuple[int, int, int]] = []
    for line in lines:
        found = _LINE.fullmatch(line.strip().lower())
        if found is None:
            raise ValueError(line)
        first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
        start, end = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
        if not 0 <= start < end <= _MIDNIGHT or int(found[4]) > 59 or int(found[6]) > 59:
            raise ValueError(line)
        spans += [((first + n) % 7, start, end) for n in range((last - first) % 7 + 1)]
    return Hours(tuple(sorted(spans)), zone) if spans else None
