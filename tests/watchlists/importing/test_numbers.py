from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from watchlists.importing.tables import attempt, csv_text, one_row, workbook, written

FIRST, SECOND = "5060813", "5060814"
DAY, LATER = date(2027, 7, 6), date(2031, 1, 31)


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"{FIRST}、{SECOND}",
            f"{FIRST},{SECOND}",
            f"{FIRST}，{SECOND}",
            f"{FIRST};{SECOND}",
            f"{FIRST}；{SECOND}",
            f"{FIRST}|{SECOND}",
        ),
        *(
            f"{FIRST}・{SECOND}",
            f"{FIRST}／{SECOND}",
            f"{FIRST}/{SECOND}",
            f"{FIRST} {SECOND}",
            f"{FIRST}\u3000{SECOND}",
            f"{FIRST}\t{SECOND}",
        ),
        *(
            f"{FIRST}\n{SECOND}",
            f"第{FIRST}号、第{SECOND}号",
            f"商標登録第{FIRST}号及び第{SECOND}号",
            f"第{FIRST}号第{SECOND}号",
        ),
        *("５０６０８１３、５０６０８１４", "登録第五〇六〇八一三号、登録第五〇六〇八一四号"),
    ],
)
def test_two_numbers_in_a_cell_are_two_rights_however_they_are_separated(tmp_path: Path, text: str) -> None:
    outcome = one_row(tmp_path, 登録番号=text)
    assert outcome.rights == [(FIRST, None), (SECOND, None)], outcome


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(
            (text, FIRST)
            for text in ("登録第5060813号", "第5060813号", "商標登録第5060813号", "登録5060813", "T5060813")
        ),
        *(
            (text, FIRST)
            for text in ("登録第５０６０８１３号", "登録 第 5060813 号", "登録番号：5060813", "登録No.5060813")
        ),
        *((text, FIRST) for text in ("5060813.0", "5.060813E+06", "5,060,813", "'5060813", "Reg. No. 5060813")),
        *((text, "5060813-1") for text in ("第5060813号の1", "登録第５０６０８１３号の１", "5060813-1", "5060813‐1")),
        *((text, "5060813-2") for text in ("5060813－2", "5060813ー2", "5060813–2", "第5060813号の2号")),
        ("0060813", "0060813"),
        ("第1号", "1"),
    ],
)
def test_a_number_is_the_one_that_the_register_writes(tmp_path: Path, text: str, number: str) -> None:
    outcome = one_row(tmp_path, 登録番号=text)
    assert outcome.rights == [(number, None)], outcome
    assert outcome.warnings == ()


@pytest.mark.parametrize(
    ("text", "office", "number", "expected"),
    [
        ("商願2026-101001", "JP", "2026101001", "is the number of an application"),
        ("商願２０２６－１０１００１号", "JP", "2026101001", "登録番号ではなく出願番号"),
        ("2026-101001", "JP", "2026101001", "is the number of an application"),
        ("商願平9-123456", "JP", "1997123456", "is the number of an application"),
        ("国際登録 1234567", "WO", "1234567", "is an international registration"),
        ("国際登録第1234567号", "WO", "1234567", "国際登録なので"),
        ("第5060813号の防護第2号", "JP", "5060813/02", "is the registration of a defensive mark"),
        ("5060813/01", "JP", "5060813/01", "二つの番号なら"),
    ],
)
def test_what_was_understood_of_a_number_is_reported(
    tmp_path: Path, text: str, office: str, number: str, expected: str
) -> None:
    outcome = one_row(tmp_path, 登録番号=text)
    assert outcome.mark["rights"] == [{"office": office, "kind": "trademark", "number": number}]
    assert [expected in warning and f"C2 (登録番号): {text!r}" in warning for warning in outcome.warnings] == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5060813ほか", "write all of them"),
        ("5060813外2件", "書かれていない番号"),
        ("5060813～5060815", "is a range of numbers"),
        ("5060813-5060815", "番号の範囲は読みません"),
        ("5.06081E+06", "digits may be lost"),
        ("二件", "is no number of a right"),
        ("5060813(分割)", "is no number of a right"),
        ("123456789012", "is no number of a right"),
    ],
)
def test_a_cell_that_is_no_number_is_refused_with_the_fix(tmp_path: Path, text: str, expected: str) -> None:
    outcome = one_row(tmp_path, 登録番号=text)
    assert outcome.marks == []
    assert expected in outcome.problems[0]
    assert f"marks.csv: C2 (登録番号): {text!r}: " in outcome.problems[0]


def test_numbers_of_other_offices_stay_as_their_registers_write_them(tmp_path: Path) -> None:
    outcome = one_row(tmp_path, 登録国="韓国", 登録番号="제40-1234567호、40-7654321")
    assert [(right["office"], right["number"]) for right in outcome.mark["rights"]] == [
        ("KR", "40-1234567"),
        ("KR", "40-7654321"),
    ]


def test_numbers_and_days_stay_together(tmp_path: Path) -> None:
    outcome = one_row(tmp_path, 登録番号=f"{FIRST}、{SECOND}", 満了日="2027/7/6、R13.1.31")
    assert outcome.rights == [(FIRST, DAY), (SECOND, LATER)]
    assert [f"{FIRST} = 2027-07-06、{SECOND} = 2031-01-31" in warning for warning in outcome.warnings] == [True]


def test_two_numbers_may_end_on_one_day(tmp_path: Path) -> None:
    for days in ("2027/7/6", "2027/7/6\n2027/7/6"):
        outcome = one_row(tmp_path, 登録番号=f"{FIRST}\n{SECOND}", 満了日=days)
        assert outcome.rights == [(FIRST, DAY), (SECOND, DAY)]
        assert len(outcome.warnings) == 1


@pytest.mark.parametrize(
    ("numbers", "days"),
    [
        (FIRST, "2027/7/6、2031/1/31"),
        ("", "2027/7/6、2031/1/31"),
        (f"{FIRST}、{SECOND}", "2027/7/6、2031/1/31、2032/1/31"),
    ],
)
def test_days_that_belong_to_no_number_are_refused(tmp_path: Path, numbers: str, days: str) -> None:
    outcome = one_row(tmp_path, 登録番号=numbers, 満了日=days)
    assert outcome.marks == []
    assert "write one right in each row" in outcome.problems[0]


def test_a_number_with_two_days_in_two_rows_is_refused(tmp_path: Path) -> None:
    rows = (
        ("商標", "権利種別", "登録番号", "満了日"),
        ("霞印", "商標", FIRST, "2027/7/6"),
        ("霞印", "商標", FIRST, "2031/1/31"),
    )
    outcome = attempt(written(tmp_path, csv_text(*rows)))
    assert outcome.rights == [(FIRST, DAY)]
    assert ["D3 (満了日): '2031/1/31'" in problem for problem in outcome.problems] == [True]


def test_a_number_of_two_marks_is_reported(tmp_path: Path) -> None:
    rows = (("商標", "権利種別", "登録番号"), ("霞印", "商標", FIRST), ("雲印", "商標", FIRST))
    outcome = attempt(written(tmp_path, csv_text(*rows)))
    assert len(outcome.marks) == 2
    assert ["C3 (登録番号)" in warning and "'霞印'" in warning for warning in outcome.warnings] == [True]


def test_numbers_that_a_spreadsheet_made_of_text(tmp_path: Path) -> None:
    rows = (
        ("商標", "権利種別", "登録番号"),
        ("霞印", "商標", 5060813.0),
        ("雲印", "商標", 60813),
        ("雪印", "商標", DAY),
    )
    outcome = attempt(workbook(tmp_path, *rows))
    assert [mark["rights"][0]["number"] for mark in outcome.marks] == [FIRST, "60813"]
    assert ["Sheet!C3" in warning and "leading zeros" in warning for warning in outcome.warnings] == [True]
    assert [
        "Sheet!C4" in problem and "is a date that the spreadsheet made" in problem for problem in outcome.problems
    ] == [True]
