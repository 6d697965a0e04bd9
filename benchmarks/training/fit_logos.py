"""Fit the rates that distinguish logos on goods from coincidences.

    python -m benchmarks.training.fit_logos [--data DIR] [--photos N] [--composites N] [--seed S]

Writes ``polar.npz`` (how shapes of innocent photos vary) and ``logos.toml`` (false-match rates) next to the code. The
negatives are the photos of one half without any logo, and the same photos with logos of the half that is not among the
references; pairs of logos with one motif (``copy_trials.SameThing``) are left out. The other half of the photos is
for ``benchmarks/images/recognition.py``. The tail is a straight line of the logarithm of the rate over the statistic,
fitted to the exceedances (exponential tail: Pickands 1975) by their median, because some pairs of crests share a motif.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np

from benchmarks.data.copy_trials import SameThing
from benchmarks.data.folders import ROOT, SHARED
from benchmarks.data.image_changes.logos import Placing, placed
from benchmarks.data.image_features import observed_features, reference_of
from benchmarks.data.image_sets import RealImage, halves, shop_photos
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage
from ipwatch.matching.images.local import LocalIndex
from ipwatch.matching.images.logos import LogoIndex, LogoTable
from ipwatch.matching.images.polar import FREQUENCIES, Whitening, fitted_whitening, spectra

CODE = ROOT / "ipwatch" / "matching" / "images"

_RIDGE, _FLOOR = 0.02, 0.3
_TAIL = 60
_CAUTION = 1.3
"""Factor on the fitted decade: the median of 60 exceedances determines it to 19 %, and tails bend."""

_RENDERINGS = ("pasted", "printed", "tinted", "inverted")
_SHARES = (0.4, 0.3, 0.2, 0.12)


def whitening_of(pictures: list[ImageFeatures]) -> Whitening:
    """Return the variation of the shapes of pictures: the mean, and the matrices that decorrelate the rings."""
    coefficients = spectra(np.concatenate([view.emblems.shapes for picture in pictures for view in picture.views]))
    mean = coefficients.mean(axis=0)
    mean[:, 1:] = 0
    matrices = []
    for frequency in range(FREQUENCIES):
        centred = coefficients[:, :, frequency] - mean[:, frequency]
        spread = centred.conj().T @ centred / len(centred)
        rings = len(spread)
        spread = spread + np.eye(rings) * (np.trace(spread).real / rings * _RIDGE + _FLOOR)
        powers, axes = np.linalg.eigh(spread)
        matrices.append((axes / np.sqrt(powers)) @ axes.conj().T)
    return Whitening(mean.astype(np.complex64), np.array(matrices, dtype=np.complex64))


def write_whitening(known: Whitening, path: Path) -> None:
    """Write the whitening in half precision: real and imaginary parts in the last axis."""
    parts = {
        name: np.stack([part.real, part.imag], axis=-1).astype(np.float16)
        for name, part in (("mean", known.mean), ("matrices", known.matrices))
    }
    np.savez_compressed(path, **parts)  # type: ignore[arg-type]  # the stub takes the names for allow_pickle


def best_statistics(logos: LogoIndex, local: LocalIndex, pictures: list[ImageFeatures]) -> list[tuple[float, int, int]]:
    """Return the best statistic of every pair that was judged, with the indices of picture and reference."""
    judged: list[tuple[float, int, int]] = []
    for number, picture in enumerate(pictures):
        best: dict[int, float] = {}
        for match in logos.placings(picture, tuple(local.placed(picture))):
            best[match.reference] = max(best.get(match.reference, -1e9), match.statistic)
        judged += [(statistic, number, reference) for reference, statistic in best.items()]
    return judged


def fitted(statistics: list[float], pairs: int) -> LogoTable:
    """Return the table of the largest statistics among that many pairs."""
    highest = np.sort(np.array(statistics))[::-1][: _TAIL + 1]
    knee = float(highest[-1])
    decade = float(np.median(highest[:-1] - knee) / np.log(2) * np.log(10) * _CAUTION)
    return LogoTable(knee=round(knee, 3), rate_at_knee=_TAIL / pairs, decade=round(decade, 3))


def other_logos(
    marks: list[RealImage], photos: tuple[RealImage, ...], count: int, rng: np.random.Generator
) -> list[tuple[ImageFeatures, RealImage]]:
    """Return photos with logos that are not references, each with its logo."""
    out = []
    for _ in range(count):
        mark, photo = marks[int(rng.integers(len(marks)))], photos[int(rng.integers(len(photos)))]
        placing = Placing(str(rng.choice(_RENDERINGS)), float(rng.choice(_SHARES)))
        out.append((observed_features(placed(mark.image(), photo.image(), placing, rng)[0]), mark))
    return out


def main() -> None:
    """Fit, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--photos", type=int, default=205)
    parser.add_argument("--composites", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    began = time.process_time()
    rng = np.random.default_rng(asked.seed)
    photos = shop_photos(asked.data)[0][: asked.photos]
    innocent = [observed_features(photo.image()) for photo in photos]
    write_whitening(whitening_of(innocent), CODE / "polar.npz")
    fitted_whitening.cache_clear()
    kept, others = ([p for group in ("marks", "logos") for p in halves(group, asked.data)[n]] for n in (0, 1))
    references: list[ReferenceImage] = [reference_of(picture) for picture in kept]
    logos, local = LogoIndex(references), LocalIndex(references)
    composites = other_logos(others, photos, asked.composites, rng)
    pictures = innocent + [picture for picture, _ in composites]
    same = SameThing()
    judged = [
        (statistic, picture, reference)
        for statistic, picture, reference in best_statistics(logos, local, pictures)
        if picture < len(innocent) or not same.holds(kept[reference], composites[picture - len(innocent)][1], 0)
    ]
    statistics = [statistic for statistic, _, _ in judged]
    pairs = len(pictures) * len(references)
    table = fitted(statistics, pairs)
    text = (
        f"# Written by benchmarks/training/fit_logos.py: {len(innocent)} photos and {asked.composites} photos with\n"
        f"# other logos against {len(references)} references, {pairs} pairs of which {len(statistics)} were\n"
        f"# judged; the {_TAIL} largest make the tail.\n"
        f"[rates]\nknee = {table.knee}\nrate_at_knee = {table.rate_at_knee:.3e}\ndecade = {table.decade}\n"
    )
    (CODE / "logos.toml").write_text(text, encoding="utf-8")
    print(text)
    for statistic, picture, reference in sorted(judged, reverse=True)[:20]:
        kind = "photo" if picture < len(innocent) else "other logo"
        print(f"{statistic:8.2f}  {kind:10} {picture:4}  {references[reference].path}")
    print(json.dumps({"pairs": pairs, "knee": table.knee, "cpu_s": round(time.process_time() - began, 1)}))


if __name__ == "__main__":
    main()
