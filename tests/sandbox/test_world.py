from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from sandbox.calls import TODAY

from ipwatch.records import HolderKind
from ipwatch.sandbox import Composition, Kind, World, build_world
from ipwatch.sandbox.catalogue import load_catalogue
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.disguise import spaced, with_twins
from ipwatch.sandbox.truth import DECOY_FILINGS, DECOY_LISTINGS, SUSPECTED_FILINGS, SUSPECTED_LISTINGS
from ipwatch.watchlists import load_watchlists

ENGINE = Composition.ENGINE


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def test_the_same_seed_gives_the_same_world() -> None:
    first, second = build_world(3, 200, TODAY, ENGINE), build_world(3, 200, TODAY, ENGINE)
    assert first == second
    assert first.truth == second.truth


def test_another_seed_gives_another_world() -> None:
    assert build_world(3, 200, TODAY, ENGINE).all_offers != build_world(4, 200, TODAY, ENGINE).all_offers


@pytest.mark.parametrize("listings", [1, 40, 900])
def test_a_world_has_as_many_listings_on_day_0_as_asked_for(listings: int) -> None:
    assert len(build_world(1, listings, TODAY, ENGINE).offers) == listings


def test_a_world_without_listings_is_refused() -> None:
    with pytest.raises(ValueError, match="needs listings"):
        build_world(1, 0, TODAY, ENGINE)


def test_shares_of_imitations_and_decoys(world: World) -> None:
    kinds = Counter(offer.truth.kind for offer in world.offers)
    assert {kinds[kind] for kind in SUSPECTED_LISTINGS} <= {7, 8}
    assert {kinds[kind] for kind in DECOY_LISTINGS} == {9}
    assert kinds[Kind.UNRELATED] == 900 - 72 - 54


def test_every_listing_and_filing_has_one_truth(world: World) -> None:
    assert len(world.truth) == len(world.offers) + len(world.filings)
    for subject, truth in world.truth.items():
        assert truth.suspected == (truth.kind in (*SUSPECTED_LISTINGS, *SUSPECTED_FILINGS)), subject
        assert (truth.mark is None) == (truth.kind == Kind.UNRELATED), subject


def test_every_kind_of_holder_is_there() -> None:
    assert {brand.holder.kind for brand in load_catalogue().brands} == set(HolderKind)
    assert len({brand.holder.id for brand in load_catalogue().brands}) >= 12


def test_no_unrelated_listing_names_a_watched_mark() -> None:
    world = build_world(5, 3000, TODAY, ENGINE)
    forms = [plain(form) for brand in load_catalogue().brands for form in (brand.text, brand.latin, *brand.variants)]
    for offer in world.all_offers:
        if offer.truth.kind == Kind.UNRELATED:
            text = plain(f"{offer.title} {offer.description}")
            assert not [form for form in forms if form in text], offer.title


def test_an_exact_imitation_names_its_mark_and_a_silent_one_does_not(world: World) -> None:
    brands = {brand.key: brand for brand in load_catalogue().brands}
    for offer in world.offers:
        if offer.truth.mark is None or "<" in offer.title:
            continue
        brand = brands[offer.truth.mark]
        if offer.truth.kind == Kind.IMPOSSIBLE_PRICE:
            assert brand.form(offer.language) in offer.title
        if offer.truth.kind in {Kind.STOLEN_PICTURE_SILENT, Kind.LOGO_PASTED, Kind.HOMOGLYPH}:
            assert plain(brand.text) not in plain(offer.title)


def test_impossible_prices_lie_far_below_the_genuine_band(world: World) -> None:
    brands = {brand.key: brand for brand in load_catalogue().brands}
    offers = [offer for offer in world.offers if offer.truth.kind == Kind.IMPOSSIBLE_PRICE and offer.currency == "JPY"]
    assert offers
    for offer in offers:
        assert offer.price < brands[offer.truth.mark or ""].price[0] * 0.25


def test_second_hand_goods_show_their_own_pictures(world: World) -> None:
    subjects = Counter(
        picture.subject
        for offer in world.all_offers
        if offer.truth.kind == Kind.SECOND_HAND
        for _, picture in offer.pictures
    )
    assert all(subject.startswith("own:") and count == 1 for subject, count in subjects.items())


def test_stolen_pictures_are_the_holders_own() -> None:
    world = build_world(5, 1500, TODAY, ENGINE)
    stolen = [
        offer for offer in world.all_offers if offer.truth.kind in {Kind.STOLEN_PICTURE, Kind.STOLEN_PICTURE_SILENT}
    ]
    assert stolen
    for offer in stolen:
        assert offer.pictures[0][1].subject.startswith(f"genuine:{offer.truth.mark}:")


def test_titles_come_in_many_languages(world: World) -> None:
    assert {offer.language for offer in world.offers} == {"ja", "en", "zh", "ko", "other"}
    text = " ".join(offer.title for offer in world.offers)
    assert any("\u0e00" < letter < "\u0e7f" for letter in text)


def test_hostile_titles_are_there() -> None:
    titles = [offer.title for offer in build_world(2, 3000, TODAY, ENGINE).offers]
    assert any("<script>" in title for title in titles)
    assert any("\u202e" in title for title in titles)
    assert max(map(len, titles)) == 5000
    assert not any("\0" in title for title in titles)


def test_later_days_bring_new_listings_prices_and_absences(world: World) -> None:
    later = world.advance(10)
    before = {offer.number: offer for offer in world.offers}
    after = {offer.number: offer for offer in later.offers}
    assert set(after) - set(before)
    assert set(before) - set(after)
    assert [n for n in set(before) & set(after) if before[n].price_on(0) != after[n].price_on(10)]
    assert set(world.truth) < set(later.truth)
    assert len(later.filings) > len(world.filings)


def test_the_world_does_not_go_back(world: World) -> None:
    with pytest.raises(ValueError, match="does not go back"):
        world.advance(-1)


def test_filings_conflict_in_sound_look_or_both_in_the_same_class(world: World) -> None:
    brands = {brand.key: brand for brand in load_catalogue().brands}
    kinds = Counter(filing.truth.kind for filing in world.filings)
    assert all(kinds[kind] >= 5 for kind in (*SUSPECTED_FILINGS, *DECOY_FILINGS))
    for filing in world.filings:
        if filing.truth.suspected:
            assert set(filing.classes) <= set(brands[filing.truth.mark or ""].nice_classes)
        if filing.truth.kind == Kind.OTHER_CLASS:
            assert not set(filing.classes) & set(brands[filing.truth.mark or ""].nice_classes)


def test_the_numbers_of_filings_are_their_own(world: World) -> None:
    subjects = [filing.subject for filing in world.all_filings]
    assert len(subjects) == len(set(subjects))


def test_watchlists_are_what_the_loader_takes(world: World, tmp_path: Path) -> None:
    files = world.write_watchlists(tmp_path)
    loaded = load_watchlists([tmp_path])
    assert {path.stem for path in files} == {each.holder.id for each in loaded}
    assert {mark.key for each in loaded for mark in each.marks} == {brand.key for brand in load_catalogue().brands}
    for each in loaded:
        for mark in each.marks:
            assert len(mark.images) == 4
            assert mark.authorised_sellers
            assert mark.genuine_price_jpy is not None


def test_watchlists_are_the_same_bytes_again(world: World, tmp_path: Path) -> None:
    first = world.write_watchlists(tmp_path / "one")
    second = world.write_watchlists(tmp_path / "other")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_twins_look_similar_and_differ() -> None:
    rng = generator("test")
    for brand in load_catalogue().brands:
        twin = with_twins(brand.latin, rng)
        assert twin is not None
        assert twin != brand.latin
        assert len(twin) == len(brand.latin)
    assert with_twins("谷", rng) is None


def test_spacing_keeps_every_letter() -> None:
    rng = generator("test")
    for _ in range(30):
        text = spaced("HIBIKANE", rng)
        assert text != "HIBIKANE"
        assert "".join(letter for letter in text if letter.isalpha()) == "HIBIKANE"
