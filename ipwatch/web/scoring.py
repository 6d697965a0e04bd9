"""Breakdown of a score: what each signal added, and whether the parts sum to the score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ipwatch.matching.score import DETAILS, MAIN_WEIGHTS, MATCHER_VERSION, contribution, counted, is_main
from ipwatch.matching.suspicion.judge import bar_of, turning_points
from ipwatch.records import Finding, Sign, Signal
from ipwatch.store.review import CaseDetail, ScoredFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One signal and what it added: ``weight`` is ``None`` for signals that are added unweighted.

    A ``detail`` is a qualifier of a main signal with the same span. A main signal that is not the best does not count
    (``counts``), nor do its qualifiers: they are shown as support.
    """

    signal: Signal
    detail: bool
    weight: float | None
    contribution: float
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The parts of a score. ``total`` is their sum, ``cut`` the difference made by the clamp to 0..1.

    ``current`` is whether the current weights are those the finding was scored with; ``adds_up`` whether sum and clamp
    give the stored score.
    """

    parts: tuple[Part, ...]
    total: float
    cut: float
    score: float
    current: bool
    adds_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedSign:
    """A sign; ``turns`` where the listing would be of the other kind without it."""

    sign: Sign
    turns: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """The signs of a judged finding in two columns, the heaviest first; it is suspected from ``bar`` on."""

    speaking_for: tuple[WeighedSign, ...]
    speaking_against: tuple[WeighedSign, ...]
    bar: float


def weigh(detail: CaseDetail) -> Weighing | None:
    """Return what speaks for and against infringement in the newest finding of a case; none where it was not judged."""
    scored = detail.findings[0] if detail.findings else None
    if scored is None or scored.kind is None or detail.watched is None:
        return None
    turning = turning_points(_finding(detail, scored), detail.watched)
    weighed = [
        WeighedSign(sign=sign, turns=sign in turning)
        for sign in sorted(scored.signs, key=lambda sign: (-abs(sign.points), sign.term))
    ]
    return Weighing(
        speaking_for=tuple(each for each in weighed if each.sign.points > 0),
        speaking_against=tuple(each for each in weighed if each.sign.points <= 0),
        bar=bar_of(detail.watched),
    )


def _finding(detail: CaseDetail, scored: ScoredFinding) -> Finding:
    return Finding(
        subject=detail.subject,
        mark=detail.mark,
        score=scored.score,
        signals=scored.signals,
        threshold=scored.threshold,
        matcher_version=scored.matcher_version,
        kind=scored.kind,
        suspicion=scored.suspicion,
        signs=scored.signs,
    )


def break_down(finding: ScoredFinding) -> Breakdown:
    """Return the parts of a finding's score: the best main signal with its qualifiers first, support last."""
    parts = tuple(_parts(finding.signals))
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


def _parts(signals: Sequence[Signal]) -> Iterable[Part]:
    counting = counted(signals)
    left = list(counting)
    support: list[Signal] = []
    for signal in signals:
        if signal in left:
            left.remove(signal)
        else:
            support.append(signal)
    best, others = counting[:1], sorted(counting[1:], key=lambda other: -abs(other.score))
    yield from (_part(signal, counts=True) for signal in (*best, *others))
    yield from (_part(signal, counts=False) for signal in support)


def _part(signal: Signal, *, counts: bool) -> Part:
    return Part(
        signal=signal,
        detail=signal.name in DETAILS,
        weight=MAIN_WEIGHTS[signal.name] if is_main(signal) else None,
        contribution=contribution(signal) if counts else 0.0,
        counts=counts,
    )
