"""Variants of marks: how many there are, hits of generated ones in real titles, quality of readings and spellings.

    python -m benchmarks.text.variants [--data DIR] [--marks N] [--names N] [--seed S]

Variants and borders are counted on the shipped watchlists. Hits are exact matches of generated and declared variants in
real titles (none of them planted), for real brand names in Latin letters and kana; a variant that must stand alone
counts only where it does. Readings and Latin spellings are compared with those that companies register. Prints one JSON
line.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.data.folders import SHARED, WATCHLISTS
from benchmarks.data.quality_data import extract_titles, real_brands
from ipwatch.matching.names.word_boundaries import Boundary, boundaries
from ipwatch.matching.term_index import TermIndex
from ipwatch.matching.variants import ObservedText, Variant, VariantOrigin, variants_of
from ipwatch.records import RightKind, WatchedMark
from ipwatch.text.folding.batch import skeletons
from ipwatch.text.folding.skeleton import skeleton, to_katakana
from ipwatch.text.phonetics.kana import morae
from ipwatch.text.phonetics.reading import propose_readings
from ipwatch.text.phonetics.romanisation import hidden_long_vowels, kana_spellings, katakana, spellings
from ipwatch.watchlists import load_watchlists

_COMPANY_KANA = re.compile(r"カブシキガイシャ|カブシキカイシャ|ユウゲンガイシャ|ゴウドウガイシャ|[　・ ]")
_COMPANY = re.compile(r"株式会社|有限会社|合同会社|　")
_COMPANY_LATIN = re.compile(r"(?i)\b(?:co|ltd|inc|corp|corporation|company|limited|k\.?k)\b\.?|[,.]")
_KANA = re.compile(r"[ァ-ヺー]+")
_HAN = re.compile(r"[一-鿿]")
_ITEM = re.compile(r'"itemName":\s*("(?:[^"\\]|\\.)*")')


def shipped() -> dict[str, Any]:
    """Return the variants of the shipped watchlists by origin and by the reason of their borders."""
    began = time.process_time()
    made = [variants_of(mark)[0] for watchlist in load_watchlists([WATCHLISTS]) for mark in watchlist.marks]
    cpu = time.process_time() - began
    variants = [variant for each in made for variant in each]
    return {
        "marks": len(made),
        "forms": len(variants),
        "most_of_one_mark": max(map(len, made)),
        "origins": dict(Counter(str(variant.origin) for variant in variants)),
        "boundaries": dict(Counter(variant.boundary_term or "none" for variant in variants)),
        "ms_per_mark": round(1000 * cpu / len(made), 2),
    }


def hits_in_titles(data: Path, marks: int, seed: int) -> dict[str, Any]:
    """Return by origin the variants per mark, and the hits in 1,000 real titles without and with borders."""
    chosen = random.Random(seed).sample(real_brands(data), marks)  # noqa: S311 - the same marks on every run
    variants = [variant for brand in chosen for variant in variants_of(_mark(brand.names))[0]]
    titles = list(dict.fromkeys(_titles(data)))
    index = TermIndex()
    index.add([variant.skeleton for variant in variants], [0] * len(variants))
    hits = index.search(skeletons(titles))
    texts = {int(number): ObservedText.of("title", titles[number]) for number in dict.fromkeys(hits.text.tolist())}
    hits_by_origin, kept = Counter[str](), Counter[str]()
    for term, text in zip(hits.term.tolist(), hits.text.tolist(), strict=True):
        origin = str(variants[term].origin)
        hits_by_origin[origin] += 1
        kept[origin] += _counts(variants[term], texts[text])
    per = 1000 / len(titles)
    of = Counter(str(variant.origin) for variant in variants)
    return {
        "marks": marks,
        "titles": len(titles),
        **{
            str(origin): {
                "forms_per_mark": round(of[str(origin)] / marks, 2),
                "hits": round(hits_by_origin[str(origin)] * per, 2),
                "with_borders": round(kept[str(origin)] * per, 2),
            }
            for origin in VariantOrigin
        },
    }


def _mark(names: Sequence[str]) -> WatchedMark:
    return WatchedMark(watchlist="w", id="m", text=names[0], kind=RightKind.TRADEMARK, variants=tuple(names[1:]))


def _titles(data: Path) -> Iterator[str]:
    yield from (title for title, _ in extract_titles(data))
    for path in sorted((data / "marketplaces/rakuten").glob("*.json")):
        yield from (json.loads(name) for name in _ITEM.findall(path.read_text(encoding="utf-8")))


def _counts(variant: Variant, observed: ObservedText) -> bool:
    if not variant.boundary_required:
        return True
    edges, text, start = boundaries(observed), observed.folded.text, -1
    while (start := text.find(variant.skeleton, start + 1)) >= 0:
        if edges[start] is not Boundary.NONE and edges[start + len(variant.skeleton)] is not Boundary.NONE:
            return True
    return False


def companies(data: Path) -> list[tuple[str, str, str]]:
    """Return registered companies as name, Latin name and kana, without the words for their legal form."""
    with (data / "lists/edinet_companies_kanji_kana_en.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (
                _COMPANY.sub("", row["name_ja"]),
                _COMPANY_LATIN.sub("", row["name_en"]).strip(),
                _COMPANY_KANA.sub("", to_katakana(row["name_kana"])),
            )
            for row in csv.DictReader(file)
            if row["filer_type"].startswith("内国法人")
        ]
    return sorted({row for row in rows if _KANA.fullmatch(row[2])})


def readings(rows: Sequence[tuple[str, str, str]], names: int, seed: int) -> dict[str, Any]:
    """Return the share of names with kanji whose registered reading is the first proposal, and any of them."""
    if not find_spec("sudachipy"):
        return {"skipped": "the extra 'reading' is not installed"}
    asked = [(name, kana) for name, _, kana in rows if _HAN.search(name) and len(name) <= 12]
    asked = random.Random(seed).sample(asked, min(names, len(asked)))  # noqa: S311 - the same names on every run
    first = among = 0
    began = time.process_time()
    for name, kana in asked:
        proposed = [_without_length(proposal.reading) for proposal in propose_readings(name)]
        first += proposed[:1] == [_without_length(kana)]
        among += _without_length(kana) in proposed
    cpu = time.process_time() - began
    return {
        "names": len(asked),
        "first": round(first / len(asked), 3),
        "among": round(among / len(asked), 3),
        "us_per_name": round(1e6 * cpu / len(asked)),
    }


def _without_length(kana: str) -> str:
    """Return the kana with every long vowel as ー and small kana large: register entries differ in both."""
    with_long_vowels = max(kana_spellings(kana) or (kana,), key=lambda spelling: spelling.count("ー"))
    return with_long_vowels.translate(str.maketrans("ァィゥェォャュョッヂヅ", "アイウエオヤユヨツジズ"))


def latin_names(rows: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """Return how many Latin names that are clearly Japanese are spelled as generated, and how many give their kana."""
    asked = [(name, kana, katakana(name)) for _, name, kana in rows]
    clear = [(name, kana, read) for name, kana, read in asked if read is not None and len(morae(read)) > 2]
    same = [(name, kana, read) for name, kana, read in clear if _same_length(read, kana)]
    return {
        "names": len(same),
        "spelled_as_generated": round(
            sum(skeleton(name).text in {skeleton(each).text for each in spellings(kana)} for name, kana, _ in same)
            / len(same),
            3,
        ),
        "kana_given_back": round(
            sum(skeleton(read).text == skeleton(kana).text for _, kana, read in same) / len(same), 3
        ),
        "with_long_vowels": round(
            sum(
                skeleton(kana).text in {skeleton(each).text for each in hidden_long_vowels(read)}
                for _, kana, read in same
            )
            / len(same),
            3,
        ),
    }


def _same_length(read: str, kana: str) -> bool:
    """Whether the Latin name is the whole of the kana name, but for long vowels."""
    return abs(len(_without_length(kana).replace("ー", "")) - len(_without_length(read).replace("ー", ""))) <= 1


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--marks", type=int, default=300)
    parser.add_argument("--names", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rows = companies(asked.data)
    report = {
        "shipped": shipped(),
        "hits_per_1000_titles": hits_in_titles(asked.data, asked.marks, asked.seed),
        "readings": readings(rows, asked.names, asked.seed),
        "latin_names": latin_names(rows),
    }
    for name, figures in report.items():
        print(f"\n{name}")
        for key, value in figures.items():
            print(f"  {key:18} {value}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
