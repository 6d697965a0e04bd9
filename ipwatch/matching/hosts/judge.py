"""Judgement of a label: where a term occurs in it, how it is written there, and what is next to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from ipwatch.matching.hosts.names import two_for_one
from ipwatch.matching.hosts.split import Piece, Segmentation, added_words
from ipwatch.matching.hosts.terms import HostTerm, TermKind
from ipwatch.text.folding.skeleton import plain_letters, skeleton, to_katakana

MARK = 4.0
"""Cost of reading letters as a watched mark: one host in ten thousand, as with a middling word."""

OTHER_KIND = 1.0
"""Added cost of a generated spelling or of one word of a mark."""

LOOKALIKE = 1.5
"""Added cost of digits, accents and letters of other alphabets that look like letters of the mark."""

LETTER_FOR_LETTER = 2.5
"""The same where only letters of the alphabet replace others: l for i, rn for m."""

SHORT_MARK = {2: 2.0, 3: 0.7}
"""Added cost of a mark of that few letters, which occur in other words by chance."""

SHORT_LOOKALIKE = 1.5
"""Added cost of look-alikes in a mark of four letters and less."""

EDITS = {
    "host_repeated": 1.5,
    "host_plural": 1.5,
    "host_swapped": 1.5,
    "host_omitted": 2.0,
    "host_vowel": 2.2,
    "host_inserted": 2.4,
    "host_replaced": 3.8,  # one other letter makes other names
}
"""Added cost of one edit: of some hundred ways to misspell a name, the first ones are the most usual."""

EDITED = frozenset({*EDITS, "host_several_edits"})

SEVERAL = 2.6
"""Added cost of each of several edits."""

FIRST_LETTER = 1.0
"""Added cost of an edit of the first letter: readers look at it most, and it makes other names (reiko, seiko)."""

NEIGHBOURS = 1.2
"""Reduction of the cost of a replaced letter where the two keys are neighbours."""

NEXT_TO_EDITED = 1.5
"""Added cost of each piece next to an edited name that is no word, or a very short one."""

SEPARATED = 2.0
"""Added cost of a separator within an edited name of one word."""

_VOWELS = frozenset("aeiouy")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {key: (row, column + 0.5 * row) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
_SHORT = 4
MIN_TRADE = 3


@dataclass(frozen=True, slots=True)
class TermOccurrence:
    """Occurrence of a term in a label: half-open range in code points, term key of the kind, and cost."""

    start: int
    end: int
    reason: str
    cost: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The best occurrence of a term in a label.

    ``decades`` is how many powers of ten likelier the label reads with the mark than without it; ``left`` and ``right``
    are the pieces next to the mark.
    """

    occurrence: TermOccurrence
    decades: float
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]

    @property
    def adjacent(self) -> tuple[Piece, ...]:
        """The pieces next to the mark."""
        return (*self.left, *self.right)


class LabelText:
    """A label, folded and segmented once for all terms."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = skeleton(text)
        self.letters = plain_letters(text)
        self.spelled = _spelled(text)
        self._pairs = tuple((skeleton(read), offsets) for read, offsets in two_for_one(text))
        self._segmentations: dict[frozenset[str], Segmentation] = {}

    def segmentation(self, own: frozenset[str]) -> Segmentation:
        """Return the segmentation of the label next to a mark with those expected words."""
        present = frozenset(word for word in own if word in self.spelled)
        if present not in self._segmentations:
            self._segmentations[present] = Segmentation(self.spelled, present)
        return self._segmentations[present]

    def occurrences(self, search_term: HostTerm) -> Iterator[TermOccurrence]:
        """Yield the occurrences of the term, with as many edits as it allows."""
        exact = [
            occurrence
            for occurrence in self._exact(search_term)
            if not search_term.is_bounded or self._is_bounded(occurrence)
        ]
        yield from exact
        if not exact and not search_term.is_bounded:
            yield from self._paired(search_term)
            if search_term.edits:
                yield from self._near(search_term)

    def _is_bounded(self, occurrence: TermOccurrence) -> bool:
        """Whether no letter is next to the occurrence."""
        return not (self.text[: occurrence.start][-1:].isalpha() or self.text[occurrence.end :][:1].isalpha())

    def _exact(self, search_term: HostTerm) -> Iterator[TermOccurrence]:
        for index in _all(search_term.skeleton, self.folded.text):
            start, end = self.folded.span(index, index + len(search_term.skeleton))
            surface = self.text[start:end]
            if self._cuts_number(start, end):
                continue
            if plain_letters(surface) == search_term.letters and not is_accented(surface, search_term.text):
                yield TermOccurrence(start, end, "host_contained", 0.0)
            elif not _is_number(surface, search_term.letters):
                yield TermOccurrence(start, end, "host_lookalike", _lookalike_cost(surface, search_term))

    def _paired(self, search_term: HostTerm) -> Iterator[TermOccurrence]:
        for folded, offsets in self._pairs:
            for index in _all(search_term.skeleton, folded.text):
                start, end = folded.span(index, index + len(search_term.skeleton))
                yield TermOccurrence(offsets[start], offsets[end], "host_lookalike", _lookalike_cost("", search_term))

    def _near(self, search_term: HostTerm) -> Iterator[TermOccurrence]:
        text, length = self.folded.text, len(search_term.skeleton)
        for start in range(len(text)):
            for end in range(
                start + length - search_term.edits, min(len(text), start + length + search_term.edits) + 1
            ):
                window = text[start:end]
                distance = OSA.distance(search_term.skeleton, window, score_cutoff=search_term.edits)
                if 0 < distance <= search_term.edits:
                    yield from self._edited(search_term, window, distance, self.folded.span(start, end))

    def _edited(
        self, search_term: HostTerm, window: str, distance: int, span: tuple[int, int]
    ) -> Iterator[TermOccurrence]:
        surface = self.text[slice(*span)]
        if self._cuts_number(*span) or _is_number(surface, search_term.letters):
            return
        reason, cost = edit_reason(search_term.skeleton, window, distance)
        separated = search_term.text.isalnum() and not surface.isalnum()
        yield TermOccurrence(*span, reason, cost + (SEPARATED if separated else 0.0))

    def _cuts_number(self, start: int, end: int) -> bool:
        """Whether the range begins or ends within a number."""
        return any(
            self.text[edge - 1 : edge].isdigit() and self.text[edge : edge + 1].isdigit() for edge in (start, end)
        )


def edit_reason(watched: str, observed: str, distance: int) -> tuple[str, float]:
    """Return the term key of the edit from the watched to the observed letters, and its cost."""
    if distance > 1:
        return "host_several_edits", SEVERAL * distance
    letters = zip(watched, observed, strict=False)
    position = next((index for index, (a, b) in enumerate(letters) if a != b), min(len(watched), len(observed)))
    reason = _edit(watched, observed, position)
    cost = EDITS[reason] + (FIRST_LETTER if position == 0 else 0.0)
    if reason == "host_replaced" and _are_neighbours(watched[position], observed[position]):
        cost -= NEIGHBOURS
    return reason, cost


def _lookalike_cost(surface: str, search_term: HostTerm) -> float:
    drawn = not surface.isascii() or any(map(str.isdigit, surface))
    short = SHORT_LOOKALIKE if len(search_term.skeleton) <= _SHORT else 0.0
    return short + (LOOKALIKE if drawn else LETTER_FOR_LETTER)


def _is_number(surface: str, letters: str) -> bool:
    """Whether more than a third of the letters are digits that the watched spelling does not have."""
    extra = sum(map(str.isdigit, surface)) - sum(map(str.isdigit, letters))
    return extra > max(1, len(letters) // 3)


def _are_neighbours(first: str, second: str) -> bool:
    if first not in _KEYS or second not in _KEYS:
        return False
    (row, column), (other_row, other_column) = _KEYS[first], _KEYS[second]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1


def _edit(watched: str, observed: str, position: int) -> str:
    if len(observed) < len(watched):
        return "host_omitted"
    if len(observed) > len(watched):
        if position and observed[position] == observed[position - 1]:
            return "host_repeated"
        return "host_plural" if position == len(watched) and observed[position] == "s" else "host_inserted"
    if watched[position + 1 :] != observed[position + 1 :]:
        return "host_swapped"
    return "host_vowel" if watched[position] in _VOWELS and observed[position] in _VOWELS else "host_replaced"


def judge(label: LabelText, search_term: HostTerm, own: frozenset[str], min_decades: float) -> Judgement | None:
    """Return the occurrence of the term with which the label reads best, if it is at least ``min_decades`` better.

    ``own`` are words expected next to this mark.
    """
    segmentation = label.segmentation(own)
    extra = (
        MARK
        + SHORT_MARK.get(len(search_term.skeleton), 0.0)
        + (0.0 if search_term.kind is TermKind.WHOLE else OTHER_KIND)
    )
    best: tuple[float, TermOccurrence] | None = None
    for occurrence in label.occurrences(search_term):
        cost = extra + occurrence.cost + segmentation.upto[occurrence.start] + segmentation.beyond[occurrence.end]
        if best is None or cost < best[0]:
            best = cost, occurrence
    if best is None or segmentation.ordinary - best[0] < min_decades:
        return None
    cost, occurrence = best
    left = tuple(segmentation.pieces(0, occurrence.start))
    right = tuple(segmentation.pieces(occurrence.end, len(label.text)))
    doubtful = sum(map(_is_doubtful, (*left, *right))) if occurrence.reason in EDITED else 0
    return Judgement(occurrence, round(segmentation.ordinary - cost - NEXT_TO_EDITED * doubtful, 2), left, right)


def _is_doubtful(piece: Piece) -> bool:
    """Whether a piece next to a mark is no word, or one so short that any letters contain it."""
    if not piece.is_word:
        return True
    return piece.text.isalpha() and len(piece.text) <= MIN_TRADE and not _is_trade(piece)


def is_whole(label: LabelText, search_term: HostTerm) -> bool:
    """Whether the label is the term and nothing else, in its usual spelling."""
    return label.letters == search_term.letters and not is_accented(label.text, search_term.text)


def is_accented(observed: str, watched: str) -> bool:
    """Whether the observed text has letters beyond ASCII although the watched spelling has none."""
    return watched.isascii() and not observed.isascii()


def reason_of(judgement: Judgement) -> str:
    """Return the term key that describes best how the label contains the mark."""
    if judgement.occurrence.reason != "host_contained" or not judgement.adjacent:
        return judgement.occurrence.reason
    if all(piece.text.isdigit() for piece in judgement.adjacent):
        return "host_added_digits"
    if all(piece.is_word for piece in judgement.adjacent):
        return "host_added_words"
    return "host_contained"


def adjacent_goods(judgement: Judgement, goods: frozenset[str]) -> str | None:
    """Return the first piece next to the mark that names its goods."""
    return next((piece.text for piece in judgement.adjacent if piece.text in goods), None)


def adjacent_trade(judgement: Judgement) -> str | None:
    """Return the first piece of three letters or more next to the mark that is often added to others' marks."""
    return next((piece.text for piece in judgement.adjacent if _is_trade(piece)), None)


def _is_trade(piece: Piece) -> bool:
    return len(piece.text) >= MIN_TRADE and piece.text in added_words()


def _spelled(text: str) -> str:
    """Return the label as the word lists spell it: hiragana as katakana, letter for letter."""
    if text.isascii():
        return text
    spelled = "".join(part if len(part := to_katakana(char)) == 1 else char for char in text)
    return spelled if len(spelled) == len(text) else text


def _all(needle: str, text: str) -> Iterator[int]:
    index = text.find(needle)
    while index >= 0:
        yield index
        index = text.find(needle, index + 1)


def pieces_shown(label: LabelText, judgement: Judgement) -> str:
    """Return the pieces of the label as they are shown: buy|sony|shop."""
    mark = label.text[judgement.occurrence.start : judgement.occurrence.end]
    return "|".join((*(piece.text for piece in judgement.left), mark, *(piece.text for piece in judgement.right)))
