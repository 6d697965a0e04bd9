from __future__ import annotations

import pytest

from ipwatch.records import (
    AuthorisedSeller,
    Depth,
    Holder,
    HolderKind,
    PriceBand,
    RightKind,
    SecondHand,
    SellerAccount,
    WatchedMark,
    Watchlist,
)
from ipwatch.terms import in_language
from ipwatch.watchlists.hints import MarkGroup, find_hints, group_of

SHOP = SellerAccount(marketplace="rakuten", id="shop")
KEYS = {
    *("licensees", "own_products", "unlicensed_goods", "official_sellers", "deny_sellers"),
    *("genuine_price_jpy", "second_hand", "depth"),
}


def mark(name: str = "m", kind: RightKind = RightKind.TRADEMARK, **more: object) -> WatchedMark:
    return WatchedMark(watchlist="w", id=name, text=name, kind=kind, **more)  # type: ignore[arg-type]


def watchlist(*marks: WatchedMark, kind: HolderKind = HolderKind.COMPANY) -> Watchlist:
    return Watchlist(holder=Holder(id="w", name_ja="霞", name_en="Kasumi", kind=kind), marks=marks, sha256="0")


@pytest.mark.parametrize(
    ("kind", "holder", "group", "first"),
    [
        (RightKind.TRADEMARK, HolderKind.COMPANY, MarkGroup.COMPANY, "official_sellers"),
        (RightKind.DESIGN, HolderKind.PUBLIC, MarkGroup.COMPANY, "official_sellers"),
        (RightKind.COPYRIGHT_WORK, HolderKind.COMPANY, MarkGroup.CONTENT, "licensees"),
        (RightKind.TRADEMARK, HolderKind.CONTENT, MarkGroup.CONTENT, "licensees"),
        (RightKind.REGIONAL_COLLECTIVE_MARK, HolderKind.COMPANY, MarkGroup.REGIONAL, "licensees"),
        (RightKind.TRADEMARK, HolderKind.REGIONAL, MarkGroup.REGIONAL, "licensees"),
        (RightKind.GEOGRAPHICAL_INDICATION, HolderKind.REGIONAL, MarkGroup.GI, "licensees"),
    ],
)
def test_what_helps_most_depends_on_the_kind_of_right(
    kind: RightKind, holder: HolderKind, group: MarkGroup, first: str
) -> None:
    assert group_of(mark(kind=kind), holder) is group
    hints = find_hints(watchlist(mark(kind=kind), kind=holder))
    assert hints[0].key == first
    assert {hint.key for hint in hints} == KEYS
    assert all(in_language(hint.gain, "ja") != hint.gain for hint in hints)


def test_marks_of_one_group_are_summed_up_and_those_that_say_it_left_out() -> None:
    full = mark(
        "full",
        licensees=("霞紡績",),
        own_products=("978408*",),
        unlicensed_goods=("抱き枕",),
        official_sellers=(SHOP,),
        deny_sellers=(SHOP,),
        genuine_price_jpy=PriceBand(min=1),
        second_hand=SecondHand.RANK,
        depth=Depth.NORMAL,
    )
    hints = find_hints(watchlist(mark("a"), full, mark("b")))
    assert [hint.marks for hint in hints] == [("a", "b")] * len(KEYS)
    assert find_hints(watchlist(full)) == []


def test_an_authorised_seller_is_one_that_the_holder_has_named() -> None:
    named = mark(authorised_sellers=(AuthorisedSeller(marketplace="rakuten", id="shop"),))
    assert "official_sellers" not in {hint.key for hint in find_hints(watchlist(named))}


def test_the_largest_group_comes_first_and_wishes_last() -> None:
    works = [mark(name, RightKind.COPYRIGHT_WORK) for name in ("a", "b")]
    hints = find_hints(watchlist(mark("c"), *works))
    assert (hints[0].group, hints[0].marks) == (MarkGroup.CONTENT, ("a", "b"))
    wishes = [hint.is_wish for hint in hints]
    assert wishes == sorted(wishes)
    assert len(hints) == 2 * len(KEYS)
