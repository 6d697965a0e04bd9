"""An explanation as a person reads it on a terminal: what is looked for, where it stands, and why it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len

from ipwatch.matching.differences import is_hidden
from ipwatch.matching.explain import Explanation, ReadAs
from ipwatch.matching.variants import Variant, VariantOrigin
from ipwatch.terms import render

_MOST_SPELLINGS = 8
_AROUND = 30
_BRIEF = 60


def tell(told: Explanation, lang: str) -> Iterator[str]:
    """Yield the lines of an explanation in ``ja`` or ``en``; hidden characters are named (U+200B)."""
    yield from _two_texts(told, lang)
    yield render(told.read_as.term, lang)
    yield ""
    yield render("explain_forms", lang)
    yield from _forms(told.variants, lang)
    yield ""
    yield render("explain_readings", lang)
    yield from _readings(told, lang)
    yield ""
    yield render("explain_reasons", lang)
    yield from _reasons(told, lang)
    yield ""
    if told.read_as is ReadAs.MARK and told.score_apart < told.threshold <= told.score:
        yield render("explain_class_apart", lang, watched=f"{told.threshold:.2f}", seen=f"{told.score_apart:.2f}")
    term = "explain_reached" if told.score >= told.threshold else "explain_below"
    yield render(term, lang, watched=f"{told.threshold:.2f}", seen=f"{told.score:.2f}")


def named(text: str, limit: int = _BRIEF) -> str:
    """Return a text cut to ``limit`` characters, with the number of every character that a terminal does not show."""
    shown = "".join(f"[U+{ord(char):04X}]" if is_hidden(char) else char for char in text[:limit])
    shown = " ".join(shown.splitlines())
    return shown if len(text) <= limit else f"{shown}…"


def _two_texts(told: Explanation, lang: str) -> Iterator[str]:
    """Yield the two marks, the second with the matched piece underlined."""
    labels = [render(key, lang) for key in ("explain_watched", "explain_seen")]
    width = max(cell_len(label) for label in labels) + 2
    yield _padded(labels[0], width) + named(told.watched)
    place = next((signal.span for signal in told.signals if signal.span and signal.score > 0), None)
    if place is None:
        yield _padded(labels[1], width) + named(told.observed)
        return
    start, end = place
    first = max(0, start - _AROUND)
    before = ("…" if first else "") + named(told.observed[first:start])
    found, after = named(told.observed[start:end]), told.observed[end:]
    yield _padded(labels[1], width) + before + found + named(after, _AROUND)
    yield " " * (width + cell_len(before)) + "^" * cell_len(found)


def _forms(forms: tuple[Variant, ...], lang: str) -> Iterator[str]:
    """Yield one line for each origin, with the reason for which its spellings must stand alone."""
    groups = [(term, list(group)) for term, group in groupby(forms, key=lambda form: form.origin.term)]
    labels = {term: render(term, lang) for term, _ in groups}
    width = max(map(cell_len, labels.values())) + 2
    for term, group in groups:
        yield f"  {_padded(labels[term], width)}{_listed([form.text for form in group], lang)}"
        for border in dict.fromkeys(form.border_term for form in group if form.border_term):
            yield f"  {' ' * width}{render(border, lang, watched=named(group[0].text), seen='')}"


def _readings(told: Explanation, lang: str) -> Iterator[str]:
    """Yield how each mark is read, and what is generated or proposed where nobody has said."""
    watched = named(told.watched)
    generated = [form.text for form in told.variants if form.origin is VariantOrigin.KANA]
    term = "explain_reading" if told.readings else "explain_reading_unknown"
    if generated and not told.readings:
        term = "explain_reading_generated"
    yield "  " + render(term, lang, watched=watched, seen=_listed(told.readings or generated, lang))
    if told.observed_readings:
        seen = _listed(told.observed_readings, lang)
        yield "  " + render("explain_reading", lang, watched=named(told.observed), seen=seen)
    if told.proposed:
        proposed = _listed([one.reading for one in told.proposed], lang)
        yield "  " + render("explain_reading_proposed", lang, watched=watched, seen=proposed)
    if told.analyser_missing:
        yield "  " + render("explain_reading_proposable", lang, watched=watched, seen="")


def _listed(words: Sequence[str], lang: str) -> str:
    """Return the first words of a list, and how many there are besides."""
    shown = render("lists.separator", lang).join(map(named, words[:_MOST_SPELLINGS]))
    rest = len(words) - _MOST_SPELLINGS
    return f"{shown} {render('explain_more', lang, watched='', seen=str(rest))}" if rest > 0 else shown


def _reasons(told: Explanation, lang: str) -> Iterator[str]:
    """Yield each signal with its points, its name, its score and its reason; below it, what is written otherwise."""
    width = max(cell_len(render(signal.name, lang)) for signal in told.signals)
    for signal, points in zip(told.signals, told.points, strict=True):
        name = render(signal.name, lang)
        head = f"  {_signed(points)}  {' ' * (width - cell_len(name))}{name}  {_hundredths(signal.score)}  "
        yield head + _reason(signal.term, signal.compared, lang)
        for one in signal.differences:
            yield f"{' ' * cell_len(head)}- {_reason(one.term, (one.watched, one.seen), lang)}"


def _signed(points: float) -> str:
    return f"{round(points, 2) + 0.0:+.2f}" if points else "    –"


def _hundredths(score: float) -> str:
    """Return a score with two decimals; what rounds to nothing has no sign."""
    return f"{round(score, 2) + 0.0:.2f}"


def _reason(term: str, compared: tuple[str, str], lang: str) -> str:
    watched, seen = map(named, compared)
    return render(term, lang, watched=watched, seen=seen)


def _padded(label: str, width: int) -> str:
    return label + " " * (width - cell_len(label))
