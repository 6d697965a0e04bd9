"""Measures the similarity of unrelated pictures by a model, and writes it into the description of the model.

    python -m benchmarks.training.fit_embedding MODEL.onnx DIRECTORY... [--edge N] [--write]

All pictures in the directories are compared with each other. They must be unrelated: a picture that is there twice,
changed or not, counts as a false match, so the most similar pairs are printed for inspection, and one of each must be
removed. The table has the similarity that 1 in 10 pairs reaches, 1 in 100 and so on, as counted, down to where 20 pairs
are left; beyond that, to one in 10^9, it continues as an exponential tail (peaks over threshold; the mean excess over
the similarity that 1 in 1,000 pairs reaches, or 200 of them where there are fewer). Similarities end at 1, so such a
tail overestimates rates rather than underestimating them. With ``--write`` the description's table is replaced.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ipwatch.errors import ImageError
from ipwatch.images.decode import Raster, decode
from ipwatch.images.embedding import Embedder
from ipwatch.images.features import EDGE
from ipwatch.matching.images.embeddings import unit

COUNTED = 20
TAIL_SHARE, TAIL_COUNT = 1e-3, 200
MIN_RATE = 1e-9
SHOWN = 10
BATCH = 64


def pictures(directories: Sequence[Path], edge: int) -> Iterator[tuple[Path, Raster]]:
    """Yield every picture that can be decoded, each content once; print the number of the others."""
    refused: Counter[str] = Counter()
    digests: set[str] = set()
    for path in sorted(path for directory in directories for path in directory.rglob("*") if path.is_file()):
        try:
            decoded = decode(path.read_bytes(), edge)
        except ImageError as error:
            refused[error.reason] += 1
            continue
        if decoded.sha256 not in digests:
            digests.add(decoded.sha256)
            yield path, decoded.frames[0]
    print(f"left out: {dict(refused)}", file=sys.stderr)


def table(similarities: npt.NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Return ascending similarities and the share of pairs that reaches each, first counted, then by the tail."""
    falling = np.sort(similarities)[::-1]
    pairs = len(falling)
    beyond = max(int(pairs * TAIL_SHARE), min(TAIL_COUNT, pairs // 10))
    bound = float(falling[beyond])
    excess = float((falling[:beyond] - bound).mean())
    steps = {round(float(falling[-1]), 6): 1.0}
    rate = 0.1
    while rate >= MIN_RATE / 2:
        reached = int(pairs * rate)
        similarity = falling[reached - 1] if reached >= COUNTED else bound + excess * np.log(beyond / pairs / rate)
        if similarity >= 1:
            steps[1.0] = min(beyond / pairs * float(np.exp((bound - 1) / excess)), *steps.values())
            break
        if similarity > max(steps):
            steps[round(float(similarity), 6)] = rate
        rate /= 10
    return list(steps), [float(f"{value:.3g}") for value in steps.values()]


def main() -> int:
    """Measure, print, and write on request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("directories", type=Path, nargs="+")
    parser.add_argument("--edge", type=int, default=EDGE)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    embedder = Embedder(options.model)
    paths: list[Path] = []
    parts, batch = [], []
    for path, raster in pictures(options.directories, options.edge):
        paths.append(path)
        batch.append(raster)
        if len(batch) == BATCH:
            parts.append(embedder.embed(batch))
            batch = []
    vectors = unit(np.concatenate([*parts, embedder.embed(batch)]))
    first, second = np.triu_indices(len(vectors), 1)
    if len(first) < 10 * COUNTED:
        print(f"{len(vectors)} pictures are too few: {len(first)} pairs", file=sys.stderr)
        return 2
    similarities = (vectors @ vectors.T)[first, second].astype(np.float64)
    for pair in np.argsort(-similarities)[:SHOWN]:
        print(f"# {similarities[pair]:.4f} {paths[first[pair]]} {paths[second[pair]]}")
    levels, rates = table(similarities)
    text = (
        f"[calibration]\n# {len(first)} pairs of {len(vectors)} unrelated pictures; "
        f"below {COUNTED / len(first):.1e} an exponential tail\nsimilarities = {levels}\nrates = {rates}\n"
    )
    print(text)
    if options.write:
        description = options.model.with_suffix(".toml")
        kept = re.sub(r"(?ms)^\[calibration\].*?(?=^\[|\Z)", "", description.read_text(encoding="utf-8")).rstrip()
        description.write_text(f"{kept}\n\n{text}", encoding="utf-8")
        Embedder(options.model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
