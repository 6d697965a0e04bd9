"""Names in texts: for many fields at once, which watched marks they name or sound like, with the reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property

from ipwatch.matching.names import appearance
from ipwatch.matching.names.appearance import Match, SpanRule
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.index import Candidate, Lookup
from ipwatch.matching.names.phonetic import PhoneticText, phonetic_signals
from ipwatch.matching.names.phonetic_index import PhoneticMatch
from ipwatch.matching.names.short_words import ShortWordIndex
from ipwatch.matching.names.short_words_batch import ShortWordBatchIndex
from ipwatch.matching.score import combine
from ipwatch.matching.variants import ObservedText, Variant
from ipwatch.matching.watched import Watched
from ipwatch.records import Signal
from ipwatch.text.folding.batch import skeletons

_SHORT_FIELDS = frozenset({"title", "brand"})
"""Fields that are searched for misspelt short names: a description has so many words that one is always near."""


BestSignals = Mapping[tuple[int, str], tuple[Signal, ...]]
"""A main signal followed by its reasons, by the number of the mark and the name of the signal."""


def best_of(matches: Iterable[tuple[int, tuple[Signal, ...]]]) -> BestSignals:
    """Return for each mark and kind of main signal the signals with the highest score."""
    best: dict[tuple[int, str], tuple[Signal, ...]] = {}
    for mark, signals in matches:
        key = (mark, signals[0].name)
        if key not in best or combine(signals) > combine(best[key]):
            best[key] = signals
    return best


@dataclass(frozen=True)
class Field:
    """A field of a record that is searched for names; it is folded on first use."""

    name: str
    text: str

    @cached_property
    def observed(self) -> ObservedText:
        """The text folded."""
        return ObservedText.of(self.name, self.text)

    @cached_property
    def phonetic(self) -> PhoneticText:
        """The text with its phonetic runs."""
        return PhoneticText(self.observed)


@dataclass(slots=True)
class _Hints:
    """What one field may contain: variants by appearance, and words near a short variant with their folded range."""

    candidates: Sequence[Candidate] = ()
    words: list[tuple[int, tuple[int, int]]] = dataclass_field(default_factory=list)


class Names:
    """The variants of all watched marks; a mark is identified by its index in ``watched``."""

    def __init__(self, watched: Sequence[Watched]) -> None:
        self._watched = tuple(watched)
        self._owners = tuple(number for number, each in enumerate(watched) for _ in each.variants)
        self._variants: tuple[Variant, ...] = tuple(variant for each in watched for variant in each.variants)
        self._lookup = Lookup(self._variants)
        self._words = ShortWordBatchIndex(ShortWordIndex(self._variants))

    def find(self, fields: Sequence[Field], surfaces: SurfaceCounts) -> Iterator[BestSignals]:
        """Yield for each field the best appearance and the best sound of every mark, with their reasons.

        ``surfaces`` are the counts of the crawl that the fields are from. Raises ``ValueError`` for a text that is too
        long to be folded.
        """
        hints = self._hints(fields)
        phonetic_matches = self._lookup.phonetic_matches([field.text for field in fields])
        for number, field in enumerate(fields):
            by_appearance = self._by_appearance(field, hints[number], surfaces) if number in hints else ()
            yield best_of((*by_appearance, *self._by_sound(field, phonetic_matches.get(number, ()))))

    def count_surfaces(self, titles: Sequence[str], surfaces: SurfaceCounts) -> None:
        """Add the titles of a crawl to ``surfaces``, with the surface key of every match in them."""
        fields = [Field("title", title) for title in titles]
        hints = self._hints(fields)
        keys = ([match.surface_key for _, _, match in self._matches(fields[number], hints[number])] for number in hints)
        surfaces.add(len(titles), keys)

    def _hints(self, fields: Sequence[Field]) -> Mapping[int, _Hints]:
        """Return the hints of each field that may contain a variant, by the number of the field."""
        hints: defaultdict[int, _Hints] = defaultdict(_Hints)
        for is_short in (True, False):
            numbers = [number for number, field in enumerate(fields) if (field.name in _SHORT_FIELDS) == is_short]
            texts = [fields[number].text for number in numbers]
            folded = skeletons(texts)
            for text, candidates in self._lookup.candidates(folded).items():
                hints[numbers[text]].candidates = candidates
            for text, variant, word in self._words.find(texts, folded) if is_short else ():
                hints[numbers[text]].words.append((variant, word))
        return dict(hints)

    def _by_appearance(
        self, field: Field, hints: _Hints, surfaces: SurfaceCounts
    ) -> Iterator[tuple[int, tuple[Signal, ...]]]:
        for number, variant, match in self._matches(field, hints):
            if match.score >= appearance.MIN_SCORE:
                yield self._owners[number], appearance.name_signals(variant, field.observed, match, surfaces)

    def _by_sound(self, field: Field, matches: Sequence[PhoneticMatch]) -> Iterator[tuple[int, tuple[Signal, ...]]]:
        for match in matches:
            signals = phonetic_signals(
                self._variants[match.variant], field.phonetic, (match.first, match.last), match.similarity
            )
            yield self._owners[match.variant], (*signals, *appearance.field_details(signals[0], field.observed))

    def _matches(self, field: Field, hints: _Hints) -> Iterator[tuple[int, Variant, Match]]:
        """Yield every match in the field, with its variant and the number of the variant."""
        excluded: dict[int, tuple[SpanRule, ...]] = {}
        numbers = (*(candidate.variant for candidate in hints.candidates), *(variant for variant, _ in hints.words))
        for owner in {self._owners[number] for number in numbers}:
            excluded[owner] = appearance.excluded_spans(self._watched[owner].mark.exclude_terms, field.observed)
        for candidate in hints.candidates:
            variant, owner = self._variants[candidate.variant], self._owners[candidate.variant]
            goods = self._watched[owner].goods
            match = appearance.find(variant, field.observed, candidate.distance, excluded[owner], goods)
            if match is not None:
                yield candidate.variant, variant, match
        for number, word in sorted(hints.words):
            variant, owner = self._variants[number], self._owners[number]
            yield (
                number,
                variant,
                appearance.match_word(variant, field.observed, word, excluded[owner], self._watched[owner].goods),
            )
