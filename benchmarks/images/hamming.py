"""The speed of finding all hashes within a radius among millions, compared with faiss in the same run.

    python -m benchmarks.images.hamming [--hashes N] [--queries Q] [--radius R] [--spread even|families|real]
                                        [--data DIR] [--no-multihash]

Prints JSON lines, times in CPU seconds of one thread. Half of the queries are a stored hash with 0 to R bits flipped,
the others are random; every exact method must find what faiss's BinaryFlat finds, and reports ``same``. SYNTHETIC
hashes: ``even`` draws every bit; ``families`` has hashes in families of 1 to 1,000 with up to 40 flipped bits, one hash
(a placeholder picture) in every hundred, and one in every hundred within 3 bits of another; ``real`` flips 0 to 24 bits
in hashes of crops of the pictures in DIR/images. The memory is that of a separate process that builds the index and
searches.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import faiss
import numpy as np
import numpy.typing as npt

from benchmarks.data.folders import SHARED
from ipwatch.matching.images.hamming import HammingIndex, Hits, brute_force

PICTURES = ("clothing_cc0", "grocery", "jpo_marks", "kamon_wiki", "kodak", "char_gophers_svg")
Result = TypeVar("Result")
Hashes = npt.NDArray[np.uint64]
Triples = npt.NDArray[np.int64]
"""Query, id and distance of each hit, sorted."""


def flipped(hashes: Hashes, flips: npt.NDArray[np.int64], rng: np.random.Generator) -> Hashes:
    """Return the hashes with that many random bits flipped in each."""
    order = rng.random((len(hashes), 256)).argsort(axis=1).argsort(axis=1)
    return hashes ^ np.packbits(order < flips[:, None], axis=1).view(np.uint64)


def jittered(hashes: Hashes, flips: npt.NDArray[np.int64], rng: np.random.Generator) -> Hashes:
    """Return the hashes with at most that many bits flipped in each: faster, as a bit may be flipped back."""
    changed = hashes.copy()
    for number in range(int(flips.max(initial=0))):
        rows = np.flatnonzero(flips > number)
        bit = rng.integers(0, 256, len(rows))
        changed[rows, bit >> 6] ^= np.uint64(1) << (bit & 63).astype(np.uint64)
    return changed


def stored(count: int, spread: str, data: Path, rng: np.random.Generator) -> Hashes:
    """Return the hashes to search among."""
    drawn = rng.integers(0, 1 << 64, (count, 4), dtype=np.uint64)
    if spread == "even":
        return drawn
    if spread == "real":
        crops = hashes_of_crops(data, rng)
        return jittered(crops[rng.integers(0, len(crops), count)], rng.integers(0, 25, count), rng)
    sizes = np.minimum(rng.zipf(1.6, count), 1000)
    family = np.repeat(np.arange(count), sizes)[:count]
    hashes = jittered(drawn[family], rng.integers(0, 41, count), rng)
    rows = rng.permutation(count)[: count // 50]
    hashes[rows] = drawn[0]
    half = rows[: len(rows) // 2]
    hashes[half] = jittered(hashes[half], rng.integers(0, 4, len(half)), rng)
    return hashes


def hashes_of_crops(data: Path, rng: np.random.Generator) -> Hashes:
    """Return the hashes, in eight orientations, of crops of each picture."""
    from ipwatch.images.decode import decode  # noqa: PLC0415 - only where pictures are asked for
    from ipwatch.images.hashes import dct_hashes  # noqa: PLC0415

    buffers = []
    paths = [path for kind in PICTURES for path in sorted((data / "images" / kind).rglob("*.[jp][pn]*g"))]
    for path in paths:
        grey = decode(path.read_bytes(), edge=512).frames[0].grey.astype(np.float32)
        for _ in range(40):
            share = rng.uniform(0.4, 1)
            height, width = (max(int(side * share), 64) for side in grey.shape)
            top, left = (
                int(rng.integers(0, max(side - size, 0) + 1))
                for side, size in zip(grey.shape, (height, width), strict=True)
            )
            crop = grey[top : top + height, left : left + width]
            rows, columns = (np.linspace(0, size - 1, 64).astype(int) for size in crop.shape)
            buffers.append(crop[np.ix_(rows, columns)])
    hashes, _ = dct_hashes(np.stack(buffers), all_orientations=True)
    return np.ascontiguousarray(hashes.reshape(-1, 4))


def asked(hashes: Hashes, count: int, radius: int, rng: np.random.Generator) -> Hashes:
    """Return the queries: alternately a changed stored hash and a random one."""
    queries = rng.integers(0, 1 << 64, (count, 4), dtype=np.uint64)
    planted = hashes[rng.integers(0, len(hashes), (count + 1) // 2)]
    queries[::2] = flipped(planted, rng.integers(0, radius + 1, len(planted)), rng)
    return queries


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what the work returned, and the CPU seconds it took."""
    begin = time.process_time()
    return work(), time.process_time() - begin


def triples(hits: Hits) -> Triples:
    """Return the hits in the format of faiss."""
    return np.stack([hits.query, hits.id, hits.distance.astype(np.int64)], axis=1)


def of_faiss(index: faiss.IndexBinary, queries: Hashes, radius: int) -> Triples:
    """Return the hits of a range search, whose radius faiss treats as an exclusive bound."""
    limits, distances, ids = index.range_search(queries.view(np.uint8), radius + 1)
    query = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
    order = np.lexsort((ids, distances, query))
    return np.stack([query[order], ids[order], distances[order].astype(np.int64)], axis=1)


def flat(hashes: Hashes, queries: Hashes, radius: int) -> tuple[Triples, float]:
    """Return what faiss finds by comparing all with all, and the CPU seconds that took."""
    index = faiss.IndexBinaryFlat(256)
    index.add(hashes.view(np.uint8))
    return timed(lambda: of_faiss(index, queries, radius))


def resident() -> float:
    """Return the memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6


def searched_apart(hashes: Hashes, queries: Hashes, radius: int) -> dict[str, float]:
    """Return the speed and the memory of a process that builds the index and searches."""
    before = resident()
    index = HammingIndex(engine="numba")
    index.add(hashes, np.arange(len(hashes)))
    del hashes
    index.search(queries, radius)
    _, seconds = timed(lambda: index.search(queries, radius))
    return {"queries a second": len(queries) / seconds, "resident MB": resident(), "MB before": before}


@dataclass(frozen=True)
class Trial:
    """The queries and the expected hits. ``base``: queries a second of faiss's BinaryFlat."""

    hashes: Hashes
    queries: Hashes
    radius: int
    right: Triples
    base: float

    def expected(self, queries: int) -> Triples:
        """Return the hits of the first queries."""
        return self.right[self.right[:, 0] < queries]

    def paced(self, index: HammingIndex, queries: int, recall: float) -> dict[str, object]:
        """Return the speed of searching for the first queries, and the share of expected hits that was found."""
        few = self.queries[:queries]
        index.search(few[:2], self.radius, recall=recall)
        hits, seconds = timed(lambda: index.search(few, self.radius, recall=recall))
        return {
            **self.pace(queries, seconds),
            "same": np.array_equal(triples(hits), self.expected(queries)),
            "recall": len(hits) / max(len(self.expected(queries)), 1),
        }

    def pace(self, queries: int, seconds: float) -> dict[str, object]:
        """Return the speed, and its ratio to that of BinaryFlat."""
        return {"queries a second": queries / seconds, "times BinaryFlat": queries / seconds / self.base}


def measures(options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yield one line for each method."""
    rng = np.random.default_rng(1)
    hashes = stored(options.hashes, options.spread, options.data, rng)
    queries = asked(hashes, options.queries, options.radius, rng)
    faiss.omp_set_num_threads(1)
    right, seconds = flat(hashes, queries, options.radius)
    trial = Trial(hashes, queries, options.radius, right, len(queries) / seconds)
    yield {"method": "faiss BinaryFlat", **trial.pace(len(queries), seconds), "hits": len(right)}
    if options.multihash:
        yield {"method": "faiss MultiHash 16x16, one flip", **multihash(trial)}
    few = queries[: max(len(queries) // 100, 8)]
    reference_hits = triples(brute_force(hashes, np.arange(len(hashes)), few, options.radius))
    yield {"method": "brute_force", "same": np.array_equal(reference_hits, trial.expected(len(few)))}
    yield from of_ours(trial)


def of_ours(trial: Trial) -> Iterator[dict[str, object]]:
    """Yield the lines of the index of this project."""
    yield {"method": "loaded and compiled, or read from numba's cache", "CPU seconds": loaded(trial)}
    index = HammingIndex(engine="numba")
    _, built = timed(lambda: index.add(trial.hashes, np.arange(len(trial.hashes))))
    yield {"method": "built", "CPU seconds": built}
    for recall in (1.0, 0.99, 0.95, 0.9):
        yield {"method": f"recall {recall}", **trial.paced(index, len(trial.queries), recall)}
    hits, seconds = timed(lambda: index.search(trial.queries[:512], 70))
    right = triples(brute_force(trial.hashes, np.arange(len(trial.hashes)), trial.queries[:8], 70))
    same = np.array_equal(triples(hits)[hits.query < 8], right)
    yield {"method": "recall 1.0, radius 70", "queries a second": len(trial.queries[:512]) / seconds, "same": same}
    numpy_alone = HammingIndex(engine="numpy")
    numpy_alone.add(trial.hashes, np.arange(len(trial.hashes)))
    yield {"method": "recall 1.0, numpy alone", **trial.paced(numpy_alone, len(trial.queries) // 20, 1.0)}
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        apart = pool.apply(searched_apart, (trial.hashes, trial.queries, trial.radius))
    yield {"method": "recall 1.0, in a process of its own", **apart}


def loaded(trial: Trial) -> float:
    """Return the time of the first scan and the first bucket search, including loading and compiling by numba."""
    index = HammingIndex(engine="numba")
    part = trial.hashes[: 1 << 18]
    index.add(part, np.arange(len(part)))
    _, seconds = timed(lambda: [index.search(trial.queries[:1], radius) for radius in (70, trial.radius)])
    return seconds


def multihash(trial: Trial) -> dict[str, object]:
    """Return the speed of faiss's multi-index hashing, exact to radius 31 with these slots."""
    index = faiss.IndexBinaryMultiHash(256, 16, 16)
    index.nflip = 1
    before = resident()
    _, built = timed(lambda: index.add(trial.hashes.view(np.uint8)))
    memory = resident() - before
    queries = max(len(trial.queries) // 8, 64)
    hits, seconds = timed(lambda: of_faiss(index, trial.queries[:queries], trial.radius))
    same = np.array_equal(hits, trial.expected(queries))
    return {**trial.pace(queries, seconds), "built in CPU seconds": built, "MB": memory, "same": same}


def main() -> int:
    """Run the measurements that the options select."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hashes", type=lambda text: int(float(text)), default=1_000_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--radius", type=int, default=31)
    parser.add_argument("--spread", choices=["even", "families", "real"], default="even")
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--multihash", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    for line in measures(options):
        rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in line.items()}
        print(json.dumps({"hashes": options.hashes, "spread": options.spread, **rounded}, default=bool), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
