"""Opposition deadlines (登録異議の申立ての期限): from a publication date to the days on which one can be filed.

Pure: the rules are data in ``rules``, Japan's closing days are computed in ``holidays``. A result is a working aid and
carries its rule and source; where an office's closing days are unknown the date is not moved, so it is never too late.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from ipwatch.deadlines.holidays import is_office_closed
from ipwatch.deadlines.rules import RULES, Closure, Counting, Route, Rule
from ipwatch.errors import ConfigError
from ipwatch.terms import listed, message

__all__ = ["RULES", "Closure", "Counting", "Deadline", "Route", "Rule", "known_offices", "opposition_window"]

_NOT_ROLLED = message("deadline_notes.not_moved")
_UNCONFIRMED = message("deadline_notes.unconfirmed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The days, both included, on which an opposition against a filing published on ``published_on`` can be filed."""

    office: str
    route: Route
    published_on: date
    start: date
    until: date
    rule_id: str
    source: str
    confirmed: bool
    notes: tuple[str, ...]


def known_offices() -> tuple[str, ...]:
    """Return the ST.3 codes of the offices that have a rule, sorted."""
    return tuple(sorted({rule.office for rule in RULES}))


def opposition_window(office: str, published_on: date, *, route: Route = Route.NATIONAL) -> Deadline:
    """Return the first and the last day of the opposition period that a publication opens.

    ``published_on`` is the publication that starts the clock at that office: in Japan the gazette of the registration
    (商標掲載公報), elsewhere that of the application or of the accepted mark. ``route`` is ``MADRID`` for a designation
    in an international registration; an office without a rule of its own for it uses its national one.

    Raises ``ConfigError`` for an office without a rule (the known ones are listed) and for a date no rule covers.
    """
    rule = _rule_for(office, published_on, route)
    try:
        until = _last_day(rule, published_on)
        if rule.closure is Closure.JP:
            while is_office_closed(until):
                until += timedelta(days=1)
        start = _corresponding_day(published_on, rule.opens_after_months)
    except (OverflowError, ValueError) as error:
        raise ConfigError(message("deadlines.too_late", published_on=published_on, office=office)) from error
    return Deadline(
        office=office,
        route=rule.route,
        published_on=published_on,
        start=start,
        until=until,
        rule_id=rule.id,
        source=rule.source,
        confirmed=rule.confirmed,
        notes=_notes(rule),
    )


def _rule_for(office: str, published_on: date, route: Route) -> Rule:
    rules = [rule for rule in RULES if rule.office == office]
    if not rules:
        raise ConfigError(message("deadlines.unknown_office", office=office, offices=listed(known_offices())))
    in_force = [rule for rule in rules if rule.in_force(published_on)]
    for wanted in (route, Route.NATIONAL):
        for rule in in_force:
            if rule.route is wanted:
                return rule
    raise ConfigError(message("deadlines.not_covered", office=office, published_on=published_on.isoformat()))


def _notes(rule: Rule) -> tuple[str, ...]:
    notes = rule.notes
    if rule.closure is None:
        notes = (*notes, _NOT_ROLLED)
    if not rule.confirmed:
        notes = (*notes, _UNCONFIRMED)
    return notes


def _last_day(rule: Rule, published_on: date) -> date:
    if rule.counting is Counting.DAYS_AFTER:
        return published_on + timedelta(days=rule.length)
    if rule.counting is Counting.CORRESPONDING_DAY:
        return _corresponding_day(published_on, rule.length)
    first = published_on if rule.counting is Counting.CALENDAR_FROM_DAY else published_on + timedelta(days=1)
    return _calendar_end(first, rule.length)


def _corresponding_day(day: date, months: int) -> date:
    """Return the day with the same number ``months`` later, or the last of the month where there is none."""
    year, month = _month_after(day, months)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _calendar_end(first: date, months: int) -> date:
    """Return the eve of the day corresponding to the first counted one, or the last of a month that has no such day.

    A period counted from the first of a month thus ends with the last of one (Patent Act of Japan, art. 3(1)(ii)).
    """
    year, month = _month_after(first, months)
    length = calendar.monthrange(year, month)[1]
    if first.day > length:
        return date(year, month, length)
    return date(year, month, first.day) - timedelta(days=1)


def _month_after(day: date, months: int) -> tuple[int, int]:
    index = day.year * 12 + day.month - 1 + months
    return index // 12, index % 12 + 1
