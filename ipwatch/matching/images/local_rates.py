"""The significance of a placed and verified reference: one statistic, and how often unrelated pictures reach it.

The statistic combines how improbable the matched keypoints are by chance with how far the drawings agree; neither may
count against a match. ``benchmarks/training/fit_local.py`` fits its weights and the table of rates and writes both to
``local.toml``.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.alignment import Agreement

TERMS = ("surprise", "much_surprise", "correlation", "agreement", "same", "both")
"""The terms of the statistic, in this order."""

_TONE, _TONES = 16, 16
_PHOTO_ENTROPY = 2.9
"""Bits: nearly all marks and logos of the shared pictures, and 95 in 100 shaded characters, have fewer."""

_MAX_SURPRISE = 200.0
_MAX_AGREEMENT = 120.0
_MAX_BLOCKS = 64
_ENOUGH_VISIBLE = 0.15
_MAX_CORRELATION = 0.98
_BY_CHANCE = 0.25
"""Correlation (as atanh) of unrelated drawings aligned by a few keypoints."""


def terms(log_alarms: float, agreed: Agreement) -> npt.NDArray[np.float64]:
    """Return the values of ``TERMS`` for a placing, float64[6], higher for better ones.

    ``much_surprise`` and ``agreement`` grow like the logarithm of a probability: the number of false alarms, and the
    square of the correlation's distance from chance in standard deviations (Fisher's z over the blocks). All are
    reduced where less than ``_ENOUGH_VISIBLE`` of the reference's drawing is visible: a letter, a leaf or a seam is no
    copy.
    """
    surprise = max(0.0, -log_alarms)
    strength = math.atanh(min(agreed.correlation, _MAX_CORRELATION))
    deviation = max(0.0, strength - _BY_CHANCE) ** 2 * min(agreed.blocks, _MAX_BLOCKS)
    visibility = min(1.0, agreed.visible / _ENOUGH_VISIBLE)
    return visibility * np.array(
        [
            math.log1p(surprise),
            min(surprise, _MAX_SURPRISE) / 20,
            strength,
            min(deviation, _MAX_AGREEMENT) / 10,
            agreed.same,
            agreed.both,
        ]
    )


def has_tones(levels: npt.NDArray[np.float32]) -> bool:
    """Return whether a picture in grey has the many tones of a photo, not the few of a drawing."""
    shares = np.bincount((levels.ravel() / _TONE).astype(np.int64), minlength=_TONES) / levels.size
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum()) >= _PHOTO_ENTROPY


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RateTable:
    """The ``log10_rates`` of reaching the ``statistics``, which are in ascending order."""

    statistics: npt.NDArray[np.float64]
    log10_rates: npt.NDArray[np.float64]

    def rate(self, statistic: float) -> float:
        """Return the share of pairs of unrelated pictures whose best placing reaches the statistic."""
        return float(10.0 ** np.interp(statistic, self.statistics, self.log10_rates))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LocalTable:
    """A fit: ``weights`` of the terms, and the rates for references that are photos or drawings.

    Photos are full of unique detail; drawings share letters, rings and leaves.
    """

    weights: npt.NDArray[np.float64]
    photo: RateTable
    drawing: RateTable

    @classmethod
    def from_toml(cls, text: str) -> LocalTable:
        """Return the table in the text; raises ``KeyError`` or ``tomllib.TOMLDecodeError``."""
        table = tomllib.loads(text)
        photo, drawing = (
            RateTable(
                statistics=np.array(table[look]["statistics"], dtype=np.float64),
                log10_rates=np.array(table[look]["log10_rates"], dtype=np.float64),
            )
            for look in ("photo", "drawing")
        )
        weights = np.array([table["weights"][name] for name in TERMS], dtype=np.float64)
        return cls(weights=weights, photo=photo, drawing=drawing)

    def statistic(self, log_alarms: float, agreed: Agreement) -> float:
        """Return the statistic of a placing."""
        return float(self.weights @ terms(log_alarms, agreed))

    def rate(self, statistic: float, *, photo: bool) -> float:
        """Return the false-match rate per pair of views at a statistic, for a reference that is a photo or not."""
        return (self.photo if photo else self.drawing).rate(statistic)


@cache
def fitted_table() -> LocalTable:
    """Return the table that is part of the package."""
    return LocalTable.from_toml(files(__package__).joinpath("local.toml").read_text(encoding="utf-8"))
