"""Recall of region hashes compared with imagehash's and PDQ's, by kind of change, at the same rate of false matches.

    python -m benchmarks.images.hashes [--data DIR] [--pictures N] [--groups GROUP...]

Each way has its own threshold: the largest distance below which at most one pair of unrelated pictures in 10,000 was
counted, as these pairs are too few to measure one in a million. Regions are also given at one in a million by the table
that ``benchmarks/training/fit_copies.py`` wrote. One JSON line a group, with the CPU milliseconds of making the hashes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.data.copy_trials import Changed, Grey, SameThing, changed, features, grey_of
from benchmarks.data.folders import SHARED
from benchmarks.data.image_sets import GROUPS, RealImage, halves
from ipwatch.images.hashes import dct_hashes, pdq_buffer
from ipwatch.images.regions import observed_regions, reference_regions
from ipwatch.matching.images.copies import CopyIndex
from ipwatch.matching.images.features import ReferenceImage

COUNTED_RATE = 1e-4
TABLE_RATE = 1e-6

Words = npt.NDArray[np.uint64]
Hash = Callable[[Grey], Words]


def _gate(function: Callable[[Image.Image], imagehash.ImageHash]) -> Hash:
    def words(grey: Grey) -> Words:
        bits: npt.NDArray[np.bool_] = function(Image.fromarray(grey)).hash
        packed: Words = np.packbits(bits.ravel()).view(np.uint64)[None]
        return packed

    return words


def _pdq(grey: Grey, *, all_orientations: bool) -> Words:
    buffer = pdq_buffer(grey.astype(np.float32))
    hashes: Words = dct_hashes(buffer[None], all_orientations=all_orientations)[0][0]
    return hashes


WAYS: dict[str, tuple[Hash, Hash]] = {
    "imagehash pHash 64": (_gate(imagehash.phash), _gate(imagehash.phash)),
    "imagehash dHash 64": (_gate(imagehash.dhash), _gate(imagehash.dhash)),
    "PDQ 256": (lambda grey: _pdq(grey, all_orientations=False), lambda grey: _pdq(grey, all_orientations=False)),
    "PDQ 256, 8 orientations": (
        lambda grey: _pdq(grey, all_orientations=False),
        lambda grey: _pdq(grey, all_orientations=True),
    ),
    "regions": (
        lambda grey: observed_regions(grey, 1.0).hashes[:, 0],
        lambda grey: reference_regions(grey, 1.0).hashes.reshape(-1, 4),
    ),
}


def distances(queries: Sequence[Words], known: Sequence[Words]) -> npt.NDArray[np.int64]:
    """Return int64[queries, known]: the smallest distance between any hash of one and any of the other."""
    hashes = np.concatenate(known)
    begins = np.cumsum([0, *(len(each) for each in known[:-1])])
    rows = []
    for each in queries:
        apart = np.bitwise_count(each[:, None] ^ hashes[None]).sum(axis=-1, dtype=np.int64).min(axis=0)
        rows.append(np.minimum.reduceat(apart, begins))
    return np.stack(rows)


def recall(hits: npt.NDArray[np.bool_], queries: Sequence[Changed]) -> dict[str, float]:
    """Return the share of hits by kind of change, and over the known and the unknown kinds."""
    hits_by_kind: dict[str, list[bool]] = defaultdict(list)
    for query, hit in zip(queries, hits.tolist(), strict=True):
        for name in ("known kinds" if query.known else "kinds not fitted on", query.kind):
            hits_by_kind[name].append(hit)
    return {name: round(sum(each) / len(each), 3) for name, each in hits_by_kind.items()}


def unrelated(
    references: Sequence[RealImage],
    queries: Sequence[Changed],
    apart: npt.NDArray[np.int64],
) -> npt.NDArray[np.bool_]:
    """Return bool[queries, references]: whether they show different things; near regions are checked by SIFT."""
    same = SameThing()
    return np.array(
        [
            [
                not any(same.holds(shown, reference, int(distance)) for shown in query.shows)
                for reference, distance in zip(references, row, strict=True)
            ]
            for query, row in zip(queries, apart, strict=True)
        ]
    )


def measure(group: str, data: Path, count: int) -> dict[str, object]:
    """Return the figures of one group."""
    references, others = halves(group, data)
    queries = list(changed(references, others, count, 3))
    greys = [grey_of(picture.image()) for picture in references]
    true = [number for number, query in enumerate(queries) if query.truth is not None]
    truth_numbers = [references.index(query.truth) for query in queries if query.truth is not None]
    positives = [queries[number] for number in true]
    made = {name: _made(way, queries, greys) for name, way in WAYS.items()}
    negative = unrelated(references, queries, made["regions"][0])
    figures: dict[str, object] = {"group": group, "references": len(references), "pairs": int(negative.sum())}
    for name, (apart, spent) in made.items():
        ordered = np.sort(apart[negative])
        threshold = int(ordered[int(COUNTED_RATE * len(ordered))]) - 1
        hits = apart[true, truth_numbers] <= threshold
        figures[name] = {"threshold": threshold, "ms": spent, "recall": recall(hits, positives)}
    figures["regions by the table, 1e-6"] = _by_table(references, greys, queries, positives, truth_numbers)
    return figures


def _made(
    way: tuple[Hash, Hash], queries: Sequence[Changed], greys: Sequence[Grey]
) -> tuple[npt.NDArray[np.int64], float]:
    """Return the distances between all, and the CPU milliseconds of hashing a picture."""
    began = time.process_time()
    hashes = [way[0](query.grey) for query in queries]
    spent = 1000 * (time.process_time() - began) / len(queries)
    return distances(hashes, [way[1](grey) for grey in greys]), round(spent, 1)


def _by_table(
    references: Sequence[RealImage],
    greys: Sequence[Grey],
    queries: Sequence[Changed],
    positives: Sequence[Changed],
    truth_numbers: Sequence[int],
) -> dict[str, object]:
    watched = [
        ReferenceImage(mark=picture.name, path=str(picture.path), features=features(grey, reference_regions(grey, 1.0)))
        for picture, grey in zip(references, greys, strict=True)
    ]
    index = CopyIndex(watched)
    began = time.process_time()
    matches = {
        id(query): {
            number for number, _ in index.matches(features(query.grey, observed_regions(query.grey, 1.0)), TABLE_RATE)
        }
        for query in queries
    }
    spent = 1000 * (time.process_time() - began) / len(queries)
    hits = np.array([number in matches[id(query)] for number, query in zip(truth_numbers, positives, strict=True)])
    return {"ms with the search": round(spent, 1), "recall": recall(hits, positives)}


def main() -> None:
    """Print a line for each group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--pictures", type=int, default=8, help="changed pictures of each kind and role")
    parser.add_argument("--groups", nargs="+", choices=GROUPS, default=GROUPS)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    for group in arguments.groups:
        print(json.dumps(measure(group, arguments.data, arguments.pictures)), flush=True)


if __name__ == "__main__":
    main()
