"""Figures of quality: recall among candidates, precision at recall, decoys, and the same by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.data.planted import Brand, PlantedTitle
from benchmarks.data.quality_rows import Row
from ipwatch.matching.names.appearance import MIN_SCORE
from ipwatch.matching.score import DEFAULT_THRESHOLD
from ipwatch.text.folding.skeleton import skeleton

RECALLS = (0.60, 0.80, 0.85, 0.90)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of candidates with their labels, best first; ``named`` is how many titles name a brand at all."""

    scores: npt.NDArray[np.float64]
    labels: npt.NDArray[np.bool_]
    decoys: npt.NDArray[np.bool_]
    named: int

    @classmethod
    def of(cls, rows: Sequence[Row], named: int) -> Ranking:
        """Return the candidates above the floor, in the order of their scores; ties are kept in that of the rows."""
        kept = [(row, row.best.score) for row in rows]
        kept = [pair for pair in kept if pair[1] >= MIN_SCORE]
        kept.sort(key=lambda pair: -pair[1])
        return cls(
            np.array([score for _, score in kept]),
            np.array([row.label for row, _ in kept], dtype=bool),
            np.array([row.decoy for row, _ in kept], dtype=bool),
            named,
        )

    def precision_at(self, recall: float) -> float | None:
        """Return the precision of the shortest head that names that share of all; ``None`` where no head does."""
        right = np.cumsum(self.labels)
        reached = np.flatnonzero(right >= recall * self.named)
        return None if not len(reached) else float(right[reached[0]] / (reached[0] + 1))

    @property
    def average_precision(self) -> float:
        """The average precision over all that is named, found or not."""
        right = np.cumsum(self.labels)
        precision = right / np.arange(1, len(right) + 1)
        return float(precision[self.labels].sum() / max(1, self.named))

    def decoys_above(self, share: float) -> int:
        """Return how many decoys score no less than that share of the named candidates."""
        named = np.sort(self.scores[self.labels])
        return int((self.decoys & (self.scores >= named[int((1 - share) * len(named))])).sum()) if len(named) else 0


def figures(brands: Sequence[Brand], titles: Sequence[PlantedTitle], rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figures of one set of titles."""
    named = sum(title.brand is not None for title in titles)
    ranking = Ranking.of(rows, named)
    flagged = ranking.scores >= DEFAULT_THRESHOLD
    right = int((flagged & ranking.labels).sum())
    return {
        "brands": len(brands),
        "titles": len(titles),
        "named": named,
        "decoys": sum(title.decoy_of is not None for title in titles),
        "candidates_per_100k_titles": round(len(ranking.scores) * 100_000 / len(titles)),
        "recall_among_candidates": _share(int(ranking.labels.sum()), named),
        "average_precision": round(ranking.average_precision, 3),
        "precision_at_recall": {str(recall): _rounded(ranking.precision_at(recall)) for recall in RECALLS},
        "decoys_above_90_per_cent": ranking.decoys_above(0.9),
        "at_threshold": {
            "recall": _share(right, named),
            "precision": _share(right, int(flagged.sum())),
            "decoys": int((flagged & ranking.decoys).sum()),
        },
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)


Group = Callable[[Sequence[Brand], PlantedTitle], str]


def script_of_name(_: Sequence[Brand], title: PlantedTitle) -> str:
    """Return what the planted name is written in."""
    if title.name.isascii():
        return "latin"
    if all("\u3040" <= char <= "\u30ff" or not char.isalnum() for char in title.name):
        return "kana"
    return "han" if any("\u4e00" <= char <= "\u9fff" for char in title.name) else "other"


def length_of_name(_: Sequence[Brand], title: PlantedTitle) -> str:
    """Return how many letters the planted name has, in three classes."""
    letters = len(skeleton(title.name).text)
    return "2-4" if letters < 5 else "5-9" if letters < 10 else "10+"


GROUPS: Mapping[str, Group] = {
    "kind": lambda _, title: title.kind,
    "context": lambda _, title: title.context,
    "script": script_of_name,
    "letters": length_of_name,
}


def by_group(
    brands: Sequence[Brand], titles: Sequence[PlantedTitle], rows: Sequence[Row]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return for each group of planted names how many there are and the shares found and flagged."""
    scores = {(row.brand, row.title): row.best.score for row in rows if row.label}
    tables: dict[str, dict[str, list[float]]] = {name: {} for name in GROUPS}
    for number, title in enumerate(titles):
        if title.brand is None:
            continue
        score = scores.get((title.brand, number), 0.0)
        for name, group in GROUPS.items():
            tables[name].setdefault(group(brands, title), []).append(score)
    return {
        name: {
            key: {
                "named": len(named),
                "found": _share(sum(score >= MIN_SCORE for score in named), len(named)),
                "flagged": _share(sum(score >= DEFAULT_THRESHOLD for score in named), len(named)),
            }
            for key, named in sorted(table.items())
        }
        for name, table in tables.items()
    }
