"""How the name is written is a sign only where it is hidden, or written wrongly in the place of the right name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching.suspicion.listings import BRAND, REGION, WORK, judge, listing, terms

from ipwatch.records import ListingKind, WatchedMark


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (REGION, "水.面.茶 煎茶"),
        (REGION, "水 面 茶 煎茶 100g"),
        (REGION, "水○茶 煎茶"),
        (replace(WORK, text="ミナモ"), "ミ・ナ・モ グッズ"),
        (replace(WORK, text="미나모"), "미.나.모 굿즈"),
        (replace(WORK, text="ミナモノ", threshold=0.85), "ミ★ナ★モ★ノ 掛軸"),
    ],
)
def test_hidden_names_are_found_and_suspected(mark: WatchedMark, title: str) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert (result.kind, "disguised_name" in terms(result)) == (ListingKind.SUSPECTED, True)


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (replace(WORK, text="KAWA×SORA"), "KAWA x SORA グッズ"),
        (replace(WORK, text="Kawa Sora"), "KAWA_SORA グッズ"),
    ],
)
def test_a_name_as_keyboards_and_addresses_write_it_is_not_hidden(mark: WatchedMark, title: str) -> None:
    (result,) = judge(mark, listing(title)).values()
    assert "disguised_name" not in terms(result)


def test_a_raised_threshold_is_for_the_name_as_it_is_written() -> None:
    raised = replace(WORK, text="ミナモノ", threshold=0.85)
    assert not judge(raised, listing("ミナモノ 掛軸"))
    assert judge(raised, listing("ミ★ナ★モ★ノ 掛軸"))


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        (replace(BRAND, text="SHARPNEL"), "shrapnel watch"),
        (replace(BRAND, text="FISH KING"), "fishing watch"),
        (replace(BRAND, text="Cinnamoroll"), "cinnamon roll watch"),
        (replace(BRAND, text="NANDN"), "Nanda watch"),
        (replace(BRAND, text="Norimail"), "Norimail6 watch"),
        (replace(REGION, text="水面抹茶"), "水面茶 煎茶"),
    ],
)
def test_another_word_near_to_the_name_is_not_its_misspelling(mark: WatchedMark, title: str) -> None:
    assert all("misspelt_name" not in terms(each) for each in judge(mark, listing(title)).values())


def test_a_spelling_near_to_the_reading_says_nothing_of_the_name_beside_it() -> None:
    mark = replace(BRAND, text="野利真堂", readings=("ノリマドウ",))
    (result,) = judge(mark, listing("ノリマドークラシック 腕時計 野利真堂")).values()
    assert (result.kind, terms(result)) == (ListingKind.MENTION, set())


def test_who_sells_accessories_may_say_that_they_are_not_the_holders() -> None:
    case = listing("NORIMA watch band, aftermarket", description="Not affiliated with NORIMA.")
    (result,) = judge(BRAND, case).values()
    assert (result.kind, "unofficial" in terms(result)) == (ListingKind.MENTION, False)
