"""One ``<case-file>`` as a ``MarkRecord``: the parsing rules of the USPTO's daily trademark XML (TDXF)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import jaconv

from ipwatch.deadlines import opposition_window
from ipwatch.records import MarkRecord, PublicationKind
from ipwatch.sources.toolkit.dates import read_date
from ipwatch.sources.uspto.codes import DRAWING, DRAWING_DESIGN_ONLY, STATUS
from ipwatch.terms import message, text_of

OFFICE = "US"
_LAST_NICE_CLASS = 45
# Certification marks (A, B) and collective membership marks (200) have their own classes, which are no Nice classes.
_OTHER_CLASSES = {"A", "B", "200"}
_PUBLISHED_FOR_OPPOSITION = "PUBO"
_ADDED = re.compile(r"\*([^*]*)\*")
_QUOTED = re.compile(r"[\"“”]([^\"“”]{1,100})[\"“”]")
# Unambiguous alternatives, so that a text that does not match fails without backtracking.
_ONSET = "kk?y?|g|gy|ssh|ss|s|sh|z|j|tch|tts|tt|t|ts|ch|d|ny?|hy?|by?|pp?y?|my?|y|ry?|w|f"
_SYLLABLE = rf"(?:(?:{_ONSET})?[aiueo]|n(?![aiueoy]))"
_ROMAJI = re.compile(rf"{_SYLLABLE}+(?:[ -]{_SYLLABLE}+)*")
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_MACRONS = str.maketrans({"ā": "aa", "ī": "ii", "ū": "uu", "ē": "ee", "ō": "ou"})

Report = Callable[[str, str], None]


def read_case_file(case: Any, report: Report) -> MarkRecord | None:
    """Return the record of a parsed ``<case-file>``, or ``None`` where it has no usable serial number.

    ``report`` is called with the field and a message for every value that cannot be used; the rest is kept. An absent
    group is unknown (``None``), an empty one is known to be empty (``()``).
    """
    serial = _text(case, "serial-number")
    if serial is None or not re.fullmatch(r"[0-9]{8}", serial):
        report("serial-number", message("reading.uspto_serial", serial=serial))
        return None
    statements = _statements(case)
    published = _published_for_opposition(case, report)
    window = opposition_window(OFFICE, published) if published else None
    return MarkRecord(
        office=OFFICE,
        application_number=serial,
        registration_number=_registration_number(case, report),
        mark_text=_mark_text(case, statements, report),
        readings=tuple(_readings(statements)),
        applicants=_applicants(case),
        representatives=_representatives(case),
        filing_date=_date(case, "case-file-header/filing-date", report),
        publication_date=published,
        publication_kind=PublicationKind.OPPOSITION if published else None,
        opposition_start=window.start if window else None,
        opposition_until=window.until if window else None,
        nice_classes=_nice_classes(case, report),
        goods=_goods(statements),
        status=_status(case, report),
        status_date=_date(case, "case-file-header/status-date", report),
        source_url=(
            f"https://tsdr.uspto.gov/#caseNumber={serial}"
            "&caseSearchType=US_APPLICATION&caseType=DEFAULT&searchType=statusSearch"
        ),
    )


def _text(parent: Any, path: str) -> str | None:
    element = parent.find(path)
    if element is None:
        return None
    return " ".join("".join(element.itertext()).split()) or None


def _date(case: Any, path: str, report: Report) -> date | None:
    try:
        return read_date(_text(case, path))
    except ValueError as error:
        report(path.rpartition("/")[2], text_of(error))
        return None


def _registration_number(case: Any, report: Report) -> str | None:
    number = _text(case, "registration-number")
    if number is None or not number.strip("0"):
        return None
    if not re.fullmatch(r"[0-9]{7}", number):
        report("registration-number", message("reading.no_registration", value=number[:40]))
        return None
    return number


def _statements(case: Any) -> tuple[tuple[str, str], ...] | None:
    """Return type code and text of every statement, or ``None`` where the group is absent."""
    if case.find("case-file-statements") is None:
        return None
    return tuple(
        (_text(statement, "type-code") or "", _text(statement, "text") or "")
        for statement in case.iterfind("case-file-statements/case-file-statement")
    )


def _mark_text(case: Any, statements: tuple[tuple[str, str], ...] | None, report: Report) -> str | None:
    """Return the words of the mark with their overflow (statement ``MK``).

    The first digit of the drawing code (four digits until 2018, one later) is only checked: 0 means not yet coded, so
    that nothing can be concluded from it or from the standard-character claim.
    """
    parts = [
        _text(case, "case-file-header/mark-identification"),
        *(t for code, t in statements or () if code[:2] == "MK"),
    ]
    words = " ".join(part for part in parts if part) or None
    drawing = _text(case, "case-file-header/mark-drawing-code")
    if drawing is not None:
        if drawing[0] not in DRAWING:
            report("mark-drawing-code", message("reading.uspto_drawing", drawing=drawing[:40]))
        elif drawing[0] == DRAWING_DESIGN_ONLY and words:
            report("mark-drawing-code", message("reading.uspto_words", drawing=drawing, words=words[:80]))
    return words


def _readings(statements: tuple[tuple[str, str], ...] | None) -> Iterator[str]:
    """Yield, in katakana, the quotations of a transliteration (``TLIT``) that are Japanese romanisation throughout.

    A pseudo mark (``PM``) is a search aid of the office (``TU SIMPLE`` for ``TUSIMPLE``) and a translation (``TR``) is
    a meaning: neither is a reading.
    """
    yielded = set()
    for code, text in statements or ():
        if not code.startswith("TLIT"):
            continue
        for quoted in _QUOTED.findall(re.split(r"\bmean", text, maxsplit=1)[0]):
            romaji = quoted.strip().lower().translate(_MACRONS)
            if not _ROMAJI.fullmatch(romaji):
                continue
            words = re.split(r"[ -]", romaji)  # one by one: the n of "jin ori" does not begin a syllable
            reading = "".join(jaconv.hira2kata(jaconv.alphabet2kana(word)) for word in words)
            if _KATAKANA.fullmatch(reading) and reading not in yielded:
                yielded.add(reading)
                yield reading


def _goods(statements: tuple[tuple[str, str], ...] | None) -> tuple[str, ...] | None:
    """Return the current goods of every ``GS`` statement, split at semicolons.

    ``[deleted]`` is removed. Of ``*added*`` and ``((not claimed))`` only the marks are removed: the first are goods of
    the registration, the second are still covered by it though left out of a later affidavit.
    """
    if statements is None:
        return None
    goods: list[str] = []
    for code, text in statements:
        if not code.startswith("GS"):
            continue
        kept = _ADDED.sub(r"\1", _without_deletions(text)).replace("((", "").replace("))", "")
        goods.extend(" ".join(item.split()).strip(" .") for item in kept.split(";"))
    return tuple(item for item in goods if item)


def _without_deletions(text: str) -> str:
    """Return the text without square brackets and their content, also nested; an unpaired bracket stays."""
    kept: list[str] = []
    opened: list[int] = []
    for character in text:
        if character == "]" and opened:
            del kept[opened.pop() :]
            kept.append(" ")
            continue
        if character == "[":
            opened.append(len(kept))
        kept.append(character)
    return "".join(kept)


def _applicants(case: Any) -> tuple[str, ...]:
    """Return the original applicants: the owners of the lowest party type, without later owners."""
    owners = [
        (_text(owner, "party-type") or "", _text(owner, "entry-number") or "", _text(owner, "party-name"))
        for owner in case.iterfind("case-file-owners/case-file-owner")
    ]
    named = [(kind, entry.zfill(6), name) for kind, entry, name in owners if name]
    original = min((kind for kind, _, _ in named), default="")
    return tuple(dict.fromkeys(name for kind, _, name in sorted(named) if kind == original))


def _representatives(case: Any) -> tuple[str, ...]:
    """Return attorney and domestic representative; the correspondent is an address and is left out."""
    header = "case-file-header"
    names = (_text(case, f"{header}/attorney-name"), _text(case, f"{header}/domestic-representative-name"))
    return tuple(dict.fromkeys(name for name in names if name))


def _published_for_opposition(case: Any, report: Report) -> date | None:
    """Return the day of the latest ``PUBO`` event.

    The header's ``published-for-opposition-date`` can be that of an earlier publication, and a status date is no
    publication: neither starts the opposition period.
    """
    days = []
    for event in case.iterfind("case-file-event-statements/case-file-event-statement"):
        if _text(event, "code") == _PUBLISHED_FOR_OPPOSITION:
            day = _date(event, "date", report)
            if day is not None:
                days.append(day)
    return max(days, default=None)


def _nice_classes(case: Any, report: Report) -> tuple[int, ...] | None:
    if case.find("classifications") is None:
        return None
    classes: set[int] = set()
    for element in case.iterfind("classifications/classification/international-code"):
        code = (element.text or "").strip()
        if code in _OTHER_CLASSES or not code.strip("0"):
            continue
        if re.fullmatch(r"[0-9]{1,3}", code) and int(code) <= _LAST_NICE_CLASS:
            classes.add(int(code))
        else:
            report("international-code", message("reading.uspto_class", code=code[:40]))
    return tuple(sorted(classes))


def _status(case: Any, report: Report) -> str | None:
    """Return code and meaning (``686 PUBLISHED FOR OPPOSITION``); an unknown code is reported and kept as it is."""
    code = _text(case, "case-file-header/status-code")
    if code is None:
        return None
    meaning = STATUS.get(code)
    if meaning is None:
        report("status-code", message("reading.uspto_status", code=code[:40]))
        return code
    return f"{code} {meaning}"
