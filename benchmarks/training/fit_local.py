"""Fits the significance of placed keypoints and writes ``ipwatch/matching/images/local.toml``.

    python -m benchmarks.training.fit_local [--data DIR] [--pictures N] [--group G ...] [--check] [--write]

Positives are changed pictures and the reference they were made from; negatives are all other pairs of a changed picture
and a reference of the same group (photos, marks, logos, characters). Pairs of one family, and pairs whose originals
share ``SAME_THING`` SIFT correspondences under one affine map, are left out: they show the same thing. The weights of
the statistic are those of a logistic regression without negative weights, in which all groups count the same.

The rate of a statistic is the share of the negative pairs whose best placing reaches it, for photos and for drawings
(the mean of marks, logos and characters) separately. Where ``ENOUGH`` pairs reach it, it is counted, with one pair more
for safety; above, it falls by the same share each step (an exponential tail), fitted to the ``TAIL`` highest pairs, and
not so steeply that it falls below a counted rate of more than ``RARE`` pairs.

``--check`` fits on one half of the families and prints the results of the other half, including the kinds of change
that nothing is fitted on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.data.copy_trials import SAME_THING
from benchmarks.data.folders import SHARED
from benchmarks.data.image_sets import GROUPS, halves, of_half
from benchmarks.data.local_trials import PlacedQuery, by_reference, trials
from ipwatch.matching.images import local_rates
from ipwatch.matching.images.local_rates import TERMS, LocalTable, RateTable, terms

ENOUGH = 20
TAIL = 200
RARE = 4
PHOTOS = ("photos",)
RATES = (1e-3, 1e-4, 1e-5, 1e-6)

_ROUNDS = 4
_STEP = 1e-3
_RIDGE = 1e-5
_MIN_LOG_RATE = -12.0
_TOML = Path(local_rates.__file__).with_name("local.toml")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Placings: their terms float64[n, 6], the pair each belongs to, and the pairs' label, group, kind and half.

    Pairs that were never placed are only counted, in ``negatives`` and ``positives`` by group.
    """

    terms: Floats
    pair: npt.NDArray[np.int64]
    true: npt.NDArray[np.bool_]
    group: npt.NDArray[np.int64]
    kind: npt.NDArray[np.str_]
    known: npt.NDArray[np.bool_]
    negatives: npt.NDArray[np.int64]
    positives: npt.NDArray[np.str_]
    times: Floats

    def best(self, weights: Floats) -> Floats:
        """Return the highest statistic of each pair."""
        out = np.full(len(self.true), -np.inf)
        np.maximum.at(out, self.pair, self.terms @ weights)
        return out


def rows_of(placed_queries: Sequence[PlacedQuery]) -> Rows:
    """Return the placings as arrays."""
    values: list[Floats] = []
    pair: list[int] = []
    labels: list[bool] = []
    groups: list[int] = []
    kinds: list[str] = []
    known: list[bool] = []
    negatives = np.zeros((len(GROUPS), 2), dtype=np.int64)
    for each in placed_queries:
        group = GROUPS.index(each.group)
        negatives[group, int(each.known)] += each.references - len(each.same) - (each.truth >= 0)
        for reference, matches in by_reference(each).items():
            if reference in each.same:
                continue
            values += [terms(match.log_alarms, match.agreement) for match in matches]
            pair += [len(labels)] * len(matches)
            labels.append(reference == each.truth)
            groups.append(group)
            kinds.append(each.kind)
            known.append(each.known)
    return Rows(
        terms=np.array(values).reshape(-1, len(TERMS)),
        pair=np.array(pair, dtype=np.int64),
        true=np.array(labels, dtype=np.bool_),
        group=np.array(groups, dtype=np.int64),
        kind=np.array(kinds),
        known=np.array(known, dtype=np.bool_),
        negatives=negatives,
        positives=np.array(
            [f"{each.group} {each.kind} {int(each.known)}" for each in placed_queries if each.truth >= 0]
        ),
        times=np.array([[each.described_in, each.placed_in] for each in placed_queries]),
    )


def fit(rows: Rows) -> LocalTable:
    """Return the weights and the rates, from the kinds of change that may be fitted on."""
    weights = np.ones(len(TERMS))
    for _ in range(_ROUNDS):
        weights = _regression(rows, weights)
    weights = np.round(weights, 4)
    statistics = rows.best(weights)
    negative = ~rows.true & rows.known
    present = [
        (name in PHOTOS, statistics[negative & (rows.group == group)], int(rows.negatives[group, 1]))
        for group, name in enumerate(GROUPS)
        if rows.negatives[group, 1]
    ]
    photo, drawing = (
        _with_tail([(np.sort(values)[::-1], count) for look, values, count in present if look is photos])
        for photos in (True, False)
    )
    return LocalTable(weights=weights, photo=photo, drawing=drawing)


def _regression(rows: Rows, weights: Floats) -> Floats:
    """Return improved weights: a logistic regression over the best placing of each pair under the previous ones."""
    statistic = rows.terms @ weights
    order = np.lexsort((-statistic, rows.pair))
    first = order[np.unique(rows.pair[order], return_index=True)[1]]
    used = rows.known
    values, labels, groups = rows.terms[first][used], rows.true[used].astype(float), rows.group[used]
    share = np.zeros(len(labels))
    for group in range(len(GROUPS)):
        for label in (0.0, 1.0):
            mask = (groups == group) & (labels == label)
            share[mask] = 1 / max(1, mask.sum())
    share /= share.sum()

    def loss(parameters: Floats) -> tuple[float, Floats]:
        margin = values @ parameters[1:] + parameters[0]
        wrong = 1 / (1 + np.exp(-margin)) - labels
        value = float((share * (np.logaddexp(0, margin) - labels * margin)).sum())
        slope = np.concatenate([[(share * wrong).sum()], values.T @ (share * wrong)])
        slope[1:] += _RIDGE * parameters[1:]
        return value + _RIDGE / 2 * float(parameters[1:] @ parameters[1:]), slope

    start = np.concatenate([[-1.0], np.ones(len(TERMS))])
    bounds = [(None, None)] + [(0.0, None)] * len(TERMS)
    return np.asarray(minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x[1:])


def _with_tail(groups: Sequence[tuple[Floats, int]]) -> RateTable:
    """Return the table: counted rates, and beyond them an exponential tail."""
    every = np.sort(np.concatenate([values for values, _ in groups]))[::-1]
    shares = [np.searchsorted(-values, -every, side="right") / count for values, count in groups]
    rates = np.mean(shares, axis=0) + 1 / sum(count for _, count in groups)
    top = slice(ENOUGH, min(TAIL, len(every)))
    start, log_rate = float(every[ENOUGH]), float(np.log10(rates[ENOUGH]))
    above = slice(RARE, ENOUGH)
    counted = (np.log10(rates[above]) - log_rate) / np.maximum(every[above] - start, _STEP)
    slope = min(-_STEP, max(float(np.polyfit(every[top], np.log10(rates[top]), 1)[0]), float(counted.max())))
    grid = np.quantile(every[ENOUGH:][np.isfinite(every[ENOUGH:])], np.linspace(0, 1, 24))
    logs = np.interp(grid, every[ENOUGH:][::-1], np.log10(rates[ENOUGH:][::-1]))
    end = start + (_MIN_LOG_RATE - log_rate) / slope
    return RateTable(
        statistics=np.append(grid[:-1], [start, end]),
        log10_rates=np.minimum.accumulate(np.append(logs[:-1], [log_rate, _MIN_LOG_RATE])),
    )


def report(rows: Rows, table: LocalTable) -> None:
    """Print recall at the operating rate by group and kind, and the false matches against the expected ones."""
    best = rows.best(table.weights)
    photo = np.isin(rows.group, [GROUPS.index(name) for name in PHOTOS])
    rates = np.array([table.rate(value, photo=bool(look)) for value, look in zip(best, photo, strict=True)])
    for group, name in enumerate(GROUPS):
        recall: dict[str, float] = {}
        own = rows.positives[np.char.startswith(rows.positives, f"{name} ")]
        asked = {str(key): int((own == key).sum()) for key in np.unique(own)}
        hits = rows.true & (rows.group == group) & (rates <= RATES[-1])
        for known in (True, False):
            total = sum(count for key, count in asked.items() if key.endswith(str(int(known))))
            if total:
                recall["known kinds" if known else "kinds not fitted on"] = round(
                    int((hits & (rows.known == known)).sum()) / total, 3
                )
        for key, count in asked.items():
            kind = key.split(" ", 1)[1][:-2]
            recall[kind] = round(int((hits & (rows.kind == kind)).sum()) / count, 2)
        print(json.dumps({"group": name, "recall at 1e-6": recall}))
        negative = ~rows.true & (rows.group == group)
        pairs = int(rows.negatives[group].sum())
        false = {f"{r:g}": [int((rates[negative] <= r).sum()), round(r * pairs, 2)] for r in RATES}
        print(json.dumps({"group": name, "pairs": pairs, "false matches: seen, promised": false}))
    described, placed = rows.times.mean(axis=0) * 1e3
    print(json.dumps({"cpu_ms": {"keypoints and sketch": round(described, 1), "search and check": round(placed, 1)}}))


def written(table: LocalTable, rows: Rows, command: str) -> str:
    """Return the table as TOML."""
    negative = dict(zip(GROUPS, rows.negatives[:, 1].tolist(), strict=True))
    lines = [
        "# How often a reference is placed in an unrelated picture with a statistic as high, all tries counted.",
        f'fitted = "{command}, {datetime.now(UTC).date()}: negative pairs {negative}, {len(rows.positives)} positives"',
        f'tail = "exponential above {ENOUGH} counted pairs, fitted to {TAIL}, not below a rate of more than {RARE}"',
        "",
        "[weights]",
        *(f"{name} = {value:.4f}" for name, value in zip(TERMS, table.weights, strict=True)),
    ]
    for look, rates in (("photo", table.photo), ("drawing", table.drawing)):
        lines += [
            "",
            f"[{look}]",
            f"statistics = [{', '.join(f'{value:.4f}' for value in rates.statistics)}]",
            f"log10_rates = [{', '.join(f'{value:.3f}' for value in rates.log10_rates)}]",
        ]
    return "\n".join(lines) + "\n"


def _collected(data: Path, groups: Sequence[str], count: int, half: int | None) -> Rows:
    collected: list[PlacedQuery] = []
    for group in groups:
        first, second = (of_half(pictures, half) for pictures in halves(group, data))
        collected += [*trials(group, first, second, count, 1), *trials(group, second, first, count, 2)]
    return rows_of(collected)


def main() -> None:
    """Fit, and check or write as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--pictures", type=int, default=6, help="changed pictures of each kind, group and role")
    parser.add_argument("--group", choices=GROUPS, nargs="+", default=list(GROUPS))
    parser.add_argument("--check", action="store_true", help="fit on half of the families, report on the other")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.check:
        table = fit(_collected(arguments.data, arguments.group, arguments.pictures, 0))
        report(_collected(arguments.data, arguments.group, arguments.pictures, 1), table)
    if arguments.write:
        rows = _collected(arguments.data, arguments.group, arguments.pictures, None)
        table = fit(rows)
        report(rows, table)
        command = f"python -m benchmarks.training.fit_local --pictures {arguments.pictures} --write"
        _TOML.write_text(written(table, rows, command), encoding="utf-8")
    print(json.dumps({"cpu_s": round(time.process_time(), 1), "same_thing": SAME_THING}))


if __name__ == "__main__":
    main()
