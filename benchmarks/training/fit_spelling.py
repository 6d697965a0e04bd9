"""Learns the writings of each chunk of sounds, and writes the tables of ``ipwatch.text.phonetics.similarity``.

    python -m benchmarks.training.fit_spelling [--data DIR]

Needs numba (the extra ``speed``). Expectation maximisation over all ways to cut a pair into chunks of 1-4 sounds and
0-4 letters gives p(letters | chunk). A chunk of several sounds is penalised: part of its count is subtracted and part
of its probability left to the shorter chunks, so that only writings the parts do not explain become rows. Pairs that do
not align (translations, abbreviations) are left out after the first rounds. Hangul has few pairs, so its weights start
from the kana weights of the sounds it shares (``KANA_OF_SOUND``, after the loan-word rules, 외래어 표기법) and are
pulled towards them. The result depends on nothing but the pairs.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from benchmarks.data.folders import SHARED
from benchmarks.data.name_pairs import Pair, hangul_kana, hangul_latin, kana_latin
from benchmarks.data.spelling_pool import TargetPool
from benchmarks.training.chunk_em import Plan, Ways, fit
from benchmarks.training.spelling_priors import KANA_OF_SOUND
from ipwatch.text.phonetics import similarity
from ipwatch.text.phonetics.initials import LETTER_NAMES
from ipwatch.text.phonetics.transducer import NOTHING, SOURCE, TARGET, Transducer

TABLES = Path(similarity.__file__).with_name("tables")

LETTER_NAME_COST = 1.5
KANA_PLAN = Plan((0, 0.3, 0.5, 0.7), (0, 2, 3, 4), (1, 0, 0, 0), -2.0)
HANGUL_PLAN = Plan((0, 0, 0.3, 0.7), (0, 1, 3, 6), (8, 6, 4, 0), -1.2, 15)


def kana_to_latin(pairs: Sequence[Pair]) -> tuple[Transducer, int]:
    """Return the transducer learned from kana and Latin names."""
    ways = Ways.of(_distinct(pairs))
    likeness = np.exp(-_unlikeness(ways))
    prior = likeness / np.bincount(ways.chunk_numbers, likeness)[ways.chunk_numbers]
    return _with_letter_names(fit(ways, prior, KANA_PLAN, np.ones(len(ways.pairs))), "kana")


def hangul_to_latin(pairs: Sequence[Pair], kana: Transducer) -> tuple[Transducer, int]:
    """Return the transducer learned from Hangul and Latin names, with the kana weights as its prior."""
    certain = {pair.sounds for pair in pairs if not pair.origin.startswith("characters")}
    ways = Ways.of(_distinct(pairs))
    pool = TargetPool(kana, ways.letters)
    likely = lru_cache(maxsize=1 << 13)(lambda sounds: np.exp(-pool.costs(sounds)))
    prior = np.zeros(len(ways.used))
    for chunk, span in zip(ways.chunks, ways.of_chunks(), strict=True):
        if len(chunk) <= _PULLED_CHUNK:
            prior[span] = np.mean(
                [likely(sounds)[ways.letter_numbers[span]] for sounds in _kana_spellings(chunk)], axis=0
            )
    weight = np.array([1.0 if pair in certain else 0.5 for pair in ways.pairs])
    return _with_letter_names(fit(ways, prior + _MIN_PROBABILITY, HANGUL_PLAN, weight), "hangul")


def hangul_to_kana(pairs: Sequence[Pair]) -> tuple[Transducer, int]:
    """Return the transducer learned from Hangul and kana names."""
    ways = Ways.of(_distinct(pairs))
    prior = np.full(len(ways.used), _MIN_PROBABILITY)
    number_of = {letters: number for number, letters in enumerate(ways.letters)}
    for chunk, span in zip(ways.chunks, ways.of_chunks(), strict=True):
        if len(chunk) <= _PULLED_CHUNK:
            numbers = [number_of[sounds] for sounds in _kana_spellings(chunk) if sounds in number_of]
            prior[span] += np.isin(ways.letter_numbers[span], numbers) / max(1, len(numbers))
    return fit(ways, prior, HANGUL_PLAN, np.ones(len(ways.pairs)))


_PULLED_CHUNK = 3
_MIN_PROBABILITY = 1e-9
_CONSONANTS = str.maketrans("bvfhkcqgxszjtdnmNlrp", "bbhhkkkkksssttnnnrrp", "aeiouyw-")
_VOWELS = str.maketrans("yw", "iu", "bcdfghjklmnpqrstvxzN-0123456789")


def _with_letter_names(fitted: tuple[Transducer, int], script: str) -> tuple[Transducer, int]:
    """Add the names of letters and digits where the table has no cheaper row for them."""
    transducer, learned = fitted
    weights = {chunk: dict(written) for chunk, written in transducer.weights.items()}
    for name, letter in LETTER_NAMES[script]:
        written = weights.setdefault(name, {})
        written[letter] = min(LETTER_NAME_COST, written.get(letter, LETTER_NAME_COST))
    return Transducer(weights, transducer.inserted, transducer.source, transducer.target), learned


def _kana_spellings(chunk: str) -> list[str]:
    return ["".join(sounds) for sounds in itertools.product(*(KANA_OF_SOUND[sound] for sound in chunk))]


def _distinct(pairs: Iterable[Pair]) -> list[tuple[str, str]]:
    return sorted({pair.sounds for pair in pairs})


def _unlikeness(ways: Ways) -> NDArray[np.float64]:
    """Return the initial dissimilarity of chunk and letters, mainly by consonant classes."""
    chunks = [ways.chunks[number] for number in ways.chunk_numbers]
    letters = [ways.letters[number] for number in ways.letter_numbers]
    unlike = 0.4 * cpdist(chunks, letters, scorer=Levenshtein.distance)
    for weight, table in ((2.2, _CONSONANTS), (0.9, _VOWELS)):
        sides = ([text.translate(table) for text in side] for side in (chunks, letters))
        unlike += weight * cpdist(*sides, scorer=Levenshtein.distance)
    return unlike


def table_lines(transducer: Transducer, remarks: Sequence[str]) -> str:
    """Return the text of a table: the remarks, then its rows in order."""
    sides = {NOTHING: transducer.inserted, SOURCE: transducer.source, TARGET: transducer.target}
    rows = [
        (chunk, letters or NOTHING, cost)
        for chunk, row in {**transducer.weights, **sides}.items()
        for letters, cost in row.items()
    ]
    lines = [f"{chunk}\t{letters}\t{cost:.2f}" for chunk, letters, cost in sorted(rows)]
    return "\n".join([*(f"# {remark}" for remark in remarks), *lines, ""])


def main() -> None:
    """Fit the three tables on every pair and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    data = parser.parse_args().data
    started = time.process_time()
    kana_pairs, korean, crossed = kana_latin(data), hangul_latin(data), hangul_kana(data)
    kana = kana_to_latin(kana_pairs)
    fitted = {
        "spelling_kana_latin": (*kana, kana_pairs),
        "spelling_hangul_latin": (*hangul_to_latin(korean, kana[0]), korean),
        "spelling_hangul_kana": (*hangul_to_kana(crossed), crossed),
    }
    figures: dict[str, object] = {"benchmark": "fit_spelling"}
    for name, (transducer, learned, pairs) in fitted.items():
        origins = ", ".join(
            f"{origin} {count}" for origin, count in sorted(Counter(pair.origin for pair in pairs).items())
        )
        remarks = (
            "What each chunk of sounds is written with: chunk, letters, cost in nats (text/phonetics/transducer.py).",
            f"Written by benchmarks/training/fit_spelling.py from {learned} pairs that align; read: {origins}.",
            "Sources: mercapi (MIT), SudachiDict (Apache-2.0), EDINET code list (FSA), PokeAPI and NSI (BSD-3).",
        )
        (TABLES / f"{name}.tsv").write_text(table_lines(transducer, remarks), "utf-8")
        figures[name] = {"pairs": learned, "rows": sum(map(len, transducer.weights.values()))}
    sys.stdout.write(json.dumps(figures | {"cpu_s": round(time.process_time() - started, 1)}) + "\n")


if __name__ == "__main__":
    main()
