from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet
from watchlists.importing.tables import Outcome, attempt, workbook, written

HEAD = ("商標", "権利種別", "登録番号", "満了日")
ROW = ("霞印", "商標", "5060813", "2027/7/6")
DAY = date(2027, 7, 6)
RIGHT = [("5060813", DAY)]


def made(directory: Path, change: Callable[[Workbook, Worksheet], None], *rows: tuple[object, ...]) -> Outcome:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "一覧"
    for row in rows or (HEAD, ROW):
        sheet.append(row)
    change(book, sheet)
    path = directory / "marks.xlsx"
    book.save(path)
    return attempt(path)


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """Change the XML of one part, as programs other than openpyxl write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            content = archive.read(name)
            plain = re.sub(r"&#([0-9]+);", lambda match: chr(int(match.group(1))), content.decode())
            copy.writestr(name, change(plain) if name == part else content)
    path.write_bytes(out.getvalue())
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("format_", "value"),
    [
        ("yyyy/m/d", DAY),
        ("General", 46574),
        ("General", 46574.0),
        ("@", "46574"),
        ('[$-411]ggge"年"m"月"d"日"', datetime(2027, 7, 6)),  # noqa: DTZ001 - Excel knows no time zones
        ("[$-411]ge.m.d", datetime(2027, 7, 6, 15, 30)),  # noqa: DTZ001
        ("0", 20270706),
        ("@", "2027/7/6 0:00:00"),
    ],
)
def test_a_day_is_read_whatever_format_its_cell_has(tmp_path: Path, format_: str, value: object) -> None:
    def change(_book: Workbook, sheet: Worksheet) -> None:
        sheet["D2"].number_format = format_

    assert made(tmp_path, change, HEAD, (*ROW[:3], value)).rights == RIGHT


@pytest.mark.parametrize("number", [31, 57, 58])
def test_the_built_in_formats_of_japanese_excel_are_dates(tmp_path: Path, number: int) -> None:
    path = workbook(tmp_path, HEAD, (*ROW[:3], DAY))
    rewritten(path, "xl/styles.xml", lambda xml: re.sub(r'numFmtId="14"', f'numFmtId="{number}"', xml))
    assert 'numFmtId="14"' not in zipfile.ZipFile(path).read("xl/styles.xml").decode()
    outcome = attempt(path)
    assert outcome.rights == RIGHT
    assert outcome.warnings == ()


def test_days_are_counted_from_1904_where_the_workbook_does(tmp_path: Path) -> None:
    def change(book: Workbook, _sheet: Worksheet) -> None:
        book.epoch = CALENDAR_MAC_1904

    for value in (DAY, 45112, "45112"):
        assert made(tmp_path, change, HEAD, (*ROW[:3], value)).rights == RIGHT


def test_saved_results_of_formulas_are_used_and_reported(tmp_path: Path) -> None:
    path = workbook(tmp_path, (*HEAD, "読み"), (*ROW[:3], "=EDATE(E2,120)", "=PHONETIC(A2)"))

    def saved(xml: str) -> str:
        xml = re.sub(r'<c r="D2"([^>]*)>(<f>.*?</f>)<v ?(?:/>|></v>)', r'<c r="D2"\1>\2<v>46574</v>', xml)
        return re.sub(r'<c r="E2"([^>]*)>(<f>.*?</f>)<v ?(?:/>|></v>)', r'<c r="E2" t="str"\1>\2<v>カスミ</v>', xml)

    outcome = attempt(rewritten(path, SHEET, saved))
    assert outcome.rights == RIGHT
    assert outcome.mark["readings"] == ["カスミ"]
    assert "Sheet!D2, E2: 数式は、保存されている結果を使いました" in outcome.warnings[0]


def test_a_formula_without_a_result_and_an_error_are_refused(tmp_path: Path) -> None:
    rows = (HEAD, ("霞印", "商標", '=HYPERLINK("http://example.invalid")', ""), ("雲印", "商標", "#N/A", ""))
    outcome = attempt(workbook(tmp_path, *rows))
    assert outcome.marks == []
    assert "Sheet!C2 (登録番号): '=HYPERLINK" in outcome.problems[0]
    assert "paste the value" in outcome.problems[0]
    assert "Sheet!C3 (登録番号): '#N/A': 表計算ソフトのエラーです" in outcome.problems[1]


def test_a_formula_that_gives_nothing_is_an_empty_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEAD, (*ROW[:3], '=IF(A2="","",A2)'))
    empty = rewritten(path, SHEET, lambda xml: xml.replace('<c r="D2">', '<c r="D2" t="str">'))
    outcome = attempt(empty)
    assert outcome.rights == [("5060813", None)]
    assert outcome.warnings == ()


def test_text_that_begins_like_a_formula_is_text(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEAD, ("LOVE", *ROW[1:]))
    assert attempt(rewritten(path, SHEET, lambda xml: xml.replace(">LOVE<", ">=LOVE<"))).mark["text"] == "=LOVE"


def test_a_cell_merged_downwards_counts_for_all_its_rows(tmp_path: Path) -> None:
    def change(_book: Workbook, sheet: Worksheet) -> None:
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("E2:E4")

    rows = ((*HEAD, "区分"), (*ROW, 24), ("", "", "5060814", "R13.1.31"), ("雲印", "意匠", "1000001", ""))
    outcome = made(tmp_path, change, *rows)
    assert outcome.problems == ()
    assert [mark["nice_classes"] for mark in outcome.marks] == [[24], [24]]
    assert outcome.marks[0]["rights"] == [
        {"office": "JP", "kind": "trademark", "number": "5060813", "expires": DAY},
        {"office": "JP", "kind": "trademark", "number": "5060814", "expires": date(2031, 1, 31)},
    ]


def test_a_title_merged_across_is_no_mark(tmp_path: Path) -> None:
    def change(_book: Workbook, sheet: Worksheet) -> None:
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("A4:D4")

    rows = (
        ("商標一覧", "", "", ""),
        HEAD,
        ROW,
        ("２．地域団体商標の部", "", "", ""),
        ("雲印", "地域団体商標", "5060814", ""),
    )
    outcome = made(tmp_path, change, *rows)
    assert [mark["text"] for mark in outcome.marks] == ["霞印", "雲印"]
    assert [warning.split(": ")[1] for warning in outcome.warnings] == ["一覧!A1", "一覧!A4"]
    assert "is taken for a title across the table" in outcome.warnings[1]


def test_the_first_visible_sheet_with_headings_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    def change(book: Workbook, sheet: Worksheet) -> None:
        cover = book.create_sheet("表紙", 0)
        cover.append(("商標リスト",))
        hidden = book.create_sheet("控え", 0)
        hidden.append(HEAD)
        hidden.append(("雪印", *ROW[1:]))
        hidden.sheet_state = "hidden"
        old = book.create_sheet("令和5年度")
        old.append(HEAD)
        old.append(("雲印", *ROW[1:]))
        book.create_sheet("空")
        sheet["F1"] = None

    outcome = made(tmp_path, change)
    assert outcome.mark["text"] == "霞印"
    assert [warning.split(": ")[1] for warning in outcome.warnings] == [
        "控え!A1:A2, B1:B2, C1:C2, D1:D2",
        "表紙!A1",
        "令和5年度!A1:A2, B1:B2, C1:C2, D1:D2",
    ]
    assert "非表示" in outcome.warnings[0]
    assert "to read it: --sheet 令和5年度" in outcome.warnings[2]
    assert outcome.unused == 17
    path = tmp_path / "marks.xlsx"
    assert attempt(path, sheet="令和５年度").mark["text"] == "雲印"
    assert attempt(path, sheet="控え").mark["text"] == "雪印"
    (problem,) = attempt(path, sheet="なし").problems
    assert "there is no sheet 'なし'; there are: '控え', '表紙', '一覧', '令和5年度', '空'" in problem


def test_hidden_rows_and_columns_are_read_and_reported(tmp_path: Path) -> None:
    def change(_book: Workbook, sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    outcome = made(tmp_path, change, HEAD, ROW, ("雲印", "商標", "", ""))
    assert len(outcome.marks) == 2
    assert [": 一覧!A3, B3, C2: 非表示の行か列ですが" in warning for warning in outcome.warnings] == [True]


def test_a_struck_out_cell_is_reported_and_a_partly_struck_out_cell_is_refused(tmp_path: Path) -> None:
    struck = InlineFont(strike=True)

    def change(_book: Workbook, sheet: Worksheet) -> None:
        sheet["A2"].font = Font(strike=True)
        sheet["D2"] = CellRichText(TextBlock(struck, "2027/7/6"))
        sheet["C3"] = CellRichText(TextBlock(struck, "5060813"), "5060814")

    outcome = made(tmp_path, change, HEAD, ROW, ("雲印", "商標", "", ""))
    assert outcome.rights == RIGHT
    assert [
        "一覧!A2 (商標): '霞印': 取り消し線があります" in outcome.warnings[0],
        "一覧!D2" in outcome.warnings[1],
    ] == [True] * 2
    assert ["一覧!C3 (登録番号): '50608135060814'" in problem for problem in outcome.problems] == [True]
    assert "delete what is struck out" in outcome.problems[0]


def test_furigana_are_no_part_of_a_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEAD, ROW)
    plain = re.compile(r"<is><t>霞印</t></is>")
    furigana = '<is><t>霞印</t><rPh sb="0" eb="1"><t>カスミ</t></rPh><phoneticPr fontId="1"/></is>'
    assert attempt(rewritten(path, SHEET, lambda xml: plain.sub(furigana, xml))).mark["text"] == "霞印"
    assert "カスミ" in zipfile.ZipFile(path).read(SHEET).decode()


def test_strings_that_cells_share_are_read_with_their_runs(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEAD, (0, 1, 2, 3))
    items = (
        "<si><t>霞印</t><rPh sb='0' eb='1'><t>カスミ</t></rPh></si>"
        "<si><r><t>商</t></r><r><rPr><b/></rPr><t>標</t></r></si>"
        "<si><r><rPr><strike/></rPr><t>5060813</t></r><r><t>5060814</t></r></si>"
        "<si><r><rPr><strike val='0'/></rPr><t>2027/</t></r><r><t>7/6</t></r></si>"
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/strings.xml", f'<sst xmlns="{space}">{items}</sst>')
    link = f'<Relationship Id="rId99" Type="{kind}" Target="strings.xml"/></Relationships>'
    rewritten(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("</Relationships>", link))
    rewritten(path, SHEET, lambda xml: re.sub(r'(r="[A-D]2") t="n"|(r="[A-D]2")', r'\1\2 t="s"', xml))
    (problem,) = attempt(path).problems[:1]
    assert "Sheet!C2 (登録番号): '50608135060814': 一部に取り消し線" in problem
    rewritten(path, "xl/strings.xml", lambda xml: xml.replace("<rPr><strike/></rPr><t>5060813", "<t>"))
    outcome = attempt(path)
    assert (outcome.mark["text"], outcome.mark["kind"], outcome.rights) == ("霞印", "trademark", [("5060814", DAY)])
    assert outcome.warnings == ()


def test_comments_and_pictures_are_reported(tmp_path: Path) -> None:
    def change(_book: Workbook, sheet: Worksheet) -> None:
        sheet["C2"].comment = Comment("分割出願あり", "担当")

    outcome = made(tmp_path, change)
    assert [": 一覧!C2: '分割出願あり': コメントは読みません" in warning for warning in outcome.warnings] == [True]
    path = workbook(tmp_path, HEAD, ROW)
    rewritten(path, SHEET, lambda xml: xml.replace("</worksheet>", '<drawing id="rId9"/></worksheet>'))
    assert ["pictures and drawings on the sheet are not read" in warning for warning in attempt(path).warnings] == [
        True
    ]


def test_a_workbook_of_other_programs_is_read(tmp_path: Path) -> None:
    strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    transitional = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    path = workbook(tmp_path, HEAD, ROW)
    for part in (SHEET, "xl/workbook.xml", "xl/styles.xml"):
        rewritten(path, part, lambda xml: xml.replace(transitional, strict))
    rewritten(path, SHEET, lambda xml: re.sub(r' r="[A-Z]*[0-9]+"', "", xml))
    rewritten(path, SHEET, lambda xml: xml.replace(">霞印<", ">霞_x000D_印<"))
    (problem,) = attempt(path).problems[:1]
    assert "A2 (商標)" in problem
    assert "has a line break" in problem


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "is of the old format .xls; open it in Excel and save it as .xlsx",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "パスワードを外して保存してください",
        ),
        (b"PK\x03\x04" + b"\0" * 100, "cannot be read as a workbook (BadZipFile)"),
        (b"PK\x05\x06" + b"\0" * 18, "is a zip file but no workbook"),
        ("商標,権利種別\r\n".encode(), "cannot be read as a workbook"),
        (b"PK\x03\x04" + b"x" * 20_000_000, "has more than 20,000,000 bytes"),
    ],
    ids=["xls", "password", "torn", "zip", "csv", "huge"],
)
def test_what_is_no_workbook_is_refused_with_the_fix(tmp_path: Path, content: bytes, expected: str) -> None:
    (problem,) = attempt(written(tmp_path, content, "marks.xlsx")).problems
    assert expected in problem


def test_an_open_document_is_refused_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "marks.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    (problem,) = attempt(path).problems
    assert "is an OpenDocument file (.ods); save it as .xlsx or CSV" in problem


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEAD, ROW)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"0" * 50_000_001)
    assert path.stat().st_size < 100_000
    (problem,) = attempt(path).problems
    assert "unpacks to more than 50,000,000 bytes" in problem


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace("<sheetData>", '<cols><col min="1" max="16384" hidden="1"/></cols><sheetData>'),
        lambda xml: xml.replace(
            "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A2:XFD1048576"/></mergeCells>'
        ),
        lambda xml: xml.replace('<row r="2">', '<row r="1048576">').replace('r="A2"', 'r="A1048576"'),
        lambda xml: xml.replace(
            "</sheetData>", "</sheetData><mergeCells>" + '<mergeCell ref="A2:A1048576"/>' * 10_000 + "</mergeCells>"
        ),
        lambda xml: (
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + xml[xml.index("<worksheet") :]
        ),
        lambda xml: xml.replace("<sheetData>", "<sheetData>" + "<row><c><v>1</v></c></row>" * 100_001),
        lambda xml: xml.replace("<sheetData>", "<sheetData>" + "<x>" * 100_000),
        lambda xml: xml.replace('r="A2"', 'r="ZZZ9"'),
        lambda xml: xml.replace('r="A2"', 'r="A2" s="99999" t="s"'),
        lambda xml: xml.replace("<v", "<v>1e999</v><v"),
    ],
    ids=["columns", "merged", "last-row", "merges", "entities", "cells", "deep", "far", "index", "infinite"],
)
def test_a_hostile_workbook_costs_little_and_ends_in_a_sentence(tmp_path: Path, change: Callable[[str], str]) -> None:
    path = rewritten(workbook(tmp_path, HEAD, (*ROW[:3], 46574)), SHEET, change)
    started = time.perf_counter()
    outcome = attempt(path)
    assert time.perf_counter() - started < 30
    assert outcome.marks or all(str(path) in problem for problem in outcome.problems)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.99])
def test_a_torn_workbook_is_refused_with_the_fix(tmp_path: Path, keep: float) -> None:
    path = workbook(tmp_path, HEAD, ROW)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    (problem,) = attempt(path).problems
    assert "and save it as .xlsx again" in problem
