"""Reads days as Japanese offices and spreadsheets write them: eras, kanji digits, serial numbers, times behind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ipwatch.terms import message
from ipwatch.watchlists.importing.grid import Cell
from ipwatch.watchlists.importing.messages import CellFaultError, Remark

MIN_YEAR = 1868
MAX_YEAR = 2199
_MIN_SERIAL = 10_000
_MAX_SERIAL = 99_999
_FIRST_DAY_1900 = date(1899, 12, 30)
_FIRST_DAY_1904 = date(1904, 1, 1)
_FIX = message("importing.fix_date")
_CHECK = message("importing.check_date")


@dataclass(frozen=True, slots=True)
class _Era:
    name: str
    zero: int
    first: date
    last: date


_ERAS = (
    _Era("令和", 2018, date(2019, 5, 1), date.max),
    _Era("平成", 1988, date(1989, 1, 8), date(2019, 4, 30)),
    _Era("昭和", 1925, date(1926, 12, 25), date(1989, 1, 7)),
    _Era("大正", 1911, date(1912, 7, 30), date(1926, 12, 24)),
    _Era("明治", 1867, date(1868, 1, 25), date(1912, 7, 29)),
)
_ERA_OF: Mapping[str, _Era] = {
    name: era for era, letter in zip(_ERAS, "RHSTM", strict=True) for name in (era.name, era.name[0], letter)
}
_ERA = r"(?P<era>令和|平成|昭和|大正|明治|[令平昭大明]|(?<![A-Za-z])[RHSTM])\.?\s*(?P<era_year>\d{1,3}|元)"
_GAP_Y = r"\s*(?:年|[-/.・])\s*"
_GAP_M = r"\s*(?:月|[-/.・])\s*"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_TIME = r"(?:(?:T|\s*)(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
_SHAPES = (
    rf"{_ERA}{_GAP_Y}(?P<era_month>\d{{1,2}}){_GAP_M}(?P<era_day>\d{{1,2}})\s*日?",
    rf"(?<!\d)(?P<year>\d{{4}}){_GAP_Y}(?P<month>\d{{1,2}}){_GAP_M}(?P<day>\d{{1,2}})(?!\d)\s*日?",
    r"(?<!\d)(?P<c_year>\d{4})(?P<c_month>\d{2})(?P<c_day>\d{2})(?!\d)",
    rf"(?<!\d)(?P<e_day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]*(?P<e_month>{_MONTH}),?[\s-]*(?P<e_year>\d{{4}})(?!\d)",
    rf"(?P<f_month>{_MONTH})\s*(?P<f_day>\d{{1,2}})(?:st|nd|rd|th)?,?\s*(?P<f_year>\d{{4}})(?!\d)",
    r"(?<!\d)(?P<s_one>\d{1,2})[-/.](?P<s_two>\d{1,2})[-/.](?P<s_year>\d{4})(?!\d)",
)
_DATE = re.compile(f"(?:{'|'.join(_SHAPES)}){_TIME}", re.IGNORECASE)
_YEAR_ONLY = re.compile(rf"(?:西暦)?(?P<year>\d{{4}})年?|{_ERA}年?", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_WEEKDAY = re.compile(r"[月火水木金土日](?:曜日?)?|[・/祝]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?", re.IGNORECASE)
_SILENT = re.compile(r"(?:存続期間|有効期限|更新期限|満了日|満了|期限|西暦|まで|迄|[:\s])*")
_RANGE = re.compile(r"\s*(?:[~〜-]+|から|より|→|自|至)\s*")
_LIST = re.compile(r"[\s、,;|/・]+|及び|および")
_SERIAL = re.compile(r"'?(\d{5})(?:\.\d+)?")
_KANJI = re.compile(r"[〇零一二三四五六七八九十百]+(?=[年月日])")
_DIGITS = {each: str(value % 10) for value, each in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_SHORT_YEAR = re.compile(r"\d{1,2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?")
_NO_DAY = re.compile(rf"(?:\d{{4}}|{_ERA})(?:{_GAP_Y}\d{{0,2}}月?)?", re.IGNORECASE)
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))


def read_dates(cell: Cell, remark: Remark, *, from_1904: bool = False) -> list[date]:
    """Return the days that a cell names, at least one, in its order; of a term from one day to another the last.

    Raises ``CellFaultError`` where a part of the cell is no day, or may be one of two.
    """
    if isinstance(cell, datetime):
        return [cell.date()]
    if isinstance(cell, date):
        return [cell]
    text = str(int(cell)) if isinstance(cell, float) else str(cell)
    normal = _normal(text)
    serial = _SERIAL.fullmatch(normal)
    if serial:
        return [_of_serial(int(serial.group(1)), remark, from_1904=from_1904)]
    plain, stated = _without_brackets(normal)
    matches = list(_DATE.finditer(plain))
    days = [_day(match, remark) for match in matches]
    if not days or not all(MIN_YEAR <= day.year <= MAX_YEAR for day in days):
        raise _no_date(plain)
    days = _of_terms(plain, matches, days, remark)
    if stated and not all(_agrees(each, day) for each in stated for day in days):
        raise CellFaultError(message("importing.two_days", fix=_FIX))
    return days


def _normal(text: str) -> str:
    """Return the text in NFKC with one kind of hyphen and with digits for kanji numerals."""
    plain = unicodedata.normalize("NFKC", text).translate(_HYPHENS).strip().strip("'’")
    plain = re.sub(r"(?<=\d)ー(?=\d)", "-", plain)
    return _KANJI.sub(lambda match: kanji_number(match.group()), plain)


def kanji_number(numeral: str) -> str:
    """Return the digits of a kanji numeral below 1000, by place (``二〇二七``) or by tens (``二十三``)."""
    if not re.search("[十百]", numeral):
        return "".join(_DIGITS[each] for each in numeral)
    total = current = 0
    for each in numeral:
        if each in "十百":
            total += (current or 1) * (10 if each == "十" else 100)
            current = 0
        else:
            current = int(_DIGITS[each])
    return str(total + current)


def _no_date(text: str = "") -> CellFaultError:
    if _SHORT_YEAR.fullmatch(text):
        return CellFaultError(message("importing.no_era", fix=_FIX))
    if _NO_DAY.fullmatch(text):
        return CellFaultError(message("importing.no_month_or_day", fix=_FIX))
    return CellFaultError(message("importing.no_date", fix=_FIX))


def _of_serial(serial: int, remark: Remark, *, from_1904: bool) -> date:
    if not _MIN_SERIAL <= serial <= _MAX_SERIAL:
        raise _no_date()
    day = (_FIRST_DAY_1904 if from_1904 else _FIRST_DAY_1900) + timedelta(days=serial)
    remark(message("importing.serial_day", day=day, check=_CHECK))
    return day


def _without_brackets(text: str) -> tuple[str, list[str]]:
    """Return the text without brackets that repeat the year or the day, or name the day of the week; and the former."""
    stated: list[str] = []

    def drop(match: re.Match[str]) -> str:
        inside = match.group(1).strip()
        if _YEAR_ONLY.fullmatch(inside) or _DATE.fullmatch(inside):
            stated.append(inside)
            return ""
        return "" if not _WEEKDAY.sub("", inside).strip() else match.group()

    return _BRACKETS.sub(drop, text), stated


def _agrees(stated: str, day: date) -> bool:
    match = _YEAR_ONLY.fullmatch(stated)
    if match is None:
        whole = _DATE.fullmatch(stated)
        return whole is not None and _day(whole, lambda _: None) == day
    if match.group("year"):
        return int(match.group("year")) == day.year
    return _era_year(match) == day.year


def _era_year(match: re.Match[str]) -> int:
    year = match.group("era_year")
    return _ERA_OF[match.group("era").upper()].zero + (1 if year == "元" else int(year))


def _day(match: re.Match[str], remark: Remark) -> date:
    """Return the day of a match of ``_DATE``."""
    parts = match.groupdict()
    time, zone = parts["time"], parts["zone"]
    if zone and time and time.strip("0:."):
        raise CellFaultError(message("importing.zoned_time", fix=_FIX))
    try:
        if parts["era"]:
            return _era_day(match, remark)
        for prefix in ("", "c_", "e_", "f_"):
            if parts[f"{prefix}year"]:
                month = parts[f"{prefix}month"]
                number = int(month) if month.isdecimal() else _MONTHS.index(month[:3].lower()) + 1
                return date(int(parts[f"{prefix}year"]), number, int(parts[f"{prefix}day"]))
        return _slashed(int(parts["s_one"]), int(parts["s_two"]), int(parts["s_year"]), remark)
    except CellFaultError:
        raise
    except ValueError:
        raise CellFaultError(message("importing.no_calendar_day", fix=_FIX)) from None


def _era_day(match: re.Match[str], remark: Remark) -> date:
    era = _ERA_OF[match.group("era").upper()]
    day = date(_era_year(match), int(match.group("era_month")), int(match.group("era_day")))
    if not era.first <= day <= era.last:
        # Certificates of before May 2019 write days to come as 平成35年.
        remark(message("importing.outside_era", era=era.name, day=day, check=_CHECK))
    return day


def _slashed(first_number: int, second_number: int, year: int, remark: Remark) -> date:
    """Return the day of ``7/26/2027`` or ``26/7/2027``, where only one order makes a day."""
    days = {
        date(year, month, day)
        for month, day in ((first_number, second_number), (second_number, first_number))
        if _is_day(year, month, day)
    }
    if len(days) > 1:
        first, second = sorted(days)
        raise CellFaultError(message("importing.two_readings_of_day", first=first, second=second))
    (day,) = days or {date(year, first_number, second_number)}
    if first_number != second_number:
        remark(message("importing.day_read", day=day, check=_CHECK))
    return day


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _of_terms(text: str, matches: list[re.Match[str]], days: list[date], remark: Remark) -> list[date]:
    """Return the days without those a term begins with; raises where anything but days and separators stands there."""
    result: list[date] = []
    head = _RANGE.sub("", _SILENT.sub("", text[: matches[0].start()], count=1), count=1)
    tail = text[matches[-1].end() :]
    if _SILENT.sub("", head, count=1).strip() or not _SILENT.fullmatch(tail.rstrip("。.")):
        raise _no_date()
    for index, day in enumerate(days):
        gap = text[matches[index].end() : matches[index + 1].start()] if index + 1 < len(matches) else None
        if gap is not None and _RANGE.fullmatch(gap):
            later = days[index + 1]
            if later < day:
                raise CellFaultError(message("importing.term_backwards", fix=_FIX))
            remark(message("importing.term_end", later=later, check=_CHECK))
            continue
        if gap is not None and _LIST.sub("", _SILENT.sub("", gap)):
            raise _no_date()
        result.append(day)
    return result
