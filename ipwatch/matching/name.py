"""Appearance (外観): where and how closely a text shows a watched spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ipwatch.matching.block import MIN_NEAR_LETTERS, NEAR_PER_CENT
from ipwatch.matching.borders import bounded_left, bounded_right, run_around
from ipwatch.matching.forms import Form, SeenText
from ipwatch.matching.goods import COMMON_GOODS
from ipwatch.matching.score import qualifier
from ipwatch.records import Signal
from ipwatch.text.normalize import is_invisible, plain, plain_letters, skeleton

INSIDE_WORD = 0.5
"""Score of a form found inside a longer word: shown when asked why, never a finding of its own."""

_BORDER_BELOW = {"kana": 5, "alphabetic": 8}
"""Forms shorter than this must stand on their own; longer ones may be glued to other letters (canon in canonical)."""

_SPLIT_BELOW = 7
"""Alphabetic forms shorter than this are not read across a space (can on), unless every letter stands alone."""

_MASKING = frozenset("*＊_＿~～^＾|｜/／\\#＃+＋=＝•●")
"""Signs that nobody writes within a name but to keep it from being found."""

_LETTER_BY_LETTER = re.compile(r"\w(?:[^\w]+\w){3,}")
_MIN_CONTAINED = 3
_CONTAINED = 0.85
_WHOLE_FLOOR = 0.75


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a form stands: a range of the original text, how near it is (0..1), and the reason."""

    start: int
    end: int
    score: float
    term: str


def find(form: Form, seen: SeenText, excluded: Sequence[SpanRule], goods: Sequence[str]) -> Occurrence | None:
    """Return the best place of the form in the text, or ``None``.

    Letter-by-letter places are judged by their borders; where there is none, the nearest window of the form's length.
    """
    places = [_judge(form, seen, span, excluded, goods) for span in _exact_places(form, seen)]
    if places:
        return max(places, key=lambda place: (place.score, -place.start))
    return _near_place(form, seen, excluded)


@dataclass(frozen=True, slots=True)
class SpanRule:
    """A range of a text in which an excluded term stands: a form found within it is that term, not the mark."""

    start: int
    end: int


def excluded_spans(terms: Iterable[str], seen: SeenText) -> tuple[SpanRule, ...]:
    """Return where the excluded terms stand in the text."""
    spans: list[SpanRule] = []
    for term in terms:
        folded = skeleton(term).text
        spans.extend(SpanRule(*seen.folded.span(at, at + len(folded))) for at in _all(folded, seen.folded.text))
    return tuple(spans)


def name_signals(form: Form, seen: SeenText, place: Occurrence) -> tuple[Signal, ...]:
    """Return what the place says: the appearance (or the sound, for a reading) and, where it is one, the disguise."""
    surface = seen.source[place.start : place.end]
    span = (place.start, place.end)
    compared = (form.text, surface)
    if form.is_reading:
        term = "sound_reading" if place.term in {"name_exact", "name_folded"} else place.term
        return (Signal(name="sound", score=place.score, term=term, compared=compared, field=seen.field, span=span),)
    signal = Signal(name="name", score=place.score, term=place.term, compared=compared, field=seen.field, span=span)
    if place.score > INSIDE_WORD and is_disguised(form.text, surface):
        return signal, qualifier("disguise", "disguised_spelling", compared, field=seen.field, span=span)
    return (signal,)


def is_disguised(watched: str, surface: str) -> bool:
    """Whether a spelling uses look-alikes, hidden characters or leet signs that the watched one does not.

    Width, case, accents, kana spelling, spaces and hyphens between words are no disguise: shops write so without a
    second thought. Signs such as * within a name and letters set one by one are.
    """
    if any(is_invisible(char) and char not in watched for char in surface):
        return True
    strange = set(surface) - set(watched)
    if any(char in _MASKING for char in strange) or _LETTER_BY_LETTER.fullmatch(surface):
        return True
    same_skeleton = skeleton(watched).text == skeleton(surface).text
    return same_skeleton and plain_letters(watched) != plain_letters(surface)


def whole_similarity(form: Form, seen: SeenText) -> Occurrence | None:
    """Return how alike the whole text and the form are, or ``None`` under the floor; for short marks, as filed."""
    if not seen.folded.text:
        return None
    start, end = seen.folded.span(0, len(seen.folded.text))
    if form.skeleton == seen.folded.text:
        return Occurrence(start, end, 1.0, _same_term(form, seen.source[start:end]))
    score = OSA.normalized_similarity(form.skeleton, seen.folded.text, score_cutoff=_WHOLE_FLOOR)
    if score >= _WHOLE_FLOOR:
        return Occurrence(start, end, round(score, 4), "name_near")
    if len(form.skeleton) >= _MIN_CONTAINED:
        for at, stop in _exact_places(form, seen):
            if _stands_alone(form, seen.source, at, stop, ()):
                return Occurrence(at, stop, _CONTAINED, "name_contained")
    return None


def _all(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle) if needle else -1
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


def _exact_places(form: Form, seen: SeenText) -> Iterator[tuple[int, int]]:
    for at in _all(form.skeleton, seen.folded.text):
        yield seen.folded.span(at, at + len(form.skeleton))


def _judge(
    form: Form, seen: SeenText, span: tuple[int, int], excluded: Sequence[SpanRule], goods: Sequence[str]
) -> Occurrence:
    start, end = span
    surface = seen.source[start:end]
    if any(rule.start <= start and end <= rule.end for rule in excluded):
        return Occurrence(start, end, 0.0, "name_excluded")
    left, right = bounded_left(seen.source, start), bounded_right(seen.source, end)
    bounded = left and right
    across = form.is_kana and not bounded and len(surface.split()) > len(form.text.split())
    if (
        across
        or not _stands_alone(form, seen.source, start, end, goods)
        or _is_split(form, surface)
        or _is_torn(form, surface, bounded=left or right)
    ):
        return Occurrence(start, end, INSIDE_WORD, "name_inside_word")
    if form.is_alphabetic and not bounded:
        return Occurrence(start, end, 0.95, "name_glued")
    return Occurrence(start, end, 1.0, _same_term(form, surface))


def _same_term(form: Form, surface: str) -> str:
    return "name_exact" if plain(surface) == plain(form.text) else "name_folded"


def _stands_alone(form: Form, text: str, start: int, end: int, goods: Sequence[str]) -> bool:
    """Whether the form is a word at this place, as far as its script has words.

    Han and Hangul run on without borders. A short kana form may run on into a word for the mark's own goods.
    """
    kind = "kana" if form.is_kana else "alphabetic"
    if not (form.is_kana or form.is_alphabetic) or len(form.skeleton) >= _BORDER_BELOW[kind]:
        return True
    first, last = run_around(text, start, end)
    before, after = skeleton(text[first:start]).text, skeleton(text[end:last]).text
    return (not before or before in goods) and (not after or after.startswith((*goods, *COMMON_GOODS)))


def _is_split(form: Form, surface: str) -> bool:
    """Whether a short form in an alphabet was read across a space that it does not have itself."""
    pieces = surface.split()
    if not form.is_alphabetic or len(form.skeleton) >= _SPLIT_BELOW or len(pieces) <= len(form.text.split()):
        return False
    return any(len(skeleton(piece).text) > 1 for piece in pieces)


def _is_torn(form: Form, surface: str, *, bounded: bool) -> bool:
    """Whether a form of several words begins within one word and ends within another (domino warehouse)."""
    return form.is_alphabetic and not bounded and len(surface.split()) > 1


def _near_place(form: Form, seen: SeenText, excluded: Sequence[SpanRule]) -> Occurrence | None:
    text = seen.folded.text
    if len(form.skeleton) < MIN_NEAR_LETTERS or not text:
        return None
    start, end = _nearest_window(form.skeleton, text)
    if start == end:
        return None
    window = text[start:end]
    first, last = seen.folded.span(start, end)
    if (
        OSA.distance(form.skeleton, window) > len(form.skeleton) // MIN_NEAR_LETTERS
        or any(rule.start < last and first < rule.end for rule in excluded)
        or not _near_stands_alone(form, seen.source, first, last)
        or _is_split(form, seen.source[first:last])
    ):
        return None
    return Occurrence(first, last, round(OSA.normalized_similarity(form.skeleton, window), 4), "name_near")


def _near_stands_alone(form: Form, text: str, start: int, end: int) -> bool:
    """Whether a near form is a word of its own; only a long form in a script without spaces need not be."""
    if bounded_left(text, start) and bounded_right(text, end):
        return True
    return not form.is_alphabetic and len(form.skeleton) >= 2 * MIN_NEAR_LETTERS


def _nearest_window(form: str, text: str) -> tuple[int, int]:
    """Return the range of the text nearest to the form: rapidfuzz's window, each end moved by at most one letter."""
    if len(text) <= len(form):
        return 0, len(text)
    window = fuzz.partial_ratio_alignment(form, text, score_cutoff=NEAR_PER_CENT)
    if window is None:
        return 0, 0
    ranges = [
        (start, end)
        for start in range(max(0, window.dest_start - 1), window.dest_start + 2)
        for end in range(window.dest_end - 1, min(len(text), window.dest_end + 1) + 1)
        if start < end
    ]
    return min(ranges, key=lambda place: (OSA.distance(form, text[place[0] : place[1]]), place[0] - place[1]))
