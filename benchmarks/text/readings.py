"""Sound (称呼): published examples, false flags among random and among misleading pairs, and the speed of the search.

    python -m benchmarks.text.readings [--data DIR] [--marks N] [--filings N]

Prints a table and one JSON line. ``--data`` is the folder with ``lists`` and ``marketplaces``; times are CPU seconds of
one process. "Plain" is the edit distance (OSA) of beats over the beats of the longer reading, without rules.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from rapidfuzz.distance import OSA

from benchmarks.data.folders import SHARED
from ipwatch.matching.filings.index import FilingIndex, signals_reference
from ipwatch.matching.filings.signals import FiledMark
from ipwatch.matching.readings import SIMILAR, compare_readings, similar_readings
from ipwatch.matching.readings.comparison import edits_within
from ipwatch.matching.readings.distinctive_part import split_reading
from ipwatch.matching.readings.near_pairs import near_pairs
from ipwatch.matching.readings.rules import RULES, absence, substitution
from ipwatch.matching.variants import ObservedText, variants_of
from ipwatch.records import RightKind, WatchedMark
from ipwatch.text.phonetics.kana import morae
from ipwatch.text.phonetics.reading import readings_of

FLOORS = (0.75, 0.80, 0.85)
GUIDELINE = (
    ("スチッパー", "スキッパー"),
    ("バンコシン", "バンコミン"),
    ("ミギオン", "ミチオン"),
    ("ヘトロン", "ペトロン"),
    ("クレカ", "グレカ"),
    ("サンシール", "サンジール"),
    ("レーマン", "レマン"),
    ("コロネート", "コロネット"),
    ("タカラハト", "タカラート"),
    ("アブソン", "アビサン"),
    ("カルバー", "カロバー"),
    ("オルソン", "オルソ"),
    ("カーボーイ", "カウボーイ"),
    ("サイバトロン", "サイモトロン"),
)
"""Examples of list II in older editions of the guideline: similar."""

DECIDED = (
    ("オルターゼ", "ウルターゼ", True),  # this and the next two: cases 1, 3 and 4 of lupinus-trademark.com
    ("バリカー", "バルカー", True),
    ("キョウシュウ", "キョウシュ", True),
    ("パプリ", "パブリ", True),  # JPO appeal 2013-11365
    ("ピッタ", "ピッター", False),  # JPO appeal 2019-7700, against rule (5)
    ("ゴルシマ", "コルシマ", False),  # JPO appeal 2014-018994, against rule (3)
    ("ゴルシマ", "コーシマ", False),
    ("プロジーヌ", "プリゼーヌ", False),  # registered as 5203204
    ("プロジーヌ", "プレジール", False),  # registered as 5203204
)
"""Decisions of courts and the JPO, and whether the marks were found similar; not by sound alone."""

COMPARED_WITH_ALL = 20
"""Number of filings that are compared with every mark, to check that the index agrees."""

_KANA = re.compile(r"[ァ-ヶー]{3,8}")
_LEGAL_FORM = re.compile("カブシキ[ガカ]イシャ")
_MIN_BEATS = 3
_MAX_BUCKET = 6


def companies(data: Path) -> list[str]:
    """Return kana names of companies of 3 to 8 characters."""
    with (data / "lists/sudachi_synonyms_company_brand.csv").open(encoding="utf-8") as rows:
        return sorted(
            {row["headword"] for row in csv.DictReader(rows) if "企業名" in row["field"] and _is_name(row["headword"])}
        )


def registered(data: Path) -> list[str]:
    """Return readings of companies without their legal form."""
    with (data / "lists/edinet_companies_kanji_kana_en.csv").open(encoding="utf-8") as rows:
        names = ("".join(morae(_LEGAL_FORM.sub("", row["name_kana"]))) for row in csv.DictReader(rows))
        return sorted({name for name in names if len(morae(name)) >= _MIN_BEATS})


def brands(data: Path) -> list[str]:
    """Return kana names of brands."""
    with (data / "marketplaces/brand_pairs_ja_en.tsv").open(encoding="utf-8") as rows:
        names = (re.sub("[ ・]", "", row["name_ja"]) for row in csv.DictReader(rows, delimiter="\t"))
        return sorted({name for name in names if re.fullmatch("[ァ-ヶー]+", name) and len(morae(name)) >= _MIN_BEATS})


def spellings(data: Path) -> list[str]:
    """Return names of brands in whatever script, kana and Latin letters for most."""
    with (data / "marketplaces/brand_pairs_ja_en.tsv").open(encoding="utf-8") as rows:
        pairs = ((row["name_ja"], row["sub_name"] or "") for row in csv.DictReader(rows, delimiter="\t"))
        return sorted({name for pair in pairs for name in pair if len(name) >= _MIN_BEATS})


def _is_name(text: str) -> bool:
    return _KANA.fullmatch(text) is not None and len(morae(text)) >= _MIN_BEATS


def per_million(flags: int, names: int) -> float:
    """Return flags per million pairs of that many names."""
    return round(1e6 * flags / max(1, names * (names - 1) // 2), 1)


def plain_similarity(left: str, right: str) -> float:
    """Return what two readings share without any rule."""
    return OSA.normalized_similarity(morae(left), morae(right))


def plain_pairs(names: Sequence[str], floor: float) -> int:
    """Return how many pairs are at the floor by plain distance."""
    beats = {beat: chr(0x4E00 + number) for number, beat in enumerate(sorted({b for n in names for b in morae(n)}))}
    spelled = ["".join(beats[beat] for beat in morae(name)) for name in names]
    near = near_pairs(spelled, spelled, lambda left, right: int((1.0 - floor) * max(left, right) + 1e-9))
    return sum(int((pairs[:, 0] < pairs[:, 1]).sum()) for pairs in near)


def flags(names: Sequence[str]) -> dict[str, object]:
    """Return the rate of flags at each floor, plain and by rules, and by rules for each length and each rule."""
    hits = similar_readings(names, names, min(FLOORS))
    once = hits.watched < hits.observed
    at_floor = once & (hits.similarity >= SIMILAR)
    by_length: Counter[int] = Counter()
    by_rule: Counter[str] = Counter()
    for first, second in zip(hits.watched[at_floor].tolist(), hits.observed[at_floor].tolist(), strict=True):
        by_length[_bucket(names[first], names[second])] += 1
        by_rule.update({rule.id for rule in compare_readings(names[first], names[second]).rules})
    by_beats, shorter = {}, 0
    for beats, count in sorted(Counter(_bucket(name, name) for name in names).items()):
        pairs = count * (count - 1) // 2 + count * shorter
        by_beats[beats] = round(1e6 * by_length[beats] / max(1, pairs), 1)
        shorter += count
    return {
        "names": len(names),
        "rules": {
            str(floor): per_million(int((once & (hits.similarity >= floor)).sum()), len(names)) for floor in FLOORS
        },
        "plain": {str(floor): per_million(plain_pairs(names, floor), len(names)) for floor in FLOORS},
        "by_beats": by_beats,
        "by_rule": dict(by_rule.most_common()),
    }


def _bucket(left: str, right: str) -> int:
    return min(_MAX_BUCKET, max(len(split_reading(left).morae), len(split_reading(right).morae)))


def misleading(names: Sequence[str], key: Callable[[str], object]) -> dict[str, float]:
    """Return the rate of flags among pairs that share something, plain and by rules."""
    sharing: defaultdict[object, list[str]] = defaultdict(list)
    for name in names:
        if shared := key(name):
            sharing[shared].append(name)
    pairs = [(a, b) for several in sharing.values() for i, a in enumerate(several) for b in several[i + 1 :]]
    random.Random(20261122).shuffle(pairs)  # noqa: S311 - the same pairs on every run
    pairs = pairs[:30_000]
    similarities = [(compare_readings(a, b).similarity, plain_similarity(a, b)) for a, b in pairs]
    million = 1e6 / max(1, len(pairs))
    return {
        "pairs": len(pairs),
        "rules": round(million * sum(rules >= SIMILAR for rules, _ in similarities), 1),
        "plain": round(million * sum(plain >= SIMILAR for _, plain in similarities), 1),
    }


def chances(names: Iterable[str]) -> dict[str, float]:
    """Return how many of 1,000 unlike random beats each rule takes, and of 1,000 missing ones."""
    chance = random.Random(20261122)  # noqa: S311 - the same beats on every run
    beats = [beat for name in names for beat in split_reading(name).morae]
    pairs = [(chance.choice(beats), chance.choice(beats)) for _ in range(100_000)]
    unlike = [substitution(a, b).id for a, b in pairs if a != b]
    missing = [absence(a).id for a, _ in pairs]
    rates = {rule: 1000 * count / len(unlike) for rule, count in Counter(unlike).items()}
    rates |= {rule: 1000 * count / len(missing) for rule, count in Counter(missing).items()}
    return {rule.id: round(rates[rule.id], 1) for rule in RULES if rule.id in rates}


def search_speed(names: Sequence[str], watched: int, filed: int) -> dict[str, float]:
    """Return the speed of the bulk search and what passes its filter."""
    chance = random.Random(20261122)  # noqa: S311 - the same readings on every run
    watched_names, filed_names = chance.choices(names, k=watched), chance.choices(names, k=filed)
    for name in (*watched_names, *filed_names):
        split_reading(name)
    began = time.process_time()
    hits = similar_readings(watched_names, filed_names, SIMILAR)
    spent = time.process_time() - began
    return {
        "watched": watched,
        "seen": filed,
        "cpu_s": round(spent, 2),
        "pairs_per_s": round(watched * filed / spent),
        "survivors": _survivors(sorted(set(watched_names)), sorted(set(filed_names))),
        "hits": len(hits),
    }


def _survivors(watched: Sequence[str], filed: Sequence[str]) -> int:
    beats = sorted({beat for name in (*watched, *filed) for beat in split_reading(name).morae})
    letters = {beat: chr(0x4E00 + number) for number, beat in enumerate(beats)}
    left, right = (
        ["".join(letters[beat] for beat in split_reading(name).morae) for name in side] for side in (watched, filed)
    )
    return sum(map(len, near_pairs(left, right, partial(edits_within, SIMILAR))))


def filing_speed(names: Sequence[str], marks: int, filings: int) -> dict[str, float]:
    """Return the speed of a week of filings against all marks."""
    chance = random.Random(20261122)  # noqa: S311 - the same filings on every run
    chosen = [
        WatchedMark(watchlist="bench", id=str(number), text=name, kind=RightKind.TRADEMARK)
        for number, name in enumerate(chance.choices(names, k=marks))
    ]
    prepared = [(variants_of(mark)[0], readings_of(mark.text, mark.readings)) for mark in chosen]
    began = time.process_time()
    index = FilingIndex([variants for variants, _ in prepared], [readings for _, readings in prepared])
    built = time.process_time()
    texts = [
        "".join(chance.sample(name, len(name))) if chance.random() < 0.5 else name
        for name in chance.choices(names, k=filings)
    ]
    filed = [FiledMark(ObservedText.of("mark_text", text), readings_of(text)) for text in texts]
    ready = time.process_time()
    signals = list(index.signals(filed))
    spent = time.process_time() - ready
    some = filed[:COMPARED_WITH_ALL]
    began_all = time.process_time()
    everything = list(
        signals_reference([variants for variants, _ in prepared], [readings for _, readings in prepared], some)
    )
    spent_all = time.process_time() - began_all
    if everything != signals[: len(some)]:
        raise AssertionError("the index does not agree with comparing every filing with every mark")
    return {
        "marks": marks,
        "forms": sum(len(variants) for variants, _ in prepared),
        "filings": filings,
        "index_cpu_s": round(built - began, 2),
        "cpu_s": round(spent, 2),
        "filings_per_s": round(filings / spent, 1),
        "all_pairs_filings_per_s": round(len(some) / spent_all, 1),
        "equal_to_all_pairs": len(some),
        "alike": sum(map(len, signals)),
    }


def published() -> dict[str, object]:
    """Return how many published pairs come out as published, by rules and plain."""
    return {
        "guideline": len(GUIDELINE),
        "guideline_rules": sum(compare_readings(a, b).similarity >= SIMILAR for a, b in GUIDELINE),
        "guideline_plain": {str(floor): sum(plain_similarity(a, b) >= floor for a, b in GUIDELINE) for floor in FLOORS},
        "decided": len(DECIDED),
        "decided_rules": sum((compare_readings(a, b).similarity >= SIMILAR) == similar for a, b, similar in DECIDED),
        "decided_plain": sum((plain_similarity(a, b) >= SIMILAR) == similar for a, b, similar in DECIDED),
    }


def table(figures: dict[str, dict[str, object]]) -> str:
    """Return the figures for reading."""
    lines = []
    for title, rows in figures.items():
        lines.append(title)
        lines += [f"  {name:<18} {value}" for name, value in rows.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--marks", type=int, default=10_000)
    parser.add_argument("--filings", type=int, default=5_000)
    sizes = parser.parse_args()
    if not (sizes.data / "lists").is_dir():
        parser.error(f"no folder 'lists' in {sizes.data}: name the data with --data")
    sets = {"companies": companies(sizes.data), "registered": registered(sizes.data), "brands": brands(sizes.data)}
    everything = sorted(set().union(*sets.values()))
    figures: dict[str, dict[str, object]] = {"published": published()}
    figures |= {f"flags per million pairs, {name}": flags(names) for name, names in sets.items()}
    figures["flags per million pairs that share a common ending"] = dict(
        misleading(sets["registered"], lambda name: split_reading(name).generic)
    )
    figures["flags per million pairs that share their first two beats"] = dict(
        misleading(sets["brands"], lambda name: split_reading(name).morae[:2])
    )
    figures["of 1,000 random beats"] = dict(chances(everything))
    figures["search"] = dict(search_speed(everything, sizes.marks, sizes.filings))
    figures["filings"] = dict(filing_speed(spellings(sizes.data), sizes.marks, sizes.filings))
    print(table(figures))
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
