"""Price slices: splits a search with more results than its ceiling by price."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt


@dataclass(frozen=True, slots=True)
class PriceSlice:
    """Prices from ``low`` to ``high``, both included, in the smallest unit that the API distinguishes."""

    low: int
    high: int

    @classmethod
    def read(cls, text: str) -> PriceSlice:
        """Parse a slice as ``str`` writes it."""
        low, _, high = text.partition("-")
        return cls(int(low), int(high))

    def __str__(self) -> str:
        return f"{self.low}-{self.high}"

    def halves(self) -> tuple[PriceSlice, ...]:
        """Return two slices that cover this one without overlap, or none where it is a single price.

        The cut is at the geometric mean: prices spread over orders of magnitude, and an arithmetic cut would leave
        nearly all of them below it.
        """
        if self.low >= self.high:
            return ()
        cut = min(max(isqrt(max(self.low, 1) * self.high), self.low), self.high - 1)
        return PriceSlice(self.low, cut), PriceSlice(cut + 1, self.high)
