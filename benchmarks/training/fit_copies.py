"""Fits the false-match rates of distances between region hashes and writes ``ipwatch/matching/images/copies.toml``.

    python -m benchmarks.training.fit_copies [--data DIR] [--pictures N] [--check] [--write]

Negatives are pairs of a reference and a picture of the same group (photos, marks, logos, characters) under one of the
known kinds of change, and changed references against all other references; the halves are used both ways. Pairs of one
family, and pairs whose originals share ``SAME_THING`` SIFT correspondences under one affine map, are left out: they
show the same thing. The smallest distance of each pair is counted by class (``copies.CLASSES``). Where ``ENOUGH`` pairs
of originals are as near under any change, the rate is the count, plus one for safety; below, it falls by the same share
each bit (an exponential tail), fitted to the rates next to it and never steeper than ``STEEPEST``.

``--check`` fits on one half of the families and prints the results of the other half, including the kinds of change
that nothing is fitted on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.data.copy_trials import SAME_THING, Query, SameThing, Trial, trial
from benchmarks.data.folders import SHARED
from benchmarks.data.image_sets import GROUPS, halves, of_half
from ipwatch.matching.images import copies
from ipwatch.matching.images.copies import CLASSES, CopyTable

ENOUGH = 12
"""Pairs of originals from which a rate is the count: fewer may all be two crests with one motif."""

STEEPEST = 0.12
"""Decades per bit: in no class with a million pairs does the counted rate fall more slowly."""

SAFETY = 2.0
"""Factor on the rates: families that nothing was fitted on had twice the expected false matches."""

FARTHEST = 104
RATES = (1e-3, 1e-4, 1e-5, 1e-6)

_NEVER = 256
_FITTED_BITS = 14
_STEP = 4
_TOML = Path(copies.__file__).with_name("copies.toml")

Integers = npt.NDArray[np.int64]


@dataclass(slots=True)
class Counts:
    """Counts of unrelated pairs: by class and smallest distance, by class, in total; and the distances of near pairs.

    ``originals`` has for each pair of originals the smallest distance by class under any change; the pictures that fill
    collages count as one original.
    """

    near: Integers = field(default_factory=lambda: np.zeros((len(CLASSES), _NEVER + 1), np.int64))
    pairs: Integers = field(default_factory=lambda: np.zeros(len(CLASSES), np.int64))
    all_pairs: int = 0
    min_distances: list[Integers] = field(default_factory=list)
    originals: dict[tuple[str, str], Integers] = field(default_factory=dict)

    def near_originals(self) -> Integers:
        """Return int64[classes, 257]: pairs of originals by the smallest distance under any change."""
        columns = np.stack(list(self.originals.values())).T
        return np.stack([np.bincount(column, minlength=_NEVER + 1) for column in columns])


def count(trials: Iterable[Trial], same: SameThing, *, known: bool) -> Counts:
    """Return the counts of all unrelated pairs under the known kinds of change, or under those never fitted on."""
    counts = Counts()
    for each in trials:
        looks = each.index.looks()
        for query in each.queries:
            if query.known is not known:
                continue
            grid = min_distances(each, query)
            unrelated = np.array(
                [
                    not any(same.holds(shown, reference, int(distance)) for shown in query.shows)
                    for reference, distance in zip(each.references, grid.min(axis=1), strict=True)
                ]
            )
            counts.all_pairs += int(unrelated.sum())
            counts.pairs += _present(query, looks[unrelated])
            near_numbers = np.flatnonzero(unrelated & (grid.min(axis=1) < _NEVER))
            near = grid[near_numbers]
            counts.min_distances.append(near)
            shown = query.shows[0].family if len(query.shows) == 1 else "collage"
            for reference_number, row in zip(near_numbers.tolist(), near, strict=True):
                pair = (shown, str(each.references[reference_number].path))
                counts.originals[pair] = np.minimum(counts.originals.get(pair, row), row)
            for number, column in enumerate(near.T):
                counts.near[number] += np.bincount(column, minlength=_NEVER + 1)
    counts.near[:, _NEVER] = 0
    return counts


def min_distances(each: Trial, query: Query) -> Integers:
    """Return int64[references, classes]: the smallest distance, 256 where none is near."""
    comparisons = each.index.comparisons(query.features, FARTHEST)
    grid = np.full((len(each.references), len(CLASSES)), _NEVER, np.int64)
    np.minimum.at(grid, (comparisons.reference, comparisons.number), comparisons.distance)
    return grid


def fit(counts: Counts) -> CopyTable:
    """Return the rates by class and distance, and the tries over classes, from counted pairs."""
    by_class = zip(counts.near, counts.near_originals(), counts.pairs, strict=True)
    rates = np.stack([_tail(near, originals, int(pairs)) for near, originals, pairs in by_class])
    lowest = min_rates(CopyTable(rates, 1.0), np.concatenate(counts.min_distances))
    ratios = [float((lowest <= rate).sum()) / counts.all_pairs / rate for rate in RATES[:2]]
    return CopyTable(rates, round(SAFETY * max(1.0, *ratios), 2))


def min_rates(table: CopyTable, grid: Integers) -> npt.NDArray[np.float64]:
    """Return the rate of each pair, given its smallest distance by class; tries over classes are included."""
    by_class = [
        np.where(column < _NEVER, rates[column], 1.0) for rates, column in zip(table.rates, grid.T, strict=True)
    ]
    return np.asarray(np.minimum(np.min(by_class, axis=0) * table.tries, 1.0), dtype=np.float64)


def _tail(near: Integers, originals: Integers, pairs: int) -> npt.NDArray[np.float64]:
    counted = np.cumsum(near) + 1
    rates = np.minimum(counted / max(pairs, 1), 1.0)
    rates[FARTHEST + 1 :] = 1.0
    first = int(np.searchsorted(np.cumsum(originals), ENOUGH))
    if first + 4 >= FARTHEST:
        raise ValueError(f"{pairs} pairs are too few to fit: fewer than {ENOUGH} came near")
    fitted = slice(first, min(first + _FITTED_BITS, FARTHEST))
    slope = float(np.polyfit(np.arange(_NEVER + 1)[fitted], np.log10(rates[fitted]), 1)[0])
    below = np.arange(first)
    rates[below] = rates[first] * 10.0 ** (-min(slope, STEEPEST) * (first - below))
    return rates


def _present(query: Query, looks: npt.NDArray[np.bool_]) -> Integers:
    """Return by class the number of references with a hash that is compared with one of the query in that class."""
    regions = query.features.views[0].regions
    good = np.asarray(regions.qualities >= copies.MIN_QUALITY)
    inner = np.isin(regions.kinds, copies.INNER)
    regular = copies.is_regular(regions.hashes[:, 0])
    present = []
    for number, kind in enumerate(CLASSES):
        here = good & (inner if kind.inner else ~inner)
        references = looks[:, number // 4]
        if kind.look == copies.Look.REGULAR and (here & regular).any():
            references = np.asarray(looks.any(axis=1), dtype=np.bool_)
        has = here.any() if kind.look == copies.Look.REGULAR else (here & ~regular).any()
        present.append(int(references.sum()) * int(has))
    return np.array(present, dtype=np.int64)


def report(trials: Sequence[Trial], same: SameThing, table: CopyTable) -> None:
    """Print recall at the operating rate by group and kind of change, and false matches against the expected ones."""
    for each in trials:
        hits_by_kind: dict[str, list[bool]] = {}
        for query in each.queries:
            if query.truth is not None:
                grid = min_distances(each, query)[[each.references.index(query.truth)]]
                hit = bool(min_rates(table, grid)[0] <= RATES[-1])
                for name in (query.kind, "known kinds" if query.known else "kinds not fitted on"):
                    hits_by_kind.setdefault(name, []).append(hit)
        recall = {name: round(sum(hits) / len(hits), 3) for name, hits in hits_by_kind.items()}
        print(json.dumps({"group": each.group, "references": len(each.references), "recall at 1e-6": recall}))
    for known in (True, False):
        counts = count(trials, same, known=known)
        lowest = min_rates(table, np.concatenate(counts.min_distances))
        false = {f"{rate:g}": [int((lowest <= rate).sum()), round(rate * counts.all_pairs, 2)] for rate in RATES}
        print(json.dumps({"known kinds": known, "pairs": counts.all_pairs, "false matches: seen, promised": false}))


def written(table: CopyTable, counts: Counts, command: str) -> str:
    """Return the table as TOML."""
    lines = [
        "# How often two unrelated pictures are as near, by class of comparison; all tries of a class count.",
        f'fitted = "{command}, {datetime.now(UTC).date()}: {counts.all_pairs} pairs"',
        f'tail = "exponential below {ENOUGH} counted pairs of originals, at most {STEEPEST} decades a bit"',
        f"tries = {table.tries}  # over classes, and {SAFETY:g} times for safety",
        f"distances = {list(range(0, FARTHEST + 1, _STEP))}",
    ]
    for number, kind in enumerate(CLASSES):
        logarithms = np.maximum.accumulate(np.log10(table.rates[number]))
        row = ", ".join(f"{value:.3f}" for value in logarithms[: FARTHEST + 1 : _STEP])
        lines += [
            "",
            "[[class]]",
            f'look = "{kind.look}"',
            f"inner = {str(kind.inner).lower()}",
            f"turned = {str(kind.turned).lower()}",
            f"pairs = {counts.pairs[number]}",
            f"log10_rates = [{row}]",
        ]
    return "\n".join(lines) + "\n"


def _trials(data: Path, count_of_each: int, half: int | None) -> list[Trial]:
    collected = []
    for group in GROUPS:
        first, second = (of_half(pictures, half) for pictures in halves(group, data))
        collected += [trial(group, first, second, count_of_each, 1), trial(group, second, first, count_of_each, 2)]
    return collected


def main() -> None:
    """Fit, and check or write as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--pictures", type=int, default=12, help="changed pictures of each kind, group and role")
    parser.add_argument("--check", action="store_true", help="fit on half of the families, report on the other")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    same = SameThing()
    if arguments.check:
        table = fit(count(_trials(arguments.data, arguments.pictures, 0), same, known=True))
        report(_trials(arguments.data, arguments.pictures, 1), same, table)
    if arguments.write:
        counts = count(_trials(arguments.data, arguments.pictures, None), same, known=True)
        command = f"python -m benchmarks.training.fit_copies --pictures {arguments.pictures} --write"
        _TOML.write_text(written(fit(counts), counts, command), encoding="utf-8")
    print(json.dumps({"cpu_s": round(time.process_time(), 1), "same_thing": SAME_THING}))


if __name__ == "__main__":
    main()
