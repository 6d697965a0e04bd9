"""Reads numbers of registrations as registers, certificates and spreadsheets write them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from ipwatch.terms import message
from ipwatch.watchlists.importing.dates import kanji_number
from ipwatch.watchlists.importing.grid import Cell
from ipwatch.watchlists.importing.messages import CellFaultError, Remark

INTERNATIONAL = "WO"
"""WIPO ST.3 code of the International Bureau, whose register holds international registrations."""
HOME = "JP"
DIGITS_OF_JAPAN = 7
_MIN_DIGITS_IN_LIST = 4
"""Digits of numbers that a space or slash may separate: fewer are parts of one number."""

_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー─", "-"))
_KANJI = re.compile(r"[〇零一二三四五六七八九]{4,}")
_STRONG = re.compile(r"[、,;|\n\r\t\v\f\u2028\u2029・]+|及び|および|並びに|ならびに|&|と(?=第|登録|商標|\d)")
_JOINED = re.compile(r"(?<=号)(?=第|登録|商標)")
_WEAK = re.compile(r"\s*/\s*|\s+")
_THOUSANDS = re.compile(r"(?<![0-9,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])")
_WORDS = (
    r"(?:日本国?|JP)?(?:Reg(?:istration)?\.?)?(?:地域団体商標|団体商標|商標|意匠|品種|地理的表示|GI)?(?:登録)?"
    r"(?:商標|意匠|品種)?(?:番号|No\.?|#)?:?第?"
)
_REGISTERED = re.compile(
    rf"{_WORDS}T?(?P<body>[0-9]{{1,8}})号?(?:(?:の|-)(?P<branch>[0-9]{{1,3}})号?)?"
    r"(?P<defensive>/[0-9]{2}|[の-]?防護(?:標章)?(?:登録)?(?:第)?[0-9]{0,2}号?)?(?:\(T?[0-9]+\))?",
    re.IGNORECASE,
)
_APPLIED = re.compile(
    r"(?:商標登録出願|商願|意願|出願)?(?:番号)?:?(?P<era>昭和|平成|令和|[昭平令SHR])?(?P<year>[0-9]{1,4}|元)年?(?:第|-)"
    r"(?P<serial>[0-9]{1,6})号?",
    re.IGNORECASE,
)
_APPLIED_WORD = re.compile(r"商標登録出願|商願|意願|出願")
_APPLIED_PLAIN = re.compile(r"(?:商願|出願(?:番号)?:?)?(?P<year>(?:19|20)[0-9]{2})-?(?P<serial>[0-9]{6})号?")
_INTERNATIONAL = re.compile(
    r"(?:国際(?:商標)?登録|国際|マドプロ|IR|WO|INTL?)(?:番号|No\.?|-)?:?第?(?P<body>[0-9]{5,7}[A-Z]?)号?", re.IGNORECASE
)
_OTHERS = re.compile(r"ほか|他|外[0-9一二三四五六七八九十]*件|[0-9]+件|等$|など$")
_EXPONENT = re.compile(r"([0-9])(?:\.([0-9]+))?E\+?([0-9]{1,2})", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[0-9A-Z][0-9A-Z ./()-]{0,39}", re.IGNORECASE)
_AROUND = re.compile(r"^(?:第|제|No\.?)|[号號호]$", re.IGNORECASE)
_RANGE = re.compile(r"\d{4,}\D{0,3}(?:[~〜]|から|-)\D{0,3}\d{4,}")
_ZERO = {"昭": 1925, "S": 1925, "平": 1988, "H": 1988, "令": 2018, "R": 2018}
_FIX = message("importing.fix_number")


class RightNumber(NamedTuple):
    """One number, and the office whose number it is where it says so itself."""

    number: str
    office: str | None = None


def read_numbers(cell: Cell, remark: Remark, *, office: str = HOME) -> list[RightNumber]:
    """Return the numbers that a cell names, at least one, each once and in its order.

    Raises ``CellFaultError`` where a part of it is no number, or stands for several that it does not name.
    """
    if isinstance(cell, float) and not cell.is_integer():
        raise CellFaultError(message("importing.fraction", fix=_FIX))
    if isinstance(cell, int | float):
        return [_of_spreadsheet(int(cell), remark, office)]
    if not isinstance(cell, str):
        raise CellFaultError(message("importing.date_for_number"))
    normal = unicodedata.normalize("NFKC", cell).translate(_HYPHENS).strip().lstrip("'’‘").strip()
    normal = _KANJI.sub(lambda match: kanji_number(match.group()), normal)
    if _OTHERS.search(normal):
        raise CellFaultError(message("importing.numbers_not_given"))
    numbers = [_right_number(part, remark, office) for part in _parts(normal)]
    if not numbers:
        raise CellFaultError(message("importing.no_number", fix=_FIX))
    return list(dict.fromkeys(numbers))


def _of_spreadsheet(number: int, remark: Remark, office: str) -> RightNumber:
    if number < 1:
        raise CellFaultError(message("importing.no_right_number", fix=_FIX))
    text = str(number)
    if office == HOME and len(text) > DIGITS_OF_JAPAN:
        return _right_number(text, remark, office)
    if office != HOME or len(text) != DIGITS_OF_JAPAN:
        remark(message("importing.number_lost_zeros"))
    return RightNumber(text)


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    plain = _THOUSANDS.sub(lambda match: match.group().replace(",", ""), text)
    for strong in _STRONG.split(_JOINED.sub("、", plain)):
        weak = [each for each in _WEAK.split(strong) if each]
        whole = all(len(re.sub(r"\D", "", each)) >= _MIN_DIGITS_IN_LIST for each in weak)
        parts.extend(weak if whole and len(weak) > 1 else [strong.replace(" ", "")] if strong.strip() else [])
    return parts


def _right_number(part: str, remark: Remark, office: str) -> RightNumber:
    part = _without_exponent(part)
    if match := _INTERNATIONAL.fullmatch(part):
        if office != INTERNATIONAL:
            remark(message("importing.international", international=INTERNATIONAL))
        return RightNumber(match.group("body").upper(), INTERNATIONAL)
    if office == HOME and (applied := _application(part, remark)):
        return applied
    if match := _REGISTERED.fullmatch(part):
        return RightNumber(_registered(match, remark))
    if office != HOME:
        foreign = _AROUND.sub("", part).removeprefix(office)
        if _ELSEWHERE.fullmatch(foreign) and re.search("[0-9]", foreign):
            return RightNumber(foreign)
    if _RANGE.fullmatch(part):
        raise CellFaultError(message("importing.number_range"))
    raise CellFaultError(message("importing.not_a_number", part=part, fix=_FIX))


def _without_exponent(part: str) -> str:
    """Return ``5.060813E+06``, or ``5060813.0``, as the integer it is; raises where the spreadsheet dropped digits."""
    whole = re.fullmatch(r"([0-9]+)\.0+", part)
    if whole:
        return whole.group(1)
    match = _EXPONENT.fullmatch(part)
    if match is None:
        return part
    digits, exponent = match.group(1) + (match.group(2) or ""), int(match.group(3))
    if len(digits) - 1 != exponent:
        raise CellFaultError(message("importing.exponents", fix=_FIX))
    return digits


def _application(part: str, remark: Remark) -> RightNumber | None:
    """Return the number of an application, as the office's data write it: the year and six digits."""
    plain = _APPLIED_PLAIN.fullmatch(part)
    match = plain or (_APPLIED.fullmatch(part) if _APPLIED_WORD.match(part) else None)
    if match is None:
        return None
    year = 1 if match.group("year") == "元" else int(match.group("year"))
    era = match.groupdict().get("era")
    year += _ZERO[era[0].upper()] if era else 0
    number = f"{year:04d}{int(match.group('serial')):06d}"
    remark(message("importing.application", number=number))
    return RightNumber(number)


def _registered(match: re.Match[str], remark: Remark) -> str:
    number = match.group("body")
    if match.group("branch"):
        number += f"-{int(match.group('branch'))}"
    if match.group("defensive"):
        serial = re.sub(r"\D", "", match.group("defensive")) or "1"
        number += f"/{int(serial):02d}"
        remark(message("importing.defensive", number=number))
    return number
