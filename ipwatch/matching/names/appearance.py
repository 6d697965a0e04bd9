"""Appearance (外観): where and how closely a text shows a watched spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from ipwatch.matching.differences import differences
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.occurrence import Occurrence, kind_of
from ipwatch.matching.names.reasons import MASKING, Reason, about_field, reasons_of
from ipwatch.matching.names.rejections import is_number, rejection
from ipwatch.matching.names.short_words import ShortWordIndex
from ipwatch.matching.names.windows import distinct, windows
from ipwatch.matching.names.word_boundaries import Boundary, boundaries
from ipwatch.matching.score import DEFAULT_THRESHOLD, MAIN_WEIGHTS, STRENGTHS, detail, points
from ipwatch.matching.variants import ObservedText, Variant, VariantOrigin
from ipwatch.records import Signal
from ipwatch.text.folding.confusables import CROSSES, MASKING_SIGNS
from ipwatch.text.folding.skeleton import is_invisible, plain, plain_letters, skeleton

MIN_SCORE = 0.57
"""Points below which a match is dropped: a coincidence that no realistic qualifier lifts to a finding."""

_LETTER_BY_LETTER = re.compile(r"\w(?:[^\w]+\w){3,}|[^\W\x00-\u024f](?:[^\w]+[^\W\x00-\u024f]){2}")
"""Four letters one by one, or three where they are not Latin ones, which abbreviations separate (N.H.K.)."""

_WORD = re.compile(r"[^\W_]+")
_JOINERS = MASKING - MASKING_SIGNS
"""Signs that join the words of a name in file names and addresses (Dragon_Ball); they mask no letter."""

_TYPED = {ord(cross): "x" for cross in CROSSES}
"""What is typed where a keyboard has no cross."""

_WHOLE_NAME_TERMS = frozenset({"name_exact", "name_folded"})
_EXTRA_EDITS = 2
_MIN_CONTAINED = 3
_WHOLE_FLOOR = 0.75


@dataclass(frozen=True, slots=True)
class Match:
    """A scored occurrence of a variant: its range of the original text, and the reasons for and against it.

    ``strength`` is 1 where a text holds the name, however it is written, and for a whole filed mark the similarity of
    the two; 0 for a rejected occurrence. ``term`` is the message key of the match, ``score`` the points without those
    of surface counts, and ``surface_key`` the key that is counted over a crawl.
    """

    start: int
    end: int
    strength: float
    term: str
    score: float
    reasons: tuple[Reason, ...] = ()
    surface_key: str = ""


@dataclass(frozen=True, slots=True)
class SpanRule:
    """A range of a text that is an excluded term: a variant within it is that term, not the mark."""

    start: int
    end: int


def find(
    variant: Variant, observed: ObservedText, distance: int, excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Match | None:
    """Return the best match of the variant in ``distance`` edits, or ``None`` where the text holds none.

    A match within an excluded term, and one that is another name or word (``rejections``), scores 0. Where every match
    is rejected, matches with one or two more edits are tried, as far as the variant allows them. ``goods`` are the
    mark's goods terms, folded.
    """
    best = _best(variant, observed, distance, excluded, goods)
    if best is None or best.strength or best.term == "name_excluded":
        return best
    max_distance = min(variant.edits, distance + _EXTRA_EDITS)
    others = (_best(variant, observed, more, excluded, goods) for more in range(distance + 1, max_distance + 1))
    return next((other for other in others if other is not None and other.strength), best)


def nearest(
    variant: Variant, observed: ObservedText, excluded: Sequence[SpanRule] = (), goods: Sequence[str] = ()
) -> Match | None:
    """Return the best match at the smallest distance, for a text that was not searched with an index."""
    matches = (find(variant, observed, distance, excluded, goods) for distance in range(variant.edits + 1))
    match = next((each for each in matches if each is not None), None)
    if match is not None and match.strength:
        return match
    words = [
        match_word(variant, observed, word, excluded, goods) for _, word in ShortWordIndex([variant]).find(observed)
    ]
    return max([*words, *([] if match is None else [match])], key=lambda each: each.score, default=None)


def _best(
    variant: Variant, observed: ObservedText, distance: int, excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Match | None:
    ranges = distinct(windows(variant.skeleton, observed.folded.text, distance), observed)
    occurrences = (Occurrence(variant, observed, *window, distance, goods) for window in ranges)
    matches = [_judge(each, excluded) for occurrence in occurrences for each in (occurrence, *_whole_word(occurrence))]
    return max(matches, key=lambda match: (match.score, -match.start), default=None)


def match_word(
    variant: Variant, observed: ObservedText, word: tuple[int, int], excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Match:
    """Return the match of a short variant with the word in that folded range, one edit from it (``ShortWordIndex``)."""
    return _judge(Occurrence(variant, observed, *word, 1, goods), excluded)


def _whole_word(occurrence: Occurrence) -> Iterator[Occurrence]:
    """Yield the whole word around it where that word is itself near the variant: Cannon, not the Cann in it."""
    (start, end), variant = occurrence.token, occurrence.variant
    max_distance = variant.edits
    inside = (start, end) != (occurrence.start, occurrence.end)
    if max_distance and inside and abs(end - start - len(variant.skeleton)) <= max_distance:
        distance = OSA.distance(variant.skeleton, occurrence.surface_key, score_cutoff=max_distance)
        if distance <= max_distance:
            yield replace(occurrence, start=start, end=end, distance=distance)


def excluded_spans(excluded_terms: Iterable[str], observed: ObservedText) -> tuple[SpanRule, ...]:
    """Return the ranges of the excluded terms in the text."""
    spans: list[SpanRule] = []
    for excluded_term in excluded_terms:
        folded = skeleton(excluded_term).text
        spans.extend(SpanRule(*observed.folded.span(*window)) for window in windows(folded, observed.folded.text, 0))
    return tuple(spans)


def name_signals(
    variant: Variant, observed: ObservedText, match: Match, surfaces: SurfaceCounts | None = None
) -> tuple[Signal, ...]:
    """Return the signals of a match: appearance (or sound, for a reading) first, then each reason with its points.

    ``surfaces`` are the counts over the user's own crawl, if there are any.
    """
    surface = observed.source[match.start : match.end]
    axis = "sound" if variant.is_reading else "name"
    term = "sound_reading" if variant.is_reading and match.term in _WHOLE_NAME_TERMS else match.term
    main = Signal(
        name=axis,
        score=match.strength,
        term=term,
        compared=(variant.text, surface),
        field=observed.field,
        span=(match.start, match.end),
        differences=differences(variant.text, surface) if match.strength else (),
    )
    details = (
        detail(axis, reason.term, reason.amount, (variant.text, reason.surface), field=observed.field, span=main.span)
        if reason.surface == surface
        else detail(axis, reason.term, reason.amount, (variant.text, reason.surface), field=observed.field)
        for reason in counted_reasons(variant, match, surfaces)
    )
    return (main, *(signal for signal in details if signal.score))


def field_details(main: Signal, observed: ObservedText) -> tuple[Signal, ...]:
    """Return the reasons that follow from the field of a main signal, as its detail signals."""
    if main.span is None:
        return ()
    reasons = (reason for reason in about_field(observed, main.span) if reason.amount)
    return tuple(
        detail(main.name, reason.term, reason.amount, main.compared, field=observed.field, span=main.span)
        for reason in reasons
    )


def counted_reasons(variant: Variant, match: Match, surfaces: SurfaceCounts | None) -> tuple[Reason, ...]:
    """Return the reasons of a match, with the frequency of its words in the crawl where they are not the name."""
    if surfaces is None or match.surface_key == variant.skeleton or variant.origin is VariantOrigin.GEOGRAPHIC:
        return match.reasons
    frequency = surfaces.frequency(match.surface_key)
    counted = Reason("surface_frequent", frequency, match.surface_key)
    return (*match.reasons, counted) if frequency else match.reasons


def is_disguised(watched: str, surface: str) -> bool:
    """Whether a spelling uses look-alikes, hidden characters or leet signs that the watched one does not.

    Width, case, accents, kana spelling, spaces and hyphens between words are no disguise: shops use them routinely.
    Signs such as * within a name and letters separated one by one are; signs that join its words, and the letter x for
    its cross, are not.
    """
    if not CROSSES.isdisjoint(watched):
        watched, surface = watched.translate(_TYPED), surface.translate(_TYPED)
    if any(is_invisible(char) and char not in watched for char in surface):
        return True
    same_skeleton = skeleton(watched).text == skeleton(surface).text
    strange = set(surface) - set(watched)
    # Between the words of the name, or of other words that are near to it, they only join.
    if not same_skeleton or _WORD.findall(plain(watched)) == _WORD.findall(plain(surface)):
        strange -= _JOINERS
    if any(char in MASKING for char in strange) or _LETTER_BY_LETTER.fullmatch(surface):
        return True
    return same_skeleton and plain_letters(watched) != plain_letters(surface)


def whole_similarity(variant: Variant, observed: ObservedText) -> Match | None:
    """Return the match of the whole text with the variant, or ``None`` below the floor; for filed marks.

    Digits that are only read as the letters of the variant do not match.
    """
    if not observed.folded.text or is_number(variant.text, observed.source):
        return None
    start, end = observed.folded.span(0, len(observed.folded.text))
    if variant.skeleton == observed.folded.text:
        return _whole(variant, observed, start, end, 1.0)
    similarity = OSA.normalized_similarity(variant.skeleton, observed.folded.text, score_cutoff=_WHOLE_FLOOR)
    if similarity >= _WHOLE_FLOOR:
        return _whole(variant, observed, start, end, round(similarity, 4))
    if len(variant.skeleton) >= _MIN_CONTAINED:
        edges = boundaries(observed)
        for first, last in windows(variant.skeleton, observed.folded.text, 0):
            if Boundary.NONE not in (edges[first], edges[last]) or kind_of(variant) == "other":
                return Match(
                    *observed.folded.span(first, last),
                    STRENGTHS["name_contained"],
                    "name_contained",
                    STRENGTHS["name_contained"],
                )
    return None


def _whole(variant: Variant, observed: ObservedText, start: int, end: int, similarity: float) -> Match:
    term = "name_near" if similarity < 1.0 else _same_term(variant, observed.source[start:end])
    reasons = (Reason("disguised_spelling", 1.0, observed.source[start:end]),)
    disguised = is_disguised(variant.text, observed.source[start:end])
    return Match(start, end, similarity, term, MAIN_WEIGHTS["name"] * similarity, reasons if disguised else ())


def _judge(occurrence: Occurrence, excluded: Sequence[SpanRule]) -> Match:
    start, end = occurrence.span
    if any(rule.start <= start and end <= rule.end for rule in excluded):
        return Match(start, end, 0.0, "name_excluded", 0.0)
    rejected = rejection(occurrence)
    if rejected:
        return Match(start, end, 0.0, rejected, 0.0, (), occurrence.surface_key)
    reasons = reasons_of(occurrence)
    if is_disguised(occurrence.variant.text, occurrence.surface):
        reasons = (Reason("disguised_spelling", 1.0, occurrence.surface), *reasons)
    score = MAIN_WEIGHTS["name"] + sum(points(reason.term) * reason.amount for reason in reasons)
    return Match(start, end, 1.0, _term(occurrence, score), round(score, 4), reasons, occurrence.surface_key)


def _term(occurrence: Occurrence, score: float) -> str:
    if occurrence.runs_on and occurrence.kind != "other" and score < DEFAULT_THRESHOLD:
        return "name_inside_word"
    if occurrence.distance:
        return "name_near"
    variant = occurrence.variant
    return "name_glued" if occurrence.runs_on and variant.is_alphabetic else _same_term(variant, occurrence.surface)


def _same_term(variant: Variant, surface: str) -> str:
    return "name_exact" if plain(surface) == plain(variant.text) else "name_folded"
