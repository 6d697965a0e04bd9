"""Kinds of goods, pieces of a lot, and product identifiers are read from what sellers write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.identifiers import number_of
from ipwatch.matching.suspicion.goods_kinds import KINDS, goods_kind, pieces
from ipwatch.matching.suspicion.identifiers import identifiers, is_of_range


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("カワセ 3【電子書籍】", "digital"),
        ("カワセ オリジナル・サウンドトラック [CD]", "disc"),
        ("【PS4】カワセの戦い", "game"),
        ("カワセ（12） （ヒバリコミックス）", "book"),
        ("カワセ 1/7 フィギュア", "figure"),
        ("カワセ Tシャツ M", "apparel"),
        ("カワセ コスプレ衣装 3点セット", "costume"),
        ("カワセ 手帳型ケース", "phone_case"),
        ("カワセ ウォールステッカー", "print"),
        ("KAWASE enamel pin badge", "jewellery"),
        ("KAWASE watch 38mm", "watch"),
        ("川瀬茶碗 一客", "tableware"),
        ("カワセ 陳列ケース 3段", "accessory"),
        ("カワセ 진열 케이스", "accessory"),
        ("NORIMA aftermarket brake pads", "accessory"),
        ("适用诺里玛 耳机 保护套", "accessory"),
        ("Kawase crochet pattern PDF", "template"),
        ("カワセ 刺繍データ", "template"),
        ("カワセ 見放題", "digital"),
        ("カワセ 第12話 レンタル", "digital"),
        ("Kawase Kindle edition", "digital"),
        ("NORIMA case for Kindle Paperwhite", "accessory"),
        ("NORIMA streaming microphone", None),
        ("川濑 第12集 在线观看", "digital"),
        ("카와세 120화 다시보기", "digital"),
        ("Kawase tập 12 vietsub", "digital"),
        ("NORIMA DVDプレーヤー", None),
        ("カワセ 交響組曲 CD", "disc"),
        ("카와세 만화 3권", "book"),
        ("Kawase tome 4", "book"),
        ("komik Kawase", "book"),
        ("カワセ あみぐるみ", "plush"),
        ("KAWASE brand new", None),
    ],
)
def test_the_kind_of_goods(title: str, kind: str | None) -> None:
    assert goods_kind(title) == kind


@pytest.mark.parametrize(
    ("title", "count"),
    [
        ("フィギュア 100体セット", 100),
        ("keychain 50pcs lot", 50),
        ("lot of 24 pins", 24),
        ("タオル 5枚組", 5),
        ("全72巻 セット", 72),
        ("11〜20巻セット", 10),
        ("12巻", 1),
        ("巻ノ45", 1),
        ("1/7スケール", 1),
        ("５個 セット", 5),
        ("iPhone 15 ケース", 1),
        ("9999999個", 1),
        ("552ヶ 入り", 552),
        ("100ケ", 100),
        ("3ヶ月 保証", 1),
        ("3コース", 1),
        ("MOQ 399 pcs", 399),
        ("40-pack", 40),
        ("衣装 8点セット", 1),
        ("1000ピース パズル", 1),
        ("jigsaw 500 pieces", 1),
        ("building blocks 231 pcs 2 packs", 2),
        ("1-23册", 23),
    ],
)
def test_the_pieces_of_a_lot(title: str, count: int) -> None:
    assert pieces(title) == count


@given(st.text(max_size=80))
def test_any_text_has_a_kind_or_none_and_at_least_one_piece(text: str) -> None:
    assert goods_kind(text) in {*KINDS, None}
    assert pieces(text) >= 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4901234567894", "4901234567894"),
        ("４９０１２３４５６７８９４", "4901234567894"),
        ("978-4-08-873163-6", "9784088731636"),
        ("4-08-873163-8", "9784088731636"),
        ("4-08-873163-X", None),
        ("4088731639", None),
        ("49012347", "49012347"),
        ("49012348", None),
        ("4901234567890", None),
        ("", None),
    ],
)
def test_a_number_with_a_wrong_check_digit_is_none(text: str, number: str | None) -> None:
    assert number_of(text) == number


def test_numbers_are_read_where_they_are_named_or_where_they_can_be_nothing_else() -> None:
    assert identifiers("JANコード：4901234567894") == ("4901234567894",)
    assert identifiers("品番4901234567894 在庫あり") == ("4901234567894",)
    assert identifiers("order 7312345678908") == ()
    assert identifiers("UPC 0 12345 67890 5") == ("0012345678905",)
    assert identifiers("4901234567894", "JAN 4901234567894") == ("4901234567894",)
    assert identifiers() == identifiers("n/a") == ()


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_exactly_one_check_digit_is_right(body: int) -> None:
    valid = [digit for digit in range(10) if number_of(f"{body:012d}{digit}")]
    assert len(valid) == 1


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("4901234*", "", "4901234567894"),
        ("490-1234567894", "", "4901234567894"),
        ("4909999*", "", None),
        ("NW-100*", "ノリマ NW-100BK 黒", "NW-100BK"),
        ("NW-100", "ノリマ NW-100BK 黒", None),
        ("NW-100", "ノリマ NW-100 黒", "NW-100"),
        ("nw100*", "ノリマ ＮＷ－１００ＢＫ 黒", "NW-100BK"),
        ("NW-100", "ノリマ NW 100 黒", "NW 100"),
        ("NW-100", "ノリマ XNW-100 黒", None),
        ("NW-100", "ノリマ NW-1-00 黒", "NW-1-00"),
        ("NW-100/B", "ノリマ NW-100/B、黒", "NW-100/B"),
        ("4901234567894", "4909999", "4901234567894"),
        ("4901234567801", "", None),
        ("*", "ノリマ NW-100 黒", None),
        ("", "", None),
    ],
)
def test_what_a_declared_range_covers(pattern: str, text: str, matched: str | None) -> None:
    assert is_of_range(pattern, ("4901234567894",), text) == matched
