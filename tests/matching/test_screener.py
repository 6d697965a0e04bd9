from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from PIL import Image
from scenes import observed_features, observed_scene, reference, scene_reference

from ipwatch.matching.score import DEFAULT_THRESHOLD, MATCHER_VERSION, QUALIFIERS, combine
from ipwatch.matching.screener import MAX_TITLE, Screener
from ipwatch.records import (
    AuthorisedSeller,
    Category,
    Finding,
    Listing,
    MarkRecord,
    PriceBand,
    Record,
    Right,
    RightKind,
    Seller,
    Signal,
    WatchedMark,
)

TODAY = date(2026, 11, 20)
RATES = {"USD": Decimal(150), "EUR": Decimal(160)}

NORIMA = WatchedMark(
    watchlist="norima",
    id="norima",
    text="ノリマ",
    kind=RightKind.TRADEMARK,
    variants=("NORIMA",),
    nice_classes=(9, 14),
    goods_terms=("時計", "ウォッチ", "watch"),
    exclude_terms=("ノリマキ",),
    genuine_price_jpy=PriceBand(min=20_000, max=300_000),
    rights=(Right(office="JP", kind=RightKind.TRADEMARK, number="5999999"),),
    authorised_sellers=(
        AuthorisedSeller(marketplace="rakuten", id="norima-shop", until=date(2026, 12, 31)),
        AuthorisedSeller(marketplace="rakuten", id="old-shop", until=date(2026, 10, 31)),
        AuthorisedSeller(marketplace="rakuten", id="for-ever"),
    ),
)
TSUBATA = WatchedMark(
    watchlist="tsubata-pear",
    id="tsubata-pear",
    text="つばた梨",
    kind=RightKind.GEOGRAPHICAL_INDICATION,
    readings=("ツバタナシ",),
    variants=("Tsubata Pear",),
    goods_terms=("梨", "pear"),
)
MARKS = (NORIMA, TSUBATA)


def offer(title: str, **more: object) -> Listing:
    return Listing(marketplace="rakuten", listing_id="1", title=title, **more)  # type: ignore[arg-type]  # plain fields


def screen(*records: Record, marks: tuple[WatchedMark, ...] = MARKS, **more: object) -> list[Finding]:
    return list(Screener(marks, (), rates=RATES, on=TODAY, **more).screen(records, {}))  # type: ignore[arg-type]  # ditto


def terms(finding: Finding) -> set[str]:
    return {signal.term for signal in finding.signals}


@pytest.mark.parametrize(
    "title",
    [
        "ノリマ 腕時計 新品",
        "NORIMA watch",
        "N0R1MA watch",
        "NОRIMA watch",
        "N\u200bORIMA watch",
        "ﾉﾘﾏ 時計",
        "のりま 時計",
        "ノリマ風 時計",
        "ノリマウォッチ",
        "norima 시계",
    ],
)
def test_suspected_listings_are_found(title: str) -> None:
    (finding,) = screen(offer(title))
    assert (finding.subject, finding.mark) == ("rakuten:1", "norima/norima")
    assert finding.score >= finding.threshold == DEFAULT_THRESHOLD
    assert finding.matcher_version == MATCHER_VERSION
    assert finding.score == combine(finding.signals)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "腕時計 新品",
        "ノリマキ 時計",
        "ノリマ 時計用ベルト ノリマ対応",
        "strap for NORIMA watch",
        "NORIMA compatible watch strap",
        "中古 ノリマ 時計",
        "ノリマ 掃除機",
        "minorima watch",
        "panorimac watch",
    ],
)
def test_innocent_listings_are_left_alone(title: str) -> None:
    assert screen(offer(title)) == []


def test_a_span_points_into_the_original_title() -> None:
    title = "★N\u200b0RIMA★ watch"
    (finding,) = screen(offer(title))
    signal = next(signal for signal in finding.signals if signal.name == "name")
    assert signal.field == "title"
    assert signal.span is not None
    assert title[slice(*signal.span)] == signal.compared[1] == "N\u200b0RIMA"
    assert signal.compared[0] == "NORIMA"


def test_disguises_rank_above_the_plain_name() -> None:
    plain, disguised = screen(offer("NORIMA watch"), offer("N0RIMA watch"))
    assert disguised.score > plain.score
    assert "disguised_spelling" in terms(disguised)


@pytest.mark.parametrize(
    ("seller", "hit_count"), [("norima-shop", 0), ("for-ever", 0), ("old-shop", 1), ("NORIMA-SHOP", 1), ("stranger", 1)]
)
def test_an_authorised_seller_is_trusted_until_the_last_day(seller: str, hit_count: int) -> None:
    hits = screen(offer("ノリマ 時計", seller=Seller(id=seller)))
    assert len(hits) == hit_count
    if seller == "old-shop":
        assert "seller_authorisation_expired" in terms(hits[0])


def test_the_last_day_of_an_authorisation_counts() -> None:
    listing = offer("ノリマ 時計", seller=Seller(id="norima-shop"))
    for on, count in ((date(2026, 12, 31), 0), (date(2027, 1, 1), 1)):
        assert len(list(Screener(MARKS, (), rates=RATES, on=on).screen([listing], {}))) == count


@pytest.mark.parametrize(
    ("price", "currency", "low"),
    [("9999", "JPY", True), ("10000", "JPY", False), ("19.99", "USD", True), ("120", "USD", False), ("1", "JPY", True)],
)
def test_a_price_far_below_raises_the_score(price: str, currency: str, low: bool) -> None:
    (finding,) = screen(offer("ノリマ 時計", price=Decimal(price), currency=currency))
    assert ("price_far_below" in terms(finding)) is low


def test_an_unknown_currency_is_reported_and_gives_no_signal() -> None:
    screener = Screener(MARKS, (), rates=RATES, on=TODAY)
    listing = offer("ノリマ 時計", price=Decimal(1), currency="XXX", document_sha256="ab")
    (finding,) = screener.screen([listing], {})
    assert "price_far_below" not in terms(finding)
    (issue,) = screener.issues
    assert (issue.where, issue.field, issue.document_sha256) == ("rakuten:1", "currency", "ab")
    assert "XXX" in issue.message


def test_a_used_condition_lowers_the_score_once() -> None:
    listing = offer("中古 ノリマ 時計", condition="Used - good")
    (finding,) = screen(listing, min_score=0.1)
    assert [signal.term for signal in finding.signals].count("context_used") == 1


def test_second_hand_at_an_impossible_price_is_suspected_again() -> None:
    assert len(screen(offer("中古 ノリマ 時計", price=Decimal(900), currency="JPY"))) == 1


def test_goods_count_from_category_and_description() -> None:
    assert screen(offer("ノリマ 限定品", category=Category(path="ファッション > 腕時計"))) != []
    assert screen(offer("ノリマ 限定品")) == []


def test_the_band_of_genuine_prices_is_that_of_the_marks_goods() -> None:
    (finding,) = screen(offer("NORIMA 掃除機", price=Decimal(10), currency="JPY"), min_score=0.1)
    assert not terms(finding) & {"price_far_below"}
    assert terms(finding) & {"goods_absent", "goods_absent_distinctive"}


def test_a_book_about_the_mark_is_left_alone_unless_the_mark_is_for_books() -> None:
    books = WatchedMark(watchlist="w", id="m", text="NORIMA", kind=RightKind.TRADEMARK, nice_classes=(16,))
    assert screen(offer("NORIMA field guide paperback")) == []
    assert len(screen(offer("NORIMA field guide paperback"), marks=(books,))) == 1


def test_absent_goods_count_less_for_a_distinctive_name_and_not_in_another_script() -> None:
    long = WatchedMark(
        watchlist="w", id="m", text="Norimakawa", kind=RightKind.TRADEMARK, variants=("鶴亀",), goods_terms=("watch",)
    )
    (distinctive,) = screen(offer("Norimakawa socks"), marks=(long,))
    assert "goods_absent_distinctive" in terms(distinctive)
    (other_script,) = screen(offer("鶴亀 掃除機"), marks=(long,))
    assert not {term for term in terms(other_script) if term.startswith("goods")}


def test_the_name_of_the_mark_names_no_goods_and_lacks_none() -> None:
    towel = WatchedMark(
        watchlist="w", id="m", text="つばたタオル", kind=RightKind.TRADEMARK, goods_terms=("タオル", "towel")
    )
    (finding,) = screen(offer("つばたタオル 茶碗"), marks=(towel,))
    assert not any(term.startswith("goods") for term in terms(finding))


def test_geographical_indications() -> None:
    (style,) = screen(offer("つばた梨風 ゼリー 梨"))
    assert "context_style_gi" in terms(style)
    (foreign,) = screen(offer("Tsubata Pear 5kg made in China", ships_from="CN"))
    assert {"origin_named_elsewhere", "origin_ships_elsewhere"} <= terms(foreign)
    (home,) = screen(offer("つばた梨 5kg", ships_from="JP"))
    assert not {term for term in terms(home) if term.startswith("origin")}
    (reading,) = screen(offer("ツバタナシ 梨 5kg"))
    assert reading.signals[0].term == "sound_reading"


def test_own_thresholds_and_the_callers() -> None:
    strict = WatchedMark(watchlist="w", id="m", text="NORIMA", kind=RightKind.TRADEMARK, threshold=0.9)
    assert screen(offer("NORIMA"), marks=(strict,)) == []
    (finding,) = screen(offer("NORIMA"), marks=(strict,), min_score=0.5)
    assert finding.threshold == 0.5


def test_an_expelled_word_elsewhere_lowers() -> None:
    (finding,) = screen(offer("ノリマ 時計 ノリマキ柄"), min_score=0.1)
    assert "context_exclude_term" in terms(finding)


def test_qualifiers_alone_make_no_finding() -> None:
    signals = [Signal(name="price", score=1.0, term="price_far_below", compared=("a", "b"))]
    assert combine(signals) == 0.0
    assert combine([]) == 0.0


def test_scores_stay_between_zero_and_one() -> None:
    name = Signal(name="name", score=1.0, term="name_exact", compared=("a", "a"))
    up = [Signal(name="price", score=0.9, term="price_far_below", compared=("a", "b"))] * 3
    down = [Signal(name="context", score=-0.9, term="context_used", compared=("a", "b"))] * 3
    assert combine([name, *up]) == 1.0
    assert combine([name, *down]) == 0.0


# --- filings ---------------------------------------------------------------------------------------------------------


def filing(**more: object) -> MarkRecord:
    return MarkRecord(office="JP", application_number="2026001234", **more)  # type: ignore[arg-type]  # plain fields


@pytest.mark.parametrize(
    ("record", "term"),
    [
        (filing(mark_text="ノリマ", nice_classes=(14,)), "name_exact"),
        (filing(mark_text="NORIMA", nice_classes=(14,)), "name_exact"),
        (filing(mark_text="NORIMAX", nice_classes=(14,)), "name_near"),
        (filing(mark_text="乗間", readings=("ノリマー",), nice_classes=(14,)), "sound_length"),
        (filing(mark_text="のりーま", nice_classes=(14,)), "name_folded"),
    ],
)
def test_filings_of_similar_appearance_or_sound_are_found(record: MarkRecord, term: str) -> None:
    (finding,) = screen(record)
    assert finding.subject == "JP:2026001234"
    assert {term, "class_overlap"} <= terms(finding)


def test_a_filing_in_the_holders_own_name_is_left_alone() -> None:
    named = WatchedMark(
        watchlist="w", id="m", text="ノリマ", kind=RightKind.TRADEMARK, holder_names=("株式会社ノリマ", "Norima Inc.")
    )
    assert screen(filing(mark_text="ノリマ", applicants=("ＮＯＲＩＭＡ　ＩＮＣ",)), marks=(named,)) == []
    assert len(screen(filing(mark_text="ノリマ", applicants=("株式会社ノリマキ",)), marks=(named,))) == 1


@pytest.mark.parametrize(
    "record",
    [
        filing(mark_text="ノリマ", nice_classes=(36,)),
        filing(mark_text="ノリマ", nice_classes=(9,), registration_number="5999999"),
        filing(mark_text="アサヒ", readings=("アサヒ",), nice_classes=(14,)),
        filing(nice_classes=(14,)),
    ],
)
def test_other_filings_are_left_alone(record: MarkRecord) -> None:
    assert screen(record) == []


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_copied_picture_alone_is_enough_and_its_name_is_reported() -> None:
    screener = Screener(MARKS, [scene_reference(1)], rates=RATES, on=TODAY)
    pictures = [("a.jpg", observed_scene(2)), ("b.jpg", observed_scene(1))]
    (finding,) = screener.screen([offer("腕に巻くもの")], {"rakuten:1": pictures})
    (signal,) = finding.signals
    assert (signal.name, signal.term, signal.compared) == ("image", "image_copy", ("norima/logo.png", "b.jpg"))


def test_a_copied_picture_of_an_authorised_seller_is_no_finding() -> None:
    screener = Screener(MARKS, [scene_reference(1)], rates=RATES, on=TODAY)
    listing = offer("腕に巻くもの", seller=Seller(id="for-ever"))
    assert list(screener.screen([listing], {"rakuten:1": [("b.jpg", observed_scene(1))]})) == []


def test_a_shared_stock_picture_gives_no_finding() -> None:
    stock = scene_reference(1, path="norima/placeholder.png")
    screener = Screener(MARKS, [scene_reference(1)], rates=RATES, on=TODAY, excluded=[stock])
    assert list(screener.screen([offer("腕に巻くもの")], {"rakuten:1": [("b.jpg", observed_scene(1))]})) == []


def test_flat_pictures_never_match() -> None:
    flat = Image.new("RGB", (200, 200), "white")
    screener = Screener(MARKS, [reference(flat, path="blank.png")], rates=RATES, on=TODAY)
    assert list(screener.screen([offer("x")], {"rakuten:1": [("a.png", observed_features(flat))]})) == []
    (issue,) = screener.issues
    assert (issue.where, issue.field) == ("norima/norima", "images")
    assert "blank.png" in issue.message


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    ["\ud800ノリマ 時計\udfff", "ノリマ 時計\x00", "ノ\u0300\u0301リマ 時計" + "\u0301" * 900, "🎌ノリマ🎌 時計"],
)
def test_strange_characters_hide_nothing(title: str) -> None:
    (finding,) = screen(offer(title))
    assert finding.mark == "norima/norima"


def test_marks_over_letters_do_not_push_the_name_out_of_a_title() -> None:
    zalgo = "".join(f"{char}{chr(0x301) * 60}" for char in "新品の時計を安く売ります ")
    assert len(zalgo) < MAX_TITLE < len(zalgo) * 3
    screener = Screener(MARKS, (), rates=RATES, on=TODAY)
    (finding,) = screener.screen([offer(zalgo * 3 + "ノリマ 時計")], {})
    assert finding.mark == "norima/norima"
    assert screener.issues == []
    screener.count_surfaces([zalgo * 3 + "norina"])
    assert screener.surfaces.count("norina") == 1


def test_empty_packaging_is_left_alone_unless_the_mark_is_for_bags() -> None:
    bags = WatchedMark(
        watchlist="w", id="m", text="NORIMA", kind=RightKind.TRADEMARK, goods_terms=("ショッパー", "バッグ")
    )
    assert screen(offer("NORIMA ショッパー")) == []
    (finding,) = screen(offer("NORIMA ショッパー"), marks=(bags,))
    assert "context_packaging" not in terms(finding)


def test_words_around_name_the_variant_that_is_there() -> None:
    (finding,) = screen(offer("ノリマ風 腕時計"))
    (style,) = [signal for signal in finding.signals if signal.term == "context_style"]
    assert style.compared == ("ノリマ", "風")


def test_a_monstrous_title_is_read_in_part_and_reported() -> None:
    screener = Screener(MARKS, (), rates=RATES, on=TODAY)
    began = time.process_time()
    assert list(screener.screen([offer("norim" * 20_000, description="x" * 100_000)], {})) == []
    assert time.process_time() - began < 5.0
    assert str(MAX_TITLE) in screener.issues[0].message


def test_a_mark_that_cannot_be_looked_for_is_reported() -> None:
    marks = (
        WatchedMark(watchlist="w", id="short", text="鶴", kind=RightKind.TRADEMARK, variants=("", "鶴亀")),
        WatchedMark(watchlist="w", id="none", text="!!", kind=RightKind.TRADEMARK),
    )
    screener = Screener(marks, (), rates={}, on=TODAY)
    assert [issue.where for issue in screener.issues] == ["w/short", "w/short", "w/none"]
    assert len(list(screener.screen([offer("鶴亀")], {}))) == 1


def test_ten_thousand_variants_are_bounded() -> None:
    many = WatchedMark(
        watchlist="w",
        id="many",
        text="NORIMA",
        kind=RightKind.TRADEMARK,
        variants=tuple(f"norima model {number}" for number in range(10_000)),
    )
    began = time.process_time()
    assert len(screen(offer("NORIMA model 77"), marks=(many,))) == 1
    assert time.process_time() - began < 10.0


def test_no_marks_and_no_records() -> None:
    assert screen(offer("ノリマ"), marks=()) == []
    assert screen() == []


def test_every_weight_is_between_minus_one_and_one() -> None:
    assert all(-1.0 <= weight <= 1.0 for weight in QUALIFIERS.values())


@pytest.mark.parametrize(
    ("title", "suspected"),
    [
        ("御雲路産 抹茶（原産国：ベトナム）", True),
        ("御雲路 産地直送風 抹茶", True),
        ("御雲路産 抹茶 100g", False),
        ("御雲路産 みかん（原産国：ベトナム）", False),
        ("御雲路のタオル 中国製", False),
    ],
)
def test_a_place_is_misused_on_its_goods_from_elsewhere_or_in_its_style_alone(title: str, *, suspected: bool) -> None:
    tea = WatchedMark(
        watchlist="w", id="tea", text="御雲路茶", kind=RightKind.GEOGRAPHICAL_INDICATION, goods_terms=("抹茶", "煎茶")
    )
    assert bool(screen(offer(title), marks=(tea,))) is suspected
