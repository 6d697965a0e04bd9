"""Opposition rules as data: one entry per office, route and time in force, each with its source.

A change of law is a new entry with its first day of publication, and an end for the entry before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ipwatch.terms import message


class Route(StrEnum):
    """How the filing reached the office."""

    NATIONAL = "national"
    MADRID = "madrid"


class Counting(StrEnum):
    """How a period is counted from the day of publication.

    ``DAYS_AFTER``: so many days after it. ``CORRESPONDING_DAY``: months, to the day of the same number, or the last of
    a month without one. ``CALENDAR_FROM_NEXT_DAY`` and ``CALENDAR_FROM_DAY``: months by the calendar from the day after
    or from the day itself, to the eve of the day corresponding to the first counted one.
    """

    DAYS_AFTER = "days_after"
    CORRESPONDING_DAY = "corresponding_day"
    CALENDAR_FROM_NEXT_DAY = "calendar_from_next_day"
    CALENDAR_FROM_DAY = "calendar_from_day"


class Closure(StrEnum):
    """An office whose closing days are known, so that an end that falls on one is moved."""

    JP = "JP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One opposition period. ``length`` is in days or months, depending on ``counting``.

    The rule applies to publications from ``first`` to ``last``, both included, open where ``None``. ``confirmed`` rules
    are based on the text of the office, the law or a public body, the others on secondary sources.
    """

    id: str
    office: str
    counting: Counting
    length: int
    source: str
    confirmed: bool
    route: Route = Route.NATIONAL
    opens_after_months: int = 0
    first: date | None = None
    last: date | None = None
    closure: Closure | None = None
    notes: tuple[str, ...] = ()

    def in_force(self, published_on: date) -> bool:
        """Return whether the rule applies to a publication of that day."""
        return (self.first is None or self.first <= published_on) and (self.last is None or published_on <= self.last)


_AFTER_REGISTRATION = message("deadline_notes.after_registration")

RULES: tuple[Rule, ...] = (
    Rule(
        id="jp-2-months",
        office="JP",
        counting=Counting.CALENDAR_FROM_NEXT_DAY,
        length=2,
        first=date(1997, 4, 1),
        closure=Closure.JP,
        source="Trademark Act of Japan art. 43-2, art. 77(1); Patent Act art. 3",
        confirmed=True,
        notes=(
            _AFTER_REGISTRATION,
            message("deadline_notes.jp_grounds"),
            message("deadline_notes.jp_platpat"),
        ),
    ),
    Rule(
        id="us-30-days",
        office="US",
        counting=Counting.DAYS_AFTER,
        length=30,
        source="37 CFR 2.101(c), 2.102(c); TBMP 202.01",
        confirmed=True,
        notes=(message("deadline_notes.us_extensions"),),
    ),
    Rule(
        id="em-3-months",
        office="EM",
        counting=Counting.CORRESPONDING_DAY,
        length=3,
        source="Regulation (EU) 2017/1001 art. 46(1)",
        confirmed=True,
        notes=(message("deadline_notes.no_extension"),),
    ),
    Rule(
        id="em-madrid-1-to-4-months",
        office="EM",
        route=Route.MADRID,
        counting=Counting.CORRESPONDING_DAY,
        length=4,
        opens_after_months=1,
        source="Regulation (EU) 2017/1001 art. 196(2)",
        confirmed=False,
        notes=(message("deadline_notes.em_republication"),),
    ),
    Rule(
        id="gb-2-months",
        office="GB",
        counting=Counting.CALENDAR_FROM_DAY,
        length=2,
        source="Trade Marks Rules 2008 r. 17(2); TPN 4/2010",
        confirmed=False,
        notes=(message("deadline_notes.first_day_counts"), message("deadline_notes.gb_tm7a")),
    ),
    Rule(
        id="kr-2-months",
        office="KR",
        counting=Counting.CORRESPONDING_DAY,
        length=2,
        last=date(2025, 7, 21),
        source="Trademark Act of Korea art. 60, before the change of 22 July 2025; JETRO 2025-07-23",
        confirmed=True,
    ),
    Rule(
        id="kr-30-days",
        office="KR",
        counting=Counting.DAYS_AFTER,
        length=30,
        first=date(2025, 7, 22),
        source="Trademark Act of Korea art. 60, in force 22 July 2025; JETRO 2025-07-23",
        confirmed=True,
        notes=(message("deadline_notes.kr_grounds"),),
    ),
    Rule(
        id="tw-3-months",
        office="TW",
        counting=Counting.CORRESPONDING_DAY,
        length=3,
        source="Trademark Act of Taiwan art. 48",
        confirmed=True,
        notes=(_AFTER_REGISTRATION, message("deadline_notes.anyone")),
    ),
    Rule(
        id="cn-3-months",
        office="CN",
        counting=Counting.CORRESPONDING_DAY,
        length=3,
        source="Trademark Law of China art. 33",
        confirmed=False,
        notes=(message("deadline_notes.cn_draft"),),
    ),
    Rule(
        id="th-60-days",
        office="TH",
        counting=Counting.DAYS_AFTER,
        length=60,
        source="globalipdb.inpit.go.jp, タイにおける商標異議申立制度",
        confirmed=True,
        notes=(message("deadline_notes.earlier_90_days"),),
    ),
    Rule(
        id="vn-5-months",
        office="VN",
        counting=Counting.CORRESPONDING_DAY,
        length=5,
        source="investip.vn; mondaq.com 1399768",
        confirmed=False,
        notes=(message("deadline_notes.vn_third_party"),),
    ),
    Rule(
        id="id-2-months",
        office="ID",
        counting=Counting.CORRESPONDING_DAY,
        length=2,
        source="wenping.co.jp",
        confirmed=False,
    ),
    Rule(
        id="hk-3-months",
        office="HK",
        counting=Counting.CORRESPONDING_DAY,
        length=3,
        source="wenping.co.jp",
        confirmed=False,
        notes=(message("deadline_notes.once_2_months"),),
    ),
    Rule(
        id="au-2-months",
        office="AU",
        counting=Counting.CORRESPONDING_DAY,
        length=2,
        source="coopermills.com.au",
        confirmed=False,
    ),
    Rule(
        id="nz-3-months",
        office="NZ",
        counting=Counting.CORRESPONDING_DAY,
        length=3,
        source="legislation.govt.nz DLM202317",
        confirmed=False,
        notes=(message("deadline_notes.nz_extension"),),
    ),
    Rule(
        id="in-4-months",
        office="IN",
        counting=Counting.CORRESPONDING_DAY,
        length=4,
        source="lehmanlaw.com",
        confirmed=False,
    ),
    Rule(
        id="de-3-months",
        office="DE",
        counting=Counting.CORRESPONDING_DAY,
        length=3,
        source="trademarkangel.com",
        confirmed=False,
        notes=(_AFTER_REGISTRATION,),
    ),
    Rule(
        id="ca-2-months",
        office="CA",
        counting=Counting.CORRESPONDING_DAY,
        length=2,
        source="trademarkangel.com",
        confirmed=False,
    ),
)
