"""How one letter is written for another: the term for what was folded or replaced."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ipwatch.matching.variants import Script, script_of
from ipwatch.text.folding.confusables import HAN_LOOKALIKES
from ipwatch.text.folding.kana_equivalence import LARGE, SAME_SOUND
from ipwatch.text.folding.skeleton import to_katakana

FORM_ONLY = frozenset({"spelling_case", "spelling_width"})
"""Differences that everybody makes: told where there is no other."""

MAX_MARKS = 32
"""Characters of a letter and its marks that are looked at; more are a flood."""

_VOICING = str.maketrans({"゛": "\u3099", "ﾞ": "\u3099", "゜": "\u309a", "ﾟ": "\u309a"})
_WIDTHS = frozenset({"<wide>", "<narrow>"})
_ALPHABETS = {
    "CYRILLIC": "spelling_cyrillic",
    "GREEK": "spelling_greek",
    "ARMENIAN": "spelling_armenian",
    "CHEROKEE": "spelling_cherokee",
}
_KEYBOARD = ((0.5, "qwertyuiop"), (0.75, "asdfghjkl"), (1.25, "zxcvbnm"))
_KEYS = {key: (row, left + at) for row, (left, keys) in enumerate(_KEYBOARD) for at, key in enumerate(keys)}
_SAME_SOUND = frozenset("".join(sorted(pair)) for pair in SAME_SOUND.items())


def folds_of(watched: str, seen: str) -> Iterator[str]:
    """Yield the terms for two letters that are folded into one, most particular last; none for the same letter."""
    watched, seen = watched[:MAX_MARKS], seen[:MAX_MARKS]
    if unicodedata.normalize("NFC", watched) == unicodedata.normalize("NFC", seen):
        return
    one, other = (unicodedata.normalize("NFC", head.translate(_VOICING)) for head in (watched, seen))
    shapes = _shape(one), _shape(other)
    if one == other or (shapes[0] != shapes[1] and "styled" in shapes):
        yield "spelling_styled"
    elif shapes[0] != shapes[1]:
        yield "spelling_width"
    one, other = unicodedata.normalize("NFKC", one), unicodedata.normalize("NFKC", other)
    if one.casefold() == other.casefold():
        if one != other:
            yield "spelling_case"
    elif _is_kana(one) and _is_kana(other):
        yield from _kana(one, other)
    elif _bare(one) == _bare(other):
        yield _accent(one, other)
    else:
        yield _lookalike(one, other)


def edit_of(watched: str, seen: str) -> str:
    """Return the term for a letter that stands in another's place."""
    one, other = (unicodedata.normalize("NFKC", head[:MAX_MARKS].translate(_VOICING)) for head in (watched, seen))
    if _is_kana(one) and _is_kana(other) and _bare(to_katakana(one)) == _bare(to_katakana(other)):
        return "spelling_voicing"
    return "spelling_neighbour" if _are_neighbours(one.casefold(), other.casefold()) else "spelling_replaced"


def _shape(letter: str) -> str:
    """Return whether a letter is half or full width, or in a style of its own (𝓢, Ⓢ, ㍿); empty for neither."""
    tag = unicodedata.decomposition(letter[:1]).partition(" ")[0]
    if tag in _WIDTHS:
        return tag
    return "styled" if tag.startswith("<") else ""


def _is_kana(letters: str) -> bool:
    return bool(letters) and script_of(letters[0]) in {Script.HIRAGANA, Script.KATAKANA}


def _kana(one: str, other: str) -> Iterator[str]:
    """Yield how two kana of one fold differ: syllabary, size, and the kana itself."""
    if script_of(one[0]) != script_of(other[0]):
        yield "spelling_hiragana" if script_of(other[0]) is Script.HIRAGANA else "spelling_katakana"
    one, other = to_katakana(one), to_katakana(other)
    if (one[0] in LARGE) != (other[0] in LARGE):
        yield "spelling_small_kana" if other[0] in LARGE else "spelling_large_kana"
    one, other = LARGE.get(one[0], one[0]) + one[1:], LARGE.get(other[0], other[0]) + other[1:]
    if one != other:
        same_sound = "ヴ" in (one[0], other[0]) or "".join(sorted((one, other))) in _SAME_SOUND
        yield "spelling_same_sound" if same_sound else "spelling_lookalike"


def _bare(letters: str) -> str:
    """Return letters without their marks and case."""
    return "".join(part for part in unicodedata.normalize("NFD", letters.casefold()) if not unicodedata.combining(part))


def _accent(one: str, other: str) -> str:
    plain = [len(unicodedata.normalize("NFD", letters)) == len(_bare(letters)) for letters in (one, other)]
    if plain[1]:
        return "spelling_accent_dropped"
    return "spelling_accent_added" if plain[0] else "spelling_accent_changed"


def _lookalike(one: str, other: str) -> str:
    scripts = script_of(one[0]), script_of(other[0])
    if scripts == (Script.HAN, Script.HAN):
        alike = HAN_LOOKALIKES.get(one, one) == HAN_LOOKALIKES.get(other, other)
        return "spelling_lookalike" if alike else "spelling_han_variant"
    if Script.HAN in scripts:
        return "spelling_kanji_lookalike" if scripts[1] is Script.HAN else "spelling_lookalike"
    return _ALPHABETS.get(unicodedata.name(other[0], "").partition(" ")[0], "spelling_lookalike")


def _are_neighbours(one: str, other: str) -> bool:
    """Whether two signs lie side by side on a QWERTY keyboard."""
    if one == other or one not in _KEYS or other not in _KEYS:
        return False
    (row, left), (other_row, other_left) = _KEYS[one], _KEYS[other]
    return abs(row - other_row) <= 1 and abs(left - other_left) <= 1
