from __future__ import annotations

from pathlib import Path

import pytest

from ipwatch.terms import in_language
from ipwatch.watchlists import check_watchlist

HEAD = """\
schema = 1
[holder]
id = "kasumi"
name_ja = "霞"
name_en = "Kasumi"
kind = "content"
"""
MARK = """\
[[marks]]
id = "kasumi"
text = "霞物語"
variants = ["Kasumi Story"]
kind = "copyright_work"
goods_terms = ["フィギュア", "Plush"]
"""
OTHER = '[[marks]]\nid = "cloud"\ntext = "雲物語"\nkind = "copyright_work"\n'
SHOP, COPIES = ('{marketplace = "rakuten", id = "shop"}', '{marketplace = "ebay", id = "copies"}')


def warnings_of(directory: Path, *, holder: str = "", mark: str = "", other: str = "") -> list[str]:
    path = directory / "kasumi.toml"
    path.write_text(f"{HEAD}{holder}\n{MARK}{mark}\n{OTHER}{other}\n", encoding="utf-8")
    warnings = check_watchlist(path).warnings
    assert all(in_language(each, "ja") != each for each in warnings)
    assert all(each.startswith(f"{path}:") for each in warnings)
    return [each.split(": ", 1)[1] for each in warnings]


ENTRIES = [
    ('licensees = ["KASUMI story"]', "licensees[0]: 'KASUMI story' is a name of the mark 'kasumi' itself"),
    ('licensees = ["霞物語"]', "licensees[0]: '霞物語' is a name of the mark 'kasumi' itself"),
    ('licensees = ["メガハウス", "タオル"]', "licensees[1]: 'タオル' is an ordinary word"),
    ('licensees = ["star"]', "licensees[0]: 'star' is an ordinary word"),
    ('own_products = ["978-4-*"]', "own_products[0]: '9784*' covers products of many makers"),
    ('own_products = ["4901234567894", "49*"]', "own_products[1]: '49*' covers products of many makers"),
    ('own_products = ["A1*"]', "own_products[0]: 'A1*' covers products of many makers"),
    ('own_products = ["BOOK*"]', "own_products[0]: 'BOOK*' covers products of many makers"),
    ('unlicensed_goods = ["抱き枕", "霞物語"]', "unlicensed_goods[1]: '霞物語' is a name of the mark 'kasumi' itself"),
    ('unlicensed_goods = ["ﾌｨｷﾞｭｱ"]', "unlicensed_goods[0]: 'ﾌｨｷﾞｭｱ' is also among the goods_terms of the mark"),
    ('unlicensed_goods = ["plush"]', "unlicensed_goods[0]: 'plush' is also among the goods_terms of the mark"),
    (
        f"official_sellers = [{SHOP}]\ndeny_sellers = [{COPIES}, {SHOP}]",
        "official_sellers[0]: 'shop' of rakuten is also among the deny_sellers; keep it in one of the two",
    ),
]


@pytest.mark.parametrize(("statement", "expected"), ENTRIES, ids=range(len(ENTRIES)))
def test_a_doubtful_entry_is_named_once_wherever_it_stands(tmp_path: Path, statement: str, expected: str) -> None:
    (of_mark,) = warnings_of(tmp_path, mark=statement)
    assert of_mark.startswith(f"marks[0].{expected}")
    (of_holder,) = warnings_of(tmp_path, holder=statement)
    assert of_holder.startswith(f"holder.{expected}")


@pytest.mark.parametrize(
    "statement",
    [
        'licensees = ["メガハウス", "コスパ", "バンダイ", "Good Smile Company"]',
        'own_products = ["978-4-08-*", "4549970*", "4901234567894", "WH-1*", "A1", "PLARAIL*"]',
        'unlicensed_goods = ["抱き枕カバー", "ステッカー"]',
        f"official_sellers = [{SHOP}]\ndeny_sellers = [{COPIES}]",
        'second_hand = "rank"\ndepth = "broad"',
    ],
)
def test_plain_statements_raise_no_doubt(tmp_path: Path, statement: str) -> None:
    assert warnings_of(tmp_path, mark=statement) == warnings_of(tmp_path, holder=statement) == []


def test_a_name_of_another_mark_may_be_a_licensee(tmp_path: Path) -> None:
    assert warnings_of(tmp_path, other='licensees = ["霞物語"]') == []


def test_accounts_of_the_mark_are_compared_with_those_of_the_holder(tmp_path: Path) -> None:
    denied, official = f"deny_sellers = [{SHOP}]", f"official_sellers = [{SHOP}]"
    expected = "'shop' of rakuten is also among the deny_sellers; keep it in one of the two"
    assert warnings_of(tmp_path, holder=denied, mark=official) == [f"marks[0].official_sellers[0]: {expected}"]
    assert warnings_of(tmp_path, holder=official, mark=denied) == [
        "marks[0].deny_sellers[0]: 'shop' of rakuten is also among the official_sellers; keep it in one of the two"
    ]
    authorised = f"authorised_sellers = [{SHOP}]"
    assert warnings_of(tmp_path, holder=denied, mark=authorised) == [f"marks[0].authorised_sellers[0]: {expected}"]
    assert warnings_of(tmp_path, mark=f"{denied}\n{authorised}") == [f"marks[0].authorised_sellers[0]: {expected}"]


@pytest.mark.parametrize("where", ["holder", "mark"])
def test_a_seller_that_is_authorised_and_official_is_harmless_and_named(tmp_path: Path, where: str) -> None:
    statement = {"holder": "", "mark": f"authorised_sellers = [{SHOP}]\n"}
    statement[where] += f"official_sellers = [{SHOP}]"
    assert warnings_of(tmp_path, **statement) == [
        (
            "marks[0].authorised_sellers[0]: 'shop' of rakuten is also among the official_sellers, which have no end; "
            "one entry is enough"
        )
    ]


def test_second_hand_goods_are_not_watched_without_a_price(tmp_path: Path) -> None:
    watch, price = 'second_hand = "watch"', "genuine_price_jpy = {min = 500}"
    assert [each.split(": ")[0] for each in warnings_of(tmp_path, mark=watch)] == ["marks[0].second_hand"]
    assert warnings_of(tmp_path, mark=f"{watch}\n{price}") == []
    (both,) = warnings_of(tmp_path, holder=watch)
    assert both.startswith("holder.second_hand: ")
    assert "for kasumi, cloud; add it to these marks" in both
    (rest,) = warnings_of(tmp_path, holder=watch, mark=price)
    assert "for cloud; add it to these marks" in rest
    assert warnings_of(tmp_path, holder=watch, mark=price, other='second_hand = "ignore"') == []


def test_many_marks_without_a_price_are_counted(tmp_path: Path) -> None:
    more = "".join(f'[[marks]]\nid = "m{n}"\ntext = "t{n}"\nkind = "design"\n' for n in range(10))
    (warning,) = warnings_of(tmp_path, holder='second_hand = "watch"', other=more)
    assert "for kasumi, cloud, m0, m1, m2 and 7 more; add it" in warning
