from __future__ import annotations

import os
from pathlib import Path

import pytest
from watchlists.importing.tables import attempt, csv_text, workbook, written

ROWS = (("商標", "権利種別", "別表記", "満了日"), ("㈱髙﨑①印", "商標", "Kasumi, Ltd.、霞", "R9.7.6"))
HEAD = "商標,権利種別\r\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be", "euc_jp", "iso2022_jp_2004"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=ascii)
def test_a_table_is_read_whatever_program_saved_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    plain = {"euc_jp", "iso2022_jp_2004"} & {encoding}
    rows = (ROWS[0], ("霞印" if plain else ROWS[1][0], *ROWS[1][1:]))
    path = written(tmp_path, csv_text(*rows, delimiter=delimiter), encoding=encoding)
    outcome = attempt(path)
    assert outcome.mark["text"] == rows[1][0], outcome
    assert outcome.mark["variants"] == ["Kasumi, Ltd.", "霞"]


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"], ids=ascii)
@pytest.mark.parametrize("name", ["marks.csv", "marks.txt", "marks.tsv", "MARKS.CSV"])
def test_line_ends_of_every_system_are_read(tmp_path: Path, line_end: str, name: str) -> None:
    text = f'商標\t権利種別\t商品{line_end}霞印\t商標\t"タオル{line_end}手拭"{line_end}'
    assert attempt(written(tmp_path, text, name)).mark["goods_terms"] == ["タオル", "手拭"]


def test_half_width_kana_are_distinguished_from_letters_of_other_encodings(tmp_path: Path) -> None:
    rows = (("商標", "権利種別", "読み"), ("霞ﾀｵﾙ", "商標", "ｶｽﾐﾀｵﾙ"))
    for encoding in ("cp932", "euc_jp"):
        assert attempt(written(tmp_path, csv_text(*rows), encoding=encoding)).mark["text"] == "霞ﾀｵﾙ"
    assert attempt(written(tmp_path, "mark,kind\nｶｽﾐ,trademark\n")).mark["text"] == "ｶｽﾐ"


@pytest.mark.parametrize(
    "line", ["sep=,", "SEP=,", '"sep=,"', "sep=,,,,,", "sep=;", "sep=|", "sep=\t", "sep=", "sep=^"], ids=ascii
)
def test_the_hint_of_the_separator_is_obeyed_and_is_no_row(tmp_path: Path, line: str) -> None:
    delimiter = line.strip('"')[4:5] or ","
    for line_end in ("\r\n", "\n", "\r"):
        text = f"{line}\r\n{csv_text(*ROWS, ('雲印', '商票', '', ''), delimiter=delimiter)}".replace("\r\n", line_end)
        outcome = attempt(written(tmp_path, text, encoding="cp932"))
        assert outcome.mark["text"] == "㈱髙﨑①印", outcome
        assert [": B3 (権利種別): '商票'" in problem for problem in outcome.problems] == [True]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (HEAD.encode() + b'"open,trademark\r\n', "row 2 is not CSV"),
        (HEAD.encode() + b'"a"b,trademark\r\n', "表計算ソフトから保存し直してください"),
        (HEAD.encode() + b"\x81\x20,x\r\n", "line 2 holds a broken letter"),
        (HEAD.encode() + "霞印,商標\r\n".encode()[:-4] + b"\r\n", "2 行目に壊れた文字があります"),
        (b"\xef\xbb\xbf" + HEAD.encode() + b"\xff,x\r\n", "line 2 holds a broken letter"),
        ("mark,kind\r\nÉtoile,trademark\r\n".encode("cp1252"), "is neither UTF-8 nor Shift_JIS"),
        (b"\xff\xfe\x00", "is neither UTF-8 nor Shift_JIS"),
        (b"\x00\x00\x00\x00", "holds NUL characters"),
        (b"%PDF-1.7\r\n\x81\x20\xff\xff", "is neither UTF-8 nor Shift_JIS"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "no row of headings was found"),
        (b"x" * 5_000_001, "has more than 5,000,000 bytes; split it by holder"),
        (HEAD.encode() + b"a,design\r\n" * 2_001, "has more than 2,000 rows; split it by holder"),
        (b"a,b,c,d,e,f,g,h,i,j\r\n" * 10_001, "more than 100,000 filled cells; split it by holder"),
        (b"", "no row of headings was found; there is no column"),
        (HEAD.encode(), "has no row below the headings"),
        (b"\r\n\r\n", "見出しの行が見つかりません"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(tmp_path: Path, content: bytes, expected: str) -> None:
    path = written(tmp_path, content)
    outcome = attempt(path)
    assert outcome.marks == []
    assert expected in outcome.problems[0]
    assert all(str(path) in problem for problem in outcome.problems)


def test_a_quoted_text_formula_is_the_text_and_any_other_is_refused(tmp_path: Path) -> None:
    rows = (
        ("商標", "権利種別", "登録番号"),
        ("霞印", "商標", '="0060813"'),
        ("雲印", "商標", "=A2&B2"),
        ("雪印", "商標", "=A2+1"),
    )
    outcome = attempt(written(tmp_path, csv_text(*rows)))
    assert outcome.rights == [("0060813", None)]
    assert [f"C{row} (登録番号): '=A2" in problem for row, problem in enumerate(outcome.problems, 3)] == [True, True]
    assert "値を貼り付けてください" in outcome.problems[0]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#NAME?", "#DIV/0!", "#VALUE!", "########"])
def test_an_error_of_the_spreadsheet_is_refused_wherever_it_is_read(tmp_path: Path, error: str) -> None:
    rows = (("商標", "権利種別", "別表記"), ("霞印", "商標", error))
    (problem, *_) = attempt(written(tmp_path, csv_text(*rows))).problems
    assert f"C2 (別表記): {error!r}" in problem
    assert "is an error of the spreadsheet; write the value" in problem


def test_a_file_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    made = workbook(tmp_path, ("商標", "権利種別"), ("霞印", "商標"))
    assert attempt(written(tmp_path, made.read_bytes(), "renamed.csv")).mark["text"] == "霞印"
    (problem,) = attempt(written(tmp_path, HEAD, "table.ods")).problems
    assert "is neither CSV nor .xlsx; save it from the spreadsheet" in problem


def test_what_is_not_there_or_no_file_is_named(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path, expected in ((tmp_path / "none.csv", "cannot be read"), (tmp_path, "is no file"), (pipe, "is no file")):
        (problem,) = attempt(path).problems
        assert expected in problem
        assert str(path) in problem
