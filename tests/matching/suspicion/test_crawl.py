"""What a crawl teaches: prices by seller, broad retailers, known identifiers, repeated texts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from matching.suspicion.listings import BRAND, WORK, judge, listing, terms

from ipwatch.matching.suspicion.crawl import BROAD_LISTINGS, MIN_SELLERS, Crawl, MentionFacts
from ipwatch.records import AuthorisedSeller, ListingKind


def market(*prices: int, kind: str = "腕時計") -> list:  # type: ignore[type-arg]
    return [listing(f"NORIMA {kind} {number}", price=price) for number, price in enumerate(prices)]


def facts(**fields: object) -> MentionFacts:
    usual = MentionFacts(
        subject="a:1",
        mark="m/m",
        seller="a:s",
        goods_kind="watch",
        used=False,
        pack=1,
        price=Decimal(1000),
        currency="JPY",
        identifiers=(),
        text_keys=("t",),
        authorised=False,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]


def test_a_price_far_below_the_market_makes_a_listing_suspected_and_a_sale_does_not() -> None:
    usual = market(9800, 10200, 9980, 11000, 10500, 9700)
    for price, kind in ((900, ListingKind.SUSPECTED), (3900, ListingKind.SUSPECTED), (7000, ListingKind.MENTION)):
        cheap = listing("NORIMA 腕時計 特価", price=price)
        assert judge(BRAND, *usual, cheap)["NORIMA 腕時計 特価"].kind is kind, price


def test_prices_are_compared_piece_by_piece() -> None:
    usual = market(9800, 10200, 9980, 11000, 10500, 9700)
    dozen = listing("NORIMA 腕時計 12個セット", price=9800)
    assert "price_far_below_market" in terms(judge(BRAND, *usual, dozen)["NORIMA 腕時計 12個セット"])


@pytest.mark.parametrize(
    "title", ["NORIMA 腕時計 中古", "NORIMA 腕時計用 ベルト 互換品", "NORIMA バッグ", "NORIMA の本 単行本"]
)
def test_prices_of_other_goods_are_no_market(title: str) -> None:
    other = listing(title, price=900)
    result = judge(BRAND, *market(9800, 10200, 9980, 11000, 10500, 9700), other).get(title)
    assert result is None or not {"price_below_market", "price_far_below_market"} & terms(result)


def test_a_few_sellers_are_no_market_and_one_seller_makes_none_alone() -> None:
    crawl = Crawl()
    for number in range(50):
        crawl.add_mention(facts(subject=f"a:{number}", seller="a:flood", price=Decimal(100)))
    for number in range(MIN_SELLERS - 1):
        crawl.add_mention(facts(subject=f"b:{number}", seller=f"b:{number}", price=Decimal(10_000)))
    assert crawl.market(facts(subject="a:0", seller="a:flood")) is None
    crawl.add_mention(facts(subject="c:1", seller="c:1", price=Decimal(10_000)))
    result = crawl.market(facts(subject="x:1", seller="x:1"))
    assert result is not None
    assert result.sellers == MIN_SELLERS + 1
    assert result.median == Decimal(10_000)


def test_wide_markets_say_less() -> None:
    narrow, wide = Crawl(), Crawl()
    for number, price in enumerate((900, 2000, 4000, 9000, 20_000, 40_000)):
        wide.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}", price=Decimal(price)))
        narrow.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}", price=Decimal(6000 + number)))
    for crawl, is_below in ((narrow, True), (wide, False)):
        result = crawl.market(facts(subject="x:1", seller="x:1"))
        assert result is not None
        assert (result.below(Decimal(1000), 1) > 4) == is_below


def test_currencies_and_conditions_are_markets_of_their_own() -> None:
    crawl = Crawl()
    for number in range(MIN_SELLERS):
        crawl.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}"))
    assert crawl.market(facts(subject="x", seller="x")) is not None
    assert crawl.market(facts(subject="x", seller="x", currency="USD")) is None
    assert crawl.market(facts(subject="x", seller="x", used=True)) is None
    assert crawl.market(facts(subject="x", seller="x", goods_kind="bag")) is None


def test_the_order_in_which_a_crawl_is_learned_changes_nothing() -> None:
    taken = [
        facts(subject=f"a:{number}", seller=f"a:{number % 7}", price=Decimal(500 + 37 * number)) for number in range(30)
    ]
    forwards, backwards = Crawl(), Crawl()
    for each in taken:
        forwards.add_mention(each)
        forwards.market(each)
    for each in reversed(taken):
        backwards.add_mention(each)
    assert [forwards.market(each) for each in taken] == [backwards.market(each) for each in taken]


def test_a_broad_retailer_speaks_against_weak_signs() -> None:
    goods = ("腕時計", "バッグ", "Tシャツ", "包丁", "タオル")
    shelf = [listing(f"店の品 {goods[n % 5]} {n}", seller="store") for n in range(BROAD_LISTINGS)]
    costume = listing("カワセノツルギ コスプレ衣装", seller="store")
    alone = listing("カワセノツルギ コスプレ衣装 2", seller="stall")
    result = judge(WORK, *shelf, costume, alone)
    assert "broad_retailer" in terms(result["カワセノツルギ コスプレ衣装"])
    assert result["カワセノツルギ コスプレ衣装"].kind is ListingKind.MENTION
    assert result["カワセノツルギ コスプレ衣装 2"].kind is ListingKind.SUSPECTED


def test_goods_that_an_authorised_seller_offers_are_known_by_their_number() -> None:
    mark = replace(WORK, authorised_sellers=(AuthorisedSeller(marketplace="rakuten", id="official"),))
    genuine = listing("カワセノツルギ コスプレ衣装 公認", seller="official", description="JAN 4901234567894")
    other = listing("カワセノツルギ コスプレ衣装", description="JANコード：4901234567894")
    result = judge(mark, genuine, other)
    assert "known_product" in terms(result["カワセノツルギ コスプレ衣装"])
    assert result["カワセノツルギ コスプレ衣装"].kind is ListingKind.MENTION


def test_one_text_under_many_accounts_is_a_sign_unless_it_names_a_product_number() -> None:
    texts = [listing("NORIMA 腕時計 限定", listing_id=n) for n in range(4)]
    assert "text_repeated" in terms(judge(BRAND, *texts)["NORIMA 腕時計 限定"])
    numbered = [replace(each, description="JAN 4901234567894") for each in texts]
    assert "text_repeated" not in terms(judge(BRAND, *numbered)["NORIMA 腕時計 限定"])


def test_accounts_that_people_found_to_infringe_are_remembered() -> None:
    crawl = Crawl()
    for number in range(3):
        crawl.add_confirmed("rakuten:again", f"rakuten:{number}")
    (result,) = judge(BRAND, listing("NORIMA 腕時計 新品", seller="again"), crawl=crawl).values()
    assert (result.kind, "seller_confirmed" in terms(result)) == (ListingKind.SUSPECTED, True)
    assert next(each for each in result.signs if each.term == "seller_confirmed").compared == ("3", "again")


def test_a_decision_on_a_listing_is_no_evidence_against_that_listing() -> None:
    crawl = Crawl()
    crawl.add_confirmed("rakuten:again", "rakuten:1")
    decided = listing("NORIMA 腕時計 新品", seller="again", listing_id=1)
    other = listing("NORIMA 腕時計 未使用", seller="again", listing_id=2)
    result = judge(BRAND, decided, other, crawl=crawl)
    assert "seller_confirmed" not in terms(result["NORIMA 腕時計 新品"])
    assert "seller_confirmed" in terms(result["NORIMA 腕時計 未使用"])
