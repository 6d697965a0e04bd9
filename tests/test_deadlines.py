from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.deadlines import RULES, Route, known_offices, opposition_window
from ipwatch.deadlines.holidays import FIRST_YEAR, LAST_YEAR, holidays, is_holiday, is_office_closed
from ipwatch.errors import ConfigError

SUNDAY = 6
days_of_japan = st.dates(date(1997, 4, 1), date(LAST_YEAR, 9, 30))


def days(year: int, *month_days: str) -> set[date]:
    return {date.fromisoformat(f"{year}-{month_day}") for month_day in month_days}


# --- Japan's holidays ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (
            1998,  # before the Mondays: 3 May on a Sunday, 4 May its substitute
            "01-01 01-15 02-11 03-21 04-29 05-03 05-04 05-05 07-20 09-15 09-23 10-10 11-03 11-23 12-23",
        ),
        (
            2009,  # 6 May for 3 May, 22 September between two holidays
            "01-01 01-12 02-11 03-20 04-29 05-03 05-04 05-05 05-06 07-20 09-21 09-22 09-23 10-12 11-03 11-23 12-23",
        ),
        (
            2019,  # accession and enthronement, with the days between holidays
            (
                "01-01 01-14 02-11 03-21 04-29 04-30 05-01 05-02 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-23"
                " 10-14 10-22 11-03 11-04 11-23"
            ),
        ),
        (
            2020,  # moved for the Olympic Games
            (
                "01-01 01-13 02-11 02-23 02-24 03-20 04-29 05-03 05-04 05-05 05-06 07-23 07-24 08-10 09-21 09-22 11-03"
                " 11-23"
            ),
        ),
        (
            2021,  # moved again
            "01-01 01-11 02-11 02-23 03-20 04-29 05-03 05-04 05-05 07-22 07-23 08-08 08-09 09-20 09-23 11-03 11-23",
        ),
        (
            2024,
            (
                "01-01 01-08 02-11 02-12 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-15 08-11 08-12 09-16 09-22 09-23"
                " 10-14 11-03 11-04 11-23"
            ),
        ),
        (
            2026,
            (
                "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03"
                " 11-23"
            ),
        ),
    ],
)
def test_holidays_of_known_years(year: int, expected: str) -> None:
    assert holidays(year) == days(year, *expected.split())


@pytest.mark.parametrize(
    ("spring", "autumn", "years"),
    [
        (20, 22, (2012, 2016, 2020, 2024, 2028)),
        (20, 23, (2000, 2001, 2004, 2005, 2008, 2009, 2013, 2017, 2021, 2025, 2026)),
        (21, 23, (1998, 1999, 2002, 2003, 2006, 2007, 2010, 2011, 2014, 2018, 2019, 2022, 2023, 2027)),
    ],
)
def test_equinox_days(spring: int, autumn: int, years: tuple[int, ...]) -> None:
    for year in years:
        assert date(year, 3, spring) in holidays(year)
        assert date(year, 9, autumn) in holidays(year)


@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_every_year_has_a_plausible_number_of_holidays(year: int) -> None:
    assert 14 <= len(holidays(year)) <= 22
    assert {day.year for day in holidays(year)} == {year}


@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_the_day_after_a_holiday_on_a_sunday_is_one_too(year: int) -> None:
    for day in holidays(year):
        assert day.weekday() != SUNDAY or is_holiday(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        ("2026-12-28", False),
        ("2026-12-29", True),
        ("2027-01-03", True),
        ("2027-01-04", False),
        ("2026-11-21", True),
        ("2026-11-22", True),
        ("2026-11-23", True),
        ("2026-11-24", False),
    ],
)
def test_offices_close_at_weekends_on_holidays_and_at_the_turn_of_the_year(day: str, *, closed: bool) -> None:
    assert is_office_closed(date.fromisoformat(day)) is closed


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_years_that_cannot_be_computed_are_refused(year: int) -> None:
    with pytest.raises(ConfigError, match=str(year)):
        holidays(year)


# --- the periods -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("office", "published", "until", "rule"),
    [
        ("JP", "2026-01-05", "2026-03-05", "jp-2-months"),
        ("JP", "2026-02-28", "2026-04-30", "jp-2-months"),  # counted from 1 March: to the end of April
        ("JP", "2025-12-30", "2026-03-02", "jp-2-months"),  # no 31 February: 28th, a Saturday, rolls to Monday
        ("JP", "2026-03-03", "2026-05-07", "jp-2-months"),  # 3 to 6 May are holidays
        ("JP", "2026-10-29", "2027-01-04", "jp-2-months"),  # 29 December to 3 January
        ("US", "2024-02-20", "2024-03-21", "us-30-days"),
        ("EM", "2026-11-30", "2027-02-28", "em-3-months"),
        ("EM", "2027-02-28", "2027-05-28", "em-3-months"),
        ("GB", "2010-07-04", "2010-09-03", "gb-2-months"),
        ("KR", "2025-07-21", "2025-09-21", "kr-2-months"),
        ("KR", "2025-07-22", "2025-08-21", "kr-30-days"),
        ("TW", "2026-01-31", "2026-04-30", "tw-3-months"),
        ("CN", "2026-01-06", "2026-04-06", "cn-3-months"),
        ("TH", "2026-01-01", "2026-03-02", "th-60-days"),
        ("VN", "2026-09-25", "2027-02-25", "vn-5-months"),
    ],
)
def test_known_periods(office: str, published: str, until: str, rule: str) -> None:
    window = opposition_window(office, date.fromisoformat(published))
    assert window.until == date.fromisoformat(until)
    assert window.start == window.published_on == date.fromisoformat(published)
    assert window.rule_id == rule


def test_a_european_designation_opens_after_a_month_and_closes_after_four() -> None:
    window = opposition_window("EM", date(2026, 1, 31), route=Route.MADRID)
    assert (window.start, window.until) == (date(2026, 2, 28), date(2026, 5, 31))


def test_an_office_without_a_rule_for_designations_uses_its_national_one() -> None:
    window = opposition_window("GB", date(2026, 1, 31), route=Route.MADRID)
    assert (window.rule_id, window.route) == ("gb-2-months", Route.NATIONAL)


@given(days_of_japan)
def test_in_japan_the_period_ends_on_an_open_day_two_months_or_a_little_more_later(published: date) -> None:
    until = opposition_window("JP", published).until
    assert not is_office_closed(until)
    # Shortest: 31 December to 28 February. Longest: 62 days by the calendar, then the ten days of 2019.
    assert timedelta(days=59) <= until - published <= timedelta(days=72)


@given(days_of_japan)
def test_in_japan_a_later_publication_never_ends_earlier(published: date) -> None:
    following = published + timedelta(days=1)
    assert opposition_window("JP", published).until <= opposition_window("JP", following).until


@given(st.sampled_from(known_offices()), st.dates(date(1997, 4, 1), date(2099, 6, 30)), st.sampled_from(Route))
def test_every_office_has_one_period_for_every_day(office: str, published: date, route: Route) -> None:
    window = opposition_window(office, published, route=route)
    assert published <= window.start < window.until
    assert window.source
    matching = [rule for rule in RULES if rule.office == office and rule.route is route and rule.in_force(published)]
    assert len(matching) <= 1


def test_what_is_not_known_is_stated() -> None:
    unconfirmed = opposition_window("VN", date(2026, 1, 5))
    assert not unconfirmed.confirmed
    assert any(note.startswith("Unconfirmed") for note in unconfirmed.notes)
    assert any("not moved" in note for note in unconfirmed.notes)
    japanese = opposition_window("JP", date(2026, 1, 5))
    assert japanese.confirmed
    assert not any("not moved" in note or note.startswith("Unconfirmed") for note in japanese.notes)


def test_rule_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_an_unknown_office_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'XX'.*AU, CA, CN, DE, EM, GB, HK, ID, IN, JP, KR, NZ, TH, TW, US, VN"):
        opposition_window("XX", date(2026, 1, 5))


@pytest.mark.parametrize(
    ("office", "published"),
    [("JP", date(1997, 3, 31)), ("JP", date(2099, 12, 31)), ("US", date.max), ("EM", date.max), ("GB", date.max)],
)
def test_a_day_without_a_rule_or_beyond_the_calendar_is_refused(office: str, published: date) -> None:
    with pytest.raises(ConfigError):
        opposition_window(office, published)
