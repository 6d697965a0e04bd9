"""Judgement of a label: where a term stands in it, how it is written there, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from ipwatch.matching.hosts.names import two_for_one
from ipwatch.matching.hosts.split import Piece, Reading, added_words
from ipwatch.matching.hosts.terms import HostTerm, TermKind
from ipwatch.text.folding.skeleton import plain_letters, skeleton, to_katakana

MARK = 4.0
"""Cost of reading letters as a watched mark: one host in ten thousand, as with a middling word."""

OTHER_KIND = 1.0
"""Added cost of a generated spelling or of one word of a mark."""

LOOKALIKE = 1.5
"""Added cost of digits, accents and letters of other alphabets that look like letters of the mark."""

LETTER_FOR_LETTER = 2.5
"""The same where only letters of the alphabet stand for others: l for i, rn for m."""

SHORT_MARK = {2: 2.0, 3: 0.7}
"""Added cost of a mark of so few letters, which stand in other words by chance."""

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
"""What a replaced letter costs less where the two keys are neighbours."""

BESIDE_EDITED = 1.5
"""Added cost of each piece beside an edited name that is no word, or hardly one: two doubts at once."""

SEPARATED = 2.0
"""Added cost of a separator within an edited name of one word."""

_VOWELS = frozenset("aeiouy")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {key: (row, at + 0.5 * row) for row, keys in enumerate(_ROWS) for at, key in enumerate(keys)}
_SHORT = 4
MIN_TRADE = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands in a label (half-open, in its code points), why it is taken for it, and what that costs."""

    start: int
    end: int
    reason: str
    cost: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """The best place of a term in a label.

    ``decades`` says how much better the label reads with the mark than without it, in powers of ten; ``left`` and
    ``right`` are the pieces beside the mark.
    """

    place: Place
    decades: float
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]

    @property
    def beside(self) -> tuple[Piece, ...]:
        """The pieces beside the mark."""
        return (*self.left, *self.right)


class LabelText:
    """A label folded once for all terms, with its reading without any mark."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = skeleton(text)
        self.letters = plain_letters(text)
        self.spelled = _spelled(text)
        self._pairs = tuple((skeleton(read), places) for read, places in two_for_one(text))
        self._readings: dict[frozenset[str], Reading] = {}

    def reading(self, own: frozenset[str]) -> Reading:
        """Return the readings of the label beside a mark with those words of its own."""
        present = frozenset(word for word in own if word in self.spelled)
        if present not in self._readings:
            self._readings[present] = Reading(self.spelled, present)
        return self._readings[present]

    def places(self, term: HostTerm) -> Iterator[Place]:
        """Yield the places where the term stands, with as many edits as it allows."""
        exact = [place for place in self._exact(term) if not term.is_bounded or self._is_bounded(place)]
        yield from exact
        if not exact and not term.is_bounded:
            yield from self._paired(term)
            if term.edits:
                yield from self._near(term)

    def _is_bounded(self, place: Place) -> bool:
        """Whether no letter stands beside the place."""
        return not (self.text[: place.start][-1:].isalpha() or self.text[place.end :][:1].isalpha())

    def _exact(self, term: HostTerm) -> Iterator[Place]:
        for at in _all(term.skeleton, self.folded.text):
            start, end = self.folded.span(at, at + len(term.skeleton))
            surface = self.text[start:end]
            if self._cuts_number(start, end):
                continue
            if plain_letters(surface) == term.letters and not is_accented(surface, term.text):
                yield Place(start, end, "host_contained", 0.0)
            elif not _is_number(surface, term.letters):
                yield Place(start, end, "host_lookalike", _lookalike_cost(surface, term))

    def _paired(self, term: HostTerm) -> Iterator[Place]:
        for folded, places in self._pairs:
            for at in _all(term.skeleton, folded.text):
                start, end = folded.span(at, at + len(term.skeleton))
                yield Place(places[start], places[end], "host_lookalike", _lookalike_cost("", term))

    def _near(self, term: HostTerm) -> Iterator[Place]:
        text, length = self.folded.text, len(term.skeleton)
        for start in range(len(text)):
            for end in range(start + length - term.edits, min(len(text), start + length + term.edits) + 1):
                window = text[start:end]
                distance = OSA.distance(term.skeleton, window, score_cutoff=term.edits)
                if 0 < distance <= term.edits:
                    yield from self._edited(term, window, distance, self.folded.span(start, end))

    def _edited(self, term: HostTerm, window: str, distance: int, span: tuple[int, int]) -> Iterator[Place]:
        surface = self.text[slice(*span)]
        if self._cuts_number(*span) or _is_number(surface, term.letters):
            return
        reason, cost = edit_reason(term.skeleton, window, distance)
        separated = term.text.isalnum() and not surface.isalnum()
        yield Place(*span, reason, cost + (SEPARATED if separated else 0.0))

    def _cuts_number(self, start: int, end: int) -> bool:
        """Whether the range begins or ends within a number."""
        return any(self.text[at - 1 : at].isdigit() and self.text[at : at + 1].isdigit() for at in (start, end))


def edit_reason(watched: str, seen: str, distance: int) -> tuple[str, float]:
    """Return the term key for how the seen letters were made from the watched ones, and what it costs."""
    if distance > 1:
        return "host_several_edits", SEVERAL * distance
    at = next((i for i, (a, b) in enumerate(zip(watched, seen, strict=False)) if a != b), min(len(watched), len(seen)))
    reason = _edit(watched, seen, at)
    cost = EDITS[reason] + (FIRST_LETTER if at == 0 else 0.0)
    if reason == "host_replaced" and _are_neighbours(watched[at], seen[at]):
        cost -= NEIGHBOURS
    return reason, cost


def _lookalike_cost(surface: str, term: HostTerm) -> float:
    drawn = not surface.isascii() or any(map(str.isdigit, surface))
    short = SHORT_LOOKALIKE if len(term.skeleton) <= _SHORT else 0.0
    return short + (LOOKALIKE if drawn else LETTER_FOR_LETTER)


def _is_number(surface: str, letters: str) -> bool:
    """Whether more than a third of what was seen are digits that the watched spelling does not have."""
    extra = sum(map(str.isdigit, surface)) - sum(map(str.isdigit, letters))
    return extra > max(1, len(letters) // 3)


def _are_neighbours(one: str, other: str) -> bool:
    if one not in _KEYS or other not in _KEYS:
        return False
    (row, at), (other_row, other_at) = _KEYS[one], _KEYS[other]
    return abs(row - other_row) <= 1 and abs(at - other_at) <= 1


def _edit(watched: str, seen: str, at: int) -> str:
    if len(seen) < len(watched):
        return "host_omitted"
    if len(seen) > len(watched):
        if at and seen[at] == seen[at - 1]:
            return "host_repeated"
        return "host_plural" if at == len(watched) and seen[at] == "s" else "host_inserted"
    if watched[at + 1 :] != seen[at + 1 :]:
        return "host_swapped"
    return "host_vowel" if watched[at] in _VOWELS and seen[at] in _VOWELS else "host_replaced"


def judge(label: LabelText, term: HostTerm, own: frozenset[str], least: float) -> Judgement | None:
    """Return the place of the term at which the label reads best, ``None`` where that is not ``least`` decades better.

    ``own`` are words expected beside this mark.
    """
    reading = label.reading(own)
    extra = MARK + SHORT_MARK.get(len(term.skeleton), 0.0) + (0.0 if term.kind is TermKind.WHOLE else OTHER_KIND)
    best: tuple[float, Place] | None = None
    for place in label.places(term):
        cost = extra + place.cost + reading.upto[place.start] + reading.beyond[place.end]
        if best is None or cost < best[0]:
            best = cost, place
    if best is None or reading.ordinary - best[0] < least:
        return None
    cost, place = best
    left = tuple(reading.pieces(0, place.start))
    right = tuple(reading.pieces(place.end, len(label.text)))
    doubtful = sum(map(_is_doubtful, (*left, *right))) if place.reason in EDITED else 0
    return Judgement(place, round(reading.ordinary - cost - BESIDE_EDITED * doubtful, 2), left, right)


def _is_doubtful(piece: Piece) -> bool:
    """Whether a piece beside a mark is no word, or so short a one that any letters hold it."""
    if not piece.is_word:
        return True
    return piece.text.isalpha() and len(piece.text) <= MIN_TRADE and not _is_trade(piece)


def is_whole(label: LabelText, term: HostTerm) -> bool:
    """Whether the label is the term and nothing else, as everybody writes it."""
    return label.letters == term.letters and not is_accented(label.text, term.text)


def is_accented(seen: str, watched: str) -> bool:
    """Whether there are letters beyond ASCII in what was seen although the watched spelling has none."""
    return watched.isascii() and not seen.isascii()


def reason_of(found: Judgement) -> str:
    """Return the term key that says best how the mark stands in the label."""
    if found.place.reason != "host_contained" or not found.beside:
        return found.place.reason
    if all(piece.text.isdigit() for piece in found.beside):
        return "host_added_digits"
    if all(piece.is_word for piece in found.beside):
        return "host_added_words"
    return "host_contained"


def goods_beside(found: Judgement, goods: frozenset[str]) -> str | None:
    """Return the first piece beside the mark that names its goods."""
    return next((piece.text for piece in found.beside if piece.text in goods), None)


def trade_beside(found: Judgement) -> str | None:
    """Return the first piece beside the mark, of three letters and more, that is often added to others' marks."""
    return next((piece.text for piece in found.beside if _is_trade(piece)), None)


def _is_trade(piece: Piece) -> bool:
    return len(piece.text) >= MIN_TRADE and piece.text in added_words()


def _spelled(text: str) -> str:
    """Return the label as the word lists spell: hiragana as katakana, letter for letter."""
    if text.isascii():
        return text
    spelled = "".join(part if len(part := to_katakana(char)) == 1 else char for char in text)
    return spelled if len(spelled) == len(text) else text


def _all(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1)


def pieces_shown(label: LabelText, found: Judgement) -> str:
    """Return the pieces of the label as they are shown: buy|sony|shop."""
    mark = label.text[found.place.start : found.place.end]
    return "|".join((*(piece.text for piece in found.left), mark, *(piece.text for piece in found.right)))
