"""Readings (称呼): how a mark is pronounced, as declared by people or given by its own kana.

Kanji are not read here: analysers are wrong on one brand name in five, so they may only propose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from ipwatch.errors import ConfigError
from ipwatch.terms import message
from ipwatch.text.folding.confusables import MASK
from ipwatch.text.folding.skeleton import MAX_CHARACTERS, skeleton, to_katakana
from ipwatch.text.phonetics.kana import morae

if TYPE_CHECKING:
    from sudachipy import Morpheme, Tokenizer
    from sudachipy.dictionary import Dictionary

MAX_PROPOSALS = 8
"""Maximum number of readings proposed for one text."""

MAX_READ = 100
"""Maximum number of characters of a text that an analyser is given; a longer one is not a name."""

_UNREAD = re.compile(r"[^\W_ァ-ヺー]")
_KANA = re.compile(r"[ァ-ヺー]+")
_MIN_MORAE = 2
_MAX_CHOICES = 64
_JAPAN = (("ニホン", "ニッポン"), ("ニッポン", "ニホン"))


def readings_of(text: str, declared: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the readings of a mark in katakana, without repetition, best known first.

    Declared readings take precedence. Without any, a text of two morae or more whose letters are all kana is read as
    written, & as アンド. A text with any other letter, Han character or digit, or with a masked letter (シャ○ル), has
    none: the result is empty, never a guess or a part of the text.
    """
    readings = ("".join(morae(word)) for word in declared or _in_kana(text))
    return tuple(dict.fromkeys(reading for reading in readings if len(morae(reading)) >= _MIN_MORAE))


def _in_kana(text: str) -> tuple[str, ...]:
    spelled = to_katakana(text)
    is_read = bool(morae(spelled)) and not _UNREAD.search(spelled) and not _is_masked(text)
    return (spelled.replace("&", "アンド"),) if is_read else ()


def _is_masked(text: str) -> bool:
    """Whether a sign masks a letter, which cannot be read (シャ○ル)."""
    return MASK in skeleton(text[:MAX_CHARACTERS]).text


@dataclass(frozen=True, slots=True)
class ProposedReading:
    """A reading that a person may declare: in katakana, with the analyser that proposes it and the basis."""

    reading: str
    analyser: str
    basis: str


def propose_readings(text: str) -> tuple[ProposedReading, ...]:
    """Return the readings that SudachiPy finds for a text, likeliest first, at most ``MAX_PROPOSALS``.

    People judge them: they are not used for matching before a person has declared one. A text that the analyser cannot
    read completely (Latin letters it does not know) has none. Raises ``ConfigError`` without the extra ``reading``,
    ``ValueError`` for more than ``MAX_READ`` characters.
    """
    if len(text) > MAX_READ:
        raise ValueError(f"a text of {len(text)} characters is no name; the limit is {MAX_READ}")
    if not find_spec("sudachipy"):
        raise ConfigError(message("sources.no_reading_extra"))
    analyser = f"SudachiPy {version('sudachipy')}, sudachidict_core {version('sudachidict_core')}"
    proposals: dict[str, str] = {}
    for reading, basis in _proposed(_spelled(text)):
        if len(morae(reading)) >= _MIN_MORAE:
            proposals.setdefault(reading, basis)
    return tuple(
        ProposedReading(reading, analyser, basis) for reading, basis in islice(proposals.items(), MAX_PROPOSALS)
    )


def _spelled(text: str) -> str:
    """Return the text without unpronounced signs and without half surrogates, which the analyser refuses."""
    kept = text.encode("utf-8", "ignore").decode("utf-8")
    return re.sub(r"[\0\s・=＝‐-―]+", "", kept)


@cache
def _sudachi() -> tuple[Dictionary, dict[str, Tokenizer]]:
    from sudachipy import Dictionary, SplitMode  # noqa: PLC0415  # the extra 'reading' is optional

    dictionary = Dictionary(dict="core")
    modes = {"C": SplitMode.C, "B": SplitMode.B, "A": SplitMode.A}
    return dictionary, {name: dictionary.tokenizer(mode) for name, mode in modes.items()}


def _proposed(text: str) -> Iterator[tuple[str, str]]:
    """Yield readings with their basis: the splits, long units first, then the other entries of the dictionary."""
    if not text:
        return
    dictionary, tokenizers = _sudachi()
    for mode, tokenizer in tokenizers.items():
        parts = [_read(morpheme) for morpheme in tokenizer.tokenize(text)]
        if all(parts):
            yield "".join(parts), f"split {mode}"
    yield from ((_read(entry), "entry") for entry in dictionary.lookup(text))
    for mode in ("C", "A"):
        morphemes = tokenizers[mode].tokenize(text)
        choices = islice(product(*(_entries(dictionary, morpheme) for morpheme in morphemes)), _MAX_CHOICES)
        by_change = sorted(choices, key=lambda chosen: sum(choice.other for choice in chosen))
        yield from (("".join(choice.reading for choice in chosen), f"entries of split {mode}") for chosen in by_change)


class _Choice(NamedTuple):
    """A reading of one word, and whether it differs from the one that the analyser chose."""

    reading: str
    other: bool


def _entries(dictionary: Dictionary, morpheme: Morpheme) -> tuple[_Choice, ...]:
    own = _read(morpheme)
    others = [_read(entry) for entry in dictionary.lookup(morpheme.surface())]
    others += [alternative for usual, alternative in _JAPAN if own == usual and morpheme.surface() == "日本"]
    return tuple(_Choice(reading, reading != own) for reading in dict.fromkeys((own, *others)) if reading)


def _read(morpheme: Morpheme) -> str:
    """Return the reading of a morpheme in katakana, empty where the dictionary has none."""
    reading = to_katakana(morpheme.reading_form() or morpheme.surface())
    return reading if _KANA.fullmatch(reading) else ""
