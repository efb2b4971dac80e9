"""Times in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pfinbox.wording.times import Clock

NOW = datetime(2026, 11, 4, 14, 30, tzinfo=UTC)  # a Wednesday
WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "now"),
        (timedelta(minutes=12), "12m"),
        (timedelta(hours=3), "3h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=40), "25 Sep"),
        (timedelta(days=400), "2025"),
    ],
)
def test_ages(ago: timedelta, words: str) -> None:
    assert Clock(NOW, UTC).age(NOW - ago) == words


def test_moments_in_the_agent_s_zone() -> None:
    clock = Clock(NOW, WARSAW)
    assert clock.moment(NOW) == "15:30"
    assert clock.moment(NOW + timedelta(days=1)) == "tomorrow 15:30"
    assert clock.moment(NOW + timedelta(days=2)) == "Fri 15:30"
    assert clock.moment(NOW + timedelta(days=30)) == "4 Dec 15:30"
    assert clock.date(NOW + timedelta(days=1)) == "Thu 5 Nov 15:30"
    assert clock.date(NOW + timedelta(days=90)) == "Tue 2 Feb 2027 15:30"
    assert clock.day(NOW - timedelta(days=1)) == "yesterday"
    ahead = [timedelta(minutes=40), timedelta(hours=3), timedelta(hours=20), timedelta(days=5)]
    assert [clock.ahead(NOW + one) for one in ahead] == [
        "in 40 min", "in 3 h", "in 1 day", "in 5 days",
    ]  # fmt: skip


def test_snooze_presets_are_wall_clock_times() -> None:
    presets = dict(Clock(NOW, WARSAW).snooze_presets())
    assert presets["tomorrow"] == datetime(2026, 11, 5, 9, tzinfo=WARSAW)
    assert presets["on Monday"] == datetime(2026, 11, 9, 9, tzinfo=WARSAW)
    assert presets["in 7 days"] == datetime(2026, 11, 11, 9, tzinfo=WARSAW)


def test_nine_o_clock_stays_nine_when_summer_time_ends() -> None:
    saturday = datetime(2026, 10, 24, 10, tzinfo=UTC)
    presets = dict(Clock(saturday, WARSAW).snooze_presets())
    assert presets["tomorrow"].astimezone(UTC).hour == 8
    assert presets["tomorrow"].astimezone(WARSAW).hour == 9


def test_monday_on_a_monday_is_the_next_one() -> None:
    monday = datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert dict(Clock(monday, UTC).snooze_presets())["on Monday"].date().day == 9
