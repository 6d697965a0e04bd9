"""Names across scripts: retrieval in a pool of 5,000 Latin names, and false phonetic matches in titles.

    python -m benchmarks.text.cross_script [--data DIR] [--noise]

Fits the spelling tables again without the names of the queries: the training pairs contain no name of
name-suggestion-index, none that shares its kana or Latin spelling, and nothing of one fifth of the other lists, split
by family of brands. ``--noise`` counts instead the phonetic matches in titles and how often they do not name the brand.
Prints a table and one JSON line; times are CPU seconds of one process. Needs numba (the extra ``speed``).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from benchmarks.data.folders import SHARED
from benchmarks.data.name_pairs import Pair, hangul_latin, kana_latin
from benchmarks.data.spelling_pool import SpellingPool, TargetPool
from benchmarks.training.fit_spelling import hangul_to_latin, kana_to_latin
from ipwatch.matching.names.phonetic_index import SoundIndex
from ipwatch.matching.variants import variant_of
from ipwatch.text.phonetics.hangul import romanized
from ipwatch.text.phonetics.kana import romaji
from ipwatch.text.phonetics.notation import spelled_name
from ipwatch.text.phonetics.phonetic_key import sound_key
from ipwatch.text.phonetics.phonetic_runs import near_in_sound
from ipwatch.text.phonetics.transducer import Transducer

MARKS = 400
SEED = 20261122
POOL = 5_000
MAX_QUERIES = 500
ASKED_FOLD = 0
THRESHOLDS = (0.5, 0.6, 0.7)
TRANSCRIBED = 0.6

Scorer = Callable[[Sequence[str]], NDArray[np.float64]]


def unseen(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return the training pairs and the query pairs, which share no name."""
    asked = [pair for pair in pairs if pair.origin.startswith("nsi") or pair.fold == ASKED_FOLD]
    names = {name for pair in asked for name in pair.sounds}
    return [pair for pair in pairs if pair not in set(asked) and not names & set(pair.sounds)], asked


def ranks(scores: NDArray[np.float64], gold: Sequence[set[int]]) -> NDArray[np.float64]:
    """Return how many wrong names are more similar than the right one, for each query; half of those that tie."""
    ranked = np.empty(len(gold))
    for query, (row, right) in enumerate(zip(scores, gold, strict=True)):
        wrong = np.delete(row, sorted(right))
        best = row[sorted(right)].max()
        ranked[query] = (wrong > best + 1e-9).sum() + (np.abs(wrong - best) <= 1e-9).sum() / 2
    return ranked


def retrieval(
    name: str, pairs: Sequence[Pair], others: Sequence[str], transducer: Transducer
) -> list[dict[str, object]]:
    """Return the figures of every method for one set of pairs."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        wanted[pair.source].add(pair.target)
    queries = sorted(wanted)
    random.Random(SEED).shuffle(queries)  # noqa: S311 -- a seeded sample
    queries = queries[:MAX_QUERIES]
    pool = list(dict.fromkeys([*(target for query in queries for target in sorted(wanted[query])), *others]))[:POOL]
    number_of = {target: number for number, target in enumerate(pool)}
    gold = [{number_of[target] for target in wanted[query]} for query in queries]
    rows = []
    for method, scorer in methods(pool, transducer).items():
        started = time.process_time()
        scores = scorer(queries)
        spent = time.process_time() - started
        rank = ranks(scores, gold)
        best = np.array([row[sorted(right)].max() for row, right in zip(scores, gold, strict=True)])
        row = {"set": name, "method": method, "n": len(queries), "pool": len(pool)}
        row |= {"top1": round(float((rank < 1).mean()), 3), "top5": round(float((rank < 5).mean()), 3)}
        for threshold in THRESHOLDS:
            false = (scores >= threshold).sum() - sum(
                (row[sorted(r)] >= threshold).sum() for row, r in zip(scores, gold, strict=True)
            )
            row |= {
                f"recall@{threshold}": round(float((best >= threshold).mean()), 3),
                f"false@{threshold}": round(false / len(queries), 3),
            }
        rows.append(row | {"us_per_pair": round(spent / len(queries) / len(pool) * 1e6, 3)})
    return rows


def methods(pool: Sequence[str], transducer: Transducer) -> dict[str, Scorer]:
    """Return the similarity, its two parts and a baseline, each as scores of queries against the pool."""
    targets = TargetPool(transducer, [spelled_name(name)[1] for name in pool])
    names = SpellingPool(pool, lambda _source, _target: transducer)
    letters, keys = [spelled_name(name)[1] for name in pool], [sound_key(name) for name in pool]

    def by_romaji(queries: Sequence[str]) -> NDArray[np.float64]:
        return _similarities([romaji(name) or romanized(name) for name in queries], letters)

    return {
        "romaji, OSA": by_romaji,
        "sound_key, OSA": lambda queries: _similarities([sound_key(name) for name in queries], keys),
        "transducer": lambda queries: np.array([targets.similarities(spelled_name(name)[1]) for name in queries]),
        "spelling_similarity": lambda queries: np.array([names.similarities(name) for name in queries]),
    }


def _similarities(queries: Sequence[str], pool: Sequence[str]) -> NDArray[np.float64]:
    return cdist(queries, pool, scorer=OSA.normalized_similarity, dtype=np.float64)


def measure(data: Path) -> list[dict[str, object]]:
    """Return the figures of every set, from tables that were fitted without it."""
    kana_pairs, korean = kana_latin(data), hangul_latin(data)
    learned, asked = unseen(kana_pairs)
    kana, _ = kana_to_latin(learned)
    learned_korean, asked_korean = unseen(korean)
    hangul, _ = hangul_to_latin(learned_korean, kana)
    others = sorted({pair.target for pair in kana_pairs if pair.origin in {"brand pairs", "sudachi"}})
    random.Random(SEED).shuffle(others)  # noqa: S311 -- a seeded sample
    transcribed = [pair for pair in asked_korean if not pair.origin.startswith("characters") or sounds_similar(pair)]
    rows = []
    for pairs, transducer in ((asked, kana), (transcribed, hangul)):
        for origin in sorted({pair.origin for pair in pairs}):
            rows += retrieval(origin, [pair for pair in pairs if pair.origin == origin], others, transducer)
    return rows


def sounds_similar(pair: Pair) -> bool:
    """Whether a pair of character names is a transcription, as far as plain sound keys tell."""
    keys = sound_key(pair.source), sound_key(pair.target)
    return pair.origin != "characters ko-fr" and OSA.normalized_similarity(*keys) >= TRANSCRIBED


def titles(data: Path) -> list[str]:
    """Return the listing titles and item names of the shared data."""
    names = []
    for path in sorted((data / "marketplaces" / "titles_extractgpt").glob("*.jsonl")):
        names += [json.loads(line)["input"] for line in path.open(encoding="utf-8")]
    for folder in ("rakuten", "mercari_jp"):
        for path in sorted((data / "marketplaces" / folder).glob("*.json")):
            names += re.findall(r'"(?:itemName|name)"\s*:\s*"((?:[^"\\]|\\.){8,})"', path.read_text("utf-8"))
    return sorted({json.loads(f'"{title}"') if "\\" in title else title for title in names})


def noise(data: Path) -> list[dict[str, object]]:
    """Return the shares of brand pairs with near sound keys and with a match, and the false matches in real titles.

    A match is false where the title holds neither spelling of the brand; they are given for 1,000 titles and 100 marks.
    """
    listing_titles = titles(data)
    plain = [spelled_plain(title) for title in listing_titles]
    pairs = [pair for pair in kana_latin(data) if pair.origin == "brand pairs"]
    random.Random(SEED).shuffle(pairs)  # noqa: S311 -- a seeded sample
    rows: list[dict[str, object]] = []
    for kind in ("kana", "Latin"):
        kept = [(pair.source, pair.target) if kind == "kana" else (pair.target, pair.source) for pair in pairs[:MARKS]]
        near = sum(near_in_sound(sound_key(mark), sound_key(other)) for mark, other in kept)
        index = SoundIndex([variant_of(mark) for mark, _ in kept])
        matches = {(text, match.variant) for text, match in index.find([other for _, other in kept])}
        in_titles = {(text, match.variant) for text, match in index.find(listing_titles)}
        wrong = sum(
            not any(spelled_plain(name) in plain[text] for name in kept[variant]) for text, variant in in_titles
        )
        rows.append(
            {
                "marks": kind,
                "n": len(kept),
                "near": round(near / len(kept), 3),
                "heard": round(sum((number, number) in matches for number in range(len(kept))) / len(kept), 3),
                "false": round(wrong * 1_000 / len(listing_titles) * 100 / len(kept), 2),
            }
        )
    return rows


def spelled_plain(text: str) -> str:
    """Return the letters of a text as they are written, for telling true hits from false ones."""
    return "".join(char for char in text.casefold() if char.isalnum())


def show(rows: Iterable[dict[str, object]]) -> None:
    """Print rows as a table under their names."""
    kept = list(rows)
    names = list(kept[0])
    cells = [names, *([str(row[name]) for name in names] for row in kept)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--noise", action="store_true")
    args = parser.parse_args()
    started = time.process_time()
    rows = noise(args.data) if args.noise else measure(args.data)
    show(rows)
    print(json.dumps({"benchmark": "scripts", "rows": rows, "cpu_s": round(time.process_time() - started, 1)}))


if __name__ == "__main__":
    main()
