"""Reasons (根拠) for and against an occurrence being the watched name rather than a coincidence.

Every reason is a key of ``ipwatch.terms`` with an amount that the table of weights multiplies, so that each line of a
score can be read and checked by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from ipwatch.matching.names.adjacent_words import is_known
from ipwatch.matching.names.keyword_lists import in_list
from ipwatch.matching.names.occurrence import Occurrence
from ipwatch.matching.variants import ObservedText, Script, Variant, VariantOrigin, script_of
from ipwatch.text.folding.confusables import MASK, MASKING_SIGNS
from ipwatch.text.folding.skeleton import plain_letters, skeleton
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.lexicon.roles import words
from ipwatch.text.phonetics.romanisation import katakana

MASKING = MASKING_SIGNS | frozenset("_＿~～^＾|｜/／\\#＃+＋=＝")
"""Signs that are written within a name only to keep it from being found."""

_SHORT = {"alphabetic": 10, "kana": 7, "other": 4}
"""Letters, by kind of script, from which a longer name is no surer where other letters follow it directly."""

_PARTICLES = frozenset(words("particle", "after_han"))
_MIN_ROMANISED_LENGTH = 5
"""Minimum letters of a word in Latin letters that is looked up as a Japanese word too."""

_FEW_LETTERS = {"alphabetic": 4, "kana": 3}
_ORIGINS_WITH_REASON = frozenset({VariantOrigin.LOOKALIKE, VariantOrigin.MASKED, VariantOrigin.GEOGRAPHIC})
_FEW_HAN = 4
_ORIGIN_SUFFIXES = tuple(skeleton(word).text for word in words("origin", "from_there"))
"""What follows the name of a place that goods come from."""

_VOWELS = frozenset("aeiouアイウエオ")


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: its term, its amount (edits, letters, or 1 where it applies), and the words that it is about."""

    term: str
    amount: float
    surface: str


def reasons_of(occurrence: Occurrence) -> tuple[Reason, ...]:
    """Return every reason whose amount is not 0, in the order in which they are shown."""
    reasons = [
        *_about_variant(occurrence),
        *_about_edits(occurrence),
        *_about_boundaries(occurrence),
        *_into_hiragana(occurrence),
        *_about_gaps(occurrence),
        *_about_words(occurrence),
        *about_field(occurrence.observed, occurrence.span),
    ]
    return tuple(reason for reason in reasons if reason.amount)


def _about_variant(occurrence: Occurrence) -> list[Reason]:
    variant, surface, kind = occurrence.variant, occurrence.surface, occurrence.kind
    short = max(0, (3 if kind == "other" else 5) - len(variant.skeleton))
    return [
        Reason(f"short_{kind}", short, surface),
        Reason("form_lookalike_pair", float(variant.origin is VariantOrigin.LOOKALIKE), surface),
        Reason("place_alone", float(variant.origin is VariantOrigin.GEOGRAPHIC), surface),
        Reason("form_made", float(variant.generated and variant.origin not in _ORIGINS_WITH_REASON), surface),
    ]


def _about_edits(occurrence: Occurrence) -> list[Reason]:
    variant, surface, distance = occurrence.variant, occurrence.surface, occurrence.distance
    watched, written = variant.skeleton, occurrence.written
    if not distance or is_masked(watched, written):
        return []
    changed = _changed(watched, written)
    doubled = len(written) > len(watched) and _without_repeats(written) == _without_repeats(watched)
    return [
        Reason("edits", distance, surface),
        Reason("edits_share", distance / len(watched), surface),
        Reason("edits_second", max(0, distance - 1), surface),
        Reason(f"edits_short_{occurrence.kind}", max(0, 6 - len(watched)), surface),
        Reason("edits_inside_han", float(bool(occurrence.runs_on) and Script.HAN in variant.scripts), surface),
        Reason("edits_in_few", float(len(watched) <= _FEW_LETTERS.get(occurrence.kind, 0)), surface),
        Reason("edit_outside", float(watched in written and not doubled), surface),
        Reason("edit_first_letter", float(watched[0] != written[0]), surface),
        Reason("edit_last_letter", float(watched[-1] != written[-1]), surface),
        Reason("edit_last_han", float(_changes_last_han(variant, written)), surface),
        Reason("edit_swap", float(not changed), surface),
        Reason("edit_doubled", float(doubled), surface),
        Reason("edit_vowel", float(bool(changed) and not doubled and changed <= _VOWELS), surface),
        Reason("edit_across_words", float(_word_gaps(variant, surface) > 0), surface),
    ]


def is_masked(watched: str, written: str) -> bool:
    """Whether the two differ only in letters that are replaced by signs: a disguise without a misspelling."""
    return len(watched) == len(written) and all(
        other in (letter, MASK) for letter, other in zip(watched, written, strict=True)
    )


def _changes_last_han(variant: Variant, written: str) -> bool:
    """Whether the last of a few Han differs: it is the kind of thing (茶, 堂), so the rest is another name."""
    return variant.scripts == {Script.HAN} and len(variant.skeleton) <= _FEW_HAN and variant.skeleton[-1] != written[-1]


def _without_repeats(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word))


def _changed(watched: str, written: str) -> set[str]:
    """Return the letters that one side has more often than the other; none where letters were only swapped."""
    return {letter for letter in set(watched) | set(written) if watched.count(letter) != written.count(letter)}


def _about_boundaries(occurrence: Occurrence) -> list[Reason]:
    variant, kind = occurrence.variant, occurrence.kind
    before, after, shown = occurrence.before, occurrence.after, occurrence.token_surface
    if not before and not after:
        return []
    if variant.origin is VariantOrigin.GEOGRAPHIC and not before and after.startswith(_ORIGIN_SUFFIXES):
        return []
    in_front = Reason("runs_on_before", float(bool(before) and kind == "alphabetic"), shown)
    if is_known(kind, before, after, occurrence.goods):
        return [Reason("runs_on_goods", float(bool(after)), shown), in_front]
    short = max(0, _SHORT[kind] - len(variant.skeleton))
    return [
        *_sides(kind, before, after, shown),
        Reason(f"runs_on_{kind}_short", short, shown),
        in_front,
        Reason("runs_on_both", float(bool(before and after)), shown),
    ]


def _sides(kind: str, before: str, after: str, shown: str) -> list[Reason]:
    """Return the number of sides on which letters follow; kana are joined so often that only their length counts."""
    sides = float(bool(before)) + float(bool(after))
    return [] if kind == "kana" else [Reason(f"runs_on_{kind}", sides, shown)]


def _into_hiragana(occurrence: Occurrence) -> list[Reason]:
    """Return whether hiragana other than a particle follows a name in Han, as the ending of a verb does (日立つ)."""
    source, end = occurrence.observed.source, occurrence.span[1]
    after = source[end : end + 1]
    follows = bool(after) and script_of(after) is Script.HIRAGANA and after not in _PARTICLES
    ends_in_han = script_of(occurrence.variant.text[-1]) is Script.HAN
    return [Reason("runs_on_hiragana", float(follows and ends_in_han), source[: end + 1][-8:])]


def _about_gaps(occurrence: Occurrence) -> list[Reason]:
    """Return whether the match spans a space into another word; letters separated one by one are no words."""
    surface = occurrence.surface
    gaps = _word_gaps(occurrence.variant, surface)
    pieces = surface.split()
    apart = len(pieces) > 1 and all(len(skeleton(piece).text) == 1 for piece in pieces)
    return [Reason("torn", float(gaps > 0 and not apart and occurrence.runs_on > 0), surface)]


def _word_gaps(variant: Variant, surface: str) -> int:
    """Return the number of spaces in the surface that the name does not have itself."""
    return max(0, len(surface.split()) - len(variant.text.split()))


def _about_words(occurrence: Occurrence) -> list[Reason]:
    """Return whether the surface is an ordinary word: the name itself, or another one."""
    name, token = occurrence.variant.text, occurrence.token_surface
    same_words = len(token.split()) <= len(name.split())
    if same_words and plain_letters(token) == plain_letters(name):
        return [Reason("name_is_word", commonness(token), token)]
    inside = bool(occurrence.before or occurrence.after)
    return [Reason("word_around" if inside else "word_instead", _rarest_word_zipf(name, token), token)]


@lru_cache(maxsize=4096)
def _rarest_word_zipf(name: str, token: str) -> float:
    """Return the Zipf value of the rarest word of the token; words of the name itself are left out."""
    own = {plain_letters(word) for word in name.split()}
    return min((_word_zipf(word) for word in token.split() if plain_letters(word) not in own), default=0.0)


def _word_zipf(word: str) -> float:
    """Return the Zipf value of a word, for Latin letters as a Japanese word too (mizuna is ミズナ)."""
    read = katakana(word) if word.isascii() and len(word) >= _MIN_ROMANISED_LENGTH else None
    return max(commonness(word), commonness(read) if read else 0.0)


def about_field(observed: ObservedText, span: tuple[int, int]) -> list[Reason]:
    """Return the reasons that follow from the field that the name is in."""
    surface = observed.source[slice(*span)]
    return [
        Reason("in_list", float(observed.field == "description" and in_list(observed.source, *span)), surface),
        Reason("in_description", float(observed.field == "description"), surface),
        Reason("in_brand", float(observed.field == "brand"), surface),
    ]
