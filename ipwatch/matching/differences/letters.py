"""How one letter is written in place of another: the message key of what was folded or replaced."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from ipwatch.matching.variants import Script, script_of
from ipwatch.text.folding.confusables import HAN_LOOKALIKES
from ipwatch.text.folding.kana_equivalence import LARGE, SAME_SOUND
from ipwatch.text.folding.skeleton import to_katakana

FORM_ONLY = frozenset({"spelling_case", "spelling_width"})
"""Differences of form only: reported where there is no other."""

MAX_MARKS = 32
"""Characters of a letter and its marks that are examined; more are a flood."""

_VOICING = str.maketrans({"゛": "\u3099", "ﾞ": "\u3099", "゜": "\u309a", "ﾟ": "\u309a"})
_WIDTHS = frozenset({"<wide>", "<narrow>"})
_ALPHABETS = {
    "CYRILLIC": "spelling_cyrillic",
    "GREEK": "spelling_greek",
    "ARMENIAN": "spelling_armenian",
    "CHEROKEE": "spelling_cherokee",
}
_KEYBOARD = ((0.5, "qwertyuiop"), (0.75, "asdfghjkl"), (1.25, "zxcvbnm"))
_KEY_POSITIONS = {
    key: (row, left + column) for row, (left, keys) in enumerate(_KEYBOARD) for column, key in enumerate(keys)
}
_SAME_SOUND = frozenset("".join(sorted(pair)) for pair in SAME_SOUND.items())


def folds_of(watched: str, observed: str) -> Iterator[str]:
    """Yield the message keys for two letters with the same fold, the most specific last; none for equal letters."""
    watched, observed = watched[:MAX_MARKS], observed[:MAX_MARKS]
    if unicodedata.normalize("NFC", watched) == unicodedata.normalize("NFC", observed):
        return
    left, right = (unicodedata.normalize("NFC", head.translate(_VOICING)) for head in (watched, observed))
    shapes = _shape(left), _shape(right)
    if left == right or (shapes[0] != shapes[1] and "styled" in shapes):
        yield "spelling_styled"
    elif shapes[0] != shapes[1]:
        yield "spelling_width"
    left, right = unicodedata.normalize("NFKC", left), unicodedata.normalize("NFKC", right)
    if left.casefold() == right.casefold():
        if left != right:
            yield "spelling_case"
    elif _is_kana(left) and _is_kana(right):
        yield from _kana(left, right)
    elif _bare(left) == _bare(right):
        yield _accent(left, right)
    else:
        yield _lookalike(left, right)


def edit_of(watched: str, observed: str) -> str:
    """Return the message key for a letter that replaces another."""
    left, right = (unicodedata.normalize("NFKC", head[:MAX_MARKS].translate(_VOICING)) for head in (watched, observed))
    if _is_kana(left) and _is_kana(right) and _bare(to_katakana(left)) == _bare(to_katakana(right)):
        return "spelling_voicing"
    return "spelling_neighbour" if _are_neighbours(left.casefold(), right.casefold()) else "spelling_replaced"


def _shape(letter: str) -> str:
    """Return the width of a letter or ``styled`` (𝓢, Ⓢ, ㍿); empty for neither."""
    tag = unicodedata.decomposition(letter[:1]).partition(" ")[0]
    if tag in _WIDTHS:
        return tag
    return "styled" if tag.startswith("<") else ""


def _is_kana(letters: str) -> bool:
    return bool(letters) and script_of(letters[0]) in {Script.HIRAGANA, Script.KATAKANA}


def _kana(left: str, right: str) -> Iterator[str]:
    """Yield how two kana with the same fold differ: syllabary, size, and the kana itself."""
    if script_of(left[0]) != script_of(right[0]):
        yield "spelling_hiragana" if script_of(right[0]) is Script.HIRAGANA else "spelling_katakana"
    left, right = to_katakana(left), to_katakana(right)
    if (left[0] in LARGE) != (right[0] in LARGE):
        yield "spelling_small_kana" if right[0] in LARGE else "spelling_large_kana"
    left, right = LARGE.get(left[0], left[0]) + left[1:], LARGE.get(right[0], right[0]) + right[1:]
    if left != right:
        same_sound = "ヴ" in (left[0], right[0]) or "".join(sorted((left, right))) in _SAME_SOUND
        yield "spelling_same_sound" if same_sound else "spelling_lookalike"


def _bare(letters: str) -> str:
    """Return letters without their marks and case."""
    return "".join(part for part in unicodedata.normalize("NFD", letters.casefold()) if not unicodedata.combining(part))


def _accent(left: str, right: str) -> str:
    plain = [len(unicodedata.normalize("NFD", letters)) == len(_bare(letters)) for letters in (left, right)]
    if plain[1]:
        return "spelling_accent_dropped"
    return "spelling_accent_added" if plain[0] else "spelling_accent_changed"


def _lookalike(left: str, right: str) -> str:
    scripts = script_of(left[0]), script_of(right[0])
    if scripts == (Script.HAN, Script.HAN):
        similar = HAN_LOOKALIKES.get(left, left) == HAN_LOOKALIKES.get(right, right)
        return "spelling_lookalike" if similar else "spelling_han_variant"
    if Script.HAN in scripts:
        return "spelling_kanji_lookalike" if scripts[1] is Script.HAN else "spelling_lookalike"
    return _ALPHABETS.get(unicodedata.name(right[0], "").partition(" ")[0], "spelling_lookalike")


def _are_neighbours(first: str, second: str) -> bool:
    """Whether two signs are adjacent on a QWERTY keyboard."""
    if first == second or first not in _KEY_POSITIONS or second not in _KEY_POSITIONS:
        return False
    (row, left), (other_row, other_left) = _KEY_POSITIONS[first], _KEY_POSITIONS[second]
    return abs(row - other_row) <= 1 and abs(left - other_left) <= 1
