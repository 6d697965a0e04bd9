"""Goods and services (指定商品・役務): whether a filing designates the classes that a mark is watched for."""

from __future__ import annotations

from collections.abc import Sequence

from ipwatch.matching.score import qualifier
from ipwatch.records import MarkRecord, Signal, WatchedMark


def filing_goods(mark: WatchedMark, filing: MarkRecord) -> Signal | None:
    """Return whether the Nice classes of a filing overlap those of the mark; ``None`` where either is not known."""
    if not mark.nice_classes or not filing.nice_classes:
        return None
    overlap = sorted(set(mark.nice_classes) & set(filing.nice_classes))
    compared = (_classes(mark.nice_classes), _classes(overlap or filing.nice_classes))
    return qualifier("goods", "class_overlap" if overlap else "class_apart", compared, field="nice_classes")


def _classes(classes: Sequence[int]) -> str:
    return ", ".join(str(number) for number in classes)
