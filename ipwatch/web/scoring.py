"""Shows how a score came about: what each signal added, and that the parts make the whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ipwatch.matching.score import MAIN_WEIGHTS, MATCHER_VERSION, is_main
from ipwatch.records import Signal
from ipwatch.store.review import ScoredFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One signal and what it added: ``weight`` is ``None`` for a qualifier, which is added as it is.

    A main signal that is not the best ``counts`` for nothing: it is shown as support.
    """

    signal: Signal
    weight: float | None
    contribution: float
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A score in its parts. ``total`` is their sum, ``cut`` what the clamp to 0..1 took or gave.

    ``current`` says that the weights in force are those the finding was scored with; ``adds_up`` that sum and clamp
    give the stored score.
    """

    parts: tuple[Part, ...]
    total: float
    cut: float
    score: float
    current: bool
    adds_up: bool


def break_down(finding: ScoredFinding) -> Breakdown:
    """Return the parts of a finding's score, main signals first, the best of them first."""
    main = sorted((one for one in finding.signals if is_main(one)), key=_worth, reverse=True)
    qualifiers = sorted((one for one in finding.signals if not is_main(one)), key=lambda one: -abs(one.score))
    parts = tuple(_parts(main, qualifiers))
    total = sum(part.contribution for part in parts)
    clamped = min(1.0, max(0.0, total))
    return Breakdown(
        parts=parts,
        total=total,
        cut=clamped - total,
        score=finding.score,
        current=finding.matcher_version == MATCHER_VERSION,
        adds_up=abs(clamped - finding.score) < 0.0005,  # noqa: PLR2004 - half of the last place shown
    )


def _worth(signal: Signal) -> float:
    return MAIN_WEIGHTS[signal.name] * signal.score


def _parts(main: Iterable[Signal], qualifiers: Iterable[Signal]) -> Iterable[Part]:
    for i, signal in enumerate(main):
        weight = MAIN_WEIGHTS[signal.name]
        best = i == 0
        yield Part(signal=signal, weight=weight, contribution=_worth(signal) if best else 0.0, counts=best)
    for signal in qualifiers:
        yield Part(signal=signal, weight=None, contribution=signal.score, counts=True)
