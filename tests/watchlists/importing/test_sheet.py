from __future__ import annotations

from pathlib import Path

import pytest
from watchlists.importing.tables import Outcome, attempt, csv_text, workbook, written

HEAD = ("商標", "権利種別", "登録番号", "備考")
ROW = ("霞印", "商標", "5060813", "")


def outcome_of(directory: Path, *rows: tuple[str, ...]) -> Outcome:
    return attempt(written(directory, csv_text(*rows)))


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "商標名",
            "標章",
            "登録商標",
            "商標\n名",
            " 商 標 ",
            "商\u200b標",
            "\ufeff商標",
            "商標（必須）",
            "【商標】",
            "※商標",
            "1.商標",
        ),
        *("①商標", "商標：", "Mark", "TRADEMARK", "Trade  Mark", "ｍａｒｋ", "mark_text", "ブランド名"),
    ],
)
def test_the_mark_is_found_by_the_names_that_offices_use(tmp_path: Path, heading: str) -> None:
    assert outcome_of(tmp_path, (heading, *HEAD[1:]), ROW).mark["text"] == "霞印"


@pytest.mark.parametrize(
    ("headings", "cell", "key", "value"),
    [
        (
            ("登録No.", "登録№", "商標登録番号", "登録\n番号", "登録番号（7桁）", "Reg. No.", "Registration number"),
            "5060813",
            "rights",
            None,
        ),
        (
            (
                "満了日",
                "更新期限",
                "存続期間\n満了日",
                "存続期間満了日（西暦）",
                "有効期限",
                "Expiry date",
                "Renewal date",
            ),
            "R9.7.6",
            "rights",
            None,
        ),
        (("区分", "類", "商品・役務の区分", "国際分類", "Class", "Class(es)", "区 分"), "24", "nice_classes", [24]),
        (
            ("読み", "称呼", "ヨミガナ", "フリガナ", "ﾌﾘｶﾞﾅ", "ふりがな", "商標（読み）", "商標の称呼"),
            "カスミ",
            "readings",
            ["カスミ"],
        ),
        (
            ("指定商品", "指定商品・指定役務", "商品名", "指定商品又は指定役務", "Goods and services"),
            "タオル",
            "goods_terms",
            ["タオル"],
        ),
        (("異表記", "別表記", "英語表記", "ローマ字", "別表記1", "別表記（複数可）"), "Kasumi", "variants", ["Kasumi"]),
    ],
)
def test_every_column_is_found_by_the_names_that_offices_use(
    tmp_path: Path, headings: tuple[str, ...], cell: str, key: str, value: object
) -> None:
    for heading in headings:
        outcome = outcome_of(tmp_path, ("商標", "権利種別", heading), ("霞印", "商標", cell))
        assert outcome.mark[key] == value or value is None, heading
        assert outcome.unused == 0


def test_titles_and_a_cover_above_the_headings_are_named(tmp_path: Path) -> None:
    outcome = outcome_of(
        tmp_path, ("商標リスト(2026年度)",), (), ("作成者", "霞組合 知財担当"), ("商標", "（社外秘）"), HEAD, ROW
    )
    assert outcome.mark["text"] == "霞印"
    assert [warning.split(": ")[1] for warning in outcome.warnings] == ["A1", "A3", "B3", "A4", "B4", "D5 (備考)"]
    assert "A1: '商標リスト(2026年度)': 見出しより上なので使いません" in outcome.warnings[0]
    assert "A1: '商標リスト(2026年度)': stands above the headings" in outcome.warnings[0]
    assert outcome.unused == 6


def test_headings_in_two_storeys_are_joined(tmp_path: Path) -> None:
    top = ("商標", "権利種別", "登録", "", "正規価格", "", "権利者", "")
    below = ("", "", "番号", "満了日", "下限", "上限", "名称", "住所")
    row = ("霞印", "商標", "5060813", "R9.7.6", "500", "900", "霞組合", "")
    outcome = outcome_of(tmp_path, ("一覧",), top, below, row)
    assert outcome.mark["genuine_price_jpy"] == {"min": 500, "max": 900}
    assert len(outcome.rights) == 1
    assert outcome.unused == 2  # the title and 住所


def test_a_group_of_headings_may_be_a_heading_itself(tmp_path: Path) -> None:
    top = ("商標", "権利種別", "登録", "", "備考")
    below = ("", "", "番号", "年月日", "")
    outcome = outcome_of(tmp_path, top, below, ("霞印", "商標", "第5060813号", "2007/7/6", ""))
    assert outcome.rights == [("5060813", None)]
    assert [warning.split(": ")[1] for warning in outcome.warnings] == ["D2:D3 (登録年月日)", "E1 (備考)"]


def test_a_table_that_lies_on_its_side_is_refused_with_the_fix(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, ("商標", "霞印"), ("権利種別", "商標"), ("登録番号", "5060813"), ("区分", "24"))
    (problem,) = outcome.problems
    assert "A1:A4: 見出しが縦に並んでいます" in problem
    assert "exchange rows and columns" in problem


def test_notes_totals_and_repeated_headings_below_are_named_and_no_marks(tmp_path: Path) -> None:
    rows = (
        HEAD,
        ROW,
        HEAD,
        ("雲印", "商標", "", ""),
        (),
        ("合計", "", "", "2件"),
        ("※ 令和8年4月現在",),
        ("", "以上"),
        ("注1）出願中",),
        ("小計", "", "2件", ""),
    )
    outcome = outcome_of(tmp_path, *rows)
    assert [mark["text"] for mark in outcome.marks] == ["霞印", "雲印"]
    assert outcome.problems == ()
    named = [warning.split(": ")[1].split(" ")[0] for warning in outcome.warnings]
    assert named == ["A3", "B3", "C3", "D3", "A6", "D6", "A7", "B8", "A9", "A10", "C10", "D1"]
    assert outcome.unused == 12


def test_a_row_that_may_be_a_mark_or_a_note_is_refused(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, HEAD, ROW, ("霞組合知財担当",), ("", "", "5060814"))
    assert len(outcome.problems) == 3
    assert "B3 (権利種別): 空です" in outcome.problems[0]
    assert "begin a note with ※" in "".join(outcome.problems)


def test_empty_rows_and_columns_and_running_numbers_do_no_harm(tmp_path: Path) -> None:
    rows = (
        ("", "No", "", "商標", "権利種別"),
        (),
        ("", "1", "", "霞印", "商標"),
        ("", "2", "\u3000", "", ""),
        ("", "3"),
        (),
    )
    outcome = outcome_of(tmp_path, *rows)
    assert outcome.mark["text"] == "霞印"
    assert ["B1, B3:B5 (No): " in warning for warning in outcome.warnings] == [True]
    assert outcome.unused == 4


def test_a_column_nobody_reads_is_named_with_what_it_might_be(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, ("text", "kind", "readinsg", "備考", ""), ("Kasumi", "design", "x", "y", "z"))
    assert [warning.split(": ")[1] for warning in outcome.warnings] == ["C1:C2 (readinsg)", "D1:D2 (備考)", "E2"]
    assert "did you mean reading?" in outcome.warnings[0]
    assert "a watchlist has no place for it" in outcome.warnings[1]
    assert "has no heading" in outcome.warnings[2]
    assert outcome.unused == 5


def test_several_columns_of_one_list_add_up(tmp_path: Path) -> None:
    outcome = outcome_of(
        tmp_path,
        ("商標", "権利種別", "別表記1", "別表記2", "英語表記"),
        ("霞印", "商標", "Kasumi", "霞", "Kasumi、Haze"),
    )
    assert outcome.mark["variants"] == ["Kasumi", "霞", "Haze"]


def test_two_columns_of_one_value_are_refused_unless_one_is_a_second_choice(tmp_path: Path) -> None:
    outcome = outcome_of(
        tmp_path, ("商標", "権利種別", "登録番号", "登録番号2"), ("霞印", "商標", "5060813", "5060814")
    )
    assert ["D1: '登録番号2': 「登録番号」と同じ意味の見出しです" in problem for problem in outcome.problems] == [True]
    outcome = outcome_of(tmp_path, ("商標", "権利種別", "満了日", "更新期限"), ("霞印", "商標", "R9.7.6", "R9.1.6"))
    assert len(outcome.rights) == 1
    assert ["D1:D2 (更新期限)" in warning for warning in outcome.warnings] == [True]


def test_a_table_without_its_headings_says_where_they_seem_to_be(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, ("一覧",), ("称呼", "権利種別", "商漂"), ("カスミ", "商標", "霞印"))
    assert "A2: 見出しの行（2 行目）に" in outcome.problems[0]
    assert "there is no column text or 商標" in outcome.problems[0]


def test_signs_of_repetition_have_the_value_above(tmp_path: Path) -> None:
    rows = (HEAD, ROW, ("〃", "同上", "5060814", ""), ("雲印", "〃", "", ""), ("雪印", "商標", "〃", ""))
    outcome = outcome_of(tmp_path, *rows)
    assert [[right["number"] for right in mark.get("rights", [])] for mark in outcome.marks] == [
        ["5060813", "5060814"],
        [],
    ]
    assert ["C5 (登録番号): '〃'" in problem for problem in outcome.problems] == [True]


@pytest.mark.parametrize("text", ["-", "－", "ー", "―", "なし", "該当なし", "無し", "N/A", "出願中", "未定", "不明"])
def test_a_cell_that_says_there_is_none_is_named(tmp_path: Path, text: str) -> None:
    outcome = outcome_of(tmp_path, ("商標", "権利種別", "登録番号", "満了日"), ("霞印", "商標", text, ""))
    assert "rights" not in outcome.mark
    assert [f"C2 (登録番号): {text!r}: 値がないという意味に読み" in warning for warning in outcome.warnings] == [True]
    assert outcome.unused == 1


def test_another_holder_is_named_and_the_own_is_no_news(tmp_path: Path) -> None:
    rows = (
        ("商標", "権利種別", "権利者"),
        ("霞印", "商標", "霞組合"),
        ("雲印", "商標", "雲組合"),
        ("雪印", "商標", "Kasumi  union"),
    )
    outcome = outcome_of(tmp_path, *rows)
    assert len(outcome.marks) == 3
    assert ["C3 (権利者): '雲組合': --name-ja の権利者と違います" in warning for warning in outcome.warnings] == [True]
    assert outcome.unused == 1


def test_the_same_holds_in_a_workbook(tmp_path: Path) -> None:
    rows = (("商標リスト",), (), ("権利\n種別", "商標", "期限"), ("商標", "霞印", "R9.7.6"), ("※注記",))
    outcome = attempt(workbook(tmp_path, *rows))
    assert len(outcome.rights) == 1
    assert [warning.split(": ")[1] for warning in outcome.warnings] == ["Sheet!A1", "Sheet!A5"]
