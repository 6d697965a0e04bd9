"""Writes the word lists next to this file: ``python ipwatch/text/lexicon/tables/words.py``.

Needs ``janome==0.5.0``, ``spylls==0.1.7`` and ``symspellpy==6.10.0``; ipwatch itself needs none of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from importlib.metadata import distribution, version
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent

_ENGLISH_WORDS = 1.02e12
"""Running words of the corpus of the English counts (Google Books n-grams, 2012)."""

_MIN_ENGLISH = 2.0
"""Minimum Zipf value of an English word: about 46,000 words reach it."""

_NOUN_LIKE = frozenset(
    {
        "名詞,一般",
        "名詞,サ変接続",
        "名詞,形容動詞語幹",
        "名詞,ナイ形容詞語幹",
        "名詞,副詞可能",
        "名詞,代名詞",
        "副詞,一般",
        "感動詞,*",
    }
)
_NO_WORDS = frozenset({"名詞,固有名詞", "名詞,接尾", "記号,一般", "記号,アルファベット", "フィラー,*", "動詞,接尾"})
_COST_PER_DECADE = 800 * math.log(10)
"""IPADIC uses 800 for one unit of the natural logarithm of a probability."""

_MAX_JAPANESE = 5.5
_MIN_JAPANESE = 2.0
_MIN_HAN = 2.9
_MAX_VERB_LENGTH = 4
"""Maximum number of kana of a verb or particle in any inflection; only short ones equal a name."""


def english() -> dict[str, float]:
    """Return the ordinary English words with their inflections, by Zipf value; names of people and firms are left out.

    A word that the spelling dictionary lists only with a capital letter is a name.
    """
    from spylls.hunspell import Dictionary  # noqa: PLC0415  # of this script alone

    known = Dictionary.from_files("en_US")
    text = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    counted = (line.split() for line in text.splitlines())
    values = {word: math.log10(int(count) / _ENGLISH_WORDS * 1e9) for word, count in counted}
    return {
        word: value
        for word, value in values.items()
        if value >= _MIN_ENGLISH and len(word) > 1 and word.isalpha() and known.lookup(word)
    }


def japanese() -> dict[str, float]:
    """Return the ordinary Japanese words, kana as katakana, by a Zipf value estimated from their cost in IPADIC.

    The costs give little more than the order: most rare words share one. Names are left out by their class, rare words
    in Han by their cost; in Han only nouns and adverbs are included, in kana every inflection of a short verb too.
    """
    from janome import sysdic  # noqa: PLC0415  # of this script alone

    values: dict[str, float] = {}
    for surface, _, _, cost, classes, *_ in sysdic.entries().values():
        word = surface.translate({code: code + 0x60 for code in range(0x3041, 0x3097)})
        kind = ",".join(classes.split(",")[:2])
        value = min(_MAX_JAPANESE, _MAX_JAPANESE - cost / _COST_PER_DECADE)
        if not _is_word(word) or kind in _NO_WORDS:
            continue
        if not _is_kana(word) and (value < _MIN_HAN or kind not in _NOUN_LIKE):
            continue
        if kind not in _NOUN_LIKE and len(word) > _MAX_VERB_LENGTH:
            continue
        values[word] = max(values.get(word, 0.0), value, _MIN_JAPANESE)
    return values


def _is_kana(word: str) -> bool:
    return all("ァ" <= char <= "ヺ" or char == "ー" for char in word)


def _is_word(word: str) -> bool:
    return len(word) > 1 and (_is_kana(word) or all("一" <= char <= "鿿" or char == "々" for char in word))


def write(name: str, values: Mapping[str, float], header: Iterable[str]) -> None:
    """Write the file: its header, then one word a line, sorted, with its Zipf value in tenths."""
    header = (*header, "Written by ipwatch/text/lexicon/tables/words.py.")
    lines = [*(f"# {line}" for line in header), *(f"{word}\t{round(10 * values[word])}" for word in sorted(values))]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_licence(name: str, text: str) -> None:
    """Write the licence under which a list may be redistributed."""
    (HERE / name).write_text(text.replace("\r\n", "\n").strip() + "\n", encoding="utf-8", newline="\n")


def _licence(package: str, name: str) -> str:
    licence = next(path for path in distribution(package).files or () if path.name == name)
    return licence.read_text(encoding="utf-8")


def main() -> None:
    """Write both lists and their licences."""
    write_licence("words_en.LICENSE", _licence("symspellpy", "LICENSE"))
    write_licence("words_ja.LICENSE", _licence("janome", "NOTICE.txt"))
    write(
        "words_en.txt",
        english(),
        (
            "Ordinary English words, and ten times their Zipf value: log10 of occurrences in 1,000 million words.",
            f"Source: frequency_dictionary_en_82_765.txt of symspellpy {version('symspellpy')} (Google Books n-grams,",
            "CC BY 3.0, crossed with SCOWL). Licence: MIT, words_en.LICENSE. Kept are the words that the en_US",
            f"dictionary of spylls {version('spylls')} (SCOWL) knows in small letters.",
        ),
    )
    write(
        "words_ja.txt",
        japanese(),
        (
            "Ordinary Japanese words, kana as katakana, and ten times a Zipf value estimated from their cost.",
            f"Source: mecab-ipadic-2.7.0-20070801 as carried by Janome {version('janome')}.",
            "Licence: the notice of IPADIC, words_ja.LICENSE.",
        ),
    )


if __name__ == "__main__":
    main()
