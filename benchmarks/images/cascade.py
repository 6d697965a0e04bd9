"""The cost of a picture from its bytes to its matches, and its growth with the number of references.

    python -m benchmarks.images.cascade [--data DIR] [--references N ...] [--pictures N] [--seed S]

Prints one JSON line: by number of references CPU milliseconds a picture for describing (decoding, hashes, regions,
keypoints, emblems) and matching, pictures a CPU-second, and the resident memory. The pictures are shop photos that are
in no reference. References are the real photos, marks and logos of the other half; beyond them, real ones with other
hashes (a quarter of the bits flipped) and the keypoints of others, so that they match nothing. Run with
OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1: the figures are of one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.data.folders import SHARED
from benchmarks.data.image_features import reference_of
from benchmarks.data.image_sets import halves, shop_photos
from ipwatch.images import Purpose, extract_features
from ipwatch.matching.images.engine import ImageIndex
from ipwatch.matching.images.features import ReferenceImage


def grown(real: Sequence[ReferenceImage], number: int, rng: np.random.Generator) -> list[ReferenceImage]:
    """Return ``number`` references: the real ones, then mixtures of them that resemble none."""
    made = list(real[:number])
    while len(made) < number:
        first, second = (real[int(index)] for index in rng.integers(len(real), size=2))
        view = first.features.views[0]
        turned = np.packbits(rng.random((*view.regions.hashes.shape[:2], 256)) < 0.25, axis=-1).view(np.uint64)
        regions = replace(view.regions, hashes=view.regions.hashes ^ turned)
        mixed = replace(view, regions=regions, keypoints=second.features.views[0].keypoints)
        made.append(replace(first, path=f"mixture {len(made)}", features=replace(first.features, views=(mixed,))))
    return made


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--references", type=int, nargs="+", default=[100, 300, 1_000, 3_000])
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(asked.seed)
    encoded = [picture.path.read_bytes() for picture in shop_photos(asked.data)[1][: asked.pictures]]
    real = [reference_of(picture) for group in ("photos", "marks", "logos") for picture in halves(group, asked.data)[0]]
    rng.shuffle(real)
    began = time.process_time()
    features = [extract_features(data, Purpose.OBSERVED) for data in encoded]
    describing = (time.process_time() - began) / len(encoded) * 1e3
    by_count = {}
    for number in asked.references:
        references = grown(real, number, rng)
        began = time.process_time()
        index = ImageIndex(references)
        indexing = (time.process_time() - began) / number * 1e3
        index.matches(features[:1])
        began = time.process_time()
        for picture in features:
            index.matches([picture])
        matching = (time.process_time() - began) / len(features) * 1e3
        by_count[number] = {
            "matching_ms": round(matching, 1),
            "indexing_ms_a_reference": round(indexing, 1),
            "pictures_a_cpu_second": round(1e3 / (describing + matching), 1),
            "resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    print(
        json.dumps(
            {"describing_ms": round(describing, 1), "references": by_count, "load": round(os.getloadavg()[0], 1)}
        )
    )


if __name__ == "__main__":
    main()
