"""The one table of weights, and how signals become a score.

A score is the best main signal times its weight, plus every qualifier, clamped to 0..1. A qualifier alone never makes
a finding. The weights were set by hand so that each line of the table reads as a sentence of practice; they are data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ipwatch.records import Signal

MATCHER_VERSION = "0.1.0"
"""Names the code and the table that scored; it changes whenever any score may change."""

DEFAULT_THRESHOLD = 0.70
"""What a score must reach to become a finding, where neither the mark nor the caller says otherwise."""

MAIN_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "name": 0.80,  # the exact name alone is worth a look; with other goods or a second-hand label it is not
        "sound": 0.79,  # the same sound in another script says a little less than the same letters
        "image": 0.95,  # a copy of the holder's picture needs nothing beside it
    }
)

QUALIFIERS: Mapping[str, float] = MappingProxyType(
    {
        "disguised_spelling": 0.12,  # nobody writes S0NY by accident
        "goods_named": 0.06,
        "goods_absent": -0.15,  # most ordinary words that equal a mark stand on other goods
        "goods_absent_distinctive": -0.05,  # a long name is seldom an ordinary word, whatever it stands on
        "class_overlap": 0.10,
        "class_apart": -0.25,
        "right_own": -1.00,
        "right_own_applicant": -0.60,  # a name can be borrowed, so that it does not outweigh everything
        "seller_authorised": -1.00,  # the holder's own word
        "seller_authorisation_expired": 0.00,  # shown to the reviewer, proves nothing
        "price_far_below": 0.15,
        "context_compatible": -0.35,  # accessories for the brand name it lawfully
        "context_style": -0.05,  # does not claim to be the brand, yet trades on it
        "context_style_gi": 0.05,  # TRIPS Article 23(1): "kind", "type", "style" do not excuse the use of a GI
        "context_replica": 0.15,
        "context_used": -0.25,  # genuine goods are resold every day
        "context_exclude_term": -0.30,
        "context_publication": -0.30,  # a book about the brand names it lawfully
        "origin_named_elsewhere": 0.15,
        "origin_ships_elsewhere": 0.05,
    }
)


def is_main(signal: Signal) -> bool:
    """Whether the signal is evidence of its own and not a qualifier."""
    return signal.name in MAIN_WEIGHTS


def combine(signals: Iterable[Signal]) -> float:
    """Return the score 0..1 of a subject: best main signal times its weight, plus the qualifiers, clamped."""
    everything = tuple(signals)
    main = max((MAIN_WEIGHTS[signal.name] * signal.score for signal in everything if is_main(signal)), default=0.0)
    if main <= 0.0:
        return 0.0
    qualified = main + sum(signal.score for signal in everything if not is_main(signal))
    return round(min(1.0, max(0.0, qualified)), 4)


def qualifier(
    name: str,
    term: str,
    compared: tuple[str, str],
    *,
    field: str | None = None,
    span: tuple[int, int] | None = None,
) -> Signal:
    """Return the qualifier of that term with its score from the table."""
    return Signal(name=name, score=QUALIFIERS[term], term=term, compared=compared, field=field, span=span)
