from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from watchlists.importing.tables import HOLDER, attempt, workbook, written

from ipwatch.errors import WatchlistError
from ipwatch.watchlists.importing import import_marks

JAPANESE = """\
商標,読み,別表記,権利種別,区分,登録番号,存続期間満了日,商品,正規価格下限,正規価格上限
霞タオル,かすみたおる,Kasumi Towel、霞毛巾,地域団体商標,第24類・25,第5060813号,令和9年7月6日,タオル;towel,500円,"20,000"
霞茶,ｶｽﾐﾁｬ,,地理的表示,30,,,茶|tea,,
"""
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
            {"office": "JP", "kind": "regional_collective_mark", "number": "5060813", "expires": date(2027, 7, 6)}
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


def test_a_table_becomes_marks(tmp_path: Path) -> None:
    outcome = attempt(written(tmp_path, JAPANESE))
    assert outcome.marks == EXPECTED
    assert (outcome.problems, outcome.warnings, outcome.unused) == ((), (), 0)


def test_a_workbook_is_read_with_its_own_numbers_and_dates(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ("商標", "権利種別", "登録番号", "満了日", "区分", "正規価格下限"),
        ("霞印", "商標", "0060813", date(2027, 7, 6), 24, 500),
        (None, None, None, None, None, None),
        ("雲印", "商標", 5060813, "2027/7/6", "24、25", 1500.0),
    )
    outcome = attempt(path)
    assert [mark["rights"][0]["number"] for mark in outcome.marks] == ["0060813", "5060813"]
    assert [mark["rights"][0]["expires"] for mark in outcome.marks] == [date(2027, 7, 6)] * 2
    assert [mark["nice_classes"] for mark in outcome.marks] == [[24], [24, 25]]
    assert [mark["genuine_price_jpy"] for mark in outcome.marks] == [{"min": 500}, {"min": 1500}]
    assert outcome.warnings == ()


def test_rows_of_one_mark_are_joined_and_each_adds_its_right(tmp_path: Path) -> None:
    text = (
        "商標,権利種別,登録番号,区分,商品\n"
        "霞印,商標,0012345,24,タオル\n"
        "霞印,意匠,0099999,25,帽子\n"
        "霞印,商標,0012345,24,タオル\n"
        "霞印,著作物,,,\n"
    )
    assert attempt(written(tmp_path, text)).marks == [
        {
            "id": "mark-1",
            "text": "霞印",
            "kind": "trademark",
            "nice_classes": [24, 25],
            "goods_terms": ["タオル", "帽子"],
            "rights": [
                {"office": "JP", "kind": "trademark", "number": "0012345"},
                {"office": "JP", "kind": "design", "number": "0099999"},
                {"office": "JP", "kind": "copyright_work"},
            ],
        }
    ]


def test_an_office_without_a_number_is_a_right_of_its_own(tmp_path: Path) -> None:
    outcome = attempt(written(tmp_path, "商標,権利種別,登録国\n霞印,商標,中国\n"))
    assert outcome.mark["rights"] == [{"office": "CN", "kind": "trademark"}]


def test_marks_of_the_same_latin_name_get_ids_of_their_own(tmp_path: Path) -> None:
    text = "text,kind,id\nKasumi!,trademark,\nKASUMI,trademark,\nÉtoile,trademark,\nK,trademark,kasumi\n"
    marks = attempt(written(tmp_path, text)).marks
    assert [mark["id"] for mark in marks] == ["kasumi-2", "kasumi-3", "etoile", "kasumi"]


BAD = [
    ("霞,brand", "B2 (kind): 'brand': ", "is no kind of right; write one of: 商標, 団体商標"),
    (",trademark", "A2 (text): ", "is empty; write the mark"),
    ("霞,", "B2 (kind): ", "is empty; write what kind of right it is"),
    ("霞,trademark,漢字", "C2 (readings): '漢字': '漢字' は称呼として使えません", "'漢字' is not a reading"),
    ("霞,trademark,,46", "D2 (nice_classes): '46': 46 は範囲の外です。45 以下", "46 is out of range"),
    ("霞,trademark,,,soon", "E2 (expires): 'soon': ", "is no date; write it as 2027-07-06"),
    ("霞,trademark,,,,free", "F2 (price_min): 'free': ", "is no amount in yen; write digits, such as 1500"),
    ("霞,trademark,,,,500,50", "G2 (price_max): '50': ", "50 is less than min (500); exchange the two"),
    ("霞,trademark,,,,,,../x.png", "H2 (images): '../x.png': ", "leads out of the watchlist's folder"),
    ("霞,trademark,,,,,,,Bad Id", "I2 (id): 'Bad Id': ", "'Bad Id' is not an id"),
    ("霞,trademark,,,,,,,,Nippon", "J2 (office): 'Nippon': ", "'NIPPON' is no office"),
    (f"霞{'x' * 200},trademark", "A2 (text): '霞xxx", "has 201 characters; shorten it to 200"),
]


@pytest.mark.parametrize(("row", "position", "expected"), BAD, ids=range(len(BAD)))
def test_a_bad_row_is_named_with_cell_value_and_fix(tmp_path: Path, row: str, position: str, expected: str) -> None:
    header = "text,kind,readings,nice_classes,expires,price_min,price_max,images,id,office\n"
    path = written(tmp_path, f"{header}{row}\n良印,商標\n")
    outcome = attempt(path)
    (problem,) = outcome.problems
    assert problem.startswith(f"{path}: {position}")
    assert expected in problem.split(" / ")[-1]
    assert [mark["text"] for mark in outcome.marks] == ["良印"]


def test_all_errors_of_a_row_are_reported_at_once(tmp_path: Path) -> None:
    text = "text,kind,readings,nice_classes,expires\n,brand,漢字,46,soon\n良印,商標,,,\n"
    outcome = attempt(written(tmp_path, text))
    assert sorted(problem.split(": ")[1].split(" ")[0] for problem in outcome.problems) == [
        "A2",
        "B2",
        "C2",
        "D2",
        "E2",
    ]


def test_rows_that_contradict_an_earlier_one_are_named(tmp_path: Path) -> None:
    text = "text,kind,price_min,id\n霞,商標,500,a\n霞,商標,900,a\n雲,商標,,a\n"
    first, second = attempt(written(tmp_path, text)).problems
    assert "C3 (price_min): '900': " in first
    assert "differs from an earlier row of '霞'; write it in one row only" in first
    assert "D4 (id): 'a': " in second
    assert "is the id of '霞'; give each mark its own" in second


def test_rows_that_together_hold_too_much_are_named(tmp_path: Path) -> None:
    rows = "".join(f"霞,商標,v{number}\n" for number in range(101))
    outcome = attempt(written(tmp_path, f"text,kind,variants\n{rows}良印,商標,\n"))
    assert [mark["text"] for mark in outcome.marks] == ["良印"]
    assert ["C2 (variants)" in problem and "more than 100 entries" in problem for problem in outcome.problems] == [True]
    many = "".join(f"霞{number},商標\n" for number in range(501))
    (problem,) = attempt(written(tmp_path, f"text,kind\n{many}")).problems
    assert "holds 501 marks, more than 500; split it by holder" in problem


def test_remarks_on_the_same_thing_are_one_sentence(tmp_path: Path) -> None:
    rows = "".join(f"霞{number},商標,60{number}13\n" for number in range(3, 6))
    path = workbook(tmp_path, ("商標", "権利種別", "登録番号"), *((f"霞{n}", "商標", 60_000 + n) for n in range(3)))
    assert ["Sheet!C2:C4 (登録番号): '60000'" in warning for warning in attempt(path).warnings] == [True]
    assert attempt(written(tmp_path, f"商標,権利種別,登録番号\n{rows}")).warnings == ()


def test_a_holder_that_cannot_be_is_named_by_its_option(tmp_path: Path) -> None:
    path = written(tmp_path, JAPANESE)
    with pytest.raises(WatchlistError) as caught:
        import_marks(path, {**HOLDER, "id": "Kasumi", "prefecture": "38"}, tmp_path)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["--holder-id", "--prefecture"]
