"""When somebody is there, and when again."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pfinbox.domain.text.moments.opening_hours import opening_hours

RIGA = ZoneInfo("Europe/Riga")
HOURS = opening_hours(["mon-fri 9:00-18:00", "sat 10:00-14:00"], RIGA)


@pytest.mark.parametrize(
    ("now", "included", "opens"),
    [
        # Thursday in Riga is two hours ahead of UTC in winter.
        ((2026, 11, 26, 6, 59), False, (2026, 11, 26, 7, 0)),
        ((2026, 11, 26, 7, 0), True, (2026, 11, 27, 7, 0)),
        ((2026, 11, 26, 16, 0), False, (2026, 11, 27, 7, 0)),
        # Friday's evening, then Saturday's; the night in which the clocks change lies between.
        ((2026, 10, 23, 20, 0), False, (2026, 10, 24, 7, 0)),
        ((2026, 10, 24, 12, 0), False, (2026, 10, 26, 7, 0)),
    ],
)
def test_hours_are_those_of_their_zone(
    now: tuple[int, ...], included: bool, opens: tuple[int, ...]
) -> None:
    assert HOURS is not None
    moment = datetime(*now, tzinfo=UTC)  # type: ignore[arg-type, misc]
    assert HOURS.includes(moment) is included
    assert HOURS.next_opening(moment) == datetime(*opens, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "line", ["", "mo 9:00-18:00", "mon 9-18", "mon 18:00-9:00", "mon 9:60-18:00", "mon 9:00-25:00"]
)
def test_what_are_no_hours_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=line or "^$"):
        opening_hours([line], RIGA)


def test_hours_over_a_weekend_and_none() -> None:
    weekend = opening_hours(["sat-mon 0:00-24:00"], RIGA)
    assert weekend is not None
    assert {day for day, _start, _end in weekend.spans} == {5, 6, 0}
    assert opening_hours([], RIGA) is None
