"""The sound rules: in which ways two readings (称呼) may differ and still count as similar, and what each way costs.

They are list II (1)-(8) of the JPO's examination guideline for Article 4(1)(xi) with its notes 2, 4, 6 and 7, in the
wording of older editions (7th revision), as quoted by patent attorneys (tsubakipat, syohyo-jp, toreru). The current
edition is shorter. They are features that explain, not a verdict: current decisions find many such pairs dissimilar.

A cost is in morae. A way in which two names seldom agree by chance may cost little at the same rate of false flags: of
a thousand pairs of different beats 106 share their vowel, 22 their row with a near vowel, 5 all but the voicing
(``benchmarks/text/readings.py``). Whether a mark has a clear meaning, which also argues against similarity, cannot be
derived from its sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ipwatch.text.phonetics.kana import consonant_of, vowel_of

_GUIDELINE = "JPO guideline Art. 4(1)(xi), list II ({}), older editions"
_SECOND_HAND = "JPO guideline Art. 4(1)(xi), list II ({}), older editions, seen second-hand"


@dataclass(frozen=True, slots=True)
class SoundRule:
    """One way in which two readings may differ.

    ``cost`` is in morae; ``head`` multiplies the cost at the first mora, which is the most noticeable (note 7).
    ``example`` is a published one where ``is_published`` is true, and invented otherwise.
    """

    id: str
    term: str
    cost: float
    source: str
    example: tuple[str, str]
    head: float = 1.0
    is_published: bool = True


@dataclass(frozen=True, slots=True)
class SoundNote:
    """One circumstance that makes every difference more noticeable: ``factor`` multiplies the cost."""

    id: str
    term: str
    factor: float
    source: str
    example: tuple[str, str]


_HEAD = 1.4

SPELLING = SoundRule(
    "SPELLING",
    "mora_spelling",
    0.0,
    "one sound spelled two ways: キョウ and キョー, ヂ and ジ, ヴァ and バ; registers give both readings",
    ("トウキョウ", "トーキョー"),
    is_published=False,
)
VOWEL = SoundRule("JPO-II-1", "mora_vowel", 0.75, _GUIDELINE.format(1), ("スチッパー", "スキッパー"), _HEAD)
ROW = SoundRule(
    "JPO-II-2",
    "mora_row",
    0.40,
    _SECOND_HAND.format(2) + "; a decision on バリカー and バルカー",
    ("バリカー", "バルカー"),
    _HEAD,
)
ROW_FAR = SoundRule(
    "JPO-II-2-FAR",
    "mora_row_far",
    0.85,
    _SECOND_HAND.format(2) + " with note 7 (b): a vowel that is not near argues against",
    ("サナトール", "サニトール"),
    _HEAD,
    is_published=False,
)
VOICING = SoundRule("JPO-II-3", "mora_voicing", 0.35, _GUIDELINE.format(3), ("クレカ", "グレカ"))
WEAK = SoundRule(
    "JPO-II-4", "mora_weak", 0.50, _SECOND_HAND.format(4), ("ダンネル", "ダイネル"), _HEAD, is_published=False
)
WEAK_ABSENT = SoundRule(
    "JPO-II-4-ABSENT", "mora_weak_absent", 0.60, _SECOND_HAND.format(4), ("オルソン", "オルソ"), _HEAD
)
LENGTH = SoundRule("JPO-II-5", "mora_length", 0.45, _GUIDELINE.format(5), ("コロネート", "コロネット"))
LENGTH_WEAK = SoundRule(
    "JPO-II-5-WEAK", "mora_length_weak", 0.50, _GUIDELINE.format(5), ("タカラハト", "タカラート"), _HEAD
)
LENGTH_ABSENT = SoundRule("JPO-II-5-ABSENT", "mora_length_absent", 0.45, _GUIDELINE.format(5), ("レーマン", "レマン"))
CONTRACTED = SoundRule(
    "CONTRACTED",
    "mora_contracted",
    0.40,
    "contracted against plain sound (拗音・直音), from a rule-based checker built on the guideline",
    ("シャルマン", "サルマン"),
    is_published=False,
)
LONG_UNLIKE = SoundRule("JPO-II-6", "mora_unlike", 1.15, _GUIDELINE.format(6), ("サイバトロン", "サイモトロン"), _HEAD)
LONG_ABSENT = SoundRule(
    "JPO-II-7",
    "mora_absent",
    1.30,
    _SECOND_HAND.format(7),
    ("セルミナコート", "セルミナラコート"),
    _HEAD,
    is_published=False,
)
COMBINED = SoundRule(
    "JPO-II-8",
    "sound_several",
    0.0,
    _SECOND_HAND.format(8) + ": several morae differ, each by (1)-(5); their costs are summed",
    ("アブソン", "アビサン"),
)
SWAPPED = SoundRule(
    "JPO-NOTE-6",
    "mora_swapped",
    0.75,
    "JPO guideline Art. 4(1)(xi), note 6, older editions: two neighbouring sounds change places (転訛)",
    ("カルミナス", "カミルナス"),
    is_published=False,
)
GENERIC = SoundRule(
    "GENERIC",
    "sound_generic",
    0.50,
    "JPO guideline Art. 4(1)(xi), composite marks: words for the kind of business are left out; a name that has others"
    " than its counterpart pays for them as for a weak beat",
    ("カネトヨ", "カネトヨショウジ"),
    is_published=False,
)

RULES = (
    SPELLING,
    VOWEL,
    ROW,
    ROW_FAR,
    VOICING,
    WEAK,
    WEAK_ABSENT,
    LENGTH,
    LENGTH_WEAK,
    LENGTH_ABSENT,
    CONTRACTED,
    LONG_UNLIKE,
    LONG_ABSENT,
    COMBINED,
    SWAPPED,
    GENERIC,
)

SHORT = SoundNote(
    "JPO-NOTE-7-SHORT",
    "sound_short",
    1.3,
    "JPO guideline Art. 4(1)(xi), note 7 (c)(i), older editions: three sounds or fewer argue against",
    ("クレカ", "グレカ"),
)
NOTES = (SHORT,)
SHORT_MORAE = 3
"""Readings of at most this many morae are short ones."""

_WEIGHTS = {rule.id: (round(100 * rule.cost), round(100 * rule.cost * rule.head)) for rule in RULES}


def hundredths(rule: SoundRule, *, head: bool) -> int:
    """Return the cost of a rule in hundredths of a mora, at the head of a reading or elsewhere."""
    return _WEIGHTS[rule.id][head]


CHEAPEST = min(rule.cost for rule in RULES if rule.cost)

_VOICELESS = dict(
    zip(
        "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ",
        "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホ",
        strict=True,
    )
)
_WEAK_MORAE = frozenset("イウムンフス")
_LENGTH_MORAE = frozenset("ーッ")
_NEAR_VOWELS = frozenset(map(frozenset, ("ao", "ae", "ie", "iu", "uo")))  # adjacent in articulation


@lru_cache(maxsize=1 << 16)
def substitution(mora: str, other: str) -> SoundRule:
    """Return the cheapest rule that applies to one beat in place of another, different one.

    A long vowel is ー with the vowel that it prolongs: ーア.
    """
    if mora[0] in _LENGTH_MORAE or other[0] in _LENGTH_MORAE:
        return _lengths(mora, other)
    return min(_holding(mora, other), key=lambda rule: rule.cost)


@lru_cache(maxsize=1 << 10)
def absence(mora: str) -> SoundRule:
    """Return the rule for a beat that only one of the readings has."""
    if mora[0] in _LENGTH_MORAE:
        return LENGTH_ABSENT
    return WEAK_ABSENT if mora in _WEAK_MORAE else LONG_ABSENT


def _lengths(mora: str, other: str) -> SoundRule:
    heads = {mora[0], other[0]}
    if heads == {"ー"}:
        return SPELLING  # the difference is in the preceding beat
    if heads == _LENGTH_MORAE:
        return LENGTH
    long, short = (mora, other) if mora[0] in _LENGTH_MORAE else (other, mora)
    if long[0] == "ー" and (short in _WEAK_MORAE or _is_breath(short, long[1:])):
        return LENGTH_WEAK
    return LONG_UNLIKE


def _is_breath(mora: str, vowel: str) -> bool:
    """Whether the beat is an h before that vowel, which is hardly audible after the same vowel (たからはと)."""
    return bool(vowel) and consonant_of(mora) == "h" and vowel_of(mora) == vowel_of(vowel)


def _holding(mora: str, other: str) -> list[SoundRule]:
    held = [LONG_UNLIKE]
    if {mora, other} <= _WEAK_MORAE:
        held.append(WEAK)
    if _voiceless(mora) == _voiceless(other):
        held.append(VOICING)
    vowels = frozenset({vowel_of(mora), vowel_of(other)})
    if None in vowels:
        return held
    same_row = consonant_of(mora) == consonant_of(other)
    if len(vowels) == 1:
        held.append(CONTRACTED if same_row and len(mora) != len(other) else VOWEL)
    elif same_row:
        held.append(ROW if vowels in _NEAR_VOWELS else ROW_FAR)
    return held


def _voiceless(mora: str) -> str:
    return _VOICELESS.get(mora[0], mora[0]) + mora[1:]
