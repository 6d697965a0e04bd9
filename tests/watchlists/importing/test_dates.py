from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from watchlists.importing.tables import one_row

DAY = date(2027, 7, 6)
SILENT = [
    *(
        "2027-07-06",
        "2027/7/6",
        "2027.7.6",
        "2027年7月6日",
        "20270706",
        "2027/07/06",
        "２０２７／７／６",
        "2027 / 7 / 6",
    ),
    *("2027/7/6 0:00:00", "2027-07-06T00:00:00", "2027-07-06 00:00", "2027-07-06T00:00:00+09:00", "2027ー7ー6"),
    *(
        "R9.7.6",
        "R09/07/06",
        "Ｒ９．７．６",
        "r9-7-6",
        "R.9.7.6",
        "R9年7月6日",
        "令9.7.6",
        "令和9年7月6日",
        "令和9.7.6",
    ),
    *("令和九年七月六日", "令和 9 年 7 月 6 日", "㋿9年7月6日", "二〇二七年七月六日", "令和９年７月６日"),
    *("～2027/7/6", "〜2027年7月6日", "2027/7/6まで", "満了日：2027/7/6", "2027年7月6日(火)", "2027/7/6（火曜日）"),
    *("2027年(令和9年)7月6日", "令和9年（2027年）7月6日", "令和9年7月6日(2027/7/6)", "'2027/7/6"),
    *("July 6, 2027", "6 July 2027", "6-Jul-2027", "2027.07.06."),
]


@pytest.mark.parametrize("text", SILENT)
def test_a_day_is_read_however_an_office_writes_it(tmp_path: Path, text: str) -> None:
    outcome = one_row(tmp_path, 登録番号="5060813", 満了日=text)
    assert outcome.rights == [("5060813", DAY)], outcome
    assert outcome.warnings == ()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("H31.4.30", date(2019, 4, 30)),
        ("㍻31年4月30日", date(2019, 4, 30)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("令和元.5.1", date(2019, 5, 1)),
        ("S63.1.7", date(1988, 1, 7)),
        ("昭和六十三年十二月三十一日", date(1988, 12, 31)),
        ("令和十年十二月二十三日", date(2028, 12, 23)),
        ("大正15年1月31日", date(1926, 1, 31)),
    ],
)
def test_eras_are_counted_from_their_first_year(tmp_path: Path, text: str, day: date) -> None:
    assert one_row(tmp_path, 登録番号="5060813", 満了日=text).rights == [("5060813", day)]


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("平成35年7月6日", date(2023, 7, 6), "outside of the era 平成, read as 2023-07-06"),
        ("H35.7.6", date(2023, 7, 6), "平成の期間の外なので 2023-07-06"),
        ("昭和64年1月8日", date(1989, 1, 8), "outside of the era 昭和"),
        ("令和元年4月30日", date(2019, 4, 30), "outside of the era 令和"),
        ("46574", DAY, "serial number of a day, read as 2027-07-06"),
        ("46574.0", DAY, "serial number"),
        ("2017/7/6～2027/7/6", DAY, "of which the last day 2027-07-06 is taken"),
        ("自2017年7月6日至2027年7月6日", DAY, "期間の終わりの 2027-07-06"),
        ("7/26/2027", date(2027, 7, 26), "read as 2027-07-26"),
        ("26/7/2027", date(2027, 7, 26), "2027-07-26 と読みました"),
    ],
)
def test_what_was_understood_of_a_day_is_reported(tmp_path: Path, text: str, day: date, expected: str) -> None:
    outcome = one_row(tmp_path, 登録番号="5060813", 満了日=text)
    assert outcome.rights == [("5060813", day)], outcome
    (warning,) = outcome.warnings
    assert expected in warning
    assert f"marks.csv: D2 (満了日): {text!r}: " in warning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-13-01", "is no day of the calendar; write it as 2027-07-06"),
        ("平成30年2月30日", "暦にない日付です。2027-07-06 のように書いてください"),
        ("R9.2.29", "is no day of the calendar"),
        ("7/6/2027", "is 2027-06-07 or 2027-07-06; write the one that is meant"),
        ("27/7/6", "write R9.7.6"),
        ("9.7.6", "年が西暦か年号か分かりません"),
        ("2027年7月", "月か日がありません"),
        ("2027", "lacks the month or the day"),
        ("R9", "lacks the month or the day"),
        ("soon", "is no date; write it as 2027-07-06"),
        ("2027/7/6（更新手続中）", "is no date"),
        ("2017/7/6～", "is no date"),
        ("2027/7/6～2017/7/6", "ends before it begins"),
        ("令和8年(2027年)7月6日", "names two days that differ"),
        ("2027-07-05T15:00:00Z", "may move the day"),
        ("0027/7/6", "is no date"),
        ("12027/7/6", "is no date"),
        ("1234", "lacks the month or the day"),
        ("460", "is no date"),
    ],
)
def test_a_day_that_is_none_or_one_of_two_is_refused_with_the_fix(tmp_path: Path, text: str, expected: str) -> None:
    outcome = one_row(tmp_path, 登録番号="5060813", 満了日=text)
    assert outcome.marks == []
    assert expected in outcome.problems[0]
    assert f"marks.csv: D2 (満了日): {text!r}: " in outcome.problems[0]
