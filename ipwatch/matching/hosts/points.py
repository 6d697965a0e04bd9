"""What each reason is worth in the score of a host name: the sum of the points, clamped to 0..1.

Set by hand on the decided disputes of ``benchmarks/domains.py``, so that a mark with nothing but known words beside it
passes the threshold of 0.70, and one within letters that read as other words does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ipwatch.records import Signal

POINTS: Mapping[str, float] = MappingProxyType(
    {
        "host_same": 0.90,  # nobody holds another's mark as a name by accident, as far as marks are no ordinary words
        "host_added_words": 0.66,
        "host_added_digits": 0.70,
        "host_contained": 0.66,
        "host_lookalike": 0.70,
        "host_omitted": 0.66,
        "host_repeated": 0.70,  # the commonest slip, and hardly ever another word
        "host_swapped": 0.70,
        "host_replaced": 0.62,  # one other letter makes other names (reiko, seiko)
        "host_inserted": 0.64,
        "host_vowel": 0.64,
        "host_plural": 0.68,
        "host_several_edits": 0.64,
        "host_other_spelling": 0.64,
        "host_in_part": 0.46,  # half a name is watched only where something else is said
        "host_across_dot": 0.75,
        "host_subdomain": -0.12,  # the chosen name is another's
        "host_decoded": 0.00,  # shown to the reviewer
        "host_trade_words": 0.05,
        "host_goods": 0.06,
        "host_authorised": -1.00,  # the holder's own word
        "host_authorisation_expired": 0.00,
    }
)

MOST = 0.81
"""The most that a host gets before it is asked how it reads: look-alike letters, beside words of trade and goods."""

PER_DECADE = 0.05
"""Points for each power of ten by which the host reads better with the mark than without it."""

STANDS_OUT = 0.20
INSIDE_WORDS = -0.65
"""The most and the least points for how a host reads."""


def standing(decades: float) -> float:
    """Return the points for how much better, in powers of ten, the host reads with the mark than without it."""
    return round(min(STANDS_OUT, max(INSIDE_WORDS, PER_DECADE * decades)), 4)


def total(signals: Iterable[Signal]) -> float:
    """Return the score 0..1 of a host: the sum of its signals, clamped."""
    return round(min(1.0, max(0.0, sum(signal.score for signal in signals))), 4)
