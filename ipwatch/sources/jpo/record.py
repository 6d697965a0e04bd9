"""The rows of the JPO's tables about one application, as a ``MarkRecord``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ipwatch.deadlines import opposition_window
from ipwatch.errors import ConfigError
from ipwatch.records import MarkRecord, PublicationKind
from ipwatch.sources.jpo.codes import FINAL_DISPOSITION
from ipwatch.sources.jpo.tables import Table
from ipwatch.sources.toolkit.dates import read_date
from ipwatch.terms import message, text_of

OFFICE = "JP"
_APPLICANT, _REPRESENTATIVE = "1", "2"
_GROUP = re.compile(r"[0-9]{2}[A-Z][0-9]{2}")
_GROUP_LENGTH = 5
_LAST_NICE_CLASS = 45
# Before that day oppositions were filed before registration: a registration gazette opened no period.
_OPPOSITION_AFTER_REGISTRATION = date(1997, 4, 1)
_BREAKS = re.compile(r"[＼\\∞]+")
_SEARCH_MARKS = re.compile(r"[§¢▲▼]")
_VIENNA_LEVELS = ("large_class", "mid_class", "small_class", "complement_sub_cls")

Key = tuple[str, ...]
Report = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class BadValue:
    """A value that cannot be used, by its column."""

    column: str
    message: str


@dataclass(slots=True)
class Case:
    """The rows about one application, by the rest of their keys, so that a later line replaces an earlier one."""

    basic: dict[str, Mapping[str, str]] = field(default_factory=dict)
    case: Mapping[str, str] | None = None
    rows: dict[Table, dict[Key, Mapping[str, str]]] = field(default_factory=dict)
    deleted: bool = False


def read_case(number: str, case: Case) -> tuple[MarkRecord, tuple[BadValue, ...]]:
    """Return the record of one application and every value that could not be used for it.

    The basic item takes precedence over the case file. Classes and goods are ``None`` where no table of the set has
    them. Rows of several split registrations (分割) of one application are merged.
    """
    problems: list[BadValue] = []

    def report(column: str, message: str) -> None:
        problems.append(BadValue(column, message))

    basic = next(iter(case.basic.values()), {})
    filed = case.case or {}
    published, kind = _publication(filed, report)
    start, until = _opposition(published, kind, report)
    nice_classes, groups = _classes(case, report)
    applicants, representatives = _parties(case, report)
    status, status_date = _status(basic, filed, report)
    record = MarkRecord(
        office=OFFICE,
        application_number=number,
        registration_number=_number(basic, "reg_num", report) or _number(filed, "raz_toroku_no", report),
        mark_text=_mark_text(case),
        readings=tuple(dict.fromkeys(_texts(case, Table.READING, "dsgnt_seq", "dsgnt"))),
        applicants=applicants,
        representatives=representatives,
        filing_date=_date(basic, "app_dt", report) or _date(filed, "shutugan_bi", report),
        publication_date=published,
        publication_kind=kind,
        opposition_start=start,
        opposition_until=until,
        nice_classes=nice_classes,
        goods=_goods(case),
        similar_group_codes=groups,
        vienna_codes=_vienna(case),
        status=status,
        status_date=status_date,
    )
    return record, tuple(problems)


def _date(row: Mapping[str, str], column: str, report: Report) -> date | None:
    try:
        return read_date(row.get(column))
    except ValueError as error:
        report(column, text_of(error))
        return None


def _number(row: Mapping[str, str], column: str, report: Report) -> str | None:
    value = row.get(column, "")
    if not value.strip("0"):
        return None
    if not re.fullmatch(r"[0-9]{7}", value):
        report(column, message("reading.no_registration", value=value[:40]))
        return None
    return value


def _rows(case: Case, table: Table, order: str) -> list[Mapping[str, str]]:
    """Return the rows of a table by split number, then by sequence number; a sequence that is no number comes last."""

    def position(row: Mapping[str, str]) -> tuple[str, int, str]:
        sequence = row[order]
        is_number = sequence.isascii() and sequence.isdigit() and len(sequence) <= 9  # noqa: PLR2004 - the widest column
        return row.get("split_num", ""), int(sequence) if is_number else 10**9, sequence

    return sorted(case.rows.get(table, {}).values(), key=position)


def _texts(case: Case, table: Table, order: str, column: str) -> list[str]:
    return [row[column] for row in _rows(case, table, order) if row[column]]


def _mark_text(case: Case) -> str | None:
    """Return the mark: standard characters before the text for display before the texts for search.

    Characters stay as the register has them (full width); comparison normalises. In the texts for display and search
    ``＼`` and ``∞`` separate lines and parts and become line breaks; the marks ``§ ¢ ▲ ▼`` of the search text are
    removed.
    """
    standard = _texts(case, Table.STANDARD_CHARACTERS, "split_num", "standard_char_t")
    if standard:
        return standard[0]
    display = _texts(case, Table.DISPLAY_TEXT, "split_num", "indct_use_t")
    if display:
        return _lines(display[0])
    search = _texts(case, Table.SEARCH_TEXT, "search_use_t_seq", "search_use_t")
    return _lines("\n".join(dict.fromkeys(_SEARCH_MARKS.sub("", text) for text in search)))


def _lines(text: str) -> str | None:
    parts = (part.strip() for part in _BREAKS.sub("\n", text).split("\n"))
    return "\n".join(part for part in parts if part) or None


def _publication(filed: Mapping[str, str], report: Report) -> tuple[date | None, PublicationKind | None]:
    """Return the gazette of the registration (登録公報), which opens the opposition period, or else of the filing."""
    registered = _date(filed, "raz_kohohakko_bi", report)
    if registered is not None:
        return registered, PublicationKind.REGISTRATION
    laid_open = _date(filed, "pcz_kokaikohohakko_bi", report)
    return laid_open, PublicationKind.APPLICATION if laid_open else None


def _opposition(
    published: date | None, kind: PublicationKind | None, report: Report
) -> tuple[date | None, date | None]:
    if published is None or kind is not PublicationKind.REGISTRATION or published < _OPPOSITION_AFTER_REGISTRATION:
        return None, None
    try:
        window = opposition_window(OFFICE, published)
    except ConfigError as error:
        report("raz_kohohakko_bi", message("reading.no_period", error=error))
        return None, None
    return window.start, window.until


def _classes(case: Case, report: Report) -> tuple[tuple[int, ...] | None, tuple[str, ...]]:
    """Return the Nice classes of class and goods tables, ``None`` where neither has any, and the similar groups."""
    class_rows = case.rows.get(Table.CLASS)
    goods_rows = case.rows.get(Table.GOODS)
    if not class_rows and not goods_rows:
        return None, ()
    classes: set[int] = set()
    groups: dict[str, None] = {}
    named = [("knd", row["knd"]) for row in (class_rows or {}).values()]
    named += [("rui", row["rui"]) for row in (goods_rows or {}).values()]
    for column, value in dict.fromkeys(named):
        if re.fullmatch(r"[0-9]{2}", value) and 1 <= int(value) <= _LAST_NICE_CLASS:
            classes.add(int(value))
        elif value.strip("0"):
            report(column, message("reading.no_class", value=value[:40]))
    for row in (class_rows or {}).values():
        codes, rest = split_similar_groups(row["smlr_dsgn_group_cd"])
        groups.update(dict.fromkeys(codes))
        if rest:
            report("smlr_dsgn_group_cd", message("reading.no_group", rest=rest[:40]))
    return tuple(sorted(classes)), tuple(groups)


def split_similar_groups(run: str) -> tuple[tuple[str, ...], str]:
    """Return the similar group codes (類似群コード) of a run of five characters each, and the rest that is none.

    Codes are two digits, a letter and two digits, with nothing between them: ``30A0131A03``.
    """
    text = unicodedata.normalize("NFKC", run).replace(" ", "")
    pieces = [text[offset : offset + _GROUP_LENGTH] for offset in range(0, len(text), _GROUP_LENGTH)]
    good = tuple(piece for piece in pieces if _GROUP.fullmatch(piece))
    return good, "".join(piece for piece in pieces if not _GROUP.fullmatch(piece))


def _goods(case: Case) -> tuple[str, ...] | None:
    """Return the goods and services separately; a text too long for its row continues in the next one.

    The separator is ``，`` outside of brackets.
    """
    if not case.rows.get(Table.GOODS):
        return None
    text = ""
    for row in _rows(case, Table.GOODS, "abz_junjo_no"):
        text += row["shohinekimumeisho"] + ("" if row["lengthchoka_flag"] == "1" else "，")
    return tuple(dict.fromkeys(_split_goods(text)))


def _split_goods(text: str) -> Iterator[str]:
    depth, begin = 0, 0
    for index, character in enumerate(text):
        if character in "（(":
            depth += 1
        elif character in "）)":
            depth = max(depth - 1, 0)
        elif character == "，" and not depth:
            yield from filter(None, [text[begin:index].strip()])
            begin = index + 1
    yield from filter(None, [text[begin:].strip(" ，")])


def _vienna(case: Case) -> tuple[str, ...]:
    codes = []
    for row in case.rows.get(Table.VIENNA, {}).values():
        levels = [row[f"grphc_term_{level}"].lstrip("0") for level in _VIENNA_LEVELS]
        codes.append(".".join(level for level in levels if level))
    return tuple(dict.fromkeys(code for code in codes if code))


def _parties(case: Case, report: Report) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return applicants and representatives by name, or by the office's code where the row has no name.

    Addresses are personal data and are not read.
    """
    applicants: dict[str, None] = {}
    representatives: dict[str, None] = {}
    for row in _rows(case, Table.PARTY, "gez_junjo_no"):
        code = row["shutugannindairinin_code"]
        name = row["shutugannindairinin_simei"] or (code if code.strip("0") else "")
        role = row["shutugannindairinin_sikbt"]
        if role not in (_APPLICANT, _REPRESENTATIVE):
            report("shutugannindairinin_sikbt", message("reading.no_role", role=role[:40]))
        elif name:
            (applicants if role == _APPLICANT else representatives)[name] = None
    return tuple(applicants), tuple(representatives)


def _status(basic: Mapping[str, str], filed: Mapping[str, str], report: Report) -> tuple[str | None, date | None]:
    """Return code and meaning of the final disposition (``A01 登録``) and its day; ``None`` where there is none yet."""
    for row, column, day in (
        (basic, "final_dspst_cd", "final_dspst_dt"),
        (filed, "saishushobun_shubetu", "saishushobun_bi"),
    ):
        code = row.get(column, "")
        if code.strip("0"):
            meaning = FINAL_DISPOSITION.get(code)
            if meaning is None:
                report(column, message("reading.no_disposition", code=code[:40]))
            return f"{code} {meaning}" if meaning else code, _date(row, day, report)
    return None, None
