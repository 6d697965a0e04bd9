"""The lines of the JPO's tables joined by application number, in memory."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping

from ipwatch.records import MarkRecord
from ipwatch.sources.jpo.record import OFFICE, BadValue, Case, read_case
from ipwatch.sources.jpo.tables import Table
from ipwatch.terms import message

DELETED = "deleted"
_TRADEMARK_LAW = "4"
_ADD, _DELETE = "0", "1"
_CONTROL_COLUMNS = {"app_num", "shutugan_no", "yonpo_code", "add_del_id"}
_CASE_TABLES = (Table.CASE, Table.GOODS, Table.PARTY)
_ROW_KEYS: Mapping[Table, tuple[str, ...]] = {
    Table.STANDARD_CHARACTERS: ("split_num",),
    Table.DISPLAY_TEXT: ("split_num",),
    Table.SEARCH_TEXT: ("split_num", "search_use_t_seq"),
    Table.READING: ("split_num", "dsgnt_seq"),
    Table.CLASS: ("split_num", "knd"),
    Table.VIENNA: (
        "split_num",
        "grphc_term_large_class",
        "grphc_term_mid_class",
        "grphc_term_small_class",
        "grphc_term_complement_sub_cls",
    ),
    Table.GOODS: ("abz_junjo_no",),
    Table.PARTY: ("gez_junjo_no",),
}


class Cases:
    """Every application of a set of tables, in memory, in the order of first mention."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}

    def __len__(self) -> int:
        return len(self._cases)

    def apply(self, table: Table, values: Mapping[str, str]) -> BadValue | None:
        """Add, replace or delete the row of one line; return the problem of a line that belongs to no application."""
        number_column = "shutugan_no" if table in _CASE_TABLES else "app_num"
        number = values[number_column]
        if not re.fullmatch(r"[0-9]{10}", number) or not number.strip("0"):
            return BadValue(number_column, message("reading.jpo_application_line", number=number[:40]))
        law = values.get("yonpo_code", _TRADEMARK_LAW)
        if law != _TRADEMARK_LAW:
            return BadValue("yonpo_code", message("reading.jpo_law", law=law[:40]))
        action = values.get("add_del_id", _ADD)
        if action not in (_ADD, _DELETE):
            return BadValue("add_del_id", message("reading.jpo_action", action=action[:40]))
        # A set has the same short values (numbers, classes, no split) a hundred thousand times: interned.
        row = {column: sys.intern(value) for column, value in values.items() if column not in _CONTROL_COLUMNS}
        _apply_row(self._cases.setdefault(number, Case()), table, row, delete=action == _DELETE)
        return None

    def records(self) -> Iterator[tuple[MarkRecord, tuple[BadValue, ...]]]:
        """Yield the record of every application with rows, and the values that could not be used.

        An application whose basic item was deleted and not added again has the status ``deleted``. One with nothing
        but deletions of other rows is left out.
        """
        for number, case in self._cases.items():
            if case.deleted and not case.basic:
                yield MarkRecord(office=OFFICE, application_number=number, status=DELETED), ()
            elif case.basic or case.case is not None or any(case.rows.values()):
                yield read_case(number, case)


def _apply_row(case: Case, table: Table, values: Mapping[str, str], *, delete: bool) -> None:
    if table is Table.CASE:
        case.case = values
    elif table is Table.BASIC:
        if delete:
            case.basic.pop(values["mgt_num"], None)
            case.deleted = True
        else:
            case.basic[values["mgt_num"]] = values
    else:
        key = tuple(values[column] for column in _ROW_KEYS[table])
        rows = case.rows.setdefault(table, {})
        if delete:
            rows.pop(key, None)
        else:
            rows[key] = values
