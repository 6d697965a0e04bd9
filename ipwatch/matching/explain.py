"""Explanation: why two marks are alike or not, every signal with what was compared."""

from __future__ import annotations

from ipwatch.matching import name, sound
from ipwatch.matching.context import anywhere, around
from ipwatch.matching.forms import MAX_FORM_CHARACTERS, Form, Script, SeenText, form_of, scripts_of
from ipwatch.records import RightKind, Signal
from ipwatch.text.reading import readings_of
from ipwatch.text.romanize import sound_key

_SPOKEN = frozenset({Script.ALPHABETIC, Script.DIGIT, Script.HIRAGANA, Script.KATAKANA})


def explain(a: str, b: str) -> list[Signal]:
    """Return every signal of ``b`` (a title or a filed mark) against the watched ``a``, those that say no included.

    Raises ``ValueError`` where ``a`` is no mark that can be looked for or ``b`` is too long to be compared.
    """
    form = form_of(a)
    if form is None:
        raise ValueError(f"a watched mark has 2 letters or more and at most {MAX_FORM_CHARACTERS} characters")
    seen = SeenText.of("b", b)
    signals = _names(form, seen)
    signals.append(_readings(a, b))
    signals.append(_key(form, seen))
    leading = signals[0]
    if leading.score > 0 and leading.span is not None:
        signals.extend(around(seen, leading.span, a, RightKind.TRADEMARK))
    signals.extend(anywhere(seen, a))
    return signals


def _names(form: Form, seen: SeenText) -> list[Signal]:
    place = name.find(form, seen, (), ()) or name.whole_similarity(form, seen)
    if place is None:
        compared = (form.text, seen.source)
        return [Signal(name="name", score=0.0, term="name_different", compared=compared, field=seen.field)]
    return list(name.name_signals(form, seen, place))


def _readings(a: str, b: str) -> Signal:
    signal = sound.reading_signal(readings_of(a), readings_of(b), "b")
    return signal or Signal(name="sound", score=0.0, term="sound_unknown", compared=(a, b), field="b")


def _key(form: Form, seen: SeenText) -> Signal:
    for span in sound.SoundIndex([form]).find(seen).values():
        return sound.sound_key_signal(form, seen, span)
    keys = sound_key(form.text), sound_key(seen.source)
    spoken = form.scripts | scripts_of(seen.source) <= _SPOKEN
    if not (spoken and all(keys)):
        compared = (form.text, seen.source)
        return Signal(name="sound", score=0.0, term="sound_unknown", compared=compared, field=seen.field)
    return Signal(name="sound", score=0.0, term="sound_different", compared=keys, field=seen.field)
