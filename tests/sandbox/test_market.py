from __future__ import annotations

import re
import statistics
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from sandbox.calls import TODAY

from ipwatch.identifiers import number_of
from ipwatch.sandbox import Composition, Kind, World, build_world
from ipwatch.sandbox.catalogue import Brand, Language, load_catalogue
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.drafts import fitting
from ipwatch.sandbox.market.composition import GROUP
from ipwatch.sandbox.market.goods import DEAR, derived_of, licensed_of, line_of, media_of, tables
from ipwatch.sandbox.market.identifiers import gtin_of
from ipwatch.sandbox.market.prices import MAX_DISCOUNT
from ipwatch.sandbox.market.sellers import denied
from ipwatch.sandbox.market.writing import phrases
from ipwatch.sandbox.markets import EBAY, RAKUTEN, YEN_PER_UNIT
from ipwatch.sandbox.offers import Offer
from ipwatch.sandbox.truth import DECOY_LISTINGS, LAWFUL_LISTINGS, SUSPECTED_LISTINGS, VISIBLE_LISTINGS, Sign
from ipwatch.terms import KEYS
from ipwatch.watchlists import load_watchlists

BRANDS = {brand.key: brand for brand in load_catalogue().brands}
ENGINE_DIGESTS = {
    (1, 3000): "db522d76f4e83f36c0bdab88c68771efcd646b3c7ecd30adadb52f84f882f1f5",
    (7, 500): "f88ad1da3b3efd687b598c98444c6b2cc5214701950da0cfd1c33062fa876775",
    (11, 60): "02cc8b92eef94eac31657baea3e711f9887d78eddf7846196b902f0fb1c78c8e",
}
"""What the offers of the world for tests of the matching are, by seed and number of listings."""
DISGUISED = {Kind.LOOKALIKE_SPELLING, Kind.HOMOGLYPH, Kind.SPACED}
SILENT = {Kind.STOLEN_PICTURE_SILENT, Kind.LOGO_PASTED}
LANGUAGES: tuple[Language, ...] = ("ja", "en", "zh", "ko")


@cache
def market_of(seed: int, listings: int = 3000) -> World:
    return build_world(seed, listings, TODAY)


@pytest.fixture
def large() -> World:
    return market_of(1)


def of_kind(world: World, *kinds: Kind) -> list[Offer]:
    return [offer for offer in world.offers if offer.truth.kind in kinds]


def brand_of(offer: Offer) -> Brand:
    assert offer.truth.mark is not None
    return BRANDS[offer.truth.mark]


def text_of(offer: Offer) -> str:
    return f"{offer.title} {offer.description} {offer.brand or ''}"


def yen_of(offer: Offer) -> float:
    return float(offer.price) * YEN_PER_UNIT[offer.currency]


def digest_of(world: World) -> str:
    digest = sha256()
    for offer in world.all_offers:
        fields = (
            *("number", "item_id", "title", "description", "brand", "price", "currency", "used", "quantity", "tags"),
            *("born", "gone", "moves", "posted_at", "language"),
        )
        row = [str(getattr(offer, field)) for field in fields]
        seller = offer.merchant
        row += [offer.shop.name, offer.goods.id, seller.id, seller.name, seller.ships_from, seller.currency]
        row += [str(seller.feedback_pct), str(seller.feedback_count)]
        for name, picture in offer.pictures:
            row += [name, picture.subject, picture.shape, picture.extension, str(picture.overlay)]
            row += [str(picture.emblem_only), ",".join(picture.changes)]
        row += [str(offer.truth.mark), offer.truth.kind, str(offer.truth.suspected)]
        digest.update("\x1f".join(row).encode() + b"\n")
    return digest.hexdigest()


@pytest.mark.parametrize(("seed", "listings"), ENGINE_DIGESTS)
def test_the_world_for_tests_of_the_matching_stays_the_same(seed: int, listings: int) -> None:
    world = build_world(seed, listings, TODAY, Composition.ENGINE)
    assert digest_of(world) == ENGINE_DIGESTS[seed, listings]


def test_a_market_is_what_a_world_is_unless_asked() -> None:
    assert build_world(3, 40, TODAY).composition is Composition.MARKET


def test_the_same_seed_gives_the_same_market_and_another_seed_another() -> None:
    assert build_world(3, 300, TODAY) == build_world(3, 300, TODAY)
    assert build_world(3, 300, TODAY).all_offers != build_world(4, 300, TODAY).all_offers


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("listings", [10, 60, 130, 400, 1300])
def test_at_least_97_of_100_listings_that_name_a_mark_are_lawful(seed: int, listings: int) -> None:
    world = market_of(seed, listings)
    assert len(world.offers) == listings
    mentions = [offer.truth for offer in world.offers if offer.truth.mention]
    infringing = sum(truth.infringing for truth in mentions)
    assert infringing <= 0.03 * len(mentions)
    assert len(mentions) >= 0.6 * listings
    assert infringing or listings < 60
    assert not [offer for offer in world.offers if offer.truth.infringing and not offer.truth.mention]


@pytest.mark.parametrize("seed", [1, 3])
def test_every_kind_and_every_sign_occurs(seed: int) -> None:
    world = market_of(seed)
    kinds = Counter(offer.truth.kind for offer in world.offers)
    assert set(kinds) == {*VISIBLE_LISTINGS, *LAWFUL_LISTINGS, Kind.NOT_VISIBLE, Kind.UNRELATED}
    assert {sign for offer in world.offers for sign in offer.truth.signs} == set(Sign)
    assert min(kinds[kind] for kind in LAWFUL_LISTINGS) >= 20
    assert 0.25 <= kinds[Kind.UNRELATED] / len(world.offers) <= 0.35


def test_signs_are_of_what_should_be_flagged(large: World) -> None:
    for offer in large.all_offers:
        truth = offer.truth
        assert bool(truth.signs) == truth.suspected == (truth.kind in VISIBLE_LISTINGS)
        assert (truth.mark is None) == (truth.kind == Kind.UNRELATED)
        assert truth.mention or truth.kind in {*LAWFUL_LISTINGS, Kind.UNRELATED}


def test_infringers_mostly_name_the_mark_as_plainly_as_others(large: World) -> None:
    offers = [offer for offer in large.all_offers if offer.truth.infringing]
    named = [offer for offer in offers if brand_of(offer).is_named_in(text_of(offer))]
    assert len(named) > 0.6 * len(offers)
    for offer in of_kind(large, Kind.NOT_VISIBLE, Kind.IMPOSSIBLE_PRICE, Kind.BELOW_MARKET, Kind.DENIED_SELLER):
        assert brand_of(offer).is_named_in(unicodedata.normalize("NFKC", text_of(offer))), offer.title


def test_the_disguised_and_the_silent_do_not_name_it() -> None:
    for seed in (1, 2, 3):
        for offer in of_kind(market_of(seed), *(DISGUISED | SILENT)):
            assert not brand_of(offer).is_named_in(text_of(offer)), offer.title


def test_every_mark_has_lookalikes_that_do_not_contain_it() -> None:
    rng = generator("test")
    for brand in BRANDS.values():
        for language in LANGUAGES:
            names = {fitting(brand.lookalikes, language, rng) for _ in range(40)}
            assert not all(brand.is_named_in(name) for name in names), brand.key


def test_no_unrelated_listing_names_a_mark(large: World) -> None:
    for offer in of_kind(large, Kind.UNRELATED):
        assert not [brand for brand in BRANDS.values() if brand.is_named_in(text_of(offer))], offer.title


def test_genuine_goods_cost_what_the_holder_declares_or_up_to_40_percent_less(large: World) -> None:
    offers = of_kind(large, Kind.GENUINE_RETAIL, Kind.REGIONAL_PRODUCER)
    below = 0
    for offer in offers:
        low, high = brand_of(offer).price
        assert low * (1 - MAX_DISCOUNT) * 0.99 <= yen_of(offer) <= high * 1.36, offer.title
        below += yen_of(offer) < low
    assert 0 < below < 0.1 * len(offers)


def test_retail_prices_are_mostly_the_recommended_one_and_often_less() -> None:
    ratios = []
    for offer in of_kind(market_of(2), Kind.GENUINE_RETAIL):
        product = next((each for each in line_of(brand_of(offer)) if each.gtin == offer.gtin), None)
        if product is not None and offer.gtin:
            ratios.append(yen_of(offer) / product.yen)
    assert len(ratios) > 50
    assert 0.85 < statistics.median(ratios) <= 1.0
    assert 0.05 < sum(ratio < 0.8 for ratio in ratios) / len(ratios) < 0.3


def test_impossible_prices_lie_far_below_the_declared_range(large: World) -> None:
    for offer in of_kind(large, Kind.IMPOSSIBLE_PRICE):
        assert yen_of(offer) <= brand_of(offer).price[0] * 0.55


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_price_below_the_market_lies_in_the_declared_range_and_has_what_to_compare_with(seed: int) -> None:
    world = market_of(seed)
    prices: dict[tuple[str, str], list[float]] = defaultdict(list)
    for offer in of_kind(world, Kind.GENUINE_RETAIL, Kind.REGIONAL_PRODUCER, Kind.PARALLEL_IMPORT):
        prices[offer.truth.mark or "", _product_in(offer)].append(yen_of(offer))
    cheap = of_kind(world, Kind.BELOW_MARKET)
    assert cheap
    for offer in cheap:
        comparable = prices[offer.truth.mark or "", _product_in(offer)]
        assert len(comparable) >= 5, offer.title
        assert yen_of(offer) < 0.55 * statistics.median(comparable)
        assert yen_of(offer) >= brand_of(offer).price[0]


def _product_in(offer: Offer) -> str:
    products = sorted(line_of(brand_of(offer)), key=lambda product: -len(product.name(offer.language)))
    return next((product.key for product in products if product.name(offer.language) in offer.title), "")


def test_every_line_has_a_product_dear_enough_to_be_sold_too_cheaply() -> None:
    for brand in BRANDS.values():
        assert line_of(brand)[0].yen >= DEAR * brand.price[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_offender_has_the_same_text_or_picture_under_several_accounts(seed: int) -> None:
    world = market_of(seed)
    day0 = [offer for offer in world.all_offers if offer.born == 0]
    texts, pictures = defaultdict(set), defaultdict(set)
    for offer in day0:
        if offer.truth.kind == Kind.SHARED_TEXT:
            texts[offer.shop.name, offer.description].add(offer.merchant.id)
        if offer.truth.kind == Kind.SHARED_PICTURE:
            pictures[offer.shop.name, offer.pictures[0][1].subject].add(offer.merchant.id)
    assert texts
    assert pictures
    assert min(map(len, (*texts.values(), *pictures.values()))) >= GROUP


def test_retailers_copy_the_text_and_the_pictures_of_makers_too(large: World) -> None:
    texts, pictures = defaultdict(set), defaultdict(set)
    for offer in of_kind(large, *LAWFUL_LISTINGS):
        texts[offer.description].add(offer.merchant.id)
        pictures[offer.pictures[0][1].subject].add(offer.merchant.id)
    assert max(map(len, texts.values())) >= 3
    assert max(map(len, pictures.values())) >= 10


def test_lawful_sellers_use_words_of_infringers_in_other_senses(large: World) -> None:
    lawful = " ".join(text_of(offer) for offer in of_kind(large, *LAWFUL_LISTINGS))
    words = ("コピー", "偽サイト", "風", "レプリカ", "ノーブランド", "同等品", "非公式", "中国", "並行輸入", "正規品")
    for word in (*words, "inspired", "counterfeits", "Made in China", "Unofficial", "unlicensed", "copy"):
        assert word in lawful, word


def test_a_seller_has_a_profile() -> None:
    world = market_of(2)
    marks, offers = defaultdict(set), Counter[str]()
    sellers = {}
    for offer in world.offers:
        if offer.shop in (RAKUTEN, EBAY):
            key = f"{offer.shop.name}:{offer.merchant.id}"
            sellers[key] = offer.merchant
            offers[key] += 1
            if offer.truth.mark:
                marks[key].add(offer.truth.mark)
    assert len(sellers) >= 150
    assert sum(len(each) >= 8 for each in marks.values()) >= 10
    assert sum(offers[key] >= 3 and len(marks[key]) <= 2 for key in offers) >= 10
    assert sum(seller.feedback_count < 10 for seller in sellers.values()) >= 10
    assert max(seller.feedback_count for seller in sellers.values()) > 50_000
    known = {merchant.id for brand in BRANDS.values() for merchant in denied(brand.holder.id)}
    for offer in of_kind(world, Kind.DENIED_SELLER):
        assert offer.merchant in denied(brand_of(offer).holder.id)
    assert [offer for offer in of_kind(world, Kind.UNRELATED) if offer.merchant.id in known]


def test_ids_of_sellers_are_their_own(large: World) -> None:
    names = defaultdict(set)
    for offer in large.all_offers:
        names[offer.shop.name, offer.merchant.id].add(offer.merchant)
    assert max(map(len, names.values())) == 1


def test_goods_from_elsewhere_say_so_in_some_way(large: World) -> None:
    phrases_of = {phrase for phrases in phrases()["elsewhere"].values() for phrase in phrases}
    for offer in of_kind(large, Kind.GI_MISUSE):
        assert any(phrase in offer.description for phrase in phrases_of), offer.description
        assert brand_of(offer).place is not None


def test_a_code_under_a_pattern_is_complete() -> None:
    assert gtin_of("4599810*", 10) == "4599810000103"
    with pytest.raises(ValueError, match="does not fit"):
        gtin_of("4599810*", 1_000_000)


def test_every_product_identifier_has_its_check_digit(large: World) -> None:
    codes = [
        product.gtin
        for brand in BRANDS.values()
        for product in (*line_of(brand), *licensed_of(brand), *media_of(brand))
    ]
    codes += [offer.gtin for offer in large.all_offers]
    codes += [code for offer in large.all_offers for code in re.findall(r"\b\d{13}\b", offer.description)]
    known = [code for code in codes if code]
    assert len(known) > 1000
    for code in known:
        assert len(code) == 13
        assert number_of(code) == code


def test_products_have_identifiers_of_their_own() -> None:
    for brand in BRANDS.values():
        codes = [product.gtin for product in (*line_of(brand), *licensed_of(brand), *media_of(brand)) if product.gtin]
        assert len(codes) == len(set(codes)), brand.key
        for product in line_of(brand):
            assert product.gtin is None or any(product.gtin.startswith(each[:-1]) for each in brand.own_products)


def test_holders_license_to_makers_that_exist_and_never_what_they_rule_out() -> None:
    makers = {row[0] for row in tables()["licensed"]["makers"]} | set(tables()["media"]["publishers"])
    for brand in BRANDS.values():
        assert set(brand.licensees) <= makers
        assert not {product.names[0] for product in licensed_of(brand)} & set(brand.unlicensed_goods)
        assert bool(licensed_of(brand)) == brand.has_character


def _texts() -> Iterator[tuple[str, str, str]]:
    for section, languages in phrases().items():
        for language, of_language in languages.items():
            for phrase in of_language:
                yield section, language, phrase


def test_sellers_write_in_every_language() -> None:
    fields = {"m", "latin", "p", "a", "b", "c", "n", "model", "jan", "maker", "region", "rivals"}
    for section, language, phrase in _texts():
        assert {name for _, name, _, _ in string.Formatter().parse(phrase) if name} <= fields, (section, language)
    for section, languages in phrases().items():
        assert set(LANGUAGES) <= set(languages), section
    for brand in BRANDS.values():
        for product in (*line_of(brand), *licensed_of(brand), *media_of(brand), *derived_of(brand)):
            assert all(product.name(language) for language in LANGUAGES)


def test_titles_come_in_many_languages_for_lawful_and_infringing_goods(large: World) -> None:
    for kinds in (LAWFUL_LISTINGS, (*VISIBLE_LISTINGS, Kind.NOT_VISIBLE)):
        assert {offer.language for offer in of_kind(large, *kinds)} >= {"ja", "en", "zh"}
    assert {offer.language for offer in large.offers} == {"ja", "en", "zh", "ko", "other"}


def test_hostile_titles_are_in_a_market_too(large: World) -> None:
    titles = [offer.title for offer in large.offers]
    assert any("<script>" in title for title in titles)
    assert max(map(len, titles)) == 5000


def test_no_placeholder_is_left_in_a_text(large: World) -> None:
    for offer in large.all_offers:
        assert "None" not in text_of(offer), offer.title
        assert not re.search(r"(?<![{$])\{[a-z]+\}", text_of(offer)), offer.title


def test_watchlists_of_a_market_are_what_the_loader_takes(tmp_path: Path) -> None:
    build_world(1, 10, TODAY).write_watchlists(tmp_path)
    loaded = load_watchlists([tmp_path])
    assert {mark.key for each in loaded for mark in each.marks} == set(BRANDS)


def test_the_demo_has_words_for_every_sign_and_every_kind_of_a_market_alone() -> None:
    kinds = {*VISIBLE_LISTINGS, *LAWFUL_LISTINGS, Kind.NOT_VISIBLE} - {*SUSPECTED_LISTINGS, *DECOY_LISTINGS}
    assert len(kinds) == 18
    assert {f"cli.demo.kind.{kind}" for kind in kinds} <= set(KEYS)
    assert {f"cli.demo.sign.{sign}" for sign in Sign} <= set(KEYS)
