"""The table of weights (``weights.toml``), and how signals become a score.

A score is a sum: the points of the strongest main signal (a name, a sound or a picture), of every reason that goes with
it, and of every qualifier, clamped to 0..1. Qualifiers alone never make a finding. Which rows of the table were fitted,
on what data, and which were set by hand and why, is noted in the table itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from types import MappingProxyType

from ipwatch.records import Signal
from ipwatch.text.phonetics.similarity import SimilarityWeights

MATCHER_VERSION = "0.6.0"
"""Version of the code and the table of weights; it changes whenever any score may change."""

DEFAULT_THRESHOLD = 0.70
"""Minimum score of a finding unless the mark or the caller sets another one: even odds."""

_TABLES = tomllib.loads(files(__package__).joinpath("weights.toml").read_text(encoding="utf-8"))


def _read() -> dict[str, dict[str, float]]:
    kinds = ("main", "reason", "qualifier", "host", "host_reading", "strength", "similarity", "sign", "bar")
    return {kind: {term: row["points"] for term, row in _TABLES[kind].items()} for kind in kinds}


WEIGHTS: Mapping[str, Mapping[str, float]] = MappingProxyType(_read())
"""Every row of the table, by section and term."""

MAIN_WEIGHTS: Mapping[str, float] = MappingProxyType(WEIGHTS["main"])
"""Points of signals that can make a finding by themselves, multiplied by the signal's score of 0..1."""

REASONS: Mapping[str, float] = MappingProxyType(WEIGHTS["reason"])
"""Points of one unit of each reason that goes with a name or a sound (``ipwatch.matching.names.reasons``)."""

QUALIFIERS: Mapping[str, float] = MappingProxyType(WEIGHTS["qualifier"])
"""Points of qualifiers: goods, context words, price, seller, rights."""

HOSTS: Mapping[str, float] = MappingProxyType(WEIGHTS["host"])
"""Points of the signals of a host name."""

HOST_READING: Mapping[str, float] = MappingProxyType(WEIGHTS["host_reading"])
"""Points and bounds for how much better a host name reads with the mark than without it."""

SIGNS: Mapping[str, float] = MappingProxyType(WEIGHTS["sign"])
"""Points of the signs for infringement (above 0) and against it."""

STRONG_SIGNS = frozenset(term for term, row in _TABLES["sign"].items() if row["strong"])
"""Signs that a seller cannot just write, or that the seller's other words do not take back."""

BARS: Mapping[str, float] = MappingProxyType(WEIGHTS["bar"])
"""Suspicion from which a listing is suspected, by depth."""

STRENGTHS: Mapping[str, float] = MappingProxyType(WEIGHTS["strength"])
"""Strength 0..1 of a name or a sound that matches less than the whole mark."""

SIMILARITY: Mapping[str, float] = MappingProxyType(WEIGHTS["similarity"])
"""Weights, bounds and strength of the spelling similarity of two names in different scripts."""

SPELLING_WEIGHTS = SimilarityWeights(
    without_generic=SIMILARITY["without_generic"],
    words_swapped=SIMILARITY["words_swapped"],
    tables=SIMILARITY["tables"],
)

DETAILS: Mapping[str, str] = MappingProxyType({"spelling": "name", "pronunciation": "sound"})
"""Name of each detail signal, and of the main signal that it counts with."""

_DETAIL_OF = {main: name for name, main in DETAILS.items()}


def is_main(signal: Signal) -> bool:
    """Whether the signal can make a finding: all others only count together with one that can."""
    return signal.name in MAIN_WEIGHTS


def points(term: str) -> float:
    """Return the points of one unit of a reason; raises ``KeyError`` for a term that is not in the table."""
    return REASONS[term]


def contribution(signal: Signal) -> float:
    """Return what the signal adds to a score that it counts for."""
    return MAIN_WEIGHTS[signal.name] * signal.score if is_main(signal) else signal.score


def leading(signals: Iterable[Signal]) -> str | None:
    """Return the name of the main signal that counts: the one with most points, its own reasons included."""
    worth: dict[str, float] = {}
    reasons: dict[str, float] = {}
    for signal in signals:
        if is_main(signal):
            worth[signal.name] = max(worth.get(signal.name, 0.0), contribution(signal))
        elif signal.name in DETAILS:
            main = DETAILS[signal.name]
            reasons[main] = reasons.get(main, 0.0) + signal.score
    return max(worth, key=lambda name: worth[name] + reasons.get(name, 0.0), default=None)


def counted(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """Return the signals whose contributions make up the score; the others do not add to it."""
    everything = tuple(signals)
    main = leading(everything)
    if main is None:
        return ()
    best = max((signal for signal in everything if signal.name == main), key=contribution)
    return (best, *(signal for signal in everything if not is_main(signal) and DETAILS.get(signal.name, main) == main))


def combine(signals: Iterable[Signal]) -> float:
    """Return the score 0..1 of a subject: the sum of what counts, clamped."""
    counting = counted(signals)
    if not counting or counting[0].score <= 0.0:
        return 0.0
    return round(min(1.0, max(0.0, sum(map(contribution, counting)))), 4)


def detail(
    main: str,
    term: str,
    amount: float,
    compared: tuple[str, str],
    *,
    field: str | None = None,
    span: tuple[int, int] | None = None,
) -> Signal:
    """Return the detail signal of a reason for a main signal, with its points for that amount."""
    added = round(points(term) * amount, 4)
    return Signal(name=_DETAIL_OF[main], score=added, term=term, compared=compared, field=field, span=span)


def qualifier(
    name: str,
    term: str,
    compared: tuple[str, str],
    *,
    field: str | None = None,
    span: tuple[int, int] | None = None,
) -> Signal:
    """Return the qualifier of that term with its points from the table."""
    return Signal(name=name, score=QUALIFIERS[term], term=term, compared=compared, field=field, span=span)
