"""The tables of the JPO's standard data (特許情報標準データ) that hold a trademark filing, and their lines.

Source: file specification (ファイル仕様書) 1.13, files 42, 47, 48, 154, 156 to 161 and 187. A table is UTF-8,
tab-separated, unquoted, with a header line of column names; it is identified by its header, so that a renamed file is
read as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from ipwatch.terms import message

MAX_LINE = 256 * 1024
_BOM = b"\xef\xbb\xbf"


class Table(StrEnum):
    """A table that is read, by the name it has in the specification."""

    BASIC = "t_basic_item_art"
    STANDARD_CHARACTERS = "standard_char_t_art"
    DISPLAY_TEXT = "indct_use_t_art"
    SEARCH_TEXT = "search_use_t_art_table"
    READING = "t_dsgnt_art"
    CLASS = "t_knd_info_art_table"
    VIENNA = "t_vienna_class_grphc_term_art"
    CASE = "jiken_c_t"
    GOODS = "jiken_c_t_shohin_joho"
    PARTY = "jiken_c_t_shutugannindairinin"
    MARK_IMAGE = "t_sample"


# The columns that are used. No other table of the specification has all the columns of one of these sets.
COLUMNS: Mapping[Table, tuple[str, ...]] = {
    Table.BASIC: ("add_del_id", "mgt_num", "app_num", "reg_num", "app_dt", "final_dspst_cd", "final_dspst_dt"),
    Table.STANDARD_CHARACTERS: ("add_del_id", "app_num", "split_num", "standard_char_t"),
    Table.DISPLAY_TEXT: ("add_del_id", "app_num", "split_num", "indct_use_t"),
    Table.SEARCH_TEXT: ("add_del_id", "app_num", "split_num", "search_use_t_seq", "search_use_t"),
    Table.READING: ("add_del_id", "app_num", "split_num", "dsgnt_seq", "dsgnt"),
    Table.CLASS: ("add_del_id", "app_num", "split_num", "knd", "smlr_dsgn_group_cd"),
    Table.VIENNA: (
        "add_del_id",
        "app_num",
        "split_num",
        "grphc_term_large_class",
        "grphc_term_mid_class",
        "grphc_term_small_class",
        "grphc_term_complement_sub_cls",
    ),
    Table.CASE: (
        "yonpo_code",
        "shutugan_no",
        "shutugan_bi",
        "saishushobun_shubetu",
        "saishushobun_bi",
        "raz_toroku_no",
        "raz_kohohakko_bi",
        "pcz_kokaikohohakko_bi",
    ),
    Table.GOODS: ("yonpo_code", "shutugan_no", "rui", "lengthchoka_flag", "shohinekimumeisho", "abz_junjo_no"),
    Table.PARTY: (
        "yonpo_code",
        "shutugan_no",
        "shutugannindairinin_sikbt",
        "shutugannindairinin_code",
        "shutugannindairinin_simei",
        "gez_junjo_no",
    ),
    Table.MARK_IMAGE: (
        "doc_num",
        "year_issu_cd",
        "app_num",
        "page_num",
        "rec_seq_num",
        "final_rec_seq_num",
        "comp_frmlchk",
        "image_data",
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: the columns that are read, by name, blanks stripped."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read, with the wrong column where it is known."""

    number: int
    message: str
    column: str | None = None


def identify(header: bytes) -> tuple[Table, tuple[str, ...]] | None:
    """Return the table a header line belongs to and its column names, or ``None`` for any other line."""
    try:
        names = tuple(name.strip() for name in header.removeprefix(_BOM).rstrip(b"\r\n").decode().split("\t"))
    except UnicodeDecodeError:
        return None
    present = set(names)
    if len(present) < len(names):
        return None
    return next(((table, names) for table, columns in COLUMNS.items() if present.issuperset(columns)), None)


def read_header(stream: BinaryIO) -> bytes:
    """Return the first line of a table; a longer one than any header is cut."""
    return stream.readline(MAX_LINE)


def read_lines(stream: BinaryIO, table: Table, names: tuple[str, ...]) -> Iterator[Line | BadLine]:
    """Yield the lines after the header. Numbers count from 1, the header being line 1; empty lines are skipped."""
    wanted = [(names.index(column), column) for column in COLUMNS[table]]
    number = 1
    while raw := stream.readline(MAX_LINE):
        number += 1
        if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield BadLine(number, message("reading.long_line", most=MAX_LINE))
            continue
        raw = raw.rstrip(b"\r\n")
        if raw:
            yield _read_line(number, raw, names, wanted)


def _read_line(number: int, raw: bytes, names: tuple[str, ...], wanted: list[tuple[int, str]]) -> Line | BadLine:
    fields = raw.split(b"\t")
    if len(fields) != len(names):
        return BadLine(number, message("reading.columns", columns=len(fields), names=len(names)))
    values = {}
    for index, column in wanted:
        field = fields[index]
        if b"\x00" in field:
            return BadLine(number, message("reading.nul"), column)
        try:
            values[column] = field.decode().strip()
        except UnicodeDecodeError as error:
            return BadLine(number, message("reading.value_utf8", byte=error.start, field=field[:40]), column)
    return Line(number, values)
