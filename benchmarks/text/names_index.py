"""Fuzzy text matching: all terms against all titles, compared with brute force and rapidfuzz on the same skeletons.

    python -m benchmarks.text.names_index [--data DIR] [--identity full|sample|none] [--quick]

Prints a table, then one JSON line. The unit is CPU seconds of one process. ``full`` compares the hits of both engines
with brute force over every pair (a minute or two); ``sample`` over a hundredth of them. The figure of rapidfuzz's
``cdist(partial_ratio)`` is a slice scaled linearly: the whole would take many minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from benchmarks.data.folders import ROOT, SHARED
from benchmarks.data.text_data import SEED, Material, folded, listing_titles, watch_terms
from ipwatch.matching.term_index import Hits, TermIndex, allowed_edits
from ipwatch.matching.term_index.index import Engine
from ipwatch.text.folding.packed import FoldedTexts

ENGINES: tuple[Engine, ...] = ("numba", "numpy") if find_spec("numba") else ("numpy",)
FASTEST = ENGINES[0]


def cpu(work: Callable[[], Any], times: int = 1) -> float:
    """Return the minimum CPU seconds of that many runs."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent)


def index_of(engine: Engine, terms: list[str], sample: FoldedTexts) -> TermIndex:
    """Return an index of the terms with the edits they are allowed by default."""
    index = TermIndex(engine=engine, sample=sample)
    index.add(terms, [allowed_edits(len(term)) for term in terms])
    return index


def search_seconds(index: TermIndex, texts: FoldedTexts) -> float:
    """Return the CPU seconds of a search, the minimum of five after one that compiles."""
    index.search(FoldedTexts.of(["a"]))
    return cpu(lambda: index.search(texts), 5)


def build_seconds(engine: Engine, terms: list[str], sample: FoldedTexts) -> float:
    """Return the CPU seconds in which the index is built."""
    return cpu(lambda: index_of(engine, terms, sample), 3)


def cdist_seconds(terms: list[str], titles: list[str], slice_of: tuple[int, int]) -> float:
    """Return the CPU seconds of ``cdist(partial_ratio)`` over all pairs, from a slice."""
    chance = random.Random(SEED)  # noqa: S311 - the same slice on every run
    some = chance.sample(terms, min(len(terms), slice_of[0]))
    among = chance.sample(titles, min(len(titles), slice_of[1]))
    spent = cpu(lambda: process.cdist(some, among, scorer=fuzz.partial_ratio, score_cutoff=80, dtype=np.uint8))
    return spent * (len(terms) / len(some)) * (len(titles) / len(among))


def difference(right: Hits, hits: Hits) -> dict[str, int]:
    """Return how many hits are missing, extra, or have another distance."""
    wanted = dict(zip(zip(right.term.tolist(), right.text.tolist(), strict=True), right.distance.tolist(), strict=True))
    actual = dict(zip(zip(hits.term.tolist(), hits.text.tolist(), strict=True), hits.distance.tolist(), strict=True))
    return {
        "missing": len(wanted.keys() - actual.keys()),
        "extra": len(actual.keys() - wanted.keys()),
        "different": sum(1 for pair in wanted.keys() & actual.keys() if wanted[pair] != actual[pair]),
    }


def identity(terms: list[str], titles: list[str], sample: FoldedTexts, how: str) -> dict[str, Any]:
    """Compare every engine with brute force."""
    if how == "none" or FASTEST != "numba":
        return {"pairs": 0, "reason": "not asked for" if how == "none" else "brute force needs numba"}
    from benchmarks.data.all_pairs import all_pairs  # noqa: PLC0415 - numba may be missing

    step = 1 if how == "full" else 10
    terms, texts = terms[::step], FoldedTexts.of(titles[::step])
    edits = [allowed_edits(len(term)) for term in terms]
    all_pairs(terms[:20], edits[:20], FoldedTexts.of(titles[:5]))
    began = time.process_time()
    right = all_pairs(terms, edits, texts)
    report: dict[str, Any] = {
        "pairs": len(terms) * len(texts),
        "hits": len(right),
        "brute_force_s": time.process_time() - began,
    }
    for engine in ENGINES:
        report[engine] = difference(right, index_of(engine, terms, sample).search(texts))
    return report


def growth(
    terms: list[str], titles: list[str], sample: FoldedTexts, sizes: list[tuple[int, int]]
) -> list[dict[str, Any]]:
    """Measure the fastest engine on more and more terms and titles."""
    rows = []
    for term_count, title_count in sizes:
        repeated = titles * -(-title_count // len(titles))
        texts = FoldedTexts.of(repeated[:title_count])
        index = index_of(FASTEST, terms[:term_count], sample)
        spent = search_seconds(index, texts)
        rows.append(
            {
                "terms": term_count,
                "titles": title_count,
                "s": spent,
                "hits": len(index.search(texts)),
                "bytes": index.nbytes,
            }
        )
    return rows


def changes(terms: list[str], titles: list[str], sample: FoldedTexts, stored: int) -> dict[str, float]:
    """Measure adding to and removing from many terms, new terms against stored titles, and small calls."""
    index = index_of(FASTEST, terms, sample)
    few = [f"{term}x" for term in terms[:10]]
    edits = [allowed_edits(len(term)) for term in few]
    added: list[int] = []
    report = {"add_10_terms_ms": 1e3 * cpu(lambda: added.extend(index.add(few, edits)), 5)}
    report["remove_10_terms_ms"] = 1e3 * cpu(lambda: index.remove(added[-10:]))
    new = index_of(FASTEST, few, sample)
    blocks: Iterator[FoldedTexts] = iter([FoldedTexts.of(titles)] * -(-stored // len(titles)))
    report["retroactive_titles"] = -(-stored // len(titles)) * len(titles)
    report["retroactive_10_terms_s"] = cpu(lambda: [new.search(block) for block in blocks])
    batch = FoldedTexts.of(titles[:500])
    for engine in ENGINES:
        spent = search_seconds(index_of(engine, terms[:2000], sample), batch)
        report[f"batch_500_titles_2000_terms_ms_{engine}"] = 1e3 * spent
    return report


def alone(engine: Engine, terms: list[str], titles: list[str], sample: FoldedTexts) -> dict[str, float]:
    """Measure a process that does nothing but the job: its memory, and the first compilation."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "job.npz"
        texts, wanted = FoldedTexts.of(titles), FoldedTexts.of(terms)
        np.savez(
            job,
            codes=texts.codes,
            starts=texts.starts,
            term_codes=wanted.codes,
            term_starts=wanted.starts,
            sample_codes=sample.codes,
            sample_starts=sample.starts,
        )
        command = [sys.executable, "-m", __spec__.name, "--job", str(job), "--engine", engine]
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder, "PYTHONPATH": path}
        first, second = (
            json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
            for _ in range(2)
        )
    return {"first_call_s": first["first_s"], "later_first_call_s": second["first_s"], "peak_mb": second["peak_mb"]}


def run_job(path: Path, engine: Engine) -> None:
    """Do one job that ``alone`` wrote down, and print what it took."""
    with np.load(path) as job:
        texts = FoldedTexts(job["codes"], job["starts"])
        wanted = FoldedTexts(job["term_codes"], job["term_starts"])
        sample = FoldedTexts(job["sample_codes"], job["sample_starts"])
    index = index_of(engine, [wanted.text(number) for number in range(len(wanted))], sample)
    first = cpu(lambda: index.search(FoldedTexts.of(["a"])))
    spent = cpu(lambda: index.search(texts))
    # What getrusage says includes the process this one was started from.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    peak = int(status["VmHWM"].split()[0]) / 1024
    print(json.dumps({"first_s": first, "s": spent, "peak_mb": peak}))


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return every figure."""
    quick = options.quick
    term_count, title_count, max_terms = (1000, 10_000, 3000) if quick else (10_000, 100_000, 100_000)
    material = Material(options.data)
    names = watch_terms(material, max_terms)
    raw = list(listing_titles(material, names[:term_count], title_count))
    sample = FoldedTexts.of(folded(listing_titles(material, names[:term_count], 12_000, seed=SEED + 1)))
    terms, titles = folded(names), folded(raw)
    texts = FoldedTexts.of(titles)
    job = terms[:term_count]
    slice_of = (100, 1000) if quick else (400, 4000)
    report: dict[str, Any] = {
        "terms": term_count,
        "titles": title_count,
        "letters_a_title": {"raw": sum(map(len, raw)) / len(raw), "folded": sum(map(len, titles)) / len(titles)},
        "identity": identity(job, titles, sample, options.identity),
        "cdist_skeleton_s": cdist_seconds(job, titles, slice_of),
        "cdist_nfkc_s": cdist_seconds(
            [unicodedata.normalize("NFKC", name).casefold() for name in names[:term_count]],
            [unicodedata.normalize("NFKC", title).casefold() for title in raw],
            slice_of,
        ),
    }
    for engine in ENGINES:
        index = index_of(engine, job, sample)
        spent = search_seconds(index, texts)
        report[engine] = {
            "s": spent,
            "times_cdist_skeleton": report["cdist_skeleton_s"] / spent,
            "times_cdist_nfkc": report["cdist_nfkc_s"] / spent,
            "build_s": build_seconds(engine, job, sample),
            "index_bytes": index.nbytes,
            **alone(engine, job, titles, sample),
        }
    sizes = [(count, title_count) for count in (100, 1000, 3000, 10_000, 30_000, 100_000) if count <= max_terms]
    sizes += [(term_count, title_count // 10), (term_count, 3 * title_count)]
    report["growth"] = growth(terms, titles, sample, sizes)
    report["changes"] = changes(job, titles, sample, 10 * title_count)
    return report


def print_table(report: dict[str, Any]) -> None:
    """Print the figures for a reader."""
    print(f"{report['terms']:,} terms x {report['titles']:,} titles, CPU seconds")
    print(f"  cdist(partial_ratio)   skeletons {report['cdist_skeleton_s']:9.1f}   NFKC {report['cdist_nfkc_s']:9.1f}")
    for engine in ENGINES:
        row = report[engine]
        print(
            f"  {engine:22} {row['s']:9.3f}   {row['times_cdist_skeleton']:,.0f} times on skeletons, "
            f"{row['times_cdist_nfkc']:,.0f} on NFKC; index {row['index_bytes'] / 1e6:.1f} MB, "
            f"process {row['peak_mb']:.0f} MB, first call {row['first_call_s']:.1f} s"
        )
    checked = report["identity"]
    print(f"  identity over {checked['pairs']:,} pairs: " + json.dumps({key: checked.get(key) for key in ENGINES}))
    for row in report["growth"]:
        print(f"  {row['terms']:>9,} x {row['titles']:>9,} {row['s']:9.3f} s {row['hits']:>10,} hits")
    for name, figure in report["changes"].items():
        print(f"  {name:45} {figure:12.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED, help="the folder of shared data")
    parser.add_argument("--identity", choices=("full", "sample", "none"), default="sample")
    parser.add_argument("--quick", action="store_true", help="a hundredth of the pairs")
    parser.add_argument("--job", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--engine", choices=ENGINES, default=FASTEST, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        run_job(options.job, options.engine)
        return
    report = measure(options)
    print_table(report)
    print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
