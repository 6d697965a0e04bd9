"""Explanation: why two marks are alike or not, every signal with what was compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ipwatch.errors import ConfigError
from ipwatch.matching import name
from ipwatch.matching.context import anywhere, around
from ipwatch.matching.differences import differences
from ipwatch.matching.forms import MAX_FORM_CHARACTERS, Form, Script, SeenText, form_of, forms_of, scripts_of
from ipwatch.matching.heard import HeardText, heard_signal
from ipwatch.matching.score import DEFAULT_THRESHOLD, combine, contribution, counted, is_main
from ipwatch.matching.sound import reading_signal
from ipwatch.matching.whole_words import WholeWords
from ipwatch.records import RightKind, Signal, WatchedMark
from ipwatch.text.reading import MAX_READ, ProposedReading, propose_readings, readings_of
from ipwatch.text.romanize import sound_key
from ipwatch.text.sounds import LEAST_KEY, sound_edits, sound_folded

_SPOKEN = frozenset(Script) - {Script.HAN, Script.NONE}

_MAX_SEARCHED = 200_000
"""Letters of a name times letters of a text up to which places with edits are searched for, beyond those without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that is known of a watched mark and of what was seen.

    ``forms`` are the spellings the mark is looked for under, declared ones first. ``readings`` and ``seen_readings``
    are the kana that each is read by, empty where nobody declared them; ``proposed`` is what an analyser, where one is
    installed, makes of a mark in kanji without a reading: nothing is compared by it. ``points`` is what each of the
    ``signals`` adds; their sum, kept within 0..1, is the ``score``, which is a finding from ``threshold`` on.
    """

    watched: str
    seen: str
    forms: tuple[Form, ...]
    readings: tuple[str, ...]
    seen_readings: tuple[str, ...]
    proposed: tuple[ProposedReading, ...]
    signals: tuple[Signal, ...]
    points: tuple[float, ...]
    score: float
    threshold: float = DEFAULT_THRESHOLD


def explain(a: str, b: str) -> list[Signal]:
    """Return every signal of ``b`` (a title or a filed mark) against the watched ``a``, those that say no included.

    Raises ``ValueError`` where ``a`` is no mark that can be looked for or ``b`` is too long to be compared.
    """
    return list(explanation(a, b).signals)


def explanation(a: str, b: str) -> Explanation:
    """Return the whole comparison of ``b`` with the watched ``a``; raises ``ValueError`` as ``explain`` does."""
    form = form_of(a)
    if form is None:
        raise ValueError(f"a watched mark has 2 letters or more and at most {MAX_FORM_CHARACTERS} characters")
    forms, _ = forms_of(WatchedMark(watchlist="", id="", text=a, kind=RightKind.TRADEMARK))
    seen = SeenText.of("b", b)
    signals = _names(forms, seen)
    signals.extend(_sounds(form, seen))
    leading = max((signal for signal in signals if is_main(signal)), key=contribution)
    if leading.span is not None:
        signals.extend(around(seen, leading.span, a, RightKind.TRADEMARK))
    signals.extend(anywhere(seen, a))
    signals = [_detailed(signal, a, forms) for signal in dict.fromkeys(signals)]
    return Explanation(
        watched=a,
        seen=b,
        forms=forms,
        readings=readings_of(a),
        seen_readings=readings_of(b),
        proposed=_proposed(form),
        signals=tuple(signals),
        points=_points(signals),
        score=combine(signals),
    )


def _proposed(form: Form) -> tuple[ProposedReading, ...]:
    if Script.HAN not in form.scripts or readings_of(form.text) or len(form.text) > MAX_READ:
        return ()
    try:
        return propose_readings(form.text)
    except ConfigError:
        return ()  # without the analyser nothing is proposed


def _names(forms: Sequence[Form], seen: SeenText) -> list[Signal]:
    """Return what the best place of any form says; where there is none, how alike the whole text is."""
    places = [(form, place) for form in forms for place in _places(form, seen)]
    whole = name.whole_similarity(forms[0], seen)
    if not places and whole is not None:
        places = [(forms[0], whole)]
    told = [name.name_signals(form, seen, place) for form, place in places]
    if not told:
        compared = (forms[0].text, seen.source)
        return [Signal(name="name", score=0.0, term="name_different", compared=compared, field=seen.field)]
    return list(max(told, key=combine))


def _places(form: Form, seen: SeenText) -> Iterator[name.Occurrence]:
    """Yield the best place of the form with the fewest edits, and the words of a short form that one edit makes."""
    searched = len(form.skeleton) * len(seen.folded.text)
    place = name.nearest(form, seen) if searched <= _MAX_SEARCHED else name.find(form, seen, 0, (), ())
    if place is not None:
        yield place
    for _, word in WholeWords([form]).find(seen):
        yield name.word_place(form, seen, word, (), ())


def _detailed(signal: Signal, watched: str, forms: Sequence[Form]) -> Signal:
    """Return a signal found by a spelling that the software made with the differences from the mark as declared."""
    if signal.span is None or not is_main(signal):
        return signal
    made = any(form.generated and form.text == signal.compared[0] for form in forms)
    return replace(signal, differences=differences(watched, signal.compared[1])) if made else signal


def _points(signals: Sequence[Signal]) -> tuple[float, ...]:
    """Return what each signal adds to the score, 0 where it only supports another."""
    counting = counted(signals)
    return tuple(contribution(signal) if signal in counting else 0.0 for signal in signals)


def _sounds(form: Form, seen: SeenText) -> Iterator[Signal]:
    """Yield how the readings compare, where both are known, and the sounds across scripts."""
    reading = reading_signal(readings_of(form.text), readings_of(seen.source), seen.field)
    if reading is not None:
        yield reading
    heard = _heard(form, seen)
    keys = sound_key(form.text), sound_key(seen.source)
    if heard is not None:
        yield heard
    elif reading is None and all(keys) and form.scripts | scripts_of(seen.source) <= _SPOKEN:
        yield Signal(name="sound", score=0.0, term="sound_different", compared=keys, field=seen.field)
    elif reading is None:
        compared = (form.text, seen.source)
        yield Signal(name="sound", score=0.0, term="sound_unknown", compared=compared, field=seen.field)


def _heard(form: Form, seen: SeenText) -> Signal | None:
    """Return the place that sounds most like the form with the fewest edits of its sound stream."""
    key, text = sound_folded(form.text).text, HeardText(seen)
    if len(key) < LEAST_KEY:
        return None
    exact = key in text.stream.text or len(key) * len(text.stream.text) > _MAX_SEARCHED
    found = (heard_signal(form, text, distance) for distance in range(1 if exact else sound_edits(len(key)) + 1))
    return next((signal for signal in found if signal is not None), None)
