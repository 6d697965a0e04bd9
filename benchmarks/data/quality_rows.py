"""Candidates in labelled titles with their reasons, which the weights are fitted to and measured on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.data.planted import Brand, PlantedTitle
from ipwatch.matching.names import appearance
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.short_words import ShortWordIndex
from ipwatch.matching.score import MAIN_WEIGHTS, points
from ipwatch.matching.term_index import TermIndex
from ipwatch.matching.variants import ObservedText, Variant, variants_of
from ipwatch.records import RightKind, WatchedMark
from ipwatch.text.folding.batch import skeletons
from ipwatch.text.folding.skeleton import plain, skeleton


@dataclass(frozen=True, slots=True)
class ScoredMatch:
    """A match of a variant in a title, with the amount of every reason."""

    variant: Variant
    match: appearance.Match
    amounts: dict[str, float]

    @property
    def score(self) -> float:
        """The points of the match."""
        return MAIN_WEIGHTS["name"] + sum(points(term) * amount for term, amount in self.amounts.items())


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate: a brand, a title and every match of the brand in the title.

    ``label`` is true where the title names the brand, ``decoy`` where a word was planted that only resembles it.
    """

    brand: int
    title: int
    matches: tuple[ScoredMatch, ...]
    label: bool
    decoy: bool = False

    @property
    def best(self) -> ScoredMatch:
        """The match with most points."""
        return max(self.matches, key=lambda match: match.score)


def rows_of(brands: Sequence[Brand], titles: Sequence[PlantedTitle], *, counted: bool = True) -> list[Row]:
    """Return a row for each candidate pair of brand and title; pairs whose truth is unknown are left out.

    ``counted`` is whether surface counts are taken over these titles. Rejected matches make no row.
    """
    variants, owners = _variants(brands)
    whole_words = ShortWordIndex(variants)
    texts = [ObservedText.of("title", title.text) for title in titles]
    matched: dict[tuple[int, int], list[tuple[Variant, appearance.Match]]] = {}
    index = TermIndex()
    index.add([variant.skeleton for variant in variants], [variant.edits for variant in variants])
    hits = index.search(skeletons([title.text for title in titles]))
    for variant_number, number, distance in zip(
        hits.term.tolist(), hits.text.tolist(), hits.distance.tolist(), strict=True
    ):
        match = appearance.find(variants[variant_number], texts[number], distance, (), ())
        if match is not None:
            matched.setdefault((owners[variant_number], number), []).append((variants[variant_number], match))
    for number, text in enumerate(texts):
        for variant_number, word in whole_words.find(text):
            match = appearance.match_word(variants[variant_number], text, word, (), ())
            matched.setdefault((owners[variant_number], number), []).append((variants[variant_number], match))
    surfaces = SurfaceCounts()
    if counted:
        surfaces.add(len(titles), _keys(matched))
    folded = [tuple(skeleton(each).text for each in brand.names) for brand in brands]
    return [
        Row(
            brand,
            number,
            tuple(
                ScoredMatch(variant, match, amounts_of(variant, match, surfaces))
                for variant, match in matches
                if match.strength
            ),
            label=titles[number].brand == brand,
            decoy=titles[number].decoy_of == brand,
        )
        for (brand, number), matches in matched.items()
        if any(match.strength for _, match in matches)
        if titles[number].brand == brand or not _is_unclear(brands[brand], folded, brand, titles[number])
    ]


def amounts_of(variant: Variant, match: appearance.Match, surfaces: SurfaceCounts) -> dict[str, float]:
    """Return the amount of each reason of a match."""
    amounts: dict[str, float] = {}
    for reason in appearance.counted_reasons(variant, match, surfaces):
        amounts[reason.term] = amounts.get(reason.term, 0.0) + reason.amount
    return amounts


def _variants(brands: Sequence[Brand]) -> tuple[list[Variant], list[int]]:
    variants: list[Variant] = []
    owners: list[int] = []
    for number, brand in enumerate(brands):
        made, _ = variants_of(
            WatchedMark(
                watchlist="quality",
                id=str(number),
                text=brand.names[0],
                variants=brand.names[1:],
                kind=RightKind.TRADEMARK,
            )
        )
        variants.extend(made)
        owners.extend([number] * len(made))
    return variants, owners


def _keys(matched: dict[tuple[int, int], list[tuple[Variant, appearance.Match]]]) -> Iterable[set[str]]:
    by_title: dict[int, set[str]] = {}
    for (_, number), matches in matched.items():
        by_title.setdefault(number, set()).update(match.surface_key for _, match in matches)
    return by_title.values()


def _is_unclear(brand: Brand, folded: Sequence[tuple[str, ...]], number: int, title: PlantedTitle) -> bool:
    """Whether the title may name the brand all the same: a real title names it, or a planted name overlaps with it."""
    if any(f" {plain(each)} " in f" {plain(title.background)} " for each in brand.names):
        return True
    if not title.written or title.decoy_of is not None:
        return False
    theirs = (skeleton(title.written).text, *(folded[title.brand] if title.brand is not None else ()))
    return any(own in other or other in own for own in folded[number] for other in theirs if own and other)
