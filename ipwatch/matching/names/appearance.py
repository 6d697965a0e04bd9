"""Appearance (外観): where and how closely a text shows a watched spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from ipwatch.matching.differences import differences
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.reasons import MASKING, Evidence, Window, about_place, evidence, kind_of, surface_key
from ipwatch.matching.names.rejections import is_number, refusal
from ipwatch.matching.names.short_words import WholeWords
from ipwatch.matching.names.windows import distinct, windows
from ipwatch.matching.names.word_boundaries import Border, borders
from ipwatch.matching.score import DEFAULT_THRESHOLD, MAIN_WEIGHTS, STRENGTHS, detail, points
from ipwatch.matching.variants import Form, FormOrigin, SeenText
from ipwatch.records import Signal
from ipwatch.text.folding.skeleton import is_invisible, plain, plain_letters, skeleton

FLOOR = 0.57
"""Points under which a place is no candidate: coincidences, which no fair qualifier lifts to a finding."""

_LETTER_BY_LETTER = re.compile(r"\w(?:[^\w]+\w){3,}")
_AS_READ = frozenset({"name_exact", "name_folded"})
_MORE_EDITS = 2
_MIN_CONTAINED = 3
_WHOLE_FLOOR = 0.75


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a form stands: a range of the original text, and what speaks for it and against it.

    ``strength`` is 1 where a text holds the name, however it is written, and for a whole filed mark the similarity of
    the two. ``term`` is the reason in one word, ``score`` the points of the place without what surface counts add, and
    ``surface_key`` what is counted over a crawl.
    """

    start: int
    end: int
    strength: float
    term: str
    score: float
    evidence: tuple[Evidence, ...] = ()
    surface_key: str = ""


@dataclass(frozen=True, slots=True)
class SpanRule:
    """A range of a text in which an excluded term stands: a form found within it is that term, not the mark."""

    start: int
    end: int


def find(
    form: Form, seen: SeenText, distance: int, excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Occurrence | None:
    """Return the best place at which the text holds the form in ``distance`` edits, or ``None`` where it does not.

    A place within an excluded term, and one that is another name or word (``refusals``), scores 0; where all that was
    found is refused, places with one or two edits more are looked at too, if the form allows them. ``goods`` are the
    mark's goods terms, folded.
    """
    best = _best(form, seen, distance, excluded, goods)
    if best is None or best.strength or best.term == "name_excluded":
        return best
    most = min(form.edits, distance + _MORE_EDITS)
    others = (_best(form, seen, more, excluded, goods) for more in range(distance + 1, most + 1))
    return next((other for other in others if other is not None and other.strength), best)


def nearest(
    form: Form, seen: SeenText, excluded: Sequence[SpanRule] = (), goods: Sequence[str] = ()
) -> Occurrence | None:
    """Return the best place at the least distance that the form allows, for a text that no index was asked about."""
    found = (find(form, seen, distance, excluded, goods) for distance in range(form.edits + 1))
    place = next((each for each in found if each is not None), None)
    if place is not None and place.strength:
        return place
    words = [word_place(form, seen, word, excluded, goods) for _, word in WholeWords([form]).find(seen)]
    return max([*words, *([] if place is None else [place])], key=lambda each: each.score, default=None)


def _best(
    form: Form, seen: SeenText, distance: int, excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Occurrence | None:
    near = (
        Window.of(seen, *found, distance)
        for found in distinct(windows(form.skeleton, seen.folded.text, distance), seen)
    )
    places = [
        _judge(form, seen, window, excluded, goods)
        for found in near
        for window in (found, *_whole_word(form, seen, found))
    ]
    return max(places, key=lambda place: (place.score, -place.start), default=None)


def word_place(
    form: Form, seen: SeenText, word: tuple[int, int], excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Occurrence:
    """Return the place of a short form that the word at that folded range is one edit from (``WholeWords``)."""
    return _judge(form, seen, Window.of(seen, *word, 1), excluded, goods)


def _whole_word(form: Form, seen: SeenText, window: Window) -> Iterator[Window]:
    """Yield the word that the window is part of, where it is itself near the form: Cannon, not the Cann in it."""
    start, end = window.token
    most = form.edits
    if most and (start, end) != (window.start, window.end) and abs(end - start - len(form.skeleton)) <= most:
        distance = OSA.distance(form.skeleton, seen.folded.text[start:end], score_cutoff=most)
        if distance <= most:
            yield Window.of(seen, start, end, distance)


def excluded_spans(terms: Iterable[str], seen: SeenText) -> tuple[SpanRule, ...]:
    """Return where the excluded terms stand in the text."""
    spans: list[SpanRule] = []
    for term in terms:
        folded = skeleton(term).text
        spans.extend(SpanRule(*seen.folded.span(*found)) for found in windows(folded, seen.folded.text, 0))
    return tuple(spans)


def name_signals(
    form: Form, seen: SeenText, place: Occurrence, surfaces: SurfaceCounts | None = None
) -> tuple[Signal, ...]:
    """Return what the place says: appearance (or sound, for a reading) first, then each reason with its points.

    ``surfaces`` are the counts over the user's own crawl, where there are some.
    """
    surface = seen.source[place.start : place.end]
    axis = "sound" if form.is_reading else "name"
    term = "sound_reading" if form.is_reading and place.term in _AS_READ else place.term
    main = Signal(
        name=axis,
        score=place.strength,
        term=term,
        compared=(form.text, surface),
        field=seen.field,
        span=(place.start, place.end),
        differences=differences(form.text, surface) if place.strength else (),
    )
    told = (
        detail(axis, one.term, one.amount, (form.text, one.seen), field=seen.field, span=main.span)
        if one.seen == surface
        else detail(axis, one.term, one.amount, (form.text, one.seen), field=seen.field)
        for one in reasons(form, place, surfaces)
    )
    return (main, *(signal for signal in told if signal.score))


def field_details(main: Signal, seen: SeenText) -> tuple[Signal, ...]:
    """Return what the field says that the name of a main signal stands in, as signals that go with it."""
    if main.span is None:
        return ()
    said = (one for one in about_place(seen, main.span) if one.amount)
    return tuple(
        detail(main.name, one.term, one.amount, main.compared, field=seen.field, span=main.span) for one in said
    )


def reasons(form: Form, place: Occurrence, surfaces: SurfaceCounts | None) -> tuple[Evidence, ...]:
    """Return the evidence of the place, with how often its words stand in the crawl where they are not the name."""
    if surfaces is None or place.surface_key == form.skeleton or form.origin is FormOrigin.PLACE:
        return place.evidence
    frequency = surfaces.frequency(place.surface_key)
    counted = Evidence("surface_frequent", frequency, place.surface_key)
    return (*place.evidence, counted) if frequency else place.evidence


def is_disguised(watched: str, surface: str) -> bool:
    """Whether a spelling uses look-alikes, hidden characters or leet signs that the watched one does not.

    Width, case, accents, kana spelling, spaces and hyphens between words are no disguise: shops write so without a
    second thought. Signs such as * within a name and letters set one by one are.
    """
    if any(is_invisible(char) and char not in watched for char in surface):
        return True
    strange = set(surface) - set(watched)
    if any(char in MASKING for char in strange) or _LETTER_BY_LETTER.fullmatch(surface):
        return True
    same_skeleton = skeleton(watched).text == skeleton(surface).text
    return same_skeleton and plain_letters(watched) != plain_letters(surface)


def whole_similarity(form: Form, seen: SeenText) -> Occurrence | None:
    """Return how alike the whole text and the form are, or ``None`` under the floor; for short marks, as filed.

    Digits that only pass for the letters of the form are not alike.
    """
    if not seen.folded.text or is_number(form.text, seen.source):
        return None
    start, end = seen.folded.span(0, len(seen.folded.text))
    if form.skeleton == seen.folded.text:
        return _whole(form, seen, start, end, 1.0)
    similarity = OSA.normalized_similarity(form.skeleton, seen.folded.text, score_cutoff=_WHOLE_FLOOR)
    if similarity >= _WHOLE_FLOOR:
        return _whole(form, seen, start, end, round(similarity, 4))
    if len(form.skeleton) >= _MIN_CONTAINED:
        edges = borders(seen)
        for first, last in windows(form.skeleton, seen.folded.text, 0):
            if Border.NONE not in (edges[first], edges[last]) or kind_of(form) == "other":
                return Occurrence(
                    *seen.folded.span(first, last),
                    STRENGTHS["name_contained"],
                    "name_contained",
                    STRENGTHS["name_contained"],
                )
    return None


def _whole(form: Form, seen: SeenText, start: int, end: int, similarity: float) -> Occurrence:
    term = "name_near" if similarity < 1.0 else _same_term(form, seen.source[start:end])
    said = (Evidence("disguised_spelling", 1.0, seen.source[start:end]),)
    disguised = is_disguised(form.text, seen.source[start:end])
    return Occurrence(start, end, similarity, term, MAIN_WEIGHTS["name"] * similarity, said if disguised else ())


def _judge(
    form: Form, seen: SeenText, window: Window, excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Occurrence:
    start, end = seen.folded.span(window.start, window.end)
    if any(rule.start <= start and end <= rule.end for rule in excluded):
        return Occurrence(start, end, 0.0, "name_excluded", 0.0)
    refused = refusal(form, seen, window, goods)
    if refused:
        return Occurrence(start, end, 0.0, refused, 0.0, (), surface_key(seen, window))
    said = evidence(form, seen, window, goods)
    surface = seen.source[start:end]
    if is_disguised(form.text, surface):
        said = (Evidence("disguised_spelling", 1.0, surface), *said)
    score = MAIN_WEIGHTS["name"] + sum(points(one.term) * one.amount for one in said)
    term = _term(form, window, surface, score)
    return Occurrence(start, end, 1.0, term, round(score, 4), said, surface_key(seen, window))


def _term(form: Form, window: Window, surface: str, score: float) -> str:
    if window.runs_on and kind_of(form) != "other" and score < DEFAULT_THRESHOLD:
        return "name_inside_word"
    if window.distance:
        return "name_near"
    return "name_glued" if window.runs_on and form.is_alphabetic else _same_term(form, surface)


def _same_term(form: Form, surface: str) -> str:
    return "name_exact" if plain(surface) == plain(form.text) else "name_folded"
