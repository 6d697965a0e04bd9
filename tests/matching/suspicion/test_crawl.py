"""What a crawl teaches: prices by seller, broad retailers, known identifiers, repeated texts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from decimal import Decimal

import pytest
from matching.suspicion.listings import BRAND, REGION, WORK, judge, listing, terms

from ipwatch.matching.suspicion.crawl import BROAD_LISTINGS, Crawl, MentionFacts
from ipwatch.matching.suspicion.prices import MIN_SELLERS, rounded
from ipwatch.records import AuthorisedSeller, ListingKind, Seller


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
        text_keys=(),
        authorised=False,
        words=("腕時計",),
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


def test_where_sellers_ask_in_many_currencies_those_with_a_rate_are_one_market_in_yen() -> None:
    crawl = Crawl({"USD": Decimal(150), "EUR": Decimal(160)})
    asked = ((9000, "JPY"), (60, "USD"), (58, "EUR"), (62, "USD"), (7, "XYZ"))
    for number, (price, currency) in enumerate(asked):
        crawl.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}", price=Decimal(price), currency=currency))
    result = crawl.market(facts(subject="x", seller="x", currency="USD"))
    assert result is not None
    assert (result.sellers, 59 <= result.median <= 62) == (4, True)
    assert crawl.market(facts(subject="x", seller="x", currency="XYZ")) is None


def test_only_titles_that_name_the_same_product_are_compared() -> None:
    prices = {"丸盆 尺寸": (16_000, 15_500, 16_800, 17_000), "汁椀": (3000, 3100, 2900, 3050)}
    crawl = Crawl()
    for product, asked in prices.items():
        for number, price in enumerate(asked):
            words = tuple(product.split())
            seller = f"{product}{number}"
            crawl.add_mention(facts(subject=f"a:{seller}", seller=seller, price=Decimal(price), words=words))
    bowl = crawl.market(facts(subject="x", seller="x", words=("汁椀",)))
    assert bowl is not None
    assert 2900 <= bowl.median <= 3100
    # Both words, which nobody offers together, and a word that others use of other goods.
    assert crawl.market(facts(subject="x", seller="x", words=("汁椀", "丸盆"))) is None
    # A word that only this seller uses tells of no other product, and a measure alone of none.
    assert crawl.market(facts(subject="x", seller="x", words=("汁椀", "極上"))) == bowl
    assert crawl.market(facts(subject="x", seller="x", words=("23cm",))) is None


@pytest.mark.parametrize(("price", "median"), [("0.0004", "0.0004"), ("1E-30", "1E-30"), ("1E+30", "1E+30")])
def test_the_smallest_and_the_largest_prices_have_a_market(price: str, median: str) -> None:
    crawl = Crawl({"USD": Decimal(150)})
    for number in range(MIN_SELLERS):
        crawl.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}", price=Decimal(price)))
        crawl.add_mention(facts(subject=f"b:{number}", seller=f"b:{number}", price=Decimal("1E+400")))
    result = crawl.market(facts(subject="x", seller="x"))
    assert result is not None
    assert (result.sellers, abs(result.median / Decimal(median) - 1) < Decimal("0.01")) == (MIN_SELLERS, True)
    assert result.below(Decimal(median) / 100, 1) > MIN_SELLERS
    in_dollars = crawl.market(facts(subject="x", seller="x", currency="USD"))
    assert in_dollars is not None
    assert in_dollars.median > 0


def test_words_beside_many_kinds_of_goods_tell_no_products_apart() -> None:
    crawl = Crawl()
    for kind in ("book", "towel", "figure"):
        crawl.add_mention(facts(subject=f"k:{kind}", seller=f"k:{kind}", goods_kind=kind, words=("送料無料", kind)))
    for number in range(MIN_SELLERS):
        crawl.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}"))
    result = crawl.market(facts(subject="x", seller="x", words=("送料無料", "腕時計")))
    assert result is not None
    assert result.product == ("腕時計",)


def test_accounts_that_share_a_text_or_a_picture_are_no_market_for_one_another() -> None:
    crawl = Crawl()
    for number in range(MIN_SELLERS):
        crawl.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}", text_keys=(f"t{number}",)))
    ours = [
        facts(subject=f"b:{number}", seller=f"b:{number}", price=Decimal(500), text_keys=("same",))
        for number in range(5)
    ]
    for each in ours:
        crawl.add_mention(each)
    result = crawl.market(ours[0])
    assert result is not None
    assert (result.sellers, result.median) == (MIN_SELLERS, Decimal(1000))


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


CONDITIONS = "倉庫移転のため今だけの価格です。箱なし発送で送料を節約しています。質問は購入後にどうぞ。"


def accounts(count: int = 4, description: str = CONDITIONS, mark: str = "NORIMA") -> list:  # type: ignore[type-arg]
    return [
        listing(f"{mark} 腕時計 {mark}{number}", listing_id=f"{mark}{number}", description=description)
        for number in range(count)
    ]


def test_one_text_under_many_accounts_is_a_sign() -> None:
    for title, result in judge(BRAND, *accounts()).items():
        assert "text_repeated" in terms(result), title
    two = judge(BRAND, *accounts(2))
    assert not any("text_repeated" in terms(result) for result in two.values())


@pytest.mark.parametrize(
    "description",
    [
        pytest.param(f"{CONDITIONS} JAN 4901234567894", id="with a product number"),
        pytest.param(f"NORIMA の定番です。{CONDITIONS}", id="names the mark, as makers do"),
        pytest.param("箱なしでお送りします。", id="too short"),
    ],
)
def test_texts_that_honest_sellers_share_are_no_sign(description: str) -> None:
    assert not any("text_repeated" in terms(each) for each in judge(BRAND, *accounts(description=description)).values())


def test_a_text_of_an_established_seller_or_of_a_template_is_no_sign() -> None:
    rated = listing("NORIMA 腕時計 老舗", description=CONDITIONS, seller=Seller(id="old", feedback_count=9000))
    assert not any("text_repeated" in terms(each) for each in judge(BRAND, *accounts(), rated).values())
    marks = [replace(BRAND, watchlist=name.lower(), id=name.lower(), text=name) for name in ("TSUKIMI", "HOSHIMI")]
    template = [each for mark in marks for each in accounts(mark=mark.text)]
    result = judge(BRAND, *accounts(), *template, others=marks)
    assert result
    assert not any("text_repeated" in terms(each) for each in result.values())


def test_copies_of_a_picture_under_many_accounts_are_a_sign() -> None:
    first = int.from_bytes(hashlib.sha256(b"picture").digest())
    # A few bits off, and mirrored: every second bit is negated.
    copies = [first, first ^ 0b1011, first ^ (1 << 200), first ^ int("55" * 32, 16) ^ 0b100]
    crawl = Crawl()
    shown = [
        facts(subject=f"p:{number}", seller=f"p:{number}", text_keys=(), pictures=(f"{each:064x}",))
        for number, each in enumerate(copies)
    ]
    other = facts(subject="q", seller="q", text_keys=(), pictures=(hashlib.sha256(b"other").hexdigest(),))
    for each in (*shown, other):
        crawl.add_mention(each)
    assert [len(crawl.accounts_with_picture(each)) for each in (*shown, other)] == [4, 4, 4, 4, 0]


def test_other_brands_are_known_by_the_brand_fields_of_the_crawl() -> None:
    known = listing("RIDGE LOOM 腕時計", brand="RIDGE LOOM")
    chosen = listing("NORIMA RIDGE LOOM 腕時計 ロゴ選べる")
    plain = listing("NORIMA 腕時計 リッジ")
    result = judge(BRAND, known, chosen, plain)
    assert "brand_to_choose" in terms(result["NORIMA RIDGE LOOM 腕時計 ロゴ選べる"])
    assert "brand_to_choose" not in terms(result["NORIMA 腕時計 リッジ"])


@pytest.mark.parametrize(
    ("share", "count", "term"),
    [(74.0, 20, "seller_poor"), (74.0, 2, "seller_new"), (99.0, 3, "seller_new"), (98.0, 80, None)],
)
def test_new_and_badly_rated_accounts_are_weak_signs(share: float, count: int, term: str | None) -> None:
    seller = Seller(id="s", feedback_pct=share, feedback_count=count)
    (result,) = judge(BRAND, listing("NORIMA 腕時計", seller=seller)).values()
    assert {"seller_poor", "seller_new"} & terms(result) == ({term} if term else set())
    assert result.kind is ListingKind.MENTION


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


def test_two_sellers_of_a_product_show_a_tenth_of_its_price_and_not_half_of_it() -> None:
    two = market(9800, 10_200)
    for price, term in ((1000, "price_below_market"), (4500, None)):
        cheap = listing("NORIMA 腕時計 特価", price=price)
        assert terms(judge(BRAND, *two, cheap)["NORIMA 腕時計 特価"]) == ({term} if term else set()), price


def test_products_are_compared_across_languages() -> None:
    rates = Crawl({"USD": Decimal(150), "KRW": Decimal("0.11")})
    titles = ("NORIMA 腕時計 200ml", "NORIMA 腕時計 200ml 限定", "NORIMA 腕時計 黒 200ml", "NORIMA 腕時計 正規品 200ml")
    usual = [listing(title, price=9000 + number) for number, title in enumerate(titles)]
    cheap = replace(listing("NORIMA watch 200 ml", price=8), currency="USD")
    assert "price_far_below_market" in terms(judge(BRAND, *usual, cheap, crawl=rates)["NORIMA watch 200 ml"])


def test_where_a_product_has_no_market_a_price_below_all_of_its_kind_is_a_weak_sign() -> None:
    crawl = Crawl({"USD": Decimal(150)})
    models = ("ダイバー", "クロノグラフ", "ドレス", "パイロット", "ミリタリー", "スケルトン", "懐中")
    usual = [listing(f"NORIMA {model} 腕時計", price=9000 + 5000 * n) for n, model in enumerate(models)]
    cheap = replace(listing("NORIMA sundial watch", price=30), currency="USD")
    fair = replace(listing("NORIMA hourglass watch", price=70), currency="USD")
    result = judge(BRAND, *usual, cheap, fair, crawl=crawl)
    assert terms(result["NORIMA sundial watch"]) == {"price_below_range"}
    assert result["NORIMA sundial watch"].kind is ListingKind.MENTION
    assert terms(result["NORIMA hourglass watch"]) == set()


def test_the_parts_of_a_package_make_no_bargain() -> None:
    usual = [listing(f"水面茶 ほうじ茶 ティーバッグ {number}", price=800 + number) for number in range(5)]
    parts = listing("水面茶 ほうじ茶 ティーバッグ 20個", price=800)
    assert not {"price_below_market", "price_far_below_market"} & terms(
        judge(REGION, *usual, parts)["水面茶 ほうじ茶 ティーバッグ 20個"]
    )


def test_an_account_whose_other_listings_have_strong_signs_is_a_weak_sign_itself() -> None:
    copies = [listing(f"NORIMA 腕時計 スーパーコピー {number}", seller="again") for number in range(3)]
    plain = listing("NORIMA 腕時計", seller="again")
    result = judge(BRAND, *copies, plain)["NORIMA 腕時計"]
    assert (terms(result), result.kind) == ({"seller_signs"}, ListingKind.MENTION)
    shelf = [listing(f"NORIMA 腕時計 型{number}", seller="again") for number in range(12)]
    assert terms(judge(BRAND, *copies, plain, *shelf)["NORIMA 腕時計"]) == set()
    assert terms(judge(BRAND, *copies[:2], plain)["NORIMA 腕時計"]) == set()


@pytest.mark.parametrize(
    ("price", "range_of_one", "is_sign"),
    [
        pytest.param(6000, 1, True, id="cheaper than others"),
        pytest.param(9900, 1, False, id="at the usual price"),
        pytest.param(None, 1, True, id="without a price, of accounts with nothing else"),
        pytest.param(None, 5, False, id="without a price, one of a shop"),
    ],
)
def test_a_picture_of_many_accounts_is_no_sign_where_they_look_like_shops(
    price: int | None, range_of_one: int, *, is_sign: bool
) -> None:
    usual = market(9800, 10_200, 9980, 11_000, 10_500) if price else []
    shown = [listing(f"NORIMA 腕時計 {name}", price=price, seller=name) for name in "アイウ"]
    shelf = [listing(f"花瓶 {n}", seller="ア") for n in range(range_of_one - 1)]
    picture = hashlib.sha256(b"picture").hexdigest()
    pictures = {each.title or "": (picture,) for each in shown}
    result = judge(BRAND, *usual, *shown, *shelf, pictures=pictures)["NORIMA 腕時計 イ"]
    assert ("picture_repeated" in terms(result)) == is_sign


def test_a_licensee_of_another_mark_of_the_holder_is_a_maker() -> None:
    sibling = replace(WORK, id="sibling", text="ツキヨノフネ", licensees=("ヌクミ玩具",))
    goods = listing("カワセノツルギ コスプレ衣装 ヌクミ玩具")
    assert "maker_named" in terms(judge(WORK, goods, others=[sibling])["カワセノツルギ コスプレ衣装 ヌクミ玩具"])
    assert "maker_named" not in terms(judge(WORK, goods)["カワセノツルギ コスプレ衣装 ヌクミ玩具"])


def test_prices_beyond_floating_point_begin_no_range() -> None:
    crawl = Crawl({"USD": Decimal(150)})
    for number, price in enumerate(("1E+400", "1E-400", *["1000"] * 7)):
        crawl.add_mention(facts(subject=f"a:{number}", seller=f"a:{number}", price=Decimal(price)))
    begins = crawl.price_range(facts(subject="x", seller="x"))
    assert begins is not None
    assert (begins.sellers, begins.lowest) == (7, Decimal(1000))


@pytest.mark.parametrize(
    ("price", "shown"),
    [("23480.004", "23480"), ("12.5", "12.5"), ("12.345", "12.35"), ("0.00042", "0.00042"), ("0.00001", "0.00001")],
)
def test_prices_are_shown_as_people_write_them(price: str, shown: str) -> None:
    assert f"{rounded(Decimal(price)):f}" == shown
