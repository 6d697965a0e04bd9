from __future__ import annotations

import pytest

from ipwatch.matching.listings import context_words
from ipwatch.matching.variants import ObservedText
from ipwatch.records import RightKind


def terms_around(
    title: str, mark: str, kind: RightKind = RightKind.TRADEMARK, goods: tuple[str, ...] = ()
) -> list[str]:
    start = title.index(mark)
    observed = ObservedText.of("title", title)
    return [signal.term for signal in context_words.around(observed, (start, start + len(mark)), mark, kind, goods)]


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("case for SONY", "SONY"),
        ("Compatible with SONY WH-1000", "SONY"),
        ("replacement for the SONY", "SONY"),
        ("SONY-compatible battery", "SONY"),
        ("ソニー用 ケース", "ソニー"),
        ("ソニー WH-1000XM4 対応 イヤーパッド", "ソニー"),
        ("ソニーと互換", "ソニー"),
        ("适用于 SONY 耳机套", "SONY"),
        ("SONY专用保护套", "SONY"),
        ("소니 호환 배터리", "소니"),
        ("SONY 本体 / 充電器 SONY 対応", "SONY"),
    ],
)
def test_accessories(title: str, mark: str) -> None:
    assert terms_around(title, mark) == ["context_compatible"]


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("今治タオル風 ハンカチ", "今治タオル"),
        ("今治タオル タイプ", "今治タオル"),
        ("Imabari style towel", "Imabari"),
        ("inspired by SONY", "SONY"),
        ("SONY同款 耳机", "SONY"),
        ("소니 스타일", "소니"),
        ("シャネル系 バッグ", "シャネル"),
    ],
)
def test_style(title: str, mark: str) -> None:
    assert terms_around(title, mark) == ["context_style"]
    assert terms_around(title, mark, RightKind.GEOGRAPHICAL_INDICATION) == ["context_style_gi"]


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("SONY headphones", "SONY"),
        ("SONY 用品", "SONY"),
        ("今治タオル 業務用", "今治タオル"),
        ("今治タオル 風呂敷", "今治タオル"),
        ("fortune SONY", "SONY"),
        ("有田焼 マグ 食洗機対応", "有田焼"),
    ],
)
def test_other_words(title: str, mark: str) -> None:
    assert terms_around(title, mark) == []


@pytest.mark.parametrize(
    ("title", "mark"),
    [
        ("SONY以外 イヤホン", "SONY"),
        ("ソニーではありません ノーブランド", "ソニー"),
        ("earphones, not SONY", "SONY"),
        ("this is not a SONY", "SONY"),
        ("non-SONY earphones", "SONY"),
        ("소니 아님 이어폰", "소니"),
        ("非SONY 耳机", "SONY"),
    ],
)
def test_what_is_declared_not_to_be_the_brand(title: str, mark: str) -> None:
    assert terms_around(title, mark) == ["context_other_than"]


@pytest.mark.parametrize(
    ("title", "matches"),
    [
        ("シャネル 空箱 リボン", True),
        ("シャネル ショッパー 3枚", True),
        ("シャネル 紙袋のまとめ売り", True),
        ("CHANEL empty box only", True),
        ("샤넬 쇼핑백", True),
        ("シャネル バッグ 紙袋付き", False),
        ("シャネル 財布 箱 紙袋 付属", False),
        ("シャネル 香水 保存袋・カード付", False),
        ("シャネル バッグ", False),
    ],
)
def test_empty_packaging(title: str, *, matches: bool) -> None:
    signal = context_words.packaging(ObservedText.of("title", title), "シャネル")
    assert (signal is not None) is matches


def test_goods_may_stand_between() -> None:
    assert terms_around("ノリマ 時計用ベルト", "ノリマ") == []
    assert terms_around("ノリマ 時計用ベルト", "ノリマ", goods=("時計",)) == ["context_compatible"]


@pytest.mark.parametrize(
    ("title", "term"),
    [
        ("中古 ラジオ", "context_used"),
        ("PRE-OWNED radio", "context_used"),
        ("二手 收音机", "context_used"),
        ("used in studios", None),
        ("スーパーコピー 時計", "context_replica"),
        ("高仿 手表", "context_replica"),
        ("replica watch", "context_replica"),
        ("replicated study", None),
    ],
)
def test_words_anywhere(title: str, term: str | None) -> None:
    terms = [signal.term for signal in context_words.anywhere(ObservedText.of("title", title), "x")]
    assert terms == ([term] if term else [])


@pytest.mark.parametrize(("condition", "used"), [("USED", True), ("中古", True), ("New", False), (None, False)])
def test_condition(condition: str | None, used: bool) -> None:
    assert (context_words.used_condition(condition, "x") is not None) is used


def test_the_words_of_the_name_itself_do_not_count() -> None:
    observed = ObservedText.of("title", "Used Goods Bag, Book Corner print")
    assert [signal.term for signal in context_words.anywhere(observed, "Used Goods")] == ["context_used"]
    assert list(context_words.anywhere(observed, "Used Goods", (0, 10))) == []
    assert context_words.publication(ObservedText.of("title", "Book Corner bag"), "Book Corner") is not None
    assert context_words.publication(ObservedText.of("title", "Book Corner bag"), "Book Corner", (0, 11)) is None


def test_what_is_compatible_with_another_name_is_not_an_accessory_of_its_own_maker() -> None:
    observed = ObservedText.of("title", "Norima Pods Compatible with Kasumi")
    assert list(context_words.around(observed, (0, 6), "Norima", RightKind.TRADEMARK, ("Pods",))) == []
    signals = context_words.around(observed, (28, 34), "Kasumi", RightKind.TRADEMARK)
    assert [signal.term for signal in signals] == ["context_compatible"]
