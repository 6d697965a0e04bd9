"""What a market is made of: how many listings there are of each kind, for which marks.

The shares follow answers of real marketplaces to searches for a mark: most listings that name one are new goods of
ordinary retailers, media, licensed and second-hand goods. At most 3 in 100 of them infringe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from ipwatch.records import HolderKind
from ipwatch.sandbox.catalogue import Brand, Catalogue
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.market.goods import derived_of, licensed_of, media_of
from ipwatch.sandbox.truth import VISIBLE_LISTINGS, Kind

INFRINGING, UNRELATED = 1 / 60, 0.30
"""Shares of all listings. About two thirds name or show a mark, so that 1 in 40 of those infringes."""
GROUP = 3
"""How many listings of one offender have the same text or picture, at least."""
GROUPED = (Kind.SHARED_TEXT, Kind.SHARED_PICTURE)

_Key = TypeVar("_Key")
_HOLDERS = {HolderKind.CONTENT: 0.40, HolderKind.COMPANY: 0.30, HolderKind.REGIONAL: 0.23, HolderKind.PUBLIC: 0.07}
_LAWFUL: Mapping[HolderKind, Mapping[Kind, float]] = {
    HolderKind.COMPANY: {
        Kind.GENUINE_RETAIL: 40, Kind.GENUINE_SET: 5, Kind.PRE_ORDER: 2, Kind.SECOND_HAND: 17, Kind.ACCESSORY: 10,
        Kind.PUBLICATION: 3, Kind.ORDINARY_WORD: 4, Kind.PARALLEL_IMPORT: 6, Kind.AUTHORISED_SELLER: 6,
        Kind.RELATED_NAMES: 5, Kind.GENERIC_WORDS: 3,
    },
    HolderKind.REGIONAL: {
        Kind.GENUINE_RETAIL: 32, Kind.GENUINE_SET: 11, Kind.PRE_ORDER: 3, Kind.SECOND_HAND: 3, Kind.ACCESSORY: 2,
        Kind.PUBLICATION: 4, Kind.ORDINARY_WORD: 6, Kind.PARALLEL_IMPORT: 2, Kind.AUTHORISED_SELLER: 6,
        Kind.REGIONAL_PRODUCER: 18, Kind.DERIVED_GOODS: 11, Kind.RELATED_NAMES: 4, Kind.GENERIC_WORDS: 3,
    },
    HolderKind.CONTENT: {
        Kind.CONTENT_MEDIA: 36, Kind.LICENSED_GOODS: 22, Kind.GENUINE_RETAIL: 6, Kind.GENUINE_SET: 3,
        Kind.PRE_ORDER: 6, Kind.SECOND_HAND: 15, Kind.ACCESSORY: 3, Kind.PUBLICATION: 3, Kind.ORDINARY_WORD: 3,
        Kind.PARALLEL_IMPORT: 2, Kind.AUTHORISED_SELLER: 3, Kind.RELATED_NAMES: 2, Kind.GENERIC_WORDS: 2,
    },
    HolderKind.PUBLIC: {
        Kind.LICENSED_GOODS: 34, Kind.GENUINE_RETAIL: 14, Kind.AUTHORISED_SELLER: 18, Kind.SECOND_HAND: 10,
        Kind.DERIVED_GOODS: 12, Kind.PUBLICATION: 4, Kind.RELATED_NAMES: 4, Kind.GENERIC_WORDS: 4,
    },
}  # fmt: skip
_INFRINGING: Mapping[Kind, float] = {
    Kind.LOOKALIKE_SPELLING: 2, Kind.HOMOGLYPH: 1, Kind.SPACED: 1, Kind.STOLEN_PICTURE_SILENT: 2,
    Kind.LOGO_PASTED: 1.5, Kind.CHARACTER_GOODS: 2.5, Kind.IMPOSSIBLE_PRICE: 3, Kind.BELOW_MARKET: 2,
    Kind.GI_MISUSE: 3, Kind.OWN_WORDS: 3, Kind.RIVAL_BRANDS: 1, Kind.BULK_QUANTITY: 1.5, Kind.DENIED_SELLER: 2,
    Kind.DOUBTFUL_SELLER: 1.5, Kind.SHARED_TEXT: 2, Kind.SHARED_PICTURE: 2, Kind.NOT_VISIBLE: 5,
}  # fmt: skip
_FOOD = frozenset({"tea", "meat", "fruit"})
_SOLD_IN_BULK = frozenset({"towel", *_FOOD})


@dataclass(frozen=True, slots=True)
class Planned:
    """One listing to be written. Those of one ``group`` are of one offender, each under the account of that number."""

    kind: Kind
    brand: Brand | None
    group: int | None = None
    account: int = 0


def plan(seed: int, count: int, catalogue: Catalogue) -> list[Planned]:
    """Return what each of ``count`` listings is, shuffled."""
    rng = generator(seed, "market", count)
    infringing = list(_infringing(int(count * INFRINGING), catalogue, rng))
    unrelated = round(count * UNRELATED)
    lawful = list(_lawful(count - unrelated - len(infringing), catalogue, rng))
    planned = [*infringing, *lawful, *(Planned(Kind.UNRELATED, None) for _ in range(unrelated))]
    rng.shuffle(planned)
    return planned


def _lawful(count: int, catalogue: Catalogue, rng: Random) -> Iterator[Planned]:
    for holder_kind, size in apportioned(_HOLDERS, count).items():
        brands = [brand for brand in catalogue.brands if brand.holder.kind is holder_kind]
        for kind, number in apportioned(_LAWFUL[holder_kind], size).items():
            able = [brand for brand in brands if _applies(kind, brand)]
            yield from (Planned(kind, rng.choice(able)) for _ in range(number))


def _infringing(count: int, catalogue: Catalogue, rng: Random) -> Iterator[Planned]:
    groups = 0
    for kind, number in _kinds_of_infringing(count, rng).items():
        able = [brand for brand in catalogue.brands if _applies(kind, brand)]
        if kind not in GROUPED:
            yield from (Planned(kind, rng.choice(able)) for _ in range(number))
            continue
        for index in range(number):
            if index % GROUP == 0 and number - index >= GROUP:
                groups, brand = groups + 1, rng.choice(able)
            yield Planned(kind, brand, groups, index)


def _kinds_of_infringing(count: int, rng: Random) -> Mapping[Kind, int]:
    """Return how many there are of each kind: every kind where ``count`` allows it, else some by their weight."""
    floor = {kind: GROUP if kind in GROUPED else 1 for kind in _INFRINGING}
    if count >= sum(floor.values()):
        further = apportioned(_INFRINGING, count - sum(floor.values()))
        return {kind: number + further[kind] for kind, number in floor.items()}
    chosen: Counter[Kind] = Counter()
    if count >= len(VISIBLE_LISTINGS) // 2:
        chosen[rng.choice(GROUPED)] = GROUP
    # A price can be low for a market only where there are enough listings to compare with.
    single = {kind: weight for kind, weight in _INFRINGING.items() if kind not in {*GROUPED, Kind.BELOW_MARKET}}
    while chosen.total() < count:
        kind = rng.choices(list(single), list(single.values()))[0]
        chosen[kind] += 1
        if len(single) > 1:
            del single[kind]
    return chosen


def _applies(kind: Kind, brand: Brand) -> bool:
    """Return whether a mark has listings of that kind."""
    rule = _RULES.get(kind)
    return rule is None or bool(rule(brand))


_RULES: Mapping[Kind, Callable[[Brand], object]] = {
    Kind.GI_MISUSE: lambda brand: brand.place,
    Kind.REGIONAL_PRODUCER: lambda brand: brand.place,
    Kind.CHARACTER_GOODS: lambda brand: brand.has_character,
    Kind.BELOW_MARKET: lambda brand: brand.holder.kind in {HolderKind.COMPANY, HolderKind.REGIONAL},
    Kind.BULK_QUANTITY: lambda brand: brand.category not in _SOLD_IN_BULK,
    Kind.ORDINARY_WORD: lambda brand: brand.ordinary or brand.collisions,
    Kind.CONTENT_MEDIA: media_of,
    Kind.LICENSED_GOODS: licensed_of,
    Kind.DERIVED_GOODS: derived_of,
    Kind.SECOND_HAND: lambda brand: brand.category not in _FOOD,
    Kind.ACCESSORY: lambda brand: brand.category not in _FOOD,
}


def apportioned(weights: Mapping[_Key, float], count: int) -> Counter[_Key]:
    """Return ``count`` in whole numbers in proportion to the weights, by largest remainders."""
    total = sum(weights.values())
    shares = {key: count * weight / total for key, weight in weights.items()}
    whole = Counter({key: int(share) for key, share in shares.items()})
    by_remainder = sorted(weights, key=lambda key: whole[key] - shares[key])
    for key in by_remainder[: count - whole.total()]:
        whole[key] += 1
    return whole
