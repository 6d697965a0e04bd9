"""A listing that only names a mark is a mention; signs make it suspected, and cheap words do not clear strong ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matching.suspicion.listings import BRAND, REGION, WORK, judge, listing, terms

from ipwatch.matching.score import BARS, SIGNS, STRONG_SIGNS
from ipwatch.matching.suspicion.crawl import Crawl
from ipwatch.matching.suspicion.judge import judged, suspicion_of, turning_points
from ipwatch.matching.suspicion.signs import sign
from ipwatch.records import (
    AuthorisedSeller,
    Depth,
    Finding,
    ImageEvidence,
    ListingKind,
    MatchKind,
    SecondHand,
    Seller,
    SellerAccount,
    Signal,
    WatchedMark,
)

TERMS = st.lists(st.sampled_from(sorted(SIGNS)), unique=True)


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (BRAND, "NORIMA 腕時計 クォーツ 新品"),
        (BRAND, "NORIMA watch 2026 model, new in box"),
        (WORK, "カワセノツルギ 12巻 漫画"),
        (WORK, "カワセノツルギ フィギュア 1/7スケール メーカー：コトブキヤ"),
        (REGION, "水面茶 煎茶 100g 産地直送"),
    ],
)
def test_a_listing_that_only_names_the_mark_is_a_mention(mark: WatchedMark, title: str) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert result.kind is ListingKind.MENTION
    assert result.suspicion is not None
    assert result.suspicion < BARS["normal"]
    assert result.score >= result.threshold


@pytest.mark.parametrize(
    ("mark", "title", "term"),
    [
        (BRAND, "NORIMA 腕時計 スーパーコピー", "copy_word"),
        (BRAND, "NORIMA watch AAA quality replica", "copy_word"),
        (BRAND, "NORIMA 手表 高仿", "copy_word"),
        (BRAND, "NORIMA 시계 짝퉁", "copy_word"),
        (BRAND, "ノーブランド NORIMA 腕時計", "unbranded"),
        (BRAND, "NORIMA watch (not official)", "unofficial"),
        (BRAND, "N0RIMA 腕時計", "disguised_name"),
        (BRAND, "N★O★R★I★M★A 腕時計", "disguised_name"),
        (BRAND, "NORIIMA 腕時計", "misspelt_name"),
        (WORK, "カワセノツルギ コスプレ衣装", "often_unlicensed"),
        (WORK, "カワセノツルギ オリジナル壁紙", "self_made"),
        (WORK, "カワセノツルギ 名言Tシャツ", "inspired"),
        (REGION, "水面茶 100g 中国産", "origin_elsewhere"),
        (REGION, "水面茶風 煎茶 100g", "style_gi"),
    ],
)
def test_a_sign_makes_it_suspected(mark: WatchedMark, title: str, term: str) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert result.kind is ListingKind.SUSPECTED, result.signs
    assert term in terms(result)


@pytest.mark.parametrize(
    "title",
    [
        "NORIMA 腕時計 コピー品ではありません",
        "NORIMA 腕時計 偽物にご注意",
        "NORIMA watch, not a replica",
        "NORIMA watch beware of fakes",
        "NORIMA 腕時計 コピーライト表記あり",
        "NORIMA 腕時計 送料無料 公式",
    ],
)
def test_what_the_seller_denies_is_no_sign(title: str) -> None:
    (result,) = judge(BRAND, listing(title)).values()
    assert result.kind is ListingKind.MENTION, result.signs


def test_the_replica_of_a_book_is_suspected_although_its_score_is_below_the_bar() -> None:
    brand = replace(BRAND, text="NORIM")
    (result,) = judge(brand, listing("NORIM の本 単行本 海賊版")).values()
    assert result.score < result.threshold
    assert result.kind is ListingKind.SUSPECTED


def test_the_origin_of_other_goods_is_no_sign() -> None:
    result = judge(replace(REGION, text="ミナモ"), listing("ミナモ柄 スマホケース 原産国中国"))
    assert all(each.kind is ListingKind.MENTION for each in result.values())


@pytest.mark.parametrize("words", ["公式", "正規品 本物", "メーカー：NORIMA株式会社", "正規ライセンス商品 (C)NORIMA"])
def test_what_is_cheap_to_write_does_not_clear_a_strong_sign(words: str) -> None:
    (result,) = judge(BRAND, listing(f"NORIMA 腕時計 スーパーコピー {words}")).values()
    assert result.kind is ListingKind.SUSPECTED


def test_the_holders_word_on_accounts_decides() -> None:
    copy = listing("NORIMA 腕時計 N級", seller="trusted")
    official = replace(BRAND, official_sellers=(SellerAccount(marketplace="rakuten", id="trusted"),))
    (result,) = judge(official, copy).values()
    assert (result.kind, "seller_official" in terms(result)) == (ListingKind.MENTION, True)
    authorised = replace(BRAND, authorised_sellers=(AuthorisedSeller(marketplace="rakuten", id="trusted"),))
    assert not judge(authorised, copy)
    denied = replace(BRAND, deny_sellers=(SellerAccount(marketplace="rakuten", id="shady"),))
    (result,) = judge(denied, listing("NORIMA 腕時計 新品", seller="shady")).values()
    assert (result.kind, "seller_denied" in terms(result)) == (ListingKind.SUSPECTED, True)
    elsewhere = replace(listing("NORIMA 腕時計 新品", seller="shady"), marketplace="ebay")
    assert judge(denied, elsewhere)["NORIMA 腕時計 新品"].kind is ListingKind.MENTION


def test_licensees_and_own_products_speak_against_weak_signs() -> None:
    costume = listing("カワセノツルギ コスプレ衣装 ホシノ商会", description="JAN 4901234567894")
    assert judge(WORK, costume)[costume.title or ""].kind is ListingKind.SUSPECTED
    for known, term in (
        ({"licensees": ("ホシノ商会",)}, "licensee_named"),
        ({"own_products": ("4901234*",)}, "own_product"),
    ):
        (result,) = judge(replace(WORK, **known), costume).values()  # type: ignore[arg-type]
        assert (result.kind, term in terms(result)) == (ListingKind.MENTION, True)


def test_goods_that_nobody_makes_under_licence_are_suspected() -> None:
    plush = listing("カワセノツルギ 抱き枕カバー メーカー：某社")
    assert judge(WORK, plush)[plush.title or ""].kind is ListingKind.MENTION
    (result,) = judge(replace(WORK, unlicensed_goods=("抱き枕",)), plush).values()
    assert result.kind is ListingKind.SUSPECTED


def test_second_hand_goods_are_what_the_holder_wants_them_to_be() -> None:
    mentioned = listing("NORIIMA 腕時計 中古")
    kinds = {
        wish: judge(replace(BRAND, second_hand=wish), mentioned)[mentioned.title or ""].kind
        for wish in (SecondHand.WATCH, SecondHand.RANK)
        if judge(replace(BRAND, second_hand=wish), mentioned)
    }
    assert kinds.get(SecondHand.RANK, ListingKind.MENTION) is ListingKind.MENTION
    copied = listing("NORIMA 腕時計 中古 スーパーコピー")
    for wish, kind in ((SecondHand.RANK, ListingKind.SUSPECTED), (SecondHand.WATCH, ListingKind.SUSPECTED)):
        assert judge(replace(BRAND, second_hand=wish), copied)[copied.title or ""].kind is kind
    ignored = judge(replace(BRAND, second_hand=SecondHand.IGNORE), copied)
    assert all(each.kind is ListingKind.MENTION for each in ignored.values())


def test_a_sign_of_second_hand_goods_turns_the_result_where_the_holder_ignores_them() -> None:
    mark = replace(BRAND, second_hand=SecondHand.IGNORE)
    (result,) = judge(mark, listing("NORIMA 腕時計 中古 スーパーコピー")).values()
    assert result.kind is ListingKind.MENTION
    assert {each.term for each in turning_points(result, mark)} == {"second_hand"}
    ranked = replace(mark, second_hand=SecondHand.RANK)
    (result,) = judge(ranked, listing("NORIMA 腕時計 中古 スーパーコピー")).values()
    assert {each.term for each in turning_points(result, ranked)} == {"copy_word"}


def test_the_numbers_of_the_holders_own_account_are_those_of_genuine_goods() -> None:
    mark = replace(BRAND, official_sellers=(SellerAccount(marketplace="rakuten", id="own"),))
    own = listing("NORIMA 腕時計 JAN 4901234567894", seller="own")
    other = listing("NORIMA 時計 JAN 4901234567894 送料無料", seller="retailer")
    assert "known_product" in terms(judge(mark, own, other)[other.title or ""])
    stranger = replace(mark, official_sellers=(SellerAccount(marketplace="ebay", id="own"),))
    assert "known_product" not in terms(judge(stranger, own, other)[other.title or ""])


def test_depth_moves_the_bar_and_nothing_else() -> None:
    weak = listing("NORIMA 腕時計 ハンドメイド ベルト")
    by_depth = {depth: judge(replace(BRAND, depth=depth), weak)[weak.title or ""] for depth in Depth}
    assert {each.suspicion for each in by_depth.values()} == {SIGNS["self_made"]}
    assert by_depth[Depth.BROAD].kind is ListingKind.SUSPECTED
    assert by_depth[Depth.NORMAL].kind is by_depth[Depth.STRICT].kind is ListingKind.MENTION


def test_brands_of_rivals_offered_as_one_are_a_sign_and_characters_of_works_are_not() -> None:
    rivals = [replace(BRAND, watchlist=name, id=name, text=text) for name, text in (("a", "KODAWA"), ("b", "MISORA"))]
    title = "NORIMA KODAWA MISORA 腕時計 ハンドメイド"
    assert "rival_brands" in terms(judge(BRAND, listing(title), others=rivals)[title])
    title = "カワセノツルギ KODAWA MISORA グッズ"
    assert "rival_brands" not in terms(judge(WORK, listing(title), others=rivals)[title])


def test_new_accounts_and_improbable_quantities_are_signs() -> None:
    fresh = listing("NORIMA 腕時計 50個", seller=Seller(id="new", feedback_count=2))
    (result,) = judge(BRAND, fresh).values()
    assert {"seller_new", "quantity"} <= terms(result)
    boxes = listing("水面茶 ティーバッグ 50個入り")
    assert "quantity" not in terms(judge(REGION, boxes)[boxes.title or ""])


@pytest.mark.parametrize(
    ("title", "is_sign"),
    [
        ("NORIMA 化粧水 200個 まとめ売り 卸", True),
        ("NORIMA lotion 200ml MOQ 300 wholesale", True),
        ("NORIMA 消しゴム 200個 縁日 景品 問屋", False),
        ("NORIMA 煎餅 200袋 卸", False),
        ("NORIMA タオル 100枚", False),
        ("NORIMA ジグソーパズル 1000ピース まとめ売り", False),
    ],
)
def test_goods_for_resale_by_the_hundred_are_a_sign(title: str, is_sign: bool) -> None:
    (result,) = judge(replace(BRAND, goods_terms=()), listing(title)).values()
    assert ("quantity" in terms(result)) == is_sign


@pytest.mark.parametrize(
    ("title", "is_sign"),
    [
        ("無線耳机 黑色", True),
        ("日本 鳴鐘音響 耳机", False),
        ("二手 鳴鐘 耳机", False),
        ("鳴鐘戰紀 耳机", True),
        ("Earphones black", True),
        ("Earphones 라임벨 black", False),
    ],
)
def test_a_picture_stands_unnamed_only_where_no_declared_spelling_is_in_the_title(title: str, is_sign: bool) -> None:
    mark = replace(BRAND, text="ナリカネ", variants=("鳴鐘音響", "라임벨"), goods_terms=())
    shown = Signal(
        name="image",
        score=1.0,
        term="image_copy",
        compared=("photo.png", "seen.jpg"),
        picture=ImageEvidence(
            kind=MatchKind.COPY, reference_sha256="a" * 64, seen_sha256="b" * 64, false_match_rate=1e-9
        ),
    )
    shop = listing(title)
    finding = Finding(
        subject=shop.subject,
        mark=mark.key,
        score=1.0,
        threshold=0.7,
        signals=(shown,),
        matcher_version="test",
    )
    (result,) = judged([mark], [(shop, [finding])], Crawl())
    assert ("picture_unnamed" in terms(result)) == is_sign


@pytest.mark.parametrize(
    ("mark", "title", "is_sign"),
    [
        (BRAND, "NO-RIMA 腕時計", True),
        (replace(BRAND, text="ミナトモ"), "ミナト　モ 腕時計", True),
        (replace(BRAND, text="ミナトモ"), "ミ・ナトモ 腕時計", True),
        (replace(BRAND, text="ミナトモ"), "ミナ トモ 腕時計", False),
        (replace(BRAND, text="ミナト モ"), "ミナト・モ 腕時計", False),
        (WORK, "カワセノツル-ギ フィギュア", True),
        (replace(BRAND, text="ミナヅキ堂"), "ミナズキ堂 腕時計", True),
        (replace(BRAND, text="香瀬堂"), "香瀨堂の腕時計", True),
        (replace(BRAND, text="香瀬堂"), "香瀨堂 手錶", False),
        (replace(BRAND, text="オトクズシ", variants=("OTOKUZUSHI",)), "OTOKUZUSI watch", True),
        (replace(BRAND, text="オトクズシ"), "OTOKUZUSHI watch", False),
    ],
)
def test_spellings_that_nobody_copies_from_the_goods_are_misspellings(
    mark: WatchedMark, title: str, is_sign: bool
) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert (bool({"misspelt_name", "disguised_name"} & terms(result))) == is_sign


@given(TERMS)
def test_suspicion_is_bounded_and_grows_with_signs_for(chosen: list[str]) -> None:
    signs = [sign(term, ("a", "b")) for term in chosen]
    suspicion = suspicion_of(signs)
    assert 0.0 <= suspicion <= 1.0
    for term in SIGNS:
        if term not in chosen and SIGNS[term] > 0:
            assert suspicion_of([*signs, sign(term, ("a", "b"))]) >= suspicion
        if term not in chosen and SIGNS[term] < 0:
            assert suspicion_of([*signs, sign(term, ("a", "b"))]) <= suspicion


@given(TERMS)
def test_weak_signs_against_never_outweigh_a_strong_sign(chosen: list[str]) -> None:
    strong = [term for term in chosen if SIGNS[term] > 0 and term in STRONG_SIGNS]
    weak = [term for term in SIGNS if SIGNS[term] < 0 and term not in STRONG_SIGNS]
    if strong:
        floor = suspicion_of([sign(term, ("a", "b")) for term in strong])
        assert suspicion_of([sign(term, ("a", "b")) for term in (*strong, *weak)]) == floor


def test_what_would_change_the_result_is_named() -> None:
    costume = listing("カワセノツルギ コスプレ衣装")
    (result,) = judge(WORK, costume).values()
    assert {each.term for each in turning_points(result, WORK)} == {"often_unlicensed", "no_licence_named"}
    cleared = listing("カワセノツルギ コスプレ衣装 オリジナル メーカー：某社")
    (result,) = judge(WORK, cleared).values()
    assert result.kind is ListingKind.MENTION
    assert {each.term for each in turning_points(result, WORK)} == {"maker_named"}


@pytest.mark.parametrize(
    ("title", "description", "is_suspected"),
    [
        ("美鹿路 煎茶 100g", "原産国：中国", True),
        ("本場美鹿路 煎茶 100g", "原産国：中国", True),
        ("美鹿路 煎茶 100g", "箱入りです", False),
        ("美鹿路 花瓶", "原産国：中国", False),
    ],
)
def test_the_place_of_a_name_is_enough_on_its_goods_from_elsewhere(
    title: str, description: str, *, is_suspected: bool
) -> None:
    result = judge(replace(REGION, text="美鹿路茶"), listing(title, description=description))
    assert any(each.kind is ListingKind.SUSPECTED for each in result.values()) == is_suspected
