"""What a holder says of lawful trade, as offices write it in a list."""

from __future__ import annotations

from pathlib import Path

import pytest
from watchlists.importing.tables import attempt, csv_text, one_row, workbook, written

from ipwatch.watchlists.importing.headings import field_of

HEADINGS = {
    "licensees": ["許諾先", "ライセンシー", "許諾先（ライセンシー）", "使用権者", "licensees", "Licensee"],
    "own_products": [
        "自社商品JAN/型番",
        "自社商品（JAN）",
        "JANコード",
        "型番",
        "ISBN",
        "own products",
        "Model Number",
    ],
    "unlicensed_goods": ["許諾していない商品", "未許諾商品", "unlicensed goods", "Goods not licensed"],
    "authorised_sellers": ["正規販売店", "正規取扱店", "authorised sellers", "Authorized Sellers"],
    "official_sellers": ["公式販売店", "公式ショップ", "直営店", "official sellers", "Official shops"],
    "deny_sellers": ["要注意出品者", "出品禁止", "要注意出品者/出品禁止", "deny sellers", "Denied sellers"],
    "second_hand": ["中古品の扱い（見る/順位を下げる/見ない）", "中古品", "second hand", "second_hand"],
    "depth": ["表示の多さ", "表示の多さ（少なく/ふつう/多く）", "depth"],
}


@pytest.mark.parametrize("field", HEADINGS)
def test_headings_are_understood_as_offices_write_them(field: str) -> None:
    assert [field_of(heading) for heading in HEADINGS[field]] == [field] * len(HEADINGS[field])


def test_a_table_says_what_is_lawful(tmp_path: Path) -> None:
    rows = (
        ("商標", "権利種別", *(headings[0] for headings in HEADINGS.values())),
        (
            *("霞物語", "著作物", "メガハウス、コスパ", "978-4-08-*\n4901234567894；WH-1000XM*", "抱き枕・ステッカー"),
            *("楽天:kasumi-dealer", "rakuten:kasumi、eBay：kasumi", "ebay:copies", "順位を下げる", "多く"),
        ),
    )
    outcome = attempt(written(tmp_path, csv_text(*rows)))
    assert outcome.problems == outcome.warnings == ()
    assert {key: value for key, value in outcome.mark.items() if key in HEADINGS} == {
        "licensees": ["メガハウス", "コスパ"],
        "own_products": ["978-4-08-*", "4901234567894", "WH-1000XM*"],
        "unlicensed_goods": ["抱き枕", "ステッカー"],
        "authorised_sellers": [{"marketplace": "rakuten", "id": "kasumi-dealer"}],
        "official_sellers": [{"marketplace": "rakuten", "id": "kasumi"}, {"marketplace": "ebay", "id": "kasumi"}],
        "deny_sellers": [{"marketplace": "ebay", "id": "copies"}],
        "second_hand": "rank",
        "depth": "broad",
    }


def test_a_workbook_keeps_numbers_that_it_holds_as_numbers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ("商標", "権利種別", "JANコード"),
        ("霞印", "商標", 4901234567894),
        ("雲印", "商標", 49123456.0),
        ("雪印", "商標", "'4901234567894、WH-1000XM5"),
    )
    outcome = attempt(path)
    assert [mark["own_products"] for mark in outcome.marks] == [
        ["4901234567894"],
        ["49123456"],
        ["4901234567894", "WH-1000XM5"],
    ]
    assert outcome.problems == ()


def test_rows_of_one_mark_add_up(tmp_path: Path) -> None:
    rows = (
        ("商標", "権利種別", "許諾先", "ライセンシー", "公式販売店", "中古品"),
        ("霞印", "商標", "メガハウス", "コスパ", "rakuten:a、楽天:a", "見る"),
        ("霞印", "商標", "バンダイ", "コスパ", "rakuten:a、rakuten:b", ""),
    )
    mark = attempt(written(tmp_path, csv_text(*rows))).mark
    assert mark["licensees"] == ["メガハウス", "コスパ", "バンダイ"]
    assert [account["id"] for account in mark["official_sellers"]] == ["a", "b"]
    assert mark["second_hand"] == "watch"


def test_the_address_of_a_shop_is_its_account_and_reported(tmp_path: Path) -> None:
    for address in ("https://www.rakuten.co.jp/kasumi-shop/", "https://item.rakuten.co.jp/kasumi-shop/towel-1/?s=1"):
        outcome = one_row(tmp_path, 公式販売店=address)
        assert outcome.mark["official_sellers"] == [{"marketplace": "rakuten", "id": "kasumi-shop"}]
        assert ["店のアドレスなので rakuten:kasumi-shop" in warning for warning in outcome.warnings] == [True]


BAD = [
    ("自社商品JAN/型番", "4901234567890", "its other digits ask for 4 (check digit)"),
    ("自社商品JAN/型番", "4901234567894、490123", "'490123' has 6 digits"),
    ("自社商品JAN/型番", "4.90123E+12", "is in exponents, so that digits may be lost; format the column as text"),
    ("自社商品JAN/型番", "978*4", "has a * before its end"),
    ("自社商品JAN/型番", "霞タオル", "is neither a JAN or ISBN nor a model number"),
    ("公式販売店", "霞公式ショップ", "'霞公式ショップ' is no account of a seller; write marketplace and id"),
    ("公式販売店", "https://www.rakuten.co.jp/category/", "is no account of a seller"),
    ("公式販売店", "https://shop.example.jp/", "is no account of a seller"),
    ("公式販売店", "rakuten:a rakuten:b", "is no account of a seller"),
    ("要注意出品者", "コピー市場:copies", "'コピー市場' is no marketplace that is known by that name"),
    ("要注意出品者", "!:copies", "'!' is no marketplace; write its name in small letters"),
    ("中古品の扱い", "時々", "is none of the choices; write one of: 見る, 順位を下げる, 見ない"),
    ("表示の多さ", "3", "is none of the choices; write one of: 少なく, ふつう, 多く"),
]


@pytest.mark.parametrize(("heading", "cell", "expected"), BAD, ids=range(len(BAD)))
def test_what_cannot_be_used_is_named_with_its_cell_and_the_fix(
    tmp_path: Path, heading: str, cell: str, expected: str
) -> None:
    rows = (("商標", "権利種別", heading), ("霞印", "商標", cell), ("良印", "商標", ""))
    path = written(tmp_path, csv_text(*rows))
    outcome = attempt(path)
    (problem,) = outcome.problems
    assert problem.startswith(f"{path}: C2 ({heading}): '{cell}': ")
    assert expected in problem.split(" / ", 1)[-1]
    assert [mark["text"] for mark in outcome.marks] == ["良印"]


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        *(("見る", "watch"), ("監視する", "watch"), ("対象", "watch"), ("Watch", "watch")),
        *(("順位を下げる", "rank"), ("下げる", "rank"), ("RANK", "rank")),
        *(("見ない", "ignore"), ("対象外", "ignore"), ("ｉｇｎｏｒｅ", "ignore")),
    ],
)
def test_second_hand_goods_are_spoken_of_in_several_ways(tmp_path: Path, cell: str, key: str) -> None:
    assert one_row(tmp_path, 中古品=cell).mark["second_hand"] == key


@pytest.mark.parametrize(
    ("cell", "key"),
    [("少なめ", "strict"), ("普通", "normal"), ("広く", "broad"), ("Broad", "broad")],
)
def test_how_much_to_show_is_spoken_of_in_several_ways(tmp_path: Path, cell: str, key: str) -> None:
    assert one_row(tmp_path, 表示の多さ=cell).mark["depth"] == key


@pytest.mark.parametrize("cell", ["-", "なし", "未定", "*"])
def test_a_sign_for_no_value_is_none(tmp_path: Path, cell: str) -> None:
    outcome = one_row(tmp_path, 中古品=cell)
    assert "second_hand" not in outcome.mark
    assert ["is taken to mean that there is no value" in warning for warning in outcome.warnings] == [True]


def test_rows_that_contradict_one_another_are_named(tmp_path: Path) -> None:
    text = "商標,権利種別,中古品,表示の多さ\n霞,商標,見る,多く\n霞,商標,見ない,少なく\n"
    first, second = attempt(written(tmp_path, text)).problems
    assert "C3 (中古品): '見ない': " in first
    assert "D3 (表示の多さ): '少なく': " in second
    assert all("differs from an earlier row of '霞'" in problem for problem in (first, second))


def test_two_columns_for_one_choice_are_refused(tmp_path: Path) -> None:
    (problem,) = attempt(written(tmp_path, "商標,権利種別,中古,中古品\n霞,商標,見る,見ない\n")).problems
    assert "stands for the same as 中古" in problem
