"""Shapes in polar form: which of a reference's are similar to those of an observed picture, at any rotation.

Rotation changes only the phase of the Fourier coefficients of each ring: their magnitudes are compared first, and the
rotation is then the shift at which the rings correlate most (Casasent and Psaltis 1976). Coefficients are whitened by
the variation of shapes in innocent photos, so that what most shapes have in common counts little.
``benchmarks/training/fit_logos.py`` writes the whitening to ``polar.npz``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

RINGS = 12
ANGLES = 48
RADIUS = 2.6
"""Outermost ring in standard deviations of the shape: a solid disc ends at 2, a cross or a ring of letters beyond."""

FREQUENCIES = 13
SHAPE_BYTES = RINGS * ANGLES // 8

_DETAIL = 0.2
_USUAL_DETAIL = 18.0

Floats = npt.NDArray[np.float32]
Coefficients = npt.NDArray[np.complex64]

_STEPS = np.exp(2j * np.pi * np.outer(np.arange(FREQUENCIES), np.arange(ANGLES)) / ANGLES).astype(np.complex64)


@dataclass(frozen=True, slots=True, eq=False)
class Whitening:
    """The mean complex64[rings, frequencies] and a matrix complex64[rings, rings] for each frequency."""

    mean: Coefficients
    matrices: Coefficients


@dataclass(frozen=True, slots=True, eq=False)
class PolarShapes:
    """Shapes prepared for comparison.

    ``coefficients`` complex64[n, rings * frequencies], ``amounts`` float32 of the same shape, both of length one;
    ``detail`` float32[n] is the distance of a shape from the mean one.
    """

    coefficients: Coefficients
    amounts: Floats
    detail: Floats

    @classmethod
    def of(cls, shapes: npt.NDArray[np.uint8], whitening: Whitening | None = None) -> PolarShapes:
        """Return packed shapes uint8[n, 72] prepared for comparison."""
        known = whitening or fitted_whitening()
        centred = spectra(shapes) - known.mean
        white = np.einsum("nrf,frs->nsf", centred, known.matrices, optimize=True)
        white *= np.where(np.arange(FREQUENCIES) == 0, 1.0, np.sqrt(2)).astype(np.float32)
        flat = white.reshape(len(shapes), RINGS * FREQUENCIES)
        detail = np.sqrt((np.abs(flat) ** 2).sum(axis=1))
        unit = (flat / np.maximum(detail, 1e-6)[:, None]).astype(np.complex64)
        return cls(unit, np.abs(unit), detail.astype(np.float32))


def spectra(shapes: npt.NDArray[np.uint8]) -> Coefficients:
    """Return the coefficients complex64[n, rings, frequencies] of packed shapes uint8[n, 72], not whitened."""
    drawn = np.unpackbits(shapes, axis=1).reshape(-1, RINGS, ANGLES).astype(np.float32)
    return np.fft.rfft(drawn, axis=2)[:, :, :FREQUENCIES].astype(np.complex64)


@cache
def fitted_whitening() -> Whitening:
    """Return the whitening that was fitted on shapes of innocent photos."""
    with (
        resources.files("ipwatch.matching.images").joinpath("polar.npz").open("rb") as stream,
        np.load(stream, allow_pickle=False) as stored,
    ):
        mean, matrices = stored["mean"].astype(np.float32), stored["matrices"].astype(np.float32)
    return Whitening(*(np.asarray(part[..., 0] + 1j * part[..., 1], dtype=np.complex64) for part in (mean, matrices)))


def similar_shapes(
    observed: PolarShapes, stored: PolarShapes, limit: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Return up to ``limit`` pairs of similar shapes, best first: observed index, stored index, and rotation.

    The rotation is in radians from the stored to the observed one. Detailed shapes are preferred: plain ones are
    similar to many.
    """
    if not len(observed.detail) or not len(stored.detail):
        none = np.zeros(0, dtype=np.intp)
        return none, none, np.zeros(0)
    detail = np.minimum(observed.detail[:, None], stored.detail[None]) * np.float32(_DETAIL / _USUAL_DETAIL)
    rough = (observed.amounts @ stored.amounts.T + np.float32(0.7) * detail).ravel()
    first = np.argpartition(-rough, limit)[:limit] if rough.size > limit else np.arange(rough.size)
    observed_rows, stored_rows = np.divmod(first, len(stored.detail))
    shared = (
        (observed.coefficients[observed_rows] * stored.coefficients[stored_rows].conj())
        .reshape(-1, RINGS, FREQUENCIES)
        .sum(axis=1)
    )
    turned = (shared @ _STEPS).real
    best = turned.argmax(axis=1)
    exact = turned[np.arange(len(best)), best] + detail[observed_rows, stored_rows]
    order = np.argsort(-exact, kind="stable")
    return observed_rows[order], stored_rows[order], best[order] * (2 * np.pi / ANGLES)
