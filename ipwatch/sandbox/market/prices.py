"""Prices of a market, as shares of the recommended price."""

from __future__ import annotations

from random import Random

MAX_DISCOUNT = 0.4
"""The largest discount of a lawful retailer on new goods."""
_MIN_YEN = 80.0
_ENDINGS = (0, 0, 0, 2, 20)


def retail(yen: float, rng: Random) -> float:
    """Return what a lawful retailer asks for new goods: mostly the recommended price, at times up to 40 % less."""
    chance = rng.random()
    if chance < 0.5:  # noqa: PLR2004 - shares of a distribution, here and below
        share = 1.0
    elif chance < 0.8:  # noqa: PLR2004
        share = rng.uniform(0.82, 0.99)
    elif chance < 0.92:  # noqa: PLR2004
        share = rng.uniform(1 - MAX_DISCOUNT, 0.82)
    else:
        share = rng.uniform(1.0, 1.35)
    return rounded(yen * share, rng, at_least=yen * (1 - MAX_DISCOUNT))


def second_hand(yen: float, rng: Random, *, media: bool) -> float:
    """Return the price of used goods; used books and discs cost next to nothing, rarities more than new."""
    chance = rng.random()
    if chance < 0.08:  # noqa: PLR2004
        return rounded(yen * rng.uniform(1.0, 2.2), rng)
    if media:
        return max(1.0, float(round(yen * rng.uniform(0.02, 0.7))))
    if chance < 0.15:  # noqa: PLR2004
        return rounded(yen * rng.uniform(0.08, 0.25), rng)
    return rounded(yen * min(0.95, max(0.25, rng.gauss(0.55, 0.15))), rng)


def between(low: float, high: float, rng: Random) -> float:
    """Return a price between two, low ones more often."""
    return rounded(low + (high - low) * rng.random() ** 2, rng)


def rounded(yen: float, rng: Random, *, at_least: float = _MIN_YEN) -> float:
    """Return the price with a usual ending, and not below ``at_least``."""
    whole = float(round(yen / 10) * 10 - rng.choice(_ENDINGS))
    return max(whole, float(round(at_least)), _MIN_YEN)
