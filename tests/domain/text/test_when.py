"""Moments as people type them (R18, R35)."""

import time as time_module
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfinbox.domain.text.moments import words
from pfinbox.domain.text.moments.when import parse_when
from pfinbox.errors import Refused, UsageError

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = datetime(2026, 11, 2, 10, 15, 30, tzinfo=WARSAW).astimezone(UTC)  # a Monday

UNDERSTOOD = {
    # a day and a time
    "tomorrow 9:00": "2026-11-03 09:00",
    "Tomorrow at 9": "2026-11-03 09:00",
    "9:00 tomorrow": "2026-11-03 09:00",
    "at 9 tomorrow": "2026-11-03 09:00",
    "tomorrow 9am": "2026-11-03 09:00",
    "tomorrow at 6:30 pm": "2026-11-03 18:30",
    "tomorrow 12 am": "2026-11-03 00:00",
    "tomorrow noon": "2026-11-03 12:00",
    "today 14:30": "2026-11-02 14:30",
    "day after tomorrow 8:05": "2026-11-04 08:05",
    "завтра в 9": "2026-11-03 09:00",
    "Завтра, в 9:30": "2026-11-03 09:30",
    "завтра в 9 утра": "2026-11-03 09:00",
    "сегодня в 6 вечера": "2026-11-02 18:00",
    "послезавтра 10:00": "2026-11-04 10:00",
    "jutro o 9": "2026-11-03 09:00",
    "jutro o godz. 9": "2026-11-03 09:00",
    "dziś 18:00": "2026-11-02 18:00",
    "dzis o 6 wieczorem": "2026-11-02 18:00",
    "pojutrze o 7:45": "2026-11-04 07:45",
    # weekdays: the next such moment
    "mon 14:30": "2026-11-02 14:30",
    "mon 9:00": "2026-11-09 09:00",
    "on Friday at 9": "2026-11-06 09:00",
    "fri": "2026-11-06 09:00",
    "в пятницу в 9": "2026-11-06 09:00",
    "во вторник 10:00": "2026-11-03 10:00",
    "пн. 14:30": "2026-11-02 14:30",
    "w środę o 9": "2026-11-04 09:00",
    "we wtorek o 8": "2026-11-03 08:00",
    "w poniedzialek o 9": "2026-11-09 09:00",
    # dates
    "3 nov 9:00": "2026-11-03 09:00",
    "nov 3 at 9": "2026-11-03 09:00",
    "1 nov": "2027-11-01 09:00",
    "29 feb 9:00": "2028-02-29 09:00",
    "3 ноября в 9": "2026-11-03 09:00",
    "3 listopada o 9": "2026-11-03 09:00",
    "3 października 2027 9:00": "2027-10-03 09:00",
    "03.11 9:00": "2026-11-03 09:00",
    "03.11.2026 9:00": "2026-11-03 09:00",
    "2026-11-03": "2026-11-03 09:00",
    "2026-11-03 at 9": "2026-11-03 09:00",
    "12/12": "2026-12-12 09:00",
    "25/12 9": "2026-12-25 09:00",
    "12/25 at 9": "2026-12-25 09:00",
    "Mon 9 Nov 09:00": "2026-11-09 09:00",
    "the 5th 8": "2026-11-05 08:00",
    "on the 1st": "2026-12-01 09:00",
    "nov 3rd": "2026-11-03 09:00",
    "03.11.26 9:30": "2026-11-03 09:30",
    "3 nov 9": "2026-11-03 09:00",
    # an hour beside a day
    "tomorrow 9": "2026-11-03 09:00",
    "9 tomorrow": "2026-11-03 09:00",
    "monday 9": "2026-11-09 09:00",
    "monday 18": "2026-11-02 18:00",
    "jutro 9": "2026-11-03 09:00",
    "завтра 9": "2026-11-03 09:00",
    "завтра в 9 часов": "2026-11-03 09:00",
    "jutro o 9.30": "2026-11-03 09:30",
    "tomorrow @9": "2026-11-03 09:00",
    # parts of the day
    "tonight": "2026-11-02 20:00",
    "tonight at 9": "2026-11-02 21:00",
    "this evening": "2026-11-02 18:00",
    "evening": "2026-11-02 18:00",
    "morning": "2026-11-03 09:00",
    "in the morning": "2026-11-03 09:00",
    "tomorrow morning": "2026-11-03 09:00",
    "tomorrow afternoon": "2026-11-03 14:00",
    "tomorrow evening at 8": "2026-11-03 20:00",
    "tomorrow at 8 in the evening": "2026-11-03 20:00",
    "friday morning": "2026-11-06 09:00",
    "завтра утром": "2026-11-03 09:00",
    "завтра утром в 8": "2026-11-03 08:00",
    "завтра днём": "2026-11-03 14:00",
    "завтра в 3 часа дня": "2026-11-03 15:00",
    "сегодня вечером": "2026-11-02 18:00",
    "завтра вечером в 20:00": "2026-11-03 20:00",
    "завтра в 2 часа ночи": "2026-11-03 02:00",
    "jutro rano": "2026-11-03 09:00",
    "jutro po południu": "2026-11-03 14:00",
    "jutro w południe": "2026-11-03 12:00",
    "dziś wieczorem o 8": "2026-11-02 20:00",
    # the next week, and a day of it
    "next week": "2026-11-09 09:00",
    "next week 10": "2026-11-09 10:00",
    "next monday": "2026-11-09 09:00",
    "next fri 9:00": "2026-11-13 09:00",
    "friday next week": "2026-11-13 09:00",
    "this friday": "2026-11-06 09:00",
    "next month": "2026-12-01 09:00",
    "на следующей неделе": "2026-11-09 09:00",
    "в следующий понедельник в 10": "2026-11-09 10:00",
    "в эту пятницу": "2026-11-06 09:00",
    "w przyszłym tygodniu": "2026-11-09 09:00",
    "w następny piątek o 9": "2026-11-13 09:00",
    # a time alone is today's
    "14:30": "2026-11-02 14:30",
    "at 18": "2026-11-02 18:00",
    "в 18": "2026-11-02 18:00",
    "6pm": "2026-11-02 18:00",
    # from now
    "in 2h": "2026-11-02 12:15:30",
    "2h": "2026-11-02 12:15:30",
    "30m": "2026-11-02 10:45:30",
    "1h30m": "2026-11-02 11:45:30",
    "1d": "2026-11-03 10:15",
    "3 days": "2026-11-05 10:15",
    "2 days at 9": "2026-11-04 09:00",
    "1w": "2026-11-09 10:15",
    "three days": "2026-11-05 10:15",
    "in a month": "2026-12-02 10:15",
    "half an hour": "2026-11-02 10:45:30",
    "3 дня": "2026-11-05 10:15",
    "2 ч": "2026-11-02 12:15:30",
    "через две недели": "2026-11-16 10:15",
    "2 godz.": "2026-11-02 12:15:30",
    "za dwa dni o 9": "2026-11-04 09:00",
    "in 2 hours": "2026-11-02 12:15:30",
    "in 1h 30m": "2026-11-02 11:45:30",
    "in 1h30m": "2026-11-02 11:45:30",
    "+45m": "2026-11-02 11:00:30",
    "in an hour": "2026-11-02 11:15:30",
    "in half an hour": "2026-11-02 10:45:30",
    "in 3 days": "2026-11-05 10:15",
    "in 2 days at 9": "2026-11-04 09:00",
    "in a week": "2026-11-09 10:15",
    "через 2 часа": "2026-11-02 12:15:30",
    "через час": "2026-11-02 11:15:30",
    "через полчаса": "2026-11-02 10:45:30",
    "через 3 дня в 9": "2026-11-05 09:00",
    "через неделю": "2026-11-09 10:15",
    "za godzinę": "2026-11-02 11:15:30",
    "za pół godziny": "2026-11-02 10:45:30",
    "za 2 dni o 9": "2026-11-04 09:00",
    "za tydzień": "2026-11-09 10:15",
    # ISO 8601
    "2026-11-03 09:00": "2026-11-03 09:00",
    "2026-11-03T09:00:10": "2026-11-03 09:00:10",
    "2026-11-03T09:00Z": "2026-11-03 10:00",
    "2026-11-03 09:00+03:00": "2026-11-03 07:00",
}

NOT_UNDERSTOOD = (
    "",
    "   ",
    "soon",
    "tomorow 9:00",
    "tomorrow 25:00",
    "tomorrow 9:60",
    "9",
    "9 3 nov",
    "9.30",
    "31.02 9:00",
    "30 feb 2027",
    "next",
    "next tomorrow",
    "next mon tue",
    "mon 3 nov",  # a Tuesday
    "tomorrow 24",
    "tomorrow evening 3",
    "tomorrow 12 вечера",
    "13/13",
    "3 days 9",
    "2h 3",
    "mon tue 9:00",
    "tomorrow 9:00 10:00",
    "13 pm",
    "0am",
    "in",
    "in 2",
    "in 2 parsecs",
    "in 2h tomorrow",
    "in 1 day 2h",
    "in 2h at 9",
    "in -2h",
    "in h",
    "2026-13-03 09:00",
    "2026-11-03 09:00+99:00",
    "9999-12-31T23:59-12:00",
    "in" + 50 * " 9999 weeks",
    "in 0 days",
)

TWO_THINGS = {
    "11/03 9:00": ("2026-11-03 09:00", "2027-03-11 09:00"),
    "01/02": ("2027-01-02 09:00", "2027-02-01 09:00"),
}

PASSED = (
    "this mon 9:00",
    "9:00",
    "today",
    "today 10:15",
    "at 9am",
    "2026-11-02 10:15",
    "2026-11-02T09:15:30Z",
    "01.11.2026 9:00",
)


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_it_is_understood_in_the_agents_zone_r18_r35(text: str) -> None:
    expected = datetime.fromisoformat(UNDERSTOOD[text]).replace(tzinfo=WARSAW)
    found = parse_when(text, NOW, WARSAW)
    assert found == expected
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_never_guessed_r18_r35(text: str) -> None:
    with pytest.raises(UsageError, match="not understood"):
        parse_when(text, NOW, WARSAW)


@pytest.mark.parametrize("text", TWO_THINGS)
def test_what_could_mean_two_things_names_both_r18_r35(text: str) -> None:
    with pytest.raises(UsageError, match=" or ".join(TWO_THINGS[text])):
        parse_when(text, NOW, WARSAW)


@pytest.mark.parametrize("text", PASSED)
def test_the_past_is_refused_r18_r35(text: str) -> None:
    with pytest.raises(Refused, match="has passed"):
        parse_when(text, NOW, WARSAW)


def at(text: str, zone: ZoneInfo = WARSAW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def test_a_time_that_the_clocks_leave_out_is_as_much_later() -> None:
    # On 28 March 2027 2:00 is followed by 3:00 in Warsaw.
    found = parse_when("tomorrow 2:30", at("2027-03-27 12:00"), WARSAW)
    assert found == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert found.astimezone(WARSAW).time().isoformat("minutes") == "03:30"


def test_a_time_that_comes_twice_is_the_first_one_still_ahead() -> None:
    # On 25 October 2026 2:00 to 3:00 comes twice in Warsaw, from 0:00 and from 1:00 UTC.
    first, second = (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    assert parse_when("tomorrow 2:30", at("2026-10-24 12:00"), WARSAW) == first
    assert parse_when("2:30", first - timedelta(minutes=1), WARSAW) == first
    assert parse_when("2:30", first, WARSAW) == second
    with pytest.raises(Refused):
        parse_when("2:30", second, WARSAW)


def test_days_keep_the_time_of_day_over_a_change_of_clocks() -> None:
    before = at("2026-10-24 10:00")
    assert parse_when("in 1 day", before, WARSAW) == at("2026-10-25 10:00")
    assert parse_when("in 24h", before, WARSAW) == at("2026-10-25 09:00")


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(["Europe/Warsaw", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
    # The ninth of November is not always a Monday.
    text=st.sampled_from([text for text in UNDERSTOOD if text != "Mon 9 Nov 09:00"]),
)
def test_whatever_is_understood_lies_ahead(moment: datetime, zone: str, text: str) -> None:
    try:
        found = parse_when(text, moment, ZoneInfo(zone))
    except Refused:
        return
    assert found > moment
    assert found.tzinfo is UTC


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(["Europe/Warsaw", "America/St_Johns", "Australia/Lord_Howe", "UTC"]),
    wanted=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
def test_tomorrow_is_the_next_date_at_that_time(moment: datetime, zone: str, wanted: time) -> None:
    here = ZoneInfo(zone)
    found = parse_when(f"tomorrow {wanted:%H:%M}", moment, here).astimezone(here)
    assert found.date() == moment.astimezone(here).date() + timedelta(days=1)
    gap = abs(found.hour * 60 + found.minute - wanted.hour * 60 - wanted.minute)
    assert gap in (0, 30, 60)  # half an hour on Lord Howe Island


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    try:
        found = parse_when(text, NOW, WARSAW)
    except (UsageError, Refused):
        return
    assert found > NOW


WORDS = "in at 9 2h mon tomorrow 3 nov . + через в o 9:00 2026-11-03 next week 5th 12/12 a evening"


@given(
    st.lists(
        st.sampled_from(WORDS.split()),
        max_size=6,
    )
)
def test_no_order_of_words_breaks_it(tokens: list[str]) -> None:
    try:
        found = parse_when(" ".join(tokens), NOW, WARSAW)
    except (UsageError, Refused):
        return
    assert found > NOW


def test_without_a_zone_it_is_the_machines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Warsaw")
    time_module.tzset()
    try:
        assert parse_when("tomorrow 9:00", NOW) == at("2026-11-03 09:00")
        assert parse_when("tomorrow 2:30", at("2027-03-27 12:00")) == at("2027-03-28 03:30")
    finally:
        monkeypatch.undo()
        time_module.tzset()


def test_every_word_of_the_three_languages_is_understood_r18_r35() -> None:
    def local(text: str) -> datetime:
        return parse_when(text, NOW, WARSAW).astimezone(WARSAW)

    for word, weekday in words.WEEKDAYS.items():
        assert (local(f"{word} 9").weekday(), local(f"{word} 9").hour) == (weekday, 9), word
        following = local(f"next {word}")
        assert following.isocalendar()[1:] == (46, weekday + 1), word
    for word, month in words.MONTHS.items():
        assert (local(f"3 {word} 8").month, local(f"3 {word} 8").day) == (month, 3), word
    for word, days in words.DAYS.items():
        assert local(f"{word} 23").day == 2 + days, word
    for said in (words.MINUTES, words.HOURS, words.DAY_UNITS, words.WEEKS, words.MONTH_UNITS):
        assert len({local(f"2 {word}") for word in said}) == 1, said
    for word, number in words.NUMBERS.items():
        assert local(f"{word} days") == local(f"{number}d"), word
    for word, hour in words.PARTS.items() - {("tonight", 20)}:
        assert local(f"tomorrow {word}").hour == hour, word
