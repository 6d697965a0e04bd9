"""Sound (称呼): how alike two readings are mora by mora, and names that sound alike across kana and Latin letters.

The rules are those of the JPO's examination guideline for Article 4(1)(xi), list II, as collected from older editions
with their published examples. They are features that explain, not a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rapidfuzz.distance import Levenshtein

from ipwatch.matching.forms import Form, SeenText
from ipwatch.records import Signal
from ipwatch.text.kana import consonant_of, morae, vowel_of
from ipwatch.text.romanize import sound_key

MIN_KEY_LETTERS = 4
"""Shorter keys meet by chance: they forget vowel length and voicing."""

MIN_JOINED_KEY_LETTERS = 7
"""Shorter names are not read across a space (can on)."""

KEY_SCORE = 0.96
SIMILAR = 0.80
"""Least mora similarity of two readings that is worth a reviewer's time; measured on published decisions."""

MAX_MORAE = 60


@dataclass(frozen=True, slots=True)
class SoundRule:
    """One way in which two readings may differ and still be heard as one: its cost in morae and where it stands."""

    term: str
    cost: float
    source: str
    example: tuple[str, str]


VOICING = SoundRule("sound_voicing", 0.35, "II (3)", ("クレカ", "グレカ"))
LENGTH = SoundRule("sound_length", 0.35, "II (5)", ("レーマン", "レマン"))
CONTRACTED = SoundRule("sound_contracted", 0.40, "II (7)", ("シャム", "サム"))
WEAK = SoundRule("sound_weak", 0.50, "II (4)", ("ダンネル", "ダイネル"))
VOWEL = SoundRule("sound_vowel", 0.60, "II (1)", ("スキッパー", "スチッパー"))
ROW = SoundRule("sound_row", 0.65, "II (2)", ("アトミン", "アタミン"))
OTHER = SoundRule("sound_different", 1.00, "none", ("アサヒ", "キリン"))

RULES = (VOICING, LENGTH, CONTRACTED, WEAK, VOWEL, ROW)

_CHEAPEST = min(rule.cost for rule in RULES)
_HEAD_WEIGHT = 1.3  # the head of a word is heard best
_WEAK_MORAE = frozenset("イウムンフス")
_LENGTH_MORAE = frozenset("ーッ")
_VOICELESS = dict(
    zip(
        "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ",
        "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホウ",
        strict=True,
    )
)
_NEAR_VOWELS = frozenset(map(frozenset, ("ao", "ae", "ie", "iu", "uo")))


@dataclass(frozen=True, slots=True)
class MoraComparison:
    """How alike two readings are (0..1) and every rule that it took to bring one to the other."""

    similarity: float
    rules: tuple[SoundRule, ...]

    @property
    def term(self) -> str:
        """The term that says in one sentence how the readings differ."""
        if not self.rules:
            return "sound_same"
        if self.similarity < SIMILAR:
            return OTHER.term
        terms = {rule.term for rule in self.rules}
        return terms.pop() if len(terms) == 1 else "sound_several"


def compare_readings(watched: str, seen: str) -> MoraComparison:
    """Return the cheapest way from one kana reading to the other; raises ``ValueError`` where one has no mora."""
    left, right = morae(watched)[:MAX_MORAE], morae(seen)[:MAX_MORAE]
    if not left or not right:
        raise ValueError("a reading is written in kana")
    row: list[tuple[float, tuple[SoundRule, ...]]] = [(0.0, ())]
    for j, mora in enumerate(right):
        row.append(_step(row[j], _gap(mora), head=j == 0))
    for i, mora in enumerate(left):
        above = row
        row = [_step(above[0], _gap(mora), head=i == 0)]
        for j, other in enumerate(right):
            head = i == 0 or j == 0
            rule = _swap(mora, other)
            row.append(
                min(
                    above[j] if rule is None else _step(above[j], rule, head=head),
                    _step(above[j + 1], _gap(mora), head=head),
                    _step(row[j], _gap(other), head=head),
                    key=_cost,
                )
            )
    cost, rules = row[-1]
    return MoraComparison(max(0.0, 1.0 - cost / max(len(left), len(right))), rules)


def reading_signal(
    watched: Iterable[str], seen: Iterable[str], field: str | None, *, floor: float = 0.0
) -> Signal | None:
    """Return the signal of the two most alike readings; ``None`` where one side has none or all are under the floor."""
    theirs = tuple(seen)
    pairs = [
        (mine, other, compare_readings(mine, other))
        for mine in watched
        for other in theirs
        if _may_reach(mine, other, floor)
    ]
    mine, other, best = max(pairs, key=lambda pair: pair[2].similarity, default=("", "", None))
    if best is None or best.similarity < floor:
        return None
    return Signal(name="sound", score=round(best.similarity, 4), term=best.term, compared=(mine, other), field=field)


class SoundIndex:
    """Forms by sound key, for names written in another script than the one declared."""

    def __init__(self, forms: Iterable[Form]) -> None:
        found: dict[str, list[int]] = {}
        for index, form in enumerate(forms):
            if not (form.is_kana or form.is_alphabetic):
                continue
            key = sound_key(form.text)
            if len(key) >= MIN_KEY_LETTERS:
                found.setdefault(key, []).append(index)
        self._forms: Mapping[str, list[int]] = MappingProxyType(found)
        self._longest = max((len(key) for key in found), default=0)

    def find(self, seen: SeenText) -> dict[int, tuple[int, int]]:
        """Return the first place of every form whose sound key the text holds in one to three whole words."""
        places: dict[int, tuple[int, int]] = {}
        if not self._forms:
            return places
        words = [(match.start(), match.end()) for match in _WORD.finditer(seen.source)]
        for at, (start, _) in enumerate(words):
            for count in range(_MAX_WORDS):
                if at + count >= len(words) or not _is_near(words, at, count):
                    break
                end = words[at + count][1]
                if end - start > _LETTERS_PER_KEY_LETTER * self._longest:
                    break
                key = sound_key(seen.source[start:end])
                if count and len(key) < MIN_JOINED_KEY_LETTERS:
                    continue
                for index in self._forms.get(key, ()):
                    places.setdefault(index, (start, end))
        return places


def sound_key_signal(form: Form, seen: SeenText, span: tuple[int, int]) -> Signal:
    """Return the signal of a form that a text holds by sound."""
    surface = seen.source[slice(*span)]
    return Signal(
        name="sound", score=KEY_SCORE, term="sound_key", compared=(form.text, surface), field=seen.field, span=span
    )


_WORD = re.compile(r"[A-Za-zÀ-ɏＡ-Ｚａ-ｚ]+|[ァ-ヺーｦ-ﾟ]+|[ぁ-ゖー]+")
_MAX_WORDS = 3
_MAX_GAP = 2
_LETTERS_PER_KEY_LETTER = 4


def _is_near(words: list[tuple[int, int]], at: int, count: int) -> bool:
    return count == 0 or words[at + count][0] - words[at + count - 1][1] <= _MAX_GAP


def _may_reach(watched: str, seen: str, floor: float) -> bool:
    """Whether two readings can be as alike as the floor: each edit costs at least as much as the cheapest rule."""
    left, right = morae(watched)[:MAX_MORAE], morae(seen)[:MAX_MORAE]
    most = int((1.0 - floor) * max(len(left), len(right)) / _CHEAPEST + 1e-9)
    return Levenshtein.distance(left, right, score_cutoff=most) <= most


def _cost(way: tuple[float, tuple[SoundRule, ...]]) -> float:
    return way[0]


def _step(
    way: tuple[float, tuple[SoundRule, ...]], rule: SoundRule, *, head: bool
) -> tuple[float, tuple[SoundRule, ...]]:
    return way[0] + rule.cost * (_HEAD_WEIGHT if head else 1.0), (*way[1], rule)


def _gap(mora: str) -> SoundRule:
    if mora in _LENGTH_MORAE:
        return LENGTH
    return WEAK if mora in _WEAK_MORAE else OTHER


def _swap(mora: str, other: str) -> SoundRule | None:
    """Return the rule that takes one mora for another, ``None`` where they are the same."""
    if mora == other:
        return None
    if _voiceless(mora) == _voiceless(other):
        return VOICING
    both = {mora, other}
    if both & _LENGTH_MORAE:
        return LENGTH if both <= _LENGTH_MORAE | _WEAK_MORAE else OTHER
    return WEAK if both <= _WEAK_MORAE else _shared_sound(mora, other)


def _shared_sound(mora: str, other: str) -> SoundRule:
    """Return the rule for two morae by what they share: the vowel, or the row with a near vowel."""
    vowels = vowel_of(mora), vowel_of(other)
    if None in vowels:
        return OTHER
    same_row = consonant_of(mora) == consonant_of(other)
    if vowels[0] == vowels[1]:
        return CONTRACTED if same_row and len(mora) != len(other) else VOWEL
    return ROW if same_row and frozenset(vowels) in _NEAR_VOWELS else OTHER


def _voiceless(mora: str) -> str:
    return _VOICELESS.get(mora[0], mora[0]) + mora[1:]
