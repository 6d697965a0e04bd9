"""Nothing is lost without a word, and no file ends in a traceback."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from watchlists.importing.tables import Outcome, attempt, csv_text, workbook, written

from ipwatch.watchlists.importing.headings import field_of
from ipwatch.watchlists.importing.rows import is_ditto
from ipwatch.watchlists.schema import as_katakana

REFERENCE = r"[A-Z]{1,3}[0-9]+"
CELL_REFERENCES = re.compile(rf"(?:Sheet!)?({REFERENCE}(?::{REFERENCE})?(?:, {REFERENCE}(?::{REFERENCE})?)*)(?: \(|: )")
WORDS = ("3", "25", "5060813", "5060814", "第", "号", "類", "の")
names = st.one_of(
    st.text("アイウエオカキクケコ", min_size=3, max_size=5),
    st.text("abcdefgh", min_size=3, max_size=5),
    st.text("東西南北上下左右", min_size=2, max_size=4),
)
SEPARATORS = (
    "、",
    "，",
    ",",
    "・",
    "/",
    "／",
    ";",
    "；",
    "|",
    "\n",
    "\t",
    " ",
    "\u3000",
    "-",
    "～",
    "（",
    "）",
    "※",
    "〃",
    "なし",
    "合計",
)
separators = st.sampled_from(SEPARATORS)
mixed = st.lists(st.one_of(st.sampled_from(WORDS), names, separators), max_size=6).map("".join)
lists = st.builds(str.join, separators, st.lists(names, min_size=2, max_size=5))
pieces = st.one_of(mixed, lists, lists, separators)
noise = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
days = st.sampled_from(["R9.7.6", "2027/7/6", "46574", "令和九年七月六日", "7/6/2027", "2027/7/6、R10.1.31", "いつか"])
numbers = st.sampled_from(
    ["5060813", "第5060813号の1", "5060813、5060814", "商願2026-101001", "5060813ほか", "-", "未登録"]
)
products = st.sampled_from(
    ["978-4-08-*", "4901234567894、WH-1000XM*", "4901234567890", "4.9E+12", "978*4", "WH-1000XM5|wh1000xm5", "*"]
)
accounts = st.sampled_from(
    ["rakuten:kasumi", "Rakuten：kasumi、ebay:copies", "https://www.rakuten.co.jp/kasumi/", "霞公式", "a:b:c", ":"]
)
kinds = st.sampled_from(["商標", "意匠", "GI", "商標", "商標", "印"])
HEADINGS = {
    "商標": st.one_of(st.sampled_from(["霞印", "雲印", "スター・ウォーズ", "霞、雲"]), pieces, noise),
    "権利\n種別": kinds,
    "別表記1": st.one_of(pieces, noise),
    "英語表記": st.one_of(pieces, noise),
    "称呼": st.one_of(pieces, st.sampled_from(["カスミ", "カスミ、クモ"])),
    "区分": st.one_of(pieces, st.sampled_from(["24", "第3類、第25類", "1～3"])),
    "指定商品": st.one_of(pieces, noise),
    "除外語": st.one_of(pieces, noise),
    "登録番号": st.one_of(numbers, pieces),
    "満了日": st.one_of(days, pieces),
    "許諾先": st.one_of(pieces, noise),
    "自社商品JAN／\n型番": st.one_of(products, pieces),
    "許諾していない商品": st.one_of(pieces, noise),
    "公式販売店": st.one_of(accounts, pieces),
    "要注意出品者 (出品禁止)": st.one_of(accounts, pieces),
    "中古品の扱い": st.sampled_from(["rank", "ignore", "いつか"]),
    "表示の多さ": st.sampled_from(["broad", "1"]),
    "権利者": st.sampled_from(["霞組合", "雲組合", ""]),
    "備考": st.one_of(pieces, noise),
    "": st.one_of(pieces, noise),
}
SPARSE = st.sampled_from(["", "", "", "※ 注記", "以上", "合計", "商標", "1"])


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, ...]]:
    others = draw(
        st.lists(st.sampled_from([name for name in HEADINGS if name not in {"商標", "権利\n種別"}]), unique=True)
    )
    headings = draw(st.permutations(["商標", "権利\n種別", *others]))
    blank = tuple("" for _ in headings)
    above = draw(st.lists(st.tuples(*(SPARSE for _ in headings)), max_size=2))
    empty_or = [st.one_of(st.just(""), HEADINGS[name]) for name in headings]
    full = [HEADINGS[name] for name in headings]
    row = st.one_of(st.tuples(*full), st.tuples(*empty_or), st.tuples(*(SPARSE for _ in headings)), st.just(blank))
    sure = tuple({"商標": "良印", "権利\n種別": "商標"}.get(name, "") for name in headings)
    return [*above, tuple(headings), sure, *draw(st.lists(row, max_size=5))]


def named(sentences: tuple[str, ...], path: Path) -> set[tuple[int, int]]:
    """Return the cells that sentences name."""
    cells: set[tuple[int, int]] = set()
    for sentence in sentences:
        match = CELL_REFERENCES.match(sentence.removeprefix(f"{path}: "))
        for reference in match.group(1).split(", ") if match else ():
            first, _, last = reference.partition(":")
            (column, top), (_, bottom) = coordinate_from_string(first), coordinate_from_string(last or first)
            cells.update((row, column_index_from_string(column)) for row in range(top, bottom + 1))
    return cells


def plain(text: str) -> str:
    return as_katakana(unicodedata.normalize("NFKC", text)).casefold()


def values(thing: Any) -> str:
    if isinstance(thing, dict):
        return "\n".join(values(each) for each in thing.values())
    return "\n".join(map(values, thing)) if isinstance(thing, list) else plain(str(thing))


def words(text: str, field: str | None) -> list[str]:
    """Return the parts of a cell that must be in the marks: the digits of numbers and classes, else the words."""
    matches = re.findall(r"[0-9]+" if field in {"number", "nice_classes"} else r"[^\W_]+", plain(text))
    return matches or [plain(text).strip()]


def unaccounted(rows: list[tuple[str, ...]], path: Path, outcome: Outcome) -> list[str]:
    """Return the filled cells that are neither in the marks nor named: their words are searched for in the marks."""
    made = values(outcome.marks) + "\n霞組合"
    reported = named(outcome.warnings + outcome.problems, path)
    left_out = {row for row, _ in named(outcome.problems, path)}
    top = next(number for number, row in enumerate(rows) if "権利\n種別" in row)
    lost = []
    for number, row in enumerate(rows, 1):
        for column, (heading, cell) in enumerate(zip(rows[top], row, strict=True), 1):
            if not cell.strip("\u200b\u200c\u200d\u2060\ufeff \u3000\xa0").strip() or (number, column) in reported:
                continue
            if number in left_out or (number == top + 1 and field_of(cell)):
                continue
            if is_ditto(cell) and number > top + 2:
                continue  # It stands for the cell above.
            if field_of(heading) in {"kind", "expires"} and re.search("商標|意匠|gi|[年./]", plain(cell)):
                continue  # Their words are not those of the watchlist: other tests read them.
            if number <= top or not all(word in made for word in words(cell, field_of(heading))):
                lost.append(f"{number}, {column}: {cell!r}")
    return lost


@given(tables())
def test_every_filled_cell_of_a_text_file_is_in_the_watchlist_or_named(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    path = written(tmp_path_factory.mktemp("table"), csv_text(*rows).encode("utf-8-sig"))
    outcome = attempt(path)
    assert all(str(path) in sentence for sentence in outcome.problems + outcome.warnings)
    assert outcome.marks
    assert unaccounted(rows, path, outcome) == []


@given(tables())
def test_every_filled_cell_of_a_workbook_is_in_the_watchlist_or_named(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    path = workbook(tmp_path_factory.mktemp("table"), *rows)
    outcome = attempt(path)
    assert outcome.marks
    assert unaccounted(rows, path, outcome) == []


def everything(directory: Path) -> dict[str, bytes]:
    """Return the parts of a workbook that has a little of everything, the same each time."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("一覧",),
        ("商標", "権利種別", "満了日", "登録番号"),
        ("霞印", "商標", 46574, "5060813"),
        ("", "", "=A1", 1.5),
    ):
        sheet.append(row)
    sheet.merge_cells("A3:A4")
    sheet["C3"].number_format = "[$-411]ge.m.d"
    sheet.row_dimensions[4].hidden = True
    book.create_sheet("控え").append(("商標",))
    path = directory / "everything.xlsx"
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist()) if "docProps" not in name}


def packed(directory: Path, parts: dict[str, bytes]) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return written(directory, out.getvalue(), "marks.xlsx")


PARTS = ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels")
SNIPPETS = [
    *(
        b"-1",
        b"999999999999",
        b"1e400",
        b"nan",
        b"",
        b"<",
        b'"',
        b">",
        b"&#0;",
        b"\xff",
        b"A0",
        b"XFE1",
        b'r="0"',
        b'r="-3"',
    ),
    *(
        b' t="s"',
        b' t="e"',
        b' t="d"',
        b' t="b"',
        b' s="99"',
        b"<v>x</v>",
        b"<is/>",
        b"<f/>",
        b' date1904="1"',
        b"xl/../../x",
    ),
    *(
        b' state="veryHidden"',
        b' hidden="1"',
        b"<mergeCell ref='A1:B'/>",
        b"<col min='9' max='-1' hidden='1'/>",
        b"\x00",
    ),
]


@given(
    st.sampled_from(PARTS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(SNIPPETS)), max_size=4),
)
def test_damage_in_the_parts_of_a_workbook_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, part: str, damage: list[tuple[float, int, bytes]]
) -> None:
    directory = tmp_path_factory.mktemp("damaged")
    parts = everything(directory)
    for fraction, length, snippet in damage:
        offset = int(fraction * len(parts[part]))
        parts[part] = parts[part][:offset] + snippet + parts[part][offset + length :]
    path = packed(directory, parts)
    outcome = attempt(path)
    assert all(str(path) in sentence for sentence in outcome.problems)


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8))
def test_damage_in_the_bytes_of_a_workbook_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[float, int]]
) -> None:
    directory = tmp_path_factory.mktemp("damaged")
    content = bytearray(packed(directory, everything(directory)).read_bytes())
    for fraction, value in damage:
        content[int(fraction * len(content))] = value
    path = written(directory, bytes(content), "marks.xlsx")
    assert all(str(path) in sentence for sentence in attempt(path).problems)


@given(
    st.sampled_from(["utf-8", "cp932", "utf-16", "utf-16-be"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.binary(max_size=3)), max_size=6),
)
def test_damage_in_a_text_file_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, encoding: str, damage: list[tuple[float, int, bytes]]
) -> None:
    rows = (
        ("商標", "権利種別", "満了日", "登録番号"),
        ("霞印", "商標", "R9.7.6", "5060813、5060814"),
        ("雲印", "商標", "", ""),
    )
    content = f"sep=,\r\n{csv_text(*rows)}".encode(encoding)
    for fraction, length, snippet in damage:
        offset = int(fraction * len(content))
        content = content[:offset] + snippet + content[offset + length :]
    path = written(tmp_path_factory.mktemp("damaged"), content)
    assert all(str(path) in sentence for sentence in attempt(path).problems)
