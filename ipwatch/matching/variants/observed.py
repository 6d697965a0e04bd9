"""A text in which marks are searched for."""

from __future__ import annotations

from dataclasses import dataclass

from ipwatch.text.folding.skeleton import Skeleton, skeleton


@dataclass(frozen=True, slots=True)
class ObservedText:
    """A field of a record, folded once for all marks."""

    field: str
    source: str
    folded: Skeleton

    @classmethod
    def of(cls, name: str, source: str) -> ObservedText:
        """Return the field folded; raises ``ValueError`` where it is longer than the folding allows."""
        return cls(name, source, skeleton(source))
