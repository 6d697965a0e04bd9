"""Fits the weights of names in listing titles and writes them into ``ipwatch/matching/weights.toml``.

    python -m benchmarks.training.fit_score [--data DIR] [--titles N] [--brands N] [--seed S] [--write]

A logistic regression over the reasons of ``ipwatch.matching.names.reasons``: planted variants and decoys in real
titles, and real titles whose brand people labelled, one half of the brands and of the titles of each. No weight may
contradict the meaning of its reason (an edit never raises a score): such weights are held at 0. Half of the rows are
fitted without counts of a crawl, so that the other reasons determine the score where there are none. Log-odds become
points at ``POINTS_PER_NAT``, even odds being the default threshold. Rows of the table that are set by hand stay as they
are.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.data.folders import SHARED
from benchmarks.data.quality_data import planted_titles, real_titles
from benchmarks.data.quality_measure import figures
from benchmarks.data.quality_rows import Row, rows_of
from ipwatch.matching import score
from ipwatch.matching.score import DEFAULT_THRESHOLD, MAIN_WEIGHTS, REASONS

Vector = npt.NDArray[np.float64]

POINTS_PER_NAT = 0.02
"""Points for one natural unit of log-odds: 0.014 doubles the odds, and the plain name is at about 0.80."""

RAISING = frozenset({"disguised_spelling", "edit_doubled", "edit_swap", "edit_vowel"})
"""Reasons that may raise a score; all others may only lower it."""

_MAX_RAISED = 1.5
"""Log-odds that one of them may add: about the cost of its edit, because no slip is more certain than the name."""

_RIDGE = 0.5
_ROUNDS = 4
_TABLE = Path(score.__file__).with_name("weights.toml")
_ROW = re.compile(r'^(\w+) = \{points = [-+\d.]+, origin = "fitted"')


@dataclass(frozen=True, slots=True)
class Fit:
    """The log-odds of the plain name and of one unit of each reason."""

    base: float
    reasons: Mapping[str, float]


def fit(rows: Sequence[Row], terms: Sequence[str]) -> Fit:
    """Return the weights under which the best match of each row separates the labels best."""
    labels = np.array([row.label for row in rows] * 2, dtype=float)
    weights = np.zeros(len(terms) + 1)
    for _ in range(_ROUNDS):
        counted = _matrix(rows, terms, weights)
        blind = counted.copy()
        if "surface_frequent" in terms:
            blind[:, terms.index("surface_frequent")] = 0.0
        weights = _regress(np.vstack([counted, blind]), labels, terms)
    return Fit(float(weights[-1]), dict(zip(terms, map(float, weights[:-1]), strict=True)))


def declared_only(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the matches of declared variants: generated spellings are never planted."""
    kept = (replace(row, matches=tuple(match for match in row.matches if not match.variant.generated)) for row in rows)
    return [row for row in kept if row.matches]


def _matrix(rows: Sequence[Row], terms: Sequence[str], weights: Vector) -> Vector:
    """Return the amounts at the best match of each row under the present weights, with a column of ones."""
    columns = {term: column for column, term in enumerate(terms)}
    matrix = np.zeros((len(rows), len(terms) + 1))
    matrix[:, -1] = 1.0
    for number, row in enumerate(rows):
        amounts = np.zeros((len(row.matches), len(terms)))
        for index, match in enumerate(row.matches):
            for term, amount in match.amounts.items():
                if term in columns:
                    amounts[index, columns[term]] = amount
        matrix[number, :-1] = amounts[int(np.argmax(amounts @ weights[:-1]))]
    return matrix


def _regress(matrix: Vector, labels: Vector, terms: Sequence[str]) -> Vector:
    """Return the weights of minimum logistic loss with a ridge, each with its sign."""

    def loss(weights: Vector) -> tuple[float, Vector]:
        odds = matrix @ weights
        lost = np.logaddexp(0.0, odds) - labels * odds
        slope = matrix.T @ (1.0 / (1.0 + np.exp(-odds)) - labels)
        ridge = weights.copy()
        ridge[-1] = 0.0
        return float(lost.sum() / 2 + _RIDGE * ridge @ ridge), slope / 2 + 2 * _RIDGE * ridge

    bounds = [(0.0, _MAX_RAISED) if term in RAISING else (None, 0.0) for term in terms] + [(None, None)]
    solution = minimize(loss, np.zeros(len(terms) + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    if not solution.success:
        raise RuntimeError(f"the fit did not settle: {solution.message}")
    return np.asarray(solution.x)


def write(fitted: Fit, note: str) -> None:
    """Write the fitted points into the table and record in its head what they were fitted on."""
    lines = []
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        row = _ROW.match(line)
        if row:
            term = row[1]
            points = (
                DEFAULT_THRESHOLD + fitted.base * POINTS_PER_NAT
                if term in MAIN_WEIGHTS
                else fitted.reasons.get(term, 0.0) * POINTS_PER_NAT
            )
            lines.append(re.sub(r"points = [-+\d.]+", f"points = {points + 0.0:.4f}", line))
        elif line.startswith("fitted = "):
            lines.append(f"fitted = {json.dumps(note, ensure_ascii=False)}")
        else:
            lines.append(line)
    _TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Fit, print the weights and the figures of both halves, and write the table on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--titles", type=int, default=20_000)
    parser.add_argument("--brands", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows: list[Row] = []
    fitted_on = {}
    for name, (brands, titles) in {
        "planted": planted_titles(options.data, "fit", brands=options.brands, titles=options.titles, seed=options.seed),
        "real": real_titles(options.data, "fit", seed=options.seed),
    }.items():
        collected = rows_of(brands, titles)
        rows += declared_only(collected)
        fitted_on[name] = figures(brands, titles, collected)
    terms = sorted(_fitted_terms() & {term for row in rows for match in row.matches for term in match.amounts})
    result = fit(rows, terms)
    for term, weight in sorted(result.reasons.items(), key=lambda pair: pair[1]):
        print(f"{term:28} {weight:+7.2f}  {weight * POINTS_PER_NAT:+.4f}")
    print(f"{'the plain name':28} {result.base:+7.2f}  {DEFAULT_THRESHOLD + result.base * POINTS_PER_NAT:.4f}")
    note = (
        f"python -m benchmarks.training.fit_score --titles {options.titles} --brands {options.brands} "
        f"--seed {options.seed}, {datetime.now(UTC).date()}: "
        f"{sum(row.label for row in rows)} of {len(rows)} candidates name the brand"
    )
    if options.write:
        write(result, note)
    print(json.dumps({"note": note, "before": fitted_on}, ensure_ascii=False))


def _fitted_terms() -> set[str]:
    rows = (_ROW.match(line) for line in _TABLE.read_text(encoding="utf-8").splitlines())
    return {row[1] for row in rows if row} & set(REASONS)


if __name__ == "__main__":
    main()
