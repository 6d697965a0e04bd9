from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from watchlists.importing.tables import attempt, csv_text, one_row, workbook, written

SEPARATORS = ["、", "､", "，", ",", "；", ";", "|", "｜", "/", "／", "・", "･", "\n", "\r\n", "\t", "\u3000"]


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
@pytest.mark.parametrize("spaced", ["", " "], ids=["close", "spaced"])
def test_goods_are_separated_by_whatever_a_keyboard_gives(tmp_path: Path, separator: str, spaced: str) -> None:
    text = f"{spaced}{separator}{spaced}".join(("タオル", "towel", "毛巾"))
    outcome = one_row(tmp_path, 商品=text)
    assert outcome.mark["goods_terms"] == ["タオル", "towel", "毛巾"], outcome
    assert outcome.problems == ()


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_names_in_two_scripts_are_two_names(tmp_path: Path, separator: str) -> None:
    outcome = one_row(tmp_path, 別表記=f"Kasumi Towel{separator}霞毛巾")
    assert outcome.mark["variants"] == ["Kasumi Towel", "霞毛巾"], outcome


@pytest.mark.parametrize("column", ["別表記", "除外語"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("スター・ウォーズ", "名前の一部かもしれないので区切りません"),
        ("霞・カスミ", "put 、 between"),
        ("AC/DC", "put 、 between"),
        ("霞\u3000毛巾", "put 、 between"),
        ("Kasumi 霞毛巾", "put 、 between"),
        ("Kasumi Towel Co., Ltd.", "put 、 between"),
    ],
)
def test_what_may_be_one_name_is_kept_and_reported(tmp_path: Path, column: str, text: str, expected: str) -> None:
    outcome = one_row(tmp_path, **{column: text})
    assert [text] in outcome.mark.values()
    assert [expected in warning and f"C2 ({column})" in warning for warning in outcome.warnings] == [True]


def test_a_name_that_was_split_where_it_might_be_one_is_reported(tmp_path: Path) -> None:
    outcome = one_row(tmp_path, 別表記="Kasumi Towel, Kasumi Tenugui")
    assert outcome.mark["variants"] == ["Kasumi Towel", "Kasumi Tenugui"]
    assert ["is split into 'Kasumi Towel', 'Kasumi Tenugui'" in warning for warning in outcome.warnings] == [True]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("織物（畳べり地を除く。），タオル", ["織物（畳べり地を除く。）", "タオル"]),
        ("加工品（「寒天、削り節」を除く。）、茶。", ["加工品（「寒天、削り節」を除く。）", "茶"]),
        ("1,000円札，bath towel", ["1,000円札", "bath towel"]),
        ("タオル、タオル、ﾀｵﾙ", ["タオル"]),
        ("第24類　タオル，ハンカチ　第25類　被服", ["タオル", "ハンカチ", "被服"]),
        ("タオル（手ぬぐい、ハンカチ", ["タオル（手ぬぐい", "ハンカチ"]),
    ],
)
def test_goods_of_a_registration_are_cut_where_they_end(tmp_path: Path, text: str, terms: list[str]) -> None:
    assert one_row(tmp_path, 指定商品=text).mark["goods_terms"] == terms


def test_goods_that_may_be_one_word_are_reported(tmp_path: Path) -> None:
    for text in ("タオル・ハンカチ", "タオル ハンカチ"):
        outcome = one_row(tmp_path, 商品=text)
        assert outcome.mark["goods_terms"] == ["タオル", "ハンカチ"]
        assert ["「・」か空白で分けました" in warning for warning in outcome.warnings] == [True]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "3、25",
            "3,25",
            "3，25",
            "3・25",
            "3/25",
            "3 25",
            "3;25",
            "3|25",
            "3\n25",
            "３、２５",
            "第3類、第25類",
            "第3類第25類",
        ),
        *("第3類及び第25類", "3類 25類", "第３類・第２５類", "第三類、第二十五類", "3、25.0", "'3、25", "3と25"),
    ],
)
def test_classes_are_read_however_they_are_written(tmp_path: Path, text: str) -> None:
    outcome = one_row(tmp_path, 区分=text)
    assert outcome.mark["nice_classes"] == [3, 25], outcome


@pytest.mark.parametrize("text", ["1〜3", "1～3", "第1類から第3類", "第１類～第３類"])
def test_a_range_of_classes_is_expanded_and_reported(tmp_path: Path, text: str) -> None:
    outcome = one_row(tmp_path, 区分=text)
    assert outcome.mark["nice_classes"] == [1, 2, 3]
    assert ["read as all classes from 1 to 3" in warning for warning in outcome.warnings] == [True]


@pytest.mark.parametrize("text", ["1-3", "3.25", "旧17類", "全区分", "325", "タオル", "第24類（タオル）", "3～1"])
def test_what_is_no_class_is_refused(tmp_path: Path, text: str) -> None:
    (problem,) = one_row(tmp_path, 区分=text).problems[:1]
    assert f"C2 (区分): {text!r}: 区分として読めません" in problem
    assert "is no class; write numbers from 1 to 45, such as 24、25" in problem


def test_classes_that_a_spreadsheet_made_of_text(tmp_path: Path) -> None:
    rows = (
        ("商標", "権利種別", "区分"),
        ("霞印", "商標", 25.0),
        ("雲印", "商標", 3.25),
        ("雪印", "商標", date(2026, 3, 25)),
    )
    outcome = attempt(workbook(tmp_path, *rows))
    assert outcome.mark["nice_classes"] == [25]
    assert ["C3 (区分): '3.25'" in problem for problem in outcome.problems] == [True, False]
    assert "perhaps of 3/25; write 3、25" in outcome.problems[1]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("かすみ", ["カスミ"]),
        ("ｶｽﾐ，ｸﾓ", ["カスミ", "クモ"]),
        ("カスミ／クモ", ["カスミ", "クモ"]),
        ("カスミ,クモ;ユキ|アメ", ["カスミ", "クモ", "ユキ", "アメ"]),
        ("カスミ\nカスミ", ["カスミ"]),
        ("スター・ウォーズ", ["スター・ウォーズ"]),
        ("カスミタオル－", ["カスミタオルー"]),
    ],
)
def test_readings_are_katakana(tmp_path: Path, text: str, readings: list[str]) -> None:
    outcome = one_row(tmp_path, 称呼=text)
    assert outcome.mark["readings"] == readings, outcome
    assert bool(outcome.warnings) == ("・" in text or "－" in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("カスミ タオル", "write カスミタオル if it is one reading, カスミ、タオル if there are several"),
        ("カスミ\u3000タオル", "一つの読みなら カスミタオル"),
        ("ハ－ト", "write ハート if it is one reading"),
        ("漢字", "is not a reading"),
    ],
)
def test_a_reading_that_may_be_two_is_refused_with_both_fixes(tmp_path: Path, text: str, expected: str) -> None:
    outcome = one_row(tmp_path, 称呼=text)
    assert outcome.marks == []
    assert expected in outcome.problems[0]


@pytest.mark.parametrize("text", ["スター・ウォーズ", "霞 タオル", "=LOVE", "TRUE", "第3の男"])
def test_a_mark_is_never_cut(tmp_path: Path, text: str) -> None:
    outcome = attempt(written(tmp_path, csv_text(("商標", "権利種別"), (text, "商標"))))
    assert outcome.mark["text"] == text
    assert outcome.warnings == ()


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("お茶、どうぞ", "お茶、どうぞ", "write two marks in two rows"),
        ("霞印／雲印", "霞印／雲印", "二つの商標なら行を分けて"),
        ("霞タオル（標準文字）", "霞タオル", "without the note"),
        ("霞ロゴ（図形）", "霞ロゴ", "注記を除き 霞ロゴ と読みました"),
        ("霞\u200bタオル", "霞タオル", "invisible characters are left out"),
        ("霞?タオル", "霞?タオル", "may have been lost in saving"),
    ],
)
def test_what_was_understood_of_a_mark_is_reported(tmp_path: Path, text: str, mark: str, expected: str) -> None:
    outcome = attempt(written(tmp_path, csv_text(("商標", "権利種別"), (text, "商標"))))
    assert outcome.mark["text"] == mark
    assert [expected in warning and "A2 (商標)" in warning for warning in outcome.warnings] == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("カスミ\n霞", "has a line break; write one mark on one line, and two marks in two rows"),
        ("☆", "holds no letter"),
        ("????", "lost its letters when it was saved"),
        ("霞\ufffdタオル", "保存のときに文字が失われています"),
    ],
)
def test_a_mark_that_cannot_be_one_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    outcome = attempt(written(tmp_path, csv_text(("商標", "権利種別"), (text, "商標"))))
    assert outcome.marks == []
    assert expected in outcome.problems[0]
    assert "A2 (商標)" in outcome.problems[0]


def test_letters_that_were_lost_in_saving_are_refused_wherever_they_stand(tmp_path: Path) -> None:
    for column in ("別表記", "商品", "除外語"):
        outcome = one_row(tmp_path, **{column: "Kasumi、???"})
        assert "lost its letters" in outcome.problems[0]


@pytest.mark.parametrize("text", ["商標権", "登録商標", "商標 ", "登録\n商標", "文字商標"])
def test_kinds_are_known_by_the_names_that_lists_use(tmp_path: Path, text: str) -> None:
    outcome = attempt(written(tmp_path, csv_text(("商標", "権利種別"), ("霞印", text))))
    assert outcome.mark["kind"] == "trademark"


def test_the_kind_of_all_rows_may_be_given_by_the_command(tmp_path: Path) -> None:
    path = written(tmp_path, csv_text(("商標名", "登録番号"), ("霞印", "5060813"), ("雲印", "")))
    (problem,) = attempt(path).problems
    assert "there is no column kind or 権利種別" in problem
    assert "--mark-kind" in problem
    marks = attempt(path, kind="trademark").marks
    assert [mark["kind"] for mark in marks] == ["trademark", "trademark"]
    assert marks[0]["rights"] == [{"office": "JP", "kind": "trademark", "number": "5060813"}]


def test_prices_are_whole_yen(tmp_path: Path) -> None:
    outcome = one_row(tmp_path, 正規価格下限="￥５００", 正規価格上限="20,000円")
    assert outcome.mark["genuine_price_jpy"] == {"min": 500, "max": 20000}
    for text in ("1万円", "500～1000", "約500円", "1,50", "-5"):
        assert "C2 (正規価格下限)" in one_row(tmp_path, 正規価格下限=text).problems[0]


def test_pictures_and_codes_are_separated_as_well(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "soon.png"):
        (tmp_path / name).write_bytes(b"picture")
    outcome = one_row(tmp_path, 画像="a.png，b.png", 除外画像="soon.png", 図形分類="26.1.1，5.07.13・3.4")
    assert outcome.mark["images"] == ["a.png", "b.png"]
    assert outcome.mark["exclude_images"] == ["soon.png"]
    assert outcome.mark["vienna_codes"] == ["26.1.1", "5.07.13", "3.4"]


@pytest.mark.parametrize("column", ["別表記", "商品", "除外語", "称呼", "区分", "図形分類", "画像"])
def test_a_cell_of_separators_alone_is_named(tmp_path: Path, column: str) -> None:
    outcome = one_row(tmp_path, **{column: "、，"})
    assert set(outcome.mark) == {"id", "text", "kind"}
    assert [f"C2 ({column}): '、，': 区切りの記号だけ" in warning for warning in outcome.warnings] == [True]
    assert outcome.unused == 1


@pytest.mark.parametrize("piece", ["/", "、", "霞/", "（", "第", "2027/7/6～", "1,", "９"], ids=ascii)
@pytest.mark.parametrize(
    ("column", "max_length"),
    [("別表記", 10_000), ("商品", 10_000), ("区分", 10_000), ("登録番号", 500), ("満了日", 500)],
)
def test_a_cell_that_is_too_long_is_refused_unread(tmp_path: Path, column: str, max_length: int, piece: str) -> None:
    outcome = one_row(tmp_path, **{column: "霞" + piece * (100_000 // len(piece)) + "霞"})
    assert any(
        f"has more than {max_length:,} characters" in problem and f"C2 ({column})" in problem
        for problem in outcome.problems
    )
