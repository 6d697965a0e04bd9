"""How a listing writes the name of a mark: disguised, misspelt, or only as it sounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from ipwatch.matching.differences.located import GAPS
from ipwatch.matching.names.appearance import is_disguised
from ipwatch.matching.suspicion import statements
from ipwatch.matching.suspicion.goods_nouns import goods_nouns
from ipwatch.matching.suspicion.statements import SellerText
from ipwatch.matching.variants import PLACE_KINDS, scripts_of
from ipwatch.records import Signal, WatchedMark
from ipwatch.text.folding.skeleton import plain, plain_letters
from ipwatch.text.lexicon.frequency import commonness

_KANA = "ぁ-ゖァ-ヺー"
_LONE_KANA = re.compile(rf"(?<=[{_KANA}])[\W_]+[{_KANA}]$|^[{_KANA}][\W_]+(?=[{_KANA}])")
_ALL_KANA = re.compile(rf"[{_KANA}]+")
_WORD = re.compile(r"[^\W_]+")
_SPELLED = re.compile(rf"[a-z]+|[{_KANA}]+|[가-힣]+")
_CUT = re.compile(r"[b-df-hj-mp-tv-z]$")
"""A syllable of a Japanese name ends in a vowel or n."""

_RULES = frozenset(map(chr, range(0x2500, 0x2580)))
"""Box drawing, which sellers use as dashes (NARUTO ─ナルト─)."""

_OTHER_WORDS = frozenset({"word_instead", "word_around", "edit_across_words", "edit_outside", "torn"})
"""Reasons why a spelling near to the name is another word, letters of two, or the name itself."""

_SELLERS_WORDS = ("copy", "copy_in_title", "inspired", "self_made", "genuine_claim", "used")
"""Groups of ``lexicon/seller_statement.toml`` whose words may be near to a name."""

_IMITATING_EDITS = frozenset({"edit_swap", "edit_doubled", "edit_vowel"})
"""Edits that imitations make; any other one turns a short Latin name into another name as a rule (Gain, Gaia)."""

_FEW_LETTERS = 4
"""Names of so many letters have other names for neighbours (宇治茶 and 宇治抹茶).

Four with one replaced are not, in kana, and beside goods of the mark.
"""

_OTHER_ALPHABETS = frozenset({"spelling_cyrillic", "spelling_greek", "spelling_armenian", "spelling_cherokee"})
_LOOKALIKES = _OTHER_ALPHABETS | {"spelling_kanji_lookalike"}
"""Letters of another script that only look like the right ones; nobody slips on them."""


def term_of(name: Signal, mark: WatchedMark, title: str, signals: Sequence[Signal]) -> str | None:
    """Return the term of the sign for the way in which the name is written, ``None`` for a plain one.

    ``signals`` are all of the finding, among them the reasons that go with the name.
    """
    # What is said of another spelling, such as one near to the reading, is not of the one by which it is named.
    terms = {signal.term for signal in signals if signal.compared == name.compared}
    differences = {difference.term for difference in name.differences}
    if "form_lookalike_pair" in terms or differences & _LOOKALIKES or _is_hidden(*name.compared):
        return "disguised_name"
    has_goods = mark.kind not in PLACE_KINDS and any(signal.term == "goods_named" for signal in signals)
    if _is_misspelt(name, terms, has_goods=has_goods) or _is_respelt(mark, title, name, terms):
        return "misspelt_name"
    if name.name != "sound" or name.term == "sound_reading":
        return None
    return "misspelt_name" if _is_spelled_otherwise(mark, name) else "only_heard"


def _is_misspelt(name: Signal, terms: AbstractSet[str], *, has_goods: bool) -> bool:
    """Whether the name is written with other letters, and what is written is no word or name of its own.

    ``has_goods`` is whether goods of the mark are named, and the mark is not the name of a place, whose neighbours are
    places or goods as well.
    """
    is_near = name.term == "name_near" or any(term.startswith("edit") for term in terms)
    is_chance = "edits_short_alphabetic" in terms and not terms & _IMITATING_EDITS
    watched, written = (plain_letters(text) for text in name.compared)
    is_replaced = len(watched) == len(written) == _FEW_LETTERS and (has_goods or _ALL_KANA.fullmatch(watched))
    is_chance |= len(watched) <= _FEW_LETTERS and not is_replaced
    is_whole = name.field != "description" and name.term != "name_inside_word"
    return is_near and is_whole and not is_chance and not terms & _OTHER_WORDS and not _is_word(name.compared[1])


def _is_respelt(mark: WatchedMark, title: str, name: Signal, terms: AbstractSet[str]) -> bool:
    """Whether the name stands in a spelling that nobody who copies it from the goods would write.

    A hyphen within a word, another gap that leaves no words (FUMITS.UZURI) or one kana alone (レムリ カ), the other
    kana of the same sound, an old form of a Han character in a text with kana, or another romanisation of a name that
    has a Latin spelling of its own.
    """
    differences = {difference.term for difference in name.differences}
    if differences & {"spelling_hyphen_inside", "spelling_same_sound"}:
        return True
    if differences & GAPS and _is_torn(*name.compared):
        return True
    if "spelling_han_variant" in differences:
        return any("ぁ" <= char <= "ヺ" for char in title)
    is_latin = name.compared[1].isascii() and any(each.isascii() for each in (mark.text, *mark.variants))
    return is_latin and "form_made" in terms and name.name == "name"


def _is_torn(watched: str, written: str) -> bool:
    """Whether gaps part a name of kana, Latin letters or Hangul where no word of it, or of the language, ends.

    Sellers abroad write Japanese names in two words (Lumi Sowa), which end where a syllable does, and Korean ones in
    as many as they like.
    """
    if _LONE_KANA.search(written):
        return _LONE_KANA.search(watched) is None
    whole, pieces = _WORD.findall(plain(watched)), _WORD.findall(plain(written))
    if not all(_SPELLED.fullmatch(word) for word in (*whole, *pieces)):
        return False
    if any(piece in whole or commonness(piece) for piece in pieces):
        return False
    is_kana = _ALL_KANA.fullmatch(pieces[0]) is not None
    return is_kana or not "".join(written.split()).isalpha() or any(_CUT.search(piece) for piece in pieces[:-1])


def _is_spelled_otherwise(mark: WatchedMark, sound: Signal) -> bool:
    """Whether the mark has a spelling in the script of what is heard, which is no word of the language."""
    written = sound.compared[1]
    has_spelling = any(scripts_of(text) == scripts_of(written) for text in (mark.text, *mark.variants))
    return has_spelling and sound.field != "description" and not _is_word(written)


def _is_word(written: str) -> bool:
    """Whether it is words of the language, of sellers (レプリカ) or for goods."""
    folded = plain(written)
    is_known = commonness(written) or all(commonness(word) for word in _WORD.findall(folded))
    if is_known or not goods_nouns(folded)[1].strip():
        return True
    text = SellerText("title", written)
    stated = [each for group in _SELLERS_WORDS if (each := statements.stated(group, text))]
    return any(each.words.strip() == written.strip() for each in stated)


def _is_hidden(watched: str, spelled: str) -> bool:
    """Whether the name is disguised, pictographs (ナ★ル★ト) included; a line break behind it or a rule is none."""
    written = "".join("-" if char in _RULES else char for char in spelled.strip())
    pictographs = {char for char in written if unicodedata.category(char) == "So"} - set(watched)
    return bool(pictographs) or is_disguised(watched, written)
