"""Fits the qualifiers (goods, context, price, origin ...) on worlds of the sandbox, where the truth is known.

    python -m benchmarks.training.fit_qualifiers [--train SEED ...] [--test SEED ...] [--listings N] [--write]

A logistic regression over the qualifiers of every candidate; the points of the name, the sound and the picture are
fixed. Each qualifier keeps its sign, between a half and twice the value set by hand, and is regularised towards it: a
world of invented goods does not represent a market. Where fewer than ``MIN_CANDIDATES`` candidates have a qualifier, or
all that have it are of one kind, the value set by hand is kept.

Prints both sets of values and how well either separates candidates in the worlds of other seeds. ``--write`` puts the
fitted values into ``ipwatch/matching/weights.toml`` if they are no worse there, and records the comparison in the head
of the table in any case.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.text.worlds import is_right, screened
from benchmarks.training.fit_score import POINTS_PER_NAT
from ipwatch.matching import score
from ipwatch.matching.score import DEFAULT_THRESHOLD, QUALIFIERS, contribution, counted

Vector = npt.NDArray[np.float64]

MIN_CANDIDATES = 100
"""Minimum number of candidates with a qualifier for its value to be fitted."""

MAX_RATIO = 2.0
"""Maximum ratio, either way, of a fitted value to the one set by hand: the sandbox has few ordinary words."""

_DRAWN = 0.02
"""Regularisation towards the value set by hand, for each squared unit of log-odds."""

_TABLE = Path(score.__file__).with_name("weights.toml")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidates of worlds: the points of their other signals, a 0/1 column for each qualifier, and the truth."""

    fixed_points: Vector
    qualifiers: Vector
    labels: Vector

    def scores(self, values: Vector) -> Vector:
        """Return the sums of points with these qualifiers."""
        return np.asarray(self.fixed_points + self.qualifiers @ values)


def candidates(seeds: Sequence[int], listings: int, terms: Sequence[str]) -> Candidates:
    """Return every candidate listing and mark of the worlds of these seeds."""
    columns = {term: column for column, term in enumerate(terms)}
    fixed_points, rows, labels = [], [], []
    for seed in seeds:
        world = screened(seed, listings)
        truth = world.truth()
        for candidate in world.candidates:
            row = np.zeros(len(terms))
            points = 0.0
            for signal in counted(candidate.signals):
                if signal.term in columns:
                    row[columns[signal.term]] = 1.0
                else:
                    points += contribution(signal)
            fixed_points.append(points)
            rows.append(row)
            labels.append(is_right(truth[candidate.subject], candidate.mark))
    return Candidates(np.array(fixed_points), np.array(rows), np.array(labels, dtype=float))


def informative_qualifiers(sample: Candidates) -> npt.NDArray[np.bool_]:
    """Return for each qualifier whether enough candidates have it, both right and wrong ones."""
    number = sample.qualifiers.sum(axis=0)
    right = sample.labels @ sample.qualifiers
    return np.asarray((number >= MIN_CANDIDATES) & (right > 0) & (right < number))


def fit(sample: Candidates, by_hand: Vector) -> Vector:
    """Return the points of each qualifier that separate the candidates best; those by hand where not informative."""
    informative = informative_qualifiers(sample)

    def loss(values: Vector) -> tuple[float, Vector]:
        odds = (sample.scores(values) - DEFAULT_THRESHOLD) / POINTS_PER_NAT
        lost = np.logaddexp(0.0, odds) - sample.labels * odds
        slope = sample.qualifiers.T @ (1.0 / (1.0 + np.exp(-np.clip(odds, -500, 500))) - sample.labels) / POINTS_PER_NAT
        away = (values - by_hand) / POINTS_PER_NAT
        return float(lost.sum() + _DRAWN * away @ away), slope + 2 * _DRAWN * away / POINTS_PER_NAT

    sides = [
        tuple(sorted((value / MAX_RATIO, value * MAX_RATIO))) if free else (value, value)
        for value, free in zip(by_hand, informative, strict=True)
    ]
    solution = minimize(loss, by_hand, jac=True, method="L-BFGS-B", bounds=sides)
    return np.asarray(solution.x)


def quality(sample: Candidates, values: Vector) -> dict[str, float]:
    """Return the log loss, the average precision, and the hits, misses and false flags at the threshold."""
    scores = sample.scores(values)
    odds = (np.clip(scores, 0.0, 1.0) - DEFAULT_THRESHOLD) / POINTS_PER_NAT
    right = sample.labels[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    flagged = scores >= DEFAULT_THRESHOLD
    return {
        "log_loss": round(float((np.logaddexp(0.0, odds) - sample.labels * odds).mean()), 4),
        "average_precision": round(float(precision[right > 0].mean()), 4),
        "found": int((flagged & (sample.labels > 0)).sum()),
        "missed": int((~flagged & (sample.labels > 0)).sum()),
        "wrong": int((flagged & (sample.labels == 0)).sum()),
    }


def write(values: Mapping[str, float], kept: bool, note: str) -> None:
    """Write the fitted values into the table, or keep those set by hand, and record the comparison in its head."""
    lines = []
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        row = re.match(r"(\w+) = \{points = ([-+\d.]+), origin = \"(?:hand|world)\"(?:, hand = ([-+\d.]+))?", line)
        if line.startswith("worlds = "):
            lines.append(f"worlds = {json.dumps(note, ensure_ascii=False)}")
        elif row and row[1] in QUALIFIERS:
            hand = row[3] or row[2]
            setting = f'points = {hand}, origin = "hand"'
            if kept and row[1] in values:
                setting = f'points = {values[row[1]] + 0.0:.4f}, origin = "world", hand = {hand}'
            lines.append(f"{row[1]} = {{{setting}{line[row.end() :]}")
        else:
            lines.append(line)
    _TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _by_hand() -> dict[str, float]:
    """Return the value of each qualifier that was set by hand, whatever the table contains now."""
    row = re.compile(r"^(\w+) = \{points = ([-+\d.]+), origin = \"\w+\"(?:, hand = ([-+\d.]+))?", re.MULTILINE)
    rows = row.findall(_TABLE.read_text(encoding="utf-8"))
    return {term: float(hand or points) for term, points, hand in rows if term in QUALIFIERS}


def main() -> None:
    """Fit, print, and write on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--train", type=int, nargs="+", default=[2, 3, 4, 5, 6, 8])
    parser.add_argument("--test", type=int, nargs="+", default=[1, 7, 11])
    parser.add_argument("--listings", type=int, default=3_000)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    hand = _by_hand()
    terms = sorted(hand)
    by_hand = np.array([hand[term] for term in terms])
    train = candidates(asked.train, asked.listings, terms)
    test = candidates(asked.test, asked.listings, terms)
    fitted = fit(train, by_hand)
    informative = informative_qualifiers(train)
    print(f"{'qualifier':28} candidates  right   by hand   fitted")
    for column, term in enumerate(terms):
        has = train.qualifiers[:, column]
        print(
            f"{term:28} {int(has.sum()):10} {int((has * train.labels).sum()):6}  {by_hand[column]:+.4f}"
            f"  {fitted[column]:+.4f}{'' if informative[column] else '  (mute)'}"
        )
    compared = {
        name: {"by hand": quality(sample, by_hand), "fitted": quality(sample, fitted)}
        for name, sample in (("train", train), ("test", test))
    }
    better = _is_better(compared["test"]["fitted"], compared["test"]["by hand"])
    note = (
        f"python -m benchmarks.training.fit_qualifiers, {datetime.now(UTC).date()}: worlds {asked.train}, on "
        f"{asked.test} {'kept' if better else 'refused'}: {_short(compared['test']['fitted'])}; "
        f"all by hand: {_short(compared['test']['by hand'])}"
    )
    print(json.dumps({"note": note, **compared}))
    if asked.write:
        write({term: float(fitted[index]) for index, term in enumerate(terms) if informative[index]}, better, note)


def _is_better(fitted: Mapping[str, float], by_hand: Mapping[str, float]) -> bool:
    """Whether the fitted values have no higher log loss, and make no more mistakes at the threshold."""
    mistakes = fitted["missed"] + fitted["wrong"] <= by_hand["missed"] + by_hand["wrong"]
    return mistakes and fitted["log_loss"] <= by_hand["log_loss"]


def _short(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


if __name__ == "__main__":
    main()
