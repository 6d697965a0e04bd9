"""Explanation: why two marks are similar or not, every signal with what was compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ipwatch.errors import ConfigError
from ipwatch.matching.differences import differences
from ipwatch.matching.filings.composite_marks import match_within
from ipwatch.matching.listings.context_words import anywhere, around
from ipwatch.matching.names import appearance
from ipwatch.matching.names.phonetic import PhoneticText, phonetic_signals
from ipwatch.matching.names.phonetic_index import SoundIndex
from ipwatch.matching.names.short_words import ShortWordIndex
from ipwatch.matching.readings import reading_signal
from ipwatch.matching.score import (
    DEFAULT_THRESHOLD,
    DETAILS,
    MATCHER_VERSION,
    combine,
    contribution,
    counted,
    is_main,
    qualifier,
)
from ipwatch.matching.suspicion.crawl import Crawl
from ipwatch.matching.suspicion.judge import judged
from ipwatch.matching.variants import (
    MAX_VARIANT_CHARACTERS,
    ObservedText,
    Script,
    Variant,
    scripts_of,
    variant_of,
    variants_of,
)
from ipwatch.records import Finding, Listing, RightKind, Signal, WatchedMark
from ipwatch.terms import message
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.phonetics.phonetic_key import sound_key
from ipwatch.text.phonetics.reading import MAX_READ, ProposedReading, propose_readings, readings_of

_SPOKEN = frozenset(Script) - {Script.HAN, Script.NONE}

_MAX_SEARCHED = 200_000
"""Letters of a name times letters of a text up to which edits are allowed; above it only exact matches count."""

_MAX_NAME_LENGTH = 30
"""Maximum length in characters of a text without spaces that is read as a name: few filed marks are longer."""


class ReadAs(StrEnum):
    """What a text is read as: the title of a listing, which may contain a name, or a name by itself."""

    TITLE = "title"
    MARK = "mark"

    @property
    def term(self) -> str:
        """The message key of the choice."""
        return f"explain_as_{self}"

    @classmethod
    def guess(cls, watched: str, observed: str) -> ReadAs:
        """Return ``TITLE`` for a text that is long or has more words than the mark, ``MARK`` otherwise.

        The same letters with spaces between them (S O N Y) are a name.
        """
        if (
            len(watched) <= MAX_VARIANT_CHARACTERS >= len(observed)
            and skeleton(watched).text == skeleton(observed).text
        ):
            return cls.MARK
        is_longer = len(observed.split()) > len(watched.split()) or len(observed) > max(_MAX_NAME_LENGTH, len(watched))
        return cls.TITLE if is_longer else cls.MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The comparison of a watched mark with an observed text.

    ``variants`` are those that are searched for, declared ones first. ``readings`` and ``observed_readings`` are
    the kana of each side, empty where there are none; ``proposed`` are the readings that an analyser proposes for a
    mark in kanji without one (they are not compared), and ``analyser_missing`` is true where none is installed but
    could help. ``read_as`` is what ``observed`` was read as. ``points`` is what each of the ``signals`` adds; their
    sum, clamped to 0..1, is the ``score``, which is a finding from ``threshold``. ``score_apart`` is the score of a
    filing for goods in other classes than the mark's. ``judged`` is a title as the finding of a listing that has
    nothing but this title: a mention or suspected, with the signs; ``None`` for a name, and where it is neither.
    """

    watched: str
    observed: str
    read_as: ReadAs
    variants: tuple[Variant, ...]
    readings: tuple[str, ...]
    observed_readings: tuple[str, ...]
    proposed: tuple[ProposedReading, ...]
    analyser_missing: bool
    signals: tuple[Signal, ...]
    points: tuple[float, ...]
    score: float
    score_apart: float
    judged: Finding | None = None
    threshold: float = DEFAULT_THRESHOLD


def explain(a: str, b: str) -> list[Signal]:
    """Return every signal of ``b`` (a title or a filed mark) against the watched ``a``, negative ones included.

    Raises ``ValueError`` where ``a`` cannot be searched for or ``b`` is too long to be compared.
    """
    return list(explanation(a, b).signals)


def explanation(a: str, b: str, read_as: ReadAs | None = None) -> Explanation:
    """Return the whole comparison of ``b`` with the watched ``a``; raises ``ValueError`` as ``explain`` does.

    Without ``read_as``, ``ReadAs.guess`` decides what ``b`` is. A title is searched for the name; a name is compared as
    a whole too, as a filing is.
    """
    variant = variant_of(a)
    if variant is None:
        raise ValueError(message("hosts.watched", most=MAX_VARIANT_CHARACTERS))
    taken_for = read_as or ReadAs.guess(a, b)
    variants, _ = variants_of(WatchedMark(watchlist="", id="", text=a, kind=RightKind.TRADEMARK))
    observed = ObservedText.of("b", b)
    signals, phonetic = _names(variants, observed, taken_for), _by_sound(variant, observed)
    if phonetic and signals[0].name == "sound":
        signals, phonetic = list(max(signals, phonetic, key=combine)), ()
    signals.extend(phonetic or _readings_or_reason(variant, observed, signals[0], taken_for))
    leading = max((signal for signal in signals if is_main(signal)), key=contribution)
    if leading.span is not None:
        signals.extend(around(observed, leading.span, leading.compared[0], RightKind.TRADEMARK))
    signals.extend(anywhere(observed, leading.compared[0]))
    signals = [_detailed(signal, a, variants) for signal in _once(signals, variants)]
    proposed = _proposed(variant)
    return Explanation(
        watched=a,
        observed=b,
        read_as=taken_for,
        variants=variants,
        readings=readings_of(a),
        observed_readings=readings_of(b),
        proposed=proposed or (),
        analyser_missing=proposed is None,
        signals=tuple(signals),
        points=_points(signals),
        score=combine(signals),
        score_apart=combine((*signals, qualifier("goods", "class_apart", (a, b)))),
        judged=_judged(a, b, signals) if taken_for is ReadAs.TITLE else None,
    )


def _judged(a: str, b: str, signals: Sequence[Signal]) -> Finding | None:
    mark = WatchedMark(watchlist="", id="", text=a, kind=RightKind.TRADEMARK)
    listing = Listing(marketplace="", listing_id="", title=b)
    finding = Finding(
        subject=listing.subject,
        mark=mark.key,
        score=combine(signals),
        signals=tuple(replace(signal, field="title" if signal.field == "b" else signal.field) for signal in signals),
        threshold=DEFAULT_THRESHOLD,
        matcher_version=MATCHER_VERSION,
    )
    return next(judged([mark], [(listing, [finding])], Crawl()), None)


def _proposed(variant: Variant) -> tuple[ProposedReading, ...] | None:
    """Return the readings proposed for a mark in kanji without one, ``None`` where no analyser is installed."""
    if Script.HAN not in variant.scripts or readings_of(variant.text) or len(variant.text) > MAX_READ:
        return ()
    try:
        return propose_readings(variant.text)
    except ConfigError:
        return None


def _names(variants: Sequence[Variant], observed: ObservedText, read_as: ReadAs) -> list[Signal]:
    """Return the signals of the best match; for a name, those of the whole text where they reach the threshold."""
    whole = (
        [] if read_as is ReadAs.TITLE else [signals for variant in variants for signals in _whole(variant, observed)]
    )
    if whole and combine(best := max(whole, key=combine)) >= DEFAULT_THRESHOLD:
        return list(best)
    candidates = [
        appearance.name_signals(variant, observed, match)
        for variant in variants
        for match in _matches(variant, observed)
    ] + whole
    if not candidates:
        compared = (variants[0].text, observed.source)
        return [Signal(name="name", score=0.0, term="name_different", compared=compared, field=observed.field)]
    return list(max(candidates, key=combine))


def _whole(variant: Variant, observed: ObservedText) -> Iterator[tuple[Signal, ...]]:
    """Yield the signals of the whole text against the variant, and of the text as the variant with further words."""
    for match in (appearance.whole_similarity(variant, observed), match_within(variant, observed)):
        if match is not None:
            yield appearance.name_signals(variant, observed, match)


def _once(signals: Sequence[Signal], variants: Sequence[Variant]) -> Iterator[Signal]:
    """Yield the signals without repetitions of the counted hit in a generated spelling.

    Details of signals that do not count are left out as well.
    """
    counting = counted(signals)
    generated = {variant.text for variant in variants if variant.generated}
    for signal in dict.fromkeys(signals):
        repeats = is_main(signal) and signal.span == counting[0].span and signal.compared[0] in generated
        if signal in counting or not (repeats or signal.name in DETAILS):
            yield signal


def _matches(variant: Variant, observed: ObservedText) -> Iterator[appearance.Match]:
    """Yield the best match with the fewest edits, and the words that are one edit from a short variant."""
    searched = len(variant.skeleton) * len(observed.folded.text)
    match = (
        appearance.nearest(variant, observed)
        if searched <= _MAX_SEARCHED
        else appearance.find(variant, observed, 0, (), ())
    )
    if match is not None:
        yield match
    for _, word in ShortWordIndex([variant]).find(observed):
        yield appearance.match_word(variant, observed, word, (), ())


def _detailed(signal: Signal, watched: str, variants: Sequence[Variant]) -> Signal:
    """Return the signal; if a generated spelling found it, with the differences from the mark as declared."""
    if signal.span is None or not is_main(signal):
        return signal
    made = any(variant.generated and variant.text == signal.compared[0] for variant in variants)
    return replace(signal, differences=differences(watched, signal.compared[1])) if made else signal


def _points(signals: Sequence[Signal]) -> tuple[float, ...]:
    """Return what each signal adds to the score, 0 where it only supports another."""
    counting = counted(signals)
    return tuple(contribution(signal) if signal in counting else 0.0 for signal in signals)


def _readings_or_reason(
    variant: Variant, observed: ObservedText, appearance: Signal, read_as: ReadAs
) -> Iterator[Signal]:
    """Yield the comparison of the readings of two names where both are known, else why no sound counts."""
    reading = None
    if read_as is ReadAs.MARK:
        reading = reading_signal(readings_of(variant.text), readings_of(observed.source), observed.field)
    if reading is not None:
        yield reading
    elif appearance.name != "sound":
        watched, surface = appearance.compared if appearance.score else (variant.text, observed.source)
        term = _no_sound_term(watched, surface)
        yield Signal(name="sound", score=0.0, term=term, compared=(watched, surface), field=observed.field)


def _no_sound_term(watched: str, surface: str) -> str:
    """Return the term for two names without a phonetic match: same letters, other sounds, or sounds unknown."""
    keys = sound_key(watched), sound_key(surface)
    if skeleton(watched).text == skeleton(surface).text:
        return "sound_as_spelled"
    if not all(keys) or not scripts_of(watched) | scripts_of(surface) <= _SPOKEN:
        return "sound_unknown"
    return "sound_as_spelled" if keys[0] == keys[1] else "sound_different"


def _by_sound(variant: Variant, observed: ObservedText) -> tuple[Signal, ...]:
    """Return the signals of the best phonetic match, empty where there is none."""
    text = PhoneticText(observed)
    candidates = [
        phonetic_signals(variant, text, (match.first, match.last), match.similarity)
        for _, match in SoundIndex([variant]).find([observed.source])
    ]
    return max(candidates, key=combine, default=())
