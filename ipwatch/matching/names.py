"""Names in texts: for many fields at once, which watched marks they name or sound like, and what speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ipwatch.matching import name
from ipwatch.matching.forms import Form, SeenText
from ipwatch.matching.heard import HeardText, heard_signal
from ipwatch.matching.lookup import Candidate, Lookup, Stream
from ipwatch.matching.name import Occurrence
from ipwatch.matching.score import combine
from ipwatch.matching.surfaces import SurfaceCounts
from ipwatch.matching.watched import Watched
from ipwatch.matching.whole_words import WholeWords
from ipwatch.records import Signal

_SHORT_FIELDS = frozenset({"title", "brand"})
"""Fields in which a short name may be misspelt: a description has so many words that one is always near."""


Evidence = Mapping[tuple[int, str], tuple[Signal, ...]]
"""Main evidence, its signal first and its reasons after it, by the number of the mark and the signal's name."""


def best_of(found: Iterable[tuple[int, tuple[Signal, ...]]]) -> Evidence:
    """Return of each mark and kind of main evidence the one that has most points."""
    best: dict[tuple[int, str], tuple[Signal, ...]] = {}
    for mark, signals in found:
        key = (mark, signals[0].name)
        if key not in best or combine(signals) > combine(best[key]):
            best[key] = signals
    return best


@dataclass(frozen=True)
class Field:
    """A field of a record that names may stand in; it is folded when it is first looked into."""

    name: str
    text: str

    @cached_property
    def seen(self) -> SeenText:
        """The text folded."""
        return SeenText.of(self.name, self.text)

    @cached_property
    def heard(self) -> HeardText:
        """The text as it sounds."""
        return HeardText(self.seen)


class Names:
    """The forms of all watched marks; a mark is known by its number among ``watched``."""

    def __init__(self, watched: Sequence[Watched]) -> None:
        self._watched = tuple(watched)
        self._owners = tuple(number for number, one in enumerate(watched) for _ in one.forms)
        self._forms: tuple[Form, ...] = tuple(form for one in watched for form in one.forms)
        self._lookup = Lookup(self._forms)
        self._words = WholeWords(self._forms)

    def find(self, fields: Sequence[Field], surfaces: SurfaceCounts) -> Iterator[Evidence]:
        """Yield for each field the best appearance and the best sound of every mark, with their reasons.

        ``surfaces`` are the counts of the crawl that the fields are from. Raises ``ValueError`` for a text that is too
        long to be folded.
        """
        found = self._lookup.find([field.text for field in fields])
        for number, field in enumerate(fields):
            yield best_of(self._signals(field, found.get(number, ()), surfaces))

    def survey(self, titles: Sequence[str], surfaces: SurfaceCounts) -> None:
        """Count what the titles of a crawl write where they may name a mark."""
        fields = [Field("title", title) for title in titles]
        found = self._lookup.find(titles)
        keys = (
            [place.surface_key for _, _, place in self._places(field, found.get(number, ()))]
            for number, field in enumerate(fields)
        )
        surfaces.add(len(titles), keys)

    def _signals(
        self, field: Field, candidates: Sequence[Candidate], surfaces: SurfaceCounts
    ) -> Iterator[tuple[int, tuple[Signal, ...]]]:
        for number, form, place in self._places(field, candidates):
            if place.score >= name.FLOOR:
                yield self._owners[number], name.name_signals(form, field.seen, place, surfaces)
        for candidate in candidates:
            if candidate.stream is Stream.SOUND:
                signal = heard_signal(self._forms[candidate.form], field.heard, candidate.distance)
                if signal is not None:
                    yield self._owners[candidate.form], (signal,)

    def _places(self, field: Field, candidates: Sequence[Candidate]) -> Iterator[tuple[int, Form, Occurrence]]:
        """Yield every place that looks like a form, with the form's number."""
        for candidate in candidates:
            if candidate.stream is Stream.APPEARANCE:
                form, watched = self._forms[candidate.form], self._watched[self._owners[candidate.form]]
                excluded = name.excluded_spans(watched.mark.exclude_terms, field.seen)
                place = name.find(form, field.seen, candidate.distance, excluded, watched.goods)
                if place is not None:
                    yield candidate.form, form, place
        if field.name in _SHORT_FIELDS:
            for number, word in self._words.find(field.seen):
                form, watched = self._forms[number], self._watched[self._owners[number]]
                excluded = name.excluded_spans(watched.mark.exclude_terms, field.seen)
                yield number, form, name.word_place(form, field.seen, word, excluded, watched.goods)
