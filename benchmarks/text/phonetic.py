"""Phonetic matches in titles: recall of names planted in another script, and the rate of false matches.

    python -m benchmarks.text.phonetic [--data DIR] [--names N]

Plants the spelling of each brand in the other script (kana and Latin, Hangul and Latin) into a real title as words of
their own, and asks ``ipwatch.matching.names.matcher`` for the brand. False are hits in titles that hold neither
spelling. Prints a row for each kind of mark and each minimum score, and one JSON line. ``by_appearance`` is the share
found by appearance.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.data.folders import SHARED
from benchmarks.data.name_pairs import Pair, hangul_latin, kana_latin
from benchmarks.text.cross_script import SEED, show, sounds_similar, spelled_plain, titles
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.matcher import BestSignals, Field, Names
from ipwatch.matching.score import combine
from ipwatch.matching.watched import Watched
from ipwatch.records import RightKind, WatchedMark

SCORES = (0.0, 0.6, 0.7)
MAX_LENGTH = 40


def distinct(pairs: Sequence[Pair], chance: random.Random, max_pairs: int) -> list[Pair]:
    """Return pairs in a seeded order of which no two share a spelling."""
    shuffled = [pair for pair in pairs if len(pair.target) <= MAX_LENGTH]
    chance.shuffle(shuffled)
    taken: set[str] = set()
    kept = []
    for pair in shuffled:
        spelled = {spelled_plain(pair.source), spelled_plain(pair.target)}
        if not spelled & taken:
            taken |= spelled
            kept.append(pair)
    return kept[:max_pairs]


def measure(
    name: str, marks: Sequence[str], others: Sequence[str], backgrounds: Sequence[str]
) -> list[dict[str, object]]:
    """Return the figures of one kind of marks, which are written as ``others`` in the titles."""
    chance = random.Random(SEED)  # noqa: S311 -- a seeded sample
    watched = [
        Watched.of(WatchedMark(watchlist="benchmark", id=str(number), text=mark, kind=RightKind.TRADEMARK))
        for number, mark in enumerate(marks)
    ]
    names = Names(watched)
    results = _find(names, [_planted(chance.choice(backgrounds), other, chance) for other in others])
    started = time.process_time()
    innocent = _find(names, backgrounds)
    spent = time.process_time() - started
    plain = [spelled_plain(title) for title in backgrounds]
    spelled = [(spelled_plain(mark), spelled_plain(other)) for mark, other in zip(marks, others, strict=True)]
    rows = []
    for min_score in SCORES:
        by_sound = [_reaches(best, number, "sound", min_score) for number, best in enumerate(results)]
        by_appearance = [_reaches(best, number, "name", min_score) for number, best in enumerate(results)]
        false = sum(
            kind == "sound" and combine(signals) >= min_score and not any(its in plain[title] for its in spelled[mark])
            for title, best in enumerate(innocent)
            for (mark, kind), signals in best.items()
        )
        rows.append(
            {
                "marks": name,
                "n": len(marks),
                "least_score": min_score,
                "by_sound": round(sum(by_sound) / len(marks), 3),
                "by_appearance": round(sum(by_appearance) / len(marks), 3),
                "by_either": round(sum(map(max, by_sound, by_appearance)) / len(marks), 3),
                "false_per_1000_titles_100_marks": round(false * 1_000 / len(backgrounds) * 100 / len(marks), 2),
                "cpu_s": round(spent, 2),
            }
        )
    return rows


def _reaches(best: BestSignals, mark: int, name: str, min_score: float) -> bool:
    return (mark, name) in best and combine(best[mark, name]) >= min_score


def _planted(title: str, name: str, chance: random.Random) -> str:
    words = title.split()
    words.insert(chance.randint(0, len(words)), name)
    return " ".join(words)


def _find(names: Names, texts: Sequence[str]) -> list[BestSignals]:
    return list(names.find([Field("title", title) for title in texts], SurfaceCounts()))


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--names", type=int, default=300)
    args = parser.parse_args()
    chance = random.Random(SEED)  # noqa: S311 -- a seeded sample
    brands = [pair for pair in kana_latin(args.data) if pair.origin in {"brand pairs", "nsi ja", "sudachi"}]
    korean = [
        pair
        for pair in hangul_latin(args.data)
        if not pair.origin.startswith("characters") or (pair.origin == "characters ko-ja-roma" and sounds_similar(pair))
    ]
    backgrounds = titles(args.data)
    rows = []
    for script, pairs in (("kana", brands), ("Hangul", korean)):
        kept = distinct(pairs, chance, args.names)
        sources, targets = [pair.source for pair in kept], [pair.target for pair in kept]
        rows += measure(f"{script}, Latin in titles", sources, targets, backgrounds)
        rows += measure(f"Latin, {script} in titles", targets, sources, backgrounds)
    show(rows)
    print(json.dumps({"benchmark": "heard", "titles": len(backgrounds), "rows": rows}))


if __name__ == "__main__":
    main()
