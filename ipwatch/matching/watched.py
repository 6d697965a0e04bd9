"""Watched marks, prepared for comparison once."""

from __future__ import annotations

from dataclasses import dataclass

from ipwatch.matching.score import DEFAULT_THRESHOLD
from ipwatch.matching.variants import Refused, Variant, variants_of
from ipwatch.records import WatchedMark
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.phonetics.reading import readings_of


@dataclass(frozen=True, slots=True)
class Watched:
    """A mark with its variants, readings, folded goods terms, and the threshold in force.

    ``refused`` are the declared variants that are not searched for.
    """

    mark: WatchedMark
    variants: tuple[Variant, ...]
    refused: tuple[Refused, ...]
    readings: tuple[str, ...]
    goods: tuple[str, ...]
    threshold: float

    @classmethod
    def of(cls, mark: WatchedMark, *, min_score: float | None = None) -> Watched:
        """Return the mark prepared; ``min_score`` replaces the mark's own threshold."""
        variants, refused = variants_of(mark)
        own = mark.threshold if mark.threshold is not None else DEFAULT_THRESHOLD
        return cls(
            mark,
            variants,
            refused,
            readings_of(mark.text, mark.readings),
            goods_skeletons(mark),
            own if min_score is None else min_score,
        )


def goods_skeletons(mark: WatchedMark) -> tuple[str, ...]:
    """Return the mark's goods terms, folded for comparison."""
    return tuple(folded for folded in (skeleton(goods_term).text for goods_term in mark.goods_terms) if folded)
