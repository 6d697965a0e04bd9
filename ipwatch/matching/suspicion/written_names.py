"""How a listing writes the name of a mark: disguised, misspelt, or only as it sounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ipwatch.matching.differences.located import GAPS
from ipwatch.matching.names.appearance import is_disguised
from ipwatch.records import Signal, WatchedMark
from ipwatch.text.folding.skeleton import plain_letters

_KANA = "ぁ-ゖァ-ヺー"
_LONE_KANA = re.compile(rf"(?<=[{_KANA}])[\W_]+[{_KANA}]$|^[{_KANA}][\W_]+(?=[{_KANA}])")
_RULES = frozenset(map(chr, range(0x2500, 0x2580)))
"""Box drawing, which sellers use as dashes (NARUTO ─ナルト─)."""

_OTHER_WORDS = frozenset({"word_instead", "word_around", "edit_across_words", "edit_outside", "torn"})
"""Reasons why a spelling near to the name is another word, letters of two, or the name itself."""

_IMITATING_EDITS = frozenset({"edit_swap", "edit_doubled", "edit_vowel"})
"""Edits that imitations make; any other one turns a short Latin name into another name as a rule (Gain, Gaia)."""

_FEW_LETTERS = 4
"""Names of so many letters have other names for neighbours (宇治茶 and 宇治抹茶)."""


def term_of(name: Signal, mark: WatchedMark, title: str, signals: Sequence[Signal]) -> str | None:
    """Return the term of the sign for the way in which the name is written, ``None`` for a plain one.

    ``signals`` are all of the finding, among them the reasons that go with the name.
    """
    # What is said of another spelling, such as one near to the reading, is not of the one by which it is named.
    terms = {signal.term for signal in signals if signal.compared == name.compared}
    if "form_lookalike_pair" in terms or _is_hidden(*name.compared):
        return "disguised_name"
    if _is_misspelt(name, terms) or _is_respelt(mark, title, name, terms):
        return "misspelt_name"
    return "only_heard" if name.name == "sound" and name.term != "sound_reading" else None


def _is_misspelt(name: Signal, terms: AbstractSet[str]) -> bool:
    """Whether the name is written with other letters, and what is written is no word or name of its own."""
    is_near = name.term == "name_near" or any(term.startswith("edit") for term in terms)
    is_chance = "edits_short_alphabetic" in terms and not terms & _IMITATING_EDITS
    is_chance |= len(plain_letters(name.compared[0])) <= _FEW_LETTERS
    is_whole = name.field != "description" and name.term != "name_inside_word"
    return is_near and is_whole and not is_chance and not terms & _OTHER_WORDS


def _is_respelt(mark: WatchedMark, title: str, name: Signal, terms: AbstractSet[str]) -> bool:
    """Whether the name stands in a spelling that nobody who copies it from the goods would write.

    A hyphen within a word, a gap that leaves one kana alone (レムリ カ), the other kana of the same sound, an old form
    of a Han character in a text with kana, or another romanisation of a name that has a Latin spelling of its own.
    """
    differences = {difference.term for difference in name.differences}
    if differences & {"spelling_hyphen_inside", "spelling_same_sound"}:
        return True
    if differences & GAPS and _LONE_KANA.search(name.compared[1]) and not _LONE_KANA.search(name.compared[0]):
        return True
    if "spelling_han_variant" in differences:
        return any("ぁ" <= char <= "ヺ" for char in title)
    is_latin = name.compared[1].isascii() and any(each.isascii() for each in (mark.text, *mark.variants))
    return is_latin and "form_made" in terms and name.name == "name"


def _is_hidden(watched: str, spelled: str) -> bool:
    """Whether the name is disguised, pictographs (ナ★ル★ト) included; a line break behind it or a rule is none."""
    written = "".join("-" if char in _RULES else char for char in spelled.strip())
    pictographs = {char for char in written if unicodedata.category(char) == "So"} - set(watched)
    return bool(pictographs) or is_disguised(watched, written)
