from __future__ import annotations

import csv
import io
import tomllib
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from ipwatch.errors import WatchlistError
from ipwatch.watchlists import parse_watchlist
from ipwatch.watchlists.importing import ImportedMarks, import_marks

HOLDER = {"id": "kasumi", "name_ja": "霞組合", "name_en": "Kasumi Union", "kind": "regional", "prefecture": "JP-38"}
JAPANESE = """\
商標,読み,別表記,権利種別,区分,登録番号,存続期間満了日,商品,正規価格下限,正規価格上限
霞タオル,かすみたおる,Kasumi Towel、霞毛巾,地域団体商標,第24類・25,第5060813号,令和9年7月6日,タオル;towel,500円,"20,000"
霞茶,ｶｽﾐﾁｬ,,地理的表示,30,,,茶|tea,,
"""


def written(directory: Path, text: str | bytes, name: str = "marks.csv", encoding: str = "utf-8") -> Path:
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def marks_of(imported: ImportedMarks) -> list[dict[str, Any]]:
    parse_watchlist(imported.toml.encode(), Path("kasumi.toml"))
    marks: list[dict[str, Any]] = tomllib.loads(imported.toml)["marks"]
    return marks


def attempt(path: Path, directory: Path) -> tuple[ImportedMarks | None, tuple[str, ...]]:
    try:
        imported = import_marks(path, HOLDER, directory)
    except WatchlistError as error:
        return None, error.problems
    return imported, imported.problems


EXPECTED: list[dict[str, Any]] = [
    {
        "id": "kasumi-towel",
        "text": "霞タオル",
        "readings": ["カスミタオル"],
        "variants": ["Kasumi Towel", "霞毛巾"],
        "kind": "regional_collective_mark",
        "nice_classes": [24, 25],
        "goods_terms": ["タオル", "towel"],
        "genuine_price_jpy": {"min": 500, "max": 20000},
        "rights": [
            {
                "office": "JP",
                "kind": "regional_collective_mark",
                "number": "5060813",
                "expires": date(2027, 7, 6),
            }
        ],
    },
    {
        "id": "mark-2",
        "text": "霞茶",
        "readings": ["カスミチャ"],
        "kind": "geographical_indication",
        "nice_classes": [30],
        "goods_terms": ["茶", "tea"],
    },
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_table_becomes_marks_whatever_program_saved_it(tmp_path: Path, encoding: str) -> None:
    text = JAPANESE.replace("毛巾", "巾") if encoding == "cp932" else JAPANESE
    imported = import_marks(written(tmp_path, text, encoding=encoding), HOLDER, tmp_path)
    expected = [{**EXPECTED[0], "variants": ["Kasumi Towel", "霞巾" if encoding == "cp932" else "霞毛巾"]}, EXPECTED[1]]
    assert marks_of(imported) == expected
    assert (imported.problems, imported.warnings) == ((), ())


def test_tabs_separate_as_well_as_commas(tmp_path: Path) -> None:
    text = "text\tkind\tgoods\n霞, 印\ttrademark\ttowel\n"
    assert marks_of(import_marks(written(tmp_path, text, "marks.tsv"), HOLDER, tmp_path)) == [
        {"id": "mark-1", "text": "霞, 印", "kind": "trademark", "goods_terms": ["towel"]}
    ]


def test_rows_of_one_mark_are_joined_and_each_adds_its_right(tmp_path: Path) -> None:
    text = (
        "商標,権利種別,登録番号,区分,商品\n"
        "霞印,商標,0012345,24,タオル\n"
        "霞印,意匠,0099999,25,帽子\n"
        "霞印,商標,0012345,24,タオル\n"
    )
    assert marks_of(import_marks(written(tmp_path, text), HOLDER, tmp_path)) == [
        {
            "id": "mark-1",
            "text": "霞印",
            "kind": "trademark",
            "nice_classes": [24, 25],
            "goods_terms": ["タオル", "帽子"],
            "rights": [
                {"office": "JP", "kind": "trademark", "number": "0012345"},
                {"office": "JP", "kind": "design", "number": "0099999"},
            ],
        }
    ]


def test_marks_of_the_same_latin_name_get_ids_of_their_own(tmp_path: Path) -> None:
    text = "text,kind,id\nKasumi!,trademark,\nKASUMI,trademark,\nÉtoile,trademark,\nK,trademark,kasumi\n"
    marks = marks_of(import_marks(written(tmp_path, text), HOLDER, tmp_path))
    assert [mark["id"] for mark in marks] == ["kasumi-2", "kasumi-3", "etoile", "kasumi"]


def test_figures_and_pictures_that_are_everybodys_are_read(tmp_path: Path) -> None:
    (tmp_path / "soon.png").write_bytes(b"picture")
    text = "商標,権利種別,図形分類,除外画像\n霞,商標,26.1.1、5.07.13,soon.png\n霞,商標,3.4,\n"
    (tmp_path / "w").mkdir()
    imported = import_marks(written(tmp_path / "w", text), HOLDER, tmp_path)
    assert imported.problems == ()
    (mark,) = tomllib.loads(imported.toml)["marks"]
    assert mark["vienna_codes"] == ["26.1.1", "5.07.13", "3.4"]
    assert mark["exclude_images"] == ["soon.png"]


BAD = [
    ("霞,brand", "2, column kind: 'brand' is no kind of right; write one of: 商標, 団体商標"),
    (",trademark", "2, column text: is empty; fill it in"),
    ("霞,", "2, column kind: is empty; fill it in"),
    ("霞,trademark,漢字", "2, column readings: '漢字' is not a reading"),
    ("霞,trademark,,46", "2, column nice_classes: 46 is out of range"),
    ("霞,trademark,,abc", "2, column nice_classes: 'abc' is no class; write numbers from 1 to 45"),
    ("霞,trademark,,,2027-13-01", "2, column expires: '2027-13-01' is no day of the calendar; write it as 2027-07-06"),
    ("霞,trademark,,,soon", "2, column expires: 'soon' is no date; write it as 2027-07-06"),
    ("霞,trademark,,,,free", "2, column price_min: 'free' is no amount in yen; write digits, such as 1500"),
    ("霞,trademark,,,,500,50", "2, column price_max: 50 is less than min (500); exchange the two"),
    ("=1+1,trademark", "2, column text: holds the formula '=1+1', which is not evaluated; paste the value"),
    ("霞,trademark,,,,,,../x.png", "2, column images: '../x.png' leads out of the watchlist's folder"),
    ("霞,trademark,,,,,,,Bad Id", "2, column id: 'Bad Id' is not an id"),
]


@pytest.mark.parametrize(("row", "told"), BAD, ids=range(len(BAD)))
def test_a_bad_row_is_named_with_row_column_and_mend(tmp_path: Path, row: str, told: str) -> None:
    header = "text,kind,readings,nice_classes,expires,price_min,price_max,images,id\n"
    path = written(tmp_path, f"{header}{row}\n良印,商標\n")
    imported = import_marks(path, HOLDER, tmp_path)
    assert [problem.startswith(f"{path}: row {told}") for problem in imported.problems] == [True], imported.problems
    assert [mark["text"] for mark in marks_of(imported)] == ["良印"]


def test_rows_that_contradict_an_earlier_one_are_named(tmp_path: Path) -> None:
    text = "text,kind,price_min,id\n霞,商標,500,a\n霞,商標,900,a\n雲,商標,,a\n"
    path = written(tmp_path, text)
    assert import_marks(path, HOLDER, tmp_path).problems == (
        f"{path}: row 3, column price_min: differs from an earlier row of '霞'; write it in one row only",
        f"{path}: row 4, column id: 'a' is the id of '霞'; give each mark an id of its own",
    )


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "marks.csv", "there is no column text or mark or"),
        ("商標,権利種別\n".encode(), "marks.csv", "has no row below the headings"),
        ("商標,name,権利種別,mark\n".encode(), "marks.csv", "stands for the same as 商標; delete one"),
        (b'text,kind\n"open,trademark\n', "marks.csv", "is not a CSV table"),
        (b"text,kind\n\x81\x20,x\n", "marks.csv", "is neither UTF-8 nor Shift_JIS"),
        (b"text,kind\na\0b,trademark\n", "marks.csv", "holds NUL characters"),
        (b"x" * 5_000_001, "marks.csv", "has more than 5,000,000 bytes"),
        (b"text,kind\n" + b"a,design\n" * 2_001, "marks.csv", "has more than 2000 rows"),
        (b"text,kind\na,design\n", "marks.ods", "is neither CSV nor .xlsx"),
        (b"text,kind\na,design\n", "marks.xlsx", "cannot be read as a workbook (BadZipFile)"),
    ],
    ids=["empty", "no-rows", "twice", "quote", "noise", "nul", "huge", "rows", "ods", "not-xlsx"],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(
    tmp_path: Path, content: bytes, name: str, told: str
) -> None:
    path = written(tmp_path, content, name)
    _, problems = attempt(path, tmp_path)
    assert any(told in problem and str(path) in problem for problem in problems), problems


def test_a_column_nobody_reads_is_told_with_what_it_might_be(tmp_path: Path) -> None:
    path = written(tmp_path, "text,kind,readinsg,memo\nKasumi,design,x,y\n")
    assert import_marks(path, HOLDER, tmp_path).warnings == (
        f"{path}: row 1, column readinsg: the column is not read; did you mean reading?",
        f"{path}: row 1, column memo: the column is not read; delete the column, or rename it",
    )


def test_a_holder_that_cannot_be_is_named_by_its_option(tmp_path: Path) -> None:
    path = written(tmp_path, JAPANESE)
    with pytest.raises(WatchlistError) as caught:
        import_marks(path, {**HOLDER, "id": "Kasumi", "prefecture": "38"}, tmp_path)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["--holder-id", "--prefecture"]


def workbook(directory: Path, *rows: tuple[Any, ...]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    path = directory / "marks.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_own_numbers_and_dates(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ("商標", "権利種別", "登録番号", "満了日", "区分", "正規価格下限"),
        ("霞印", "商標", "0060813", datetime(2027, 7, 6), 24, 500),  # noqa: DTZ001 - Excel knows no time zones
        (None, None, None, None, None, None),
        ("雲印", "商標", 5060813, "2027/7/6", "24、25", 1500.0),
    )
    imported = import_marks(path, HOLDER, tmp_path)
    marks = marks_of(imported)
    assert [mark["rights"][0]["number"] for mark in marks] == ["0060813", "5060813"]
    assert [mark["rights"][0]["expires"] for mark in marks] == [date(2027, 7, 6)] * 2
    assert [mark["nice_classes"] for mark in marks] == [[24], [24, 25]]
    assert [mark["genuine_price_jpy"] for mark in marks] == [{"min": 500}, {"min": 1500}]
    assert imported.warnings == (
        f"{path}: row 4, column 登録番号: 5060813 is a number, so that leading zeros may be lost; format it as text",
    )


def test_a_formula_in_a_workbook_is_named_and_never_evaluated(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("text", "kind"), ('=HYPERLINK("http://example.invalid")', "trademark"), ("霞印", "商標"))
    imported = import_marks(path, HOLDER, tmp_path)
    assert len(imported.problems) == 1
    assert "row 2, column text: holds the formula" in imported.problems[0]


def test_only_the_first_sheet_is_read_and_that_is_told(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("text", "kind"), ("霞印", "商標"))
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "marks"
    first.append(("text", "kind"))
    first.append(("霞印", "商標"))
    book.create_sheet("old")
    book.save(path)
    assert import_marks(path, HOLDER, tmp_path).warnings == (
        f"{path}: only the first sheet 'marks' is read, not 'old'",
    )


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "marks.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_001)
    assert path.stat().st_size < 100_000
    with pytest.raises(WatchlistError, match="unpacks to more than 20,000,000 bytes"):
        import_marks(path, HOLDER, tmp_path)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.99])
def test_a_torn_workbook_is_refused_with_the_mend(tmp_path: Path, keep: float) -> None:
    path = workbook(tmp_path, ("text", "kind"), ("霞印", "商標"))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(WatchlistError, match="and save it as"):
        import_marks(path, HOLDER, tmp_path)


def same_workbook_every_time(directory: Path) -> bytes:
    """Return a workbook without the times at which it was made, so that damage to it can be repeated."""
    made = zipfile.ZipFile(workbook(directory, ("text", "kind"), ("霞印", "商標")))
    out = io.BytesIO()
    with made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(set(made.namelist()) - {"docProps/core.xml"}):
            archive.writestr(zipfile.ZipInfo(name), made.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()


@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8))
def test_damage_in_a_workbook_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[float, int]]
) -> None:
    directory = tmp_path_factory.mktemp("damaged")
    content = bytearray(same_workbook_every_time(directory))
    for place, value in damage:
        content[int(place * len(content))] = value
    path = written(directory, bytes(content), "marks.xlsx")
    _, problems = attempt(path, directory)
    assert all(str(path) in problem for problem in problems)


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=6))
def test_whatever_a_table_holds_the_watchlist_made_of_it_passes_the_check(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str]]
) -> None:
    directory = tmp_path_factory.mktemp("table")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("text", "kind", "variants", "goods_terms", "number"))
    writer.writerow(("良印", "商標", "", "", ""))
    writer.writerows((text, "商標", variants, goods, number) for text, variants, goods, number in rows)
    path = directory / "marks.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig"))
    imported, problems = attempt(path, directory)
    assert all(str(path) in problem for problem in problems)
    assert imported is not None
    marks = parse_watchlist(imported.toml.encode(), directory / "kasumi.toml").watchlist.marks
    assert len(marks) == imported.marks
    assert marks[0].text == "良印"
