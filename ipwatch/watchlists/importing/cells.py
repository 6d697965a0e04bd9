"""Reads the cells of a table of marks, by field: names, lists, classes, kinds and amounts as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ipwatch.records import RightKind
from ipwatch.terms import listed, message
from ipwatch.watchlists.importing.dates import kanji_number
from ipwatch.watchlists.importing.grid import Cell
from ipwatch.watchlists.importing.lists import holds_separator, split_goods, split_names, split_plain, split_readings
from ipwatch.watchlists.importing.messages import CellFaultError, Remark
from ipwatch.watchlists.schema import as_form, as_katakana

KINDS_JA: Mapping[str, RightKind] = {
    "商標": RightKind.TRADEMARK,
    "団体商標": RightKind.COLLECTIVE_MARK,
    "地域団体商標": RightKind.REGIONAL_COLLECTIVE_MARK,
    "地理的表示": RightKind.GEOGRAPHICAL_INDICATION,
    "登録品種": RightKind.PLANT_VARIETY,
    "意匠": RightKind.DESIGN,
    "著作物": RightKind.COPYRIGHT_WORK,
}
_OTHER_KINDS: Mapping[str, RightKind] = {
    **dict.fromkeys(("商標権", "登録商標", "通常商標", "文字商標", "図形商標", "立体商標"), RightKind.TRADEMARK),
    **dict.fromkeys(("結合商標", "標準文字", "国際商標", "防護標章", "tm"), RightKind.TRADEMARK),
    **dict.fromkeys(("地域団体", "地団", "地域団体商標権"), RightKind.REGIONAL_COLLECTIVE_MARK),
    **dict.fromkeys(("gi", "地理的表示gi", "gi地理的表示"), RightKind.GEOGRAPHICAL_INDICATION),
    **dict.fromkeys(("育成者権", "品種", "品種登録", "種苗"), RightKind.PLANT_VARIETY),
    **dict.fromkeys(("意匠権", "登録意匠"), RightKind.DESIGN),
    **dict.fromkeys(("著作権",), RightKind.COPYRIGHT_WORK),
}
_OFFICES: Mapping[str, str] = {
    **dict.fromkeys(("日本", "日本国", "日", "日本国特許庁", "特許庁", "japan", "jpo"), "JP"),
    **dict.fromkeys(("米国", "アメリカ", "アメリカ合衆国", "米", "usa", "uspto", "united states"), "US"),
    **dict.fromkeys(("中国", "中華人民共和国", "中", "china", "cnipa"), "CN"),
    **dict.fromkeys(("韓国", "大韓民国", "韓", "korea", "kipo"), "KR"),
    **dict.fromkeys(("台湾", "taiwan"), "TW"),
    **dict.fromkeys(("香港", "hong kong"), "HK"),
    **dict.fromkeys(("欧州", "欧州連合", "eu", "euipo", "european union"), "EM"),
    **dict.fromkeys(("英国", "イギリス", "uk", "united kingdom"), "GB"),
    **dict.fromkeys(("国際", "国際登録", "国際事務局", "wipo", "マドプロ"), "WO"),
}
"""Offices by the names that lists use, as WIPO ST.3 codes."""
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_NOTE_OF_MARK = re.compile(
    r"\s*[（(【\[](?:標準文字|標準文字商標|登録商標|文字商標|図形|図形商標|ロゴ|ロゴマーク|立体商標|結合商標)[）)】\]]$"
)
_QUESTION_MARKS = re.compile(r"[?？\ufffd〓\s]+")
_LOST_LETTER = re.compile(r"[\u3040-\u9fff\uac00-\ud7a3][?](?=[\u3040-\u9fff\uac00-\ud7a3])|\?{2,}|\ufffd|〓")
_HYPHEN = "[-‐‑‒–—―−─]"
_HYPHEN_FOR_LONG = re.compile(rf"(?<=[ァ-ヺ]){_HYPHEN}$")
_KANJI = re.compile(r"[〇一二三四五六七八九十]+")
_CLASS_SEPARATOR = re.compile(r"(?:[、,;|・/\s&+。]|及び|および|並びに|と)+|(?<=類)(?=[第0-9])")
_CLASS = re.compile(r"(?:国際分類)?第?([0-9]{1,2})類?")
_CLASS_RANGE = re.compile(r"第?([0-9]{1,2})類?(?:[~〜]|から)第?([0-9]{1,2})類?")
_CLASS_OF_GOODS = re.compile(r"(?:【?第?([0-9０-９]{1,2})類】?)[\s:：　]*")
_YEN = re.compile(r"[¥\\]?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?円?")


def read_name(cell: Cell, remark: Remark) -> str:
    """Return a mark: one line, NFC, without invisible characters and without a note such as （標準文字）."""
    text = plain_text(text_of(cell), remark).strip()
    if re.search(r"[\n\r\v\f\x85\u2028\u2029]", text):
        raise CellFaultError(message("importing.line_break"))
    plain = _NOTE_OF_MARK.sub("", text)
    if plain and plain != text:
        remark(message("importing.without_note", plain=plain))
        text = plain
    _refuse_lost_letters(text, remark)
    if not any(character.isalnum() for character in text):
        raise CellFaultError(message("importing.no_letter"))
    if holds_separator(text):
        remark(message("importing.one_mark"))
    return text


def read_names(cell: Cell, remark: Remark) -> list[str]:
    """Return other spellings, or words to be left out."""
    return unique(split_names(plain_text(text_of(cell), remark), remark), remark)


def read_goods(cell: Cell, remark: Remark) -> list[str]:
    """Return words for goods; 第24類 before them is read in the column for classes."""
    text = plain_text(text_of(cell), remark)
    if _CLASS_OF_GOODS.search(text):
        remark(message("importing.classes_in_goods"))
        text = _CLASS_OF_GOODS.sub("、", text)
    return unique(split_goods(text, remark), remark)


def read_readings(cell: Cell, remark: Remark) -> list[str]:
    """Return readings in katakana; a hyphen after kana is taken for the long vowel mark."""
    text = as_katakana(plain_text(text_of(cell), remark).replace("，", ",")).replace(" ", " ")
    parts = []
    for part in split_readings(text):
        fixed = _HYPHEN_FOR_LONG.sub("ー", part)
        if fixed != part:
            remark(message("importing.hyphen_for_long_vowel", mended=fixed))
        gap = re.search(rf"\s+|{_HYPHEN}", fixed)
        if gap:
            joined = fixed.replace(gap.group(), "" if gap.group().isspace() else "ー")
            listed = fixed.replace(gap.group(), "、")
            raise CellFaultError(message("importing.space_in_reading", joined=joined, listed=listed))
        if "・" in fixed:
            remark(message("importing.dot_in_reading"))
        parts.append(fixed)
    return list(dict.fromkeys(parts))


def read_entries(cell: Cell, remark: Remark) -> list[str]:
    """Return paths of pictures."""
    return list(dict.fromkeys(split_plain(plain_text(text_of(cell), remark))))


def read_codes(cell: Cell, _remark: Remark) -> list[str]:
    """Return codes of the Vienna Classification."""
    if not isinstance(cell, str):  # A spreadsheet takes 26.10 for the number 26.1, which is another division.
        raise CellFaultError(message("importing.lost_digits"))
    parts = re.split(r"[、,;|/\n\t・\s]+", as_form(cell).strip().lstrip("'"))
    return list(dict.fromkeys(filter(None, parts)))


def read_classes(cell: Cell, remark: Remark) -> list[int]:
    """Return Nice classes, each once."""
    if isinstance(cell, date):
        raise CellFaultError(message("importing.date_of_classes", month=cell.month, day=cell.day))
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    text = as_form(str(whole)).strip().lstrip("'’")
    text = re.sub(r"(?<=[0-9])\.0+$", "", _KANJI.sub(lambda match: kanji_number(match.group()), text))
    classes: list[int] = []
    for part in filter(None, _CLASS_SEPARATOR.split(text)):
        classes.extend(_classes(part, remark))
    return list(dict.fromkeys(classes))


def _classes(part: str, remark: Remark) -> list[int]:
    if match := _CLASS.fullmatch(part):
        return [int(match.group(1))]
    span = _CLASS_RANGE.fullmatch(part)
    if span and int(span.group(1)) < int(span.group(2)) <= 45:  # noqa: PLR2004 - the last class
        first, last = int(span.group(1)), int(span.group(2))
        remark(message("importing.class_range", first=first, last=last))
        return list(range(first, last + 1))
    raise CellFaultError(message("importing.no_class", part=part))


def read_kind(cell: Cell, _remark: Remark) -> str:
    """Return the key of a kind of right."""
    folded = "".join(each for each in as_form(str(cell)).casefold() if each.isalnum() or each == "_")
    known = {kind.value: kind for kind in RightKind} | dict(KINDS_JA) | dict(_OTHER_KINDS)
    kind = known.get(folded)
    if kind is None:
        raise CellFaultError(message("importing.no_kind", names=listed(KINDS_JA)))
    return kind.value


def read_office(cell: Cell, _remark: Remark) -> str:
    """Return the code of an office, for its name or as it stands."""
    text = as_form(str(cell)).strip()
    return _OFFICES.get(text.casefold(), text.upper() if text.isascii() else text)


def read_yen(cell: Cell, _remark: Remark) -> int:
    """Return whole yen."""
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    match = _YEN.fullmatch(as_form(str(whole)).replace(" ", "").lstrip("'"))
    if match is None:
        raise CellFaultError(message("importing.no_amount"))
    return int(match.group(1).replace(",", ""))


def read_id(cell: Cell, _remark: Remark) -> str:
    """Return an id as it stands."""
    return as_form(text_of(cell)).strip()


def text_of(cell: Cell) -> str:
    """Return a cell as text in NFC; raises ``CellFaultError`` for a date that the spreadsheet made."""
    if isinstance(cell, date):
        raise CellFaultError(message("importing.date_in_cell"))
    whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
    return unicodedata.normalize("NFC", str(whole))


def plain_text(text: str, remark: Remark) -> str:
    """Return the text without invisible characters, and with plain spaces for those of other widths."""
    visible = _INVISIBLE.sub("", text)
    if visible.strip() != text.strip():
        remark(message("importing.invisible_characters"))
    return "".join(" " if unicodedata.category(each) == "Zs" and each != "\u3000" else each for each in visible)


def unique(parts: list[str], remark: Remark) -> list[str]:
    """Return each part once, whatever its width; refuses those that lost letters."""
    for part in parts:
        _refuse_lost_letters(part, remark)
    unique = {as_form(part): part for part in reversed(parts)}
    return list(reversed(unique.values()))


def _refuse_lost_letters(text: str, remark: Remark) -> None:
    """Refuse replacement characters for letters that an encoding lacks; warn of possible ones."""
    if _QUESTION_MARKS.fullmatch(text) or "\ufffd" in text:
        raise CellFaultError(message("importing.lost_letters"))
    if _LOST_LETTER.search(text):
        remark(message("importing.perhaps_lost_letter"))


READERS: Mapping[str, Callable[[Cell, Remark], Any]] = {
    "id": read_id,
    "text": read_name,
    "kind": read_kind,
    "readings": read_readings,
    "variants": read_names,
    "nice_classes": read_classes,
    "goods_terms": read_goods,
    "exclude_terms": read_names,
    "images": read_entries,
    "exclude_images": read_entries,
    "vienna_codes": read_codes,
    "price_min": read_yen,
    "price_max": read_yen,
    "office": read_office,
}
"""How to read the cell of each field but numbers and days, which are read together."""
