"""Japan's national holidays (国民の祝日) by rule, and the days on which its offices are closed, 1997 to 2099.

Source: 国民の祝日に関する法律 with its changes, the special laws of 2018 and 2020 (accession, Olympic Games), and
行政機関の休日に関する法律 art. 1(1). The equinox days are computed; the government fixes them a year ahead by
gazette, and the formula has agreed with it in every year so far. Later changes of law are not covered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from ipwatch.errors import ConfigError
from ipwatch.terms import message

FIRST_YEAR = 1997
LAST_YEAR = 2099
_SATURDAY = 5
_SUNDAY = 6
_MONDAY = 0
_DAY = timedelta(days=1)
_OLYMPICS = {
    2020: ((7, 23), (7, 24), (8, 10)),
    2021: ((7, 22), (7, 23), (8, 8)),
}
_ACCESSION = {2019: ((5, 1), (10, 22))}


def is_office_closed(day: date) -> bool:
    """Return whether Japan's offices are closed: Saturdays, Sundays, holidays, 29 December to 3 January.

    Raises ``ConfigError`` outside the years for which holidays can be computed.
    """
    year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() in (_SATURDAY, _SUNDAY) or year_end or is_holiday(day)


def is_holiday(day: date) -> bool:
    """Return whether the day is a holiday in Japan, substitute (振替休日) and bridge days (国民の休日) included."""
    return day in holidays(day.year)


@cache
def holidays(year: int) -> frozenset[date]:
    """Return every holiday of a year; raises ``ConfigError`` outside ``FIRST_YEAR`` to ``LAST_YEAR``."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ConfigError(message("deadlines.holidays", first=FIRST_YEAR, last=LAST_YEAR, year=year))
    national = frozenset(_national(year))
    substitutes = frozenset(_substitutes(national))
    bridges = frozenset(
        day + _DAY for day in national if day + _DAY not in national | substitutes and day + 2 * _DAY in national
    )
    return national | substitutes | bridges


def _national(year: int) -> Iterator[date]:
    yield date(year, 1, 1)
    yield date(year, 1, 15) if year < 2000 else _nth_monday(year, 1, 2)  # noqa: PLR2004 - the year the law changed
    yield date(year, 2, 11)
    yield date(year, 3, _equinox(year, 20.8431))
    for month, day in ((4, 29), (5, 3), (5, 5), (11, 3), (11, 23)):
        yield date(year, month, day)
    yield date(year, 9, _equinox(year, 23.2488))
    yield from _changed_since(year)
    for month, day in _ACCESSION.get(year, ()):
        yield date(year, month, day)


def _changed_since(year: int) -> Iterator[date]:
    """Yield the holidays that were moved or added after 1997."""
    # The year in which each change of the law took effect.
    greenery, third_mondays, mountain, happy_monday, emperor_left, emperor_came = 2007, 2003, 2016, 2000, 2018, 2020
    if year >= greenery:
        yield date(year, 5, 4)
    yield date(year, 9, 15) if year < third_mondays else _nth_monday(year, 9, 3)
    if year <= emperor_left:
        yield date(year, 12, 23)
    if year >= emperor_came:
        yield date(year, 2, 23)
    if year in _OLYMPICS:
        for month, day in _OLYMPICS[year]:
            yield date(year, month, day)
        return
    yield date(year, 7, 20) if year < third_mondays else _nth_monday(year, 7, 3)
    yield date(year, 10, 10) if year < happy_monday else _nth_monday(year, 10, 2)
    if year >= mountain:
        yield date(year, 8, 11)


def _substitutes(national: frozenset[date]) -> Iterator[date]:
    """Yield the first day after each holiday on a Sunday that is no holiday itself (art. 3(2)).

    Until 2006 only the Monday could be the substitute; no holiday on a Sunday had another one after it in those years.
    """
    for day in national:
        if day.weekday() == _SUNDAY:
            following = day + _DAY
            while following in national:
                following += _DAY
            yield following


def _nth_monday(year: int, month: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % 7 + 7 * (n - 1))


def _equinox(year: int, constant: float) -> int:
    """Return the day of the month of an equinox in Japan, for 1980 to 2099."""
    elapsed = year - 1980
    return int(constant + 0.242194 * elapsed) - elapsed // 4
