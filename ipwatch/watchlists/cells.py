"""Reads the cells of a producer's table: lists, classes, kinds, numbers, dates and amounts as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ipwatch.records import RightKind
from ipwatch.watchlists.schema import as_form, as_katakana
from ipwatch.watchlists.table import Cell

KINDS_JA: Mapping[str, RightKind] = {
    "商標": RightKind.TRADEMARK,
    "団体商標": RightKind.COLLECTIVE_MARK,
    "地域団体商標": RightKind.REGIONAL_COLLECTIVE_MARK,
    "地理的表示": RightKind.GEOGRAPHICAL_INDICATION,
    "GI": RightKind.GEOGRAPHICAL_INDICATION,
    "登録品種": RightKind.PLANT_VARIETY,
    "育成者権": RightKind.PLANT_VARIETY,
    "意匠": RightKind.DESIGN,
    "著作物": RightKind.COPYRIGHT_WORK,
}
_KINDS = {**{kind.value: kind for kind in RightKind}, **{name.casefold(): kind for name, kind in KINDS_JA.items()}}
_SEPARATOR = re.compile(r"[、;|；｜\n]")
_CLASS_SEPARATOR = re.compile(r"[、;|；｜\n,，・\s]+")
_CLASS = re.compile(r"第?([0-9]{1,2})類?")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_ERA_DATE = re.compile(r"(令和|平成)([0-9]{1,2}|元)年([0-9]{1,2})月([0-9]{1,2})日")
_ERA_START = {"令和": 2018, "平成": 1988}
_NUMBER = re.compile(r"(?:商標登録|登録)?第?(.+?)号?")
_YEN = re.compile(r"[¥\\]?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)円?")


def _read_text(cell: Cell) -> str:
    return unicodedata.normalize("NFC", str(cell)).strip()


def _read_list(cell: Cell) -> list[str]:
    parts = [_read_text(part) for part in _SEPARATOR.split(str(cell))]
    unique = {as_form(part): part for part in reversed(parts) if part}
    return list(reversed(unique.values()))


def _read_readings(cell: Cell) -> list[str]:
    return list(dict.fromkeys(as_katakana(part) for part in _read_list(cell)))


def _read_classes(cell: Cell) -> list[int]:
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    classes = []
    for part in filter(None, _CLASS_SEPARATOR.split(as_form(str(whole)).strip())):
        match = _CLASS.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no class; write numbers from 1 to 45, such as 24、25")
        classes.append(int(match.group(1)))
    return list(dict.fromkeys(classes))


def _read_codes(cell: Cell) -> list[str]:
    # A spreadsheet takes 26.10 for the number 26.1, which is another division.
    if not isinstance(cell, str):
        raise ValueError(f"{cell!r} is a number or a date, so that digits may be lost; format the column as text")  # noqa: TRY004 - told like any other cell
    parts = filter(None, _CLASS_SEPARATOR.split(as_form(cell).strip()))
    return list(dict.fromkeys(parts))


def _read_kind(cell: Cell) -> str:
    kind = _KINDS.get(as_form(str(cell)).strip().casefold())
    if kind is None:
        raise ValueError(f"{str(cell)!r} is no kind of right; write one of: {', '.join(KINDS_JA)}")
    return kind.value


def _read_number(cell: Cell) -> str:
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    match = _NUMBER.fullmatch(as_form(str(whole)).strip())
    return match.group(1).strip() if match else str(whole)


def _read_date(cell: Cell) -> date:
    if isinstance(cell, date):
        return cell
    text = as_form(str(cell)).replace(" ", "")
    mend = "write it as 2027-07-06"
    try:
        if match := _DATE.fullmatch(text):
            return date(*map(int, match.groups()))
        if match := _ERA_DATE.fullmatch(text):
            era, year, month, day = match.groups()
            return date(_ERA_START[era] + (1 if year == "元" else int(year)), int(month), int(day))
    except ValueError:
        raise ValueError(f"{text!r} is no day of the calendar; {mend}") from None
    raise ValueError(f"{text!r} is no date; {mend}")


def _read_yen(cell: Cell) -> int:
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    match = _YEN.fullmatch(as_form(str(whole)).replace(" ", ""))
    if match is None:
        raise ValueError(f"{str(cell)!r} is no amount in yen; write digits, such as 1500")
    return int(match.group(1).replace(",", ""))


READERS: Mapping[str, Callable[[Cell], Any]] = {
    "id": _read_text,
    "text": _read_text,
    "kind": _read_kind,
    "readings": _read_readings,
    "variants": _read_list,
    "nice_classes": _read_classes,
    "goods_terms": _read_list,
    "exclude_terms": _read_list,
    "images": _read_list,
    "exclude_images": _read_list,
    "vienna_codes": _read_codes,
    "price_min": _read_yen,
    "price_max": _read_yen,
    "office": _read_text,
    "number": _read_number,
    "expires": _read_date,
}
"""How to read the cell of each field; every one raises ``ValueError`` with the fault and its mend."""
