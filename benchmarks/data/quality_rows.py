"""Candidates of labelled titles with the evidence of each: what the weights are fitted on and measured by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.data.planted import Brand, PlantedTitle
from ipwatch.matching.names import appearance
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.short_words import WholeWords
from ipwatch.matching.score import MAIN_WEIGHTS, points
from ipwatch.matching.term_index import TermIndex
from ipwatch.matching.variants import Form, SeenText, forms_of
from ipwatch.records import RightKind, WatchedMark
from ipwatch.text.folding.batch import skeletons
from ipwatch.text.folding.skeleton import plain, skeleton


@dataclass(frozen=True, slots=True)
class Place:
    """One place of one form in a title, with the amount of every reason."""

    form: Form
    occurrence: appearance.Match
    amounts: dict[str, float]

    @property
    def score(self) -> float:
        """The points of the place."""
        return MAIN_WEIGHTS["name"] + sum(points(term) * amount for term, amount in self.amounts.items())


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate: a brand, a title and every place of the one in the other.

    ``label`` says that the title names the brand, ``decoy`` that a word was planted that only looks like it.
    """

    brand: int
    title: int
    places: tuple[Place, ...]
    label: bool
    decoy: bool = False

    @property
    def best(self) -> Place:
        """The place with most points."""
        return max(self.places, key=lambda place: place.score)


def rows_of(brands: Sequence[Brand], titles: Sequence[PlantedTitle], *, counted: bool = True) -> list[Row]:
    """Return a row for each brand and title that are a candidate; pairs of which nobody knows the truth are left out.

    ``counted`` says whether the words around the hits are counted over these titles. Places that are refused make no
    row.
    """
    forms, owners = _forms(brands)
    whole_words = WholeWords(forms)
    seens = [SeenText.of("title", title.text) for title in titles]
    found: dict[tuple[int, int], list[tuple[Form, appearance.Match]]] = {}
    index = TermIndex()
    index.add([form.skeleton for form in forms], [form.edits for form in forms])
    hits = index.search(skeletons([title.text for title in titles]))
    for at, number, distance in zip(hits.term.tolist(), hits.text.tolist(), hits.distance.tolist(), strict=True):
        place = appearance.find(forms[at], seens[number], distance, (), ())
        if place is not None:
            found.setdefault((owners[at], number), []).append((forms[at], place))
    for number, seen in enumerate(seens):
        for at, word in whole_words.find(seen):
            place = appearance.match_word(forms[at], seen, word, (), ())
            found.setdefault((owners[at], number), []).append((forms[at], place))
    surfaces = SurfaceCounts()
    if counted:
        surfaces.add(len(titles), _keys(found))
    folded = [tuple(skeleton(each).text for each in brand.names) for brand in brands]
    return [
        Row(
            brand,
            number,
            tuple(Place(form, place, amounts_of(form, place, surfaces)) for form, place in places if place.strength),
            label=titles[number].brand == brand,
            decoy=titles[number].decoy_of == brand,
        )
        for (brand, number), places in found.items()
        if any(place.strength for _, place in places)
        if titles[number].brand == brand or not _is_unclear(brands[brand], folded, brand, titles[number])
    ]


def amounts_of(form: Form, place: appearance.Match, surfaces: SurfaceCounts) -> dict[str, float]:
    """Return the amount of each reason at a place."""
    amounts: dict[str, float] = {}
    for reason in appearance.counted_reasons(form, place, surfaces):
        amounts[reason.term] = amounts.get(reason.term, 0.0) + reason.amount
    return amounts


def _forms(brands: Sequence[Brand]) -> tuple[list[Form], list[int]]:
    forms: list[Form] = []
    owners: list[int] = []
    for number, brand in enumerate(brands):
        made, _ = forms_of(
            WatchedMark(
                watchlist="quality",
                id=str(number),
                text=brand.names[0],
                variants=brand.names[1:],
                kind=RightKind.TRADEMARK,
            )
        )
        forms.extend(made)
        owners.extend([number] * len(made))
    return forms, owners


def _keys(found: dict[tuple[int, int], list[tuple[Form, appearance.Match]]]) -> Iterable[set[str]]:
    by_title: dict[int, set[str]] = {}
    for (_, number), places in found.items():
        by_title.setdefault(number, set()).update(place.surface_key for _, place in places)
    return by_title.values()


def _is_unclear(brand: Brand, folded: Sequence[tuple[str, ...]], number: int, title: PlantedTitle) -> bool:
    """Whether the title may name the brand all the same: a real title names it, or a planted name overlaps with it."""
    if any(f" {plain(each)} " in f" {plain(title.background)} " for each in brand.names):
        return True
    if not title.form or title.decoy_of is not None:
        return False
    theirs = (skeleton(title.form).text, *(folded[title.brand] if title.brand is not None else ()))
    return any(mine in other or other in mine for mine in folded[number] for other in theirs if mine and other)
