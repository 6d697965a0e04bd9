"""An explanation as text for a terminal: the variants searched for, their occurrences, and the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len

from ipwatch.matching.differences import is_hidden
from ipwatch.matching.explain import Explanation, ReadAs
from ipwatch.matching.score import BARS
from ipwatch.matching.suspicion.shown import sign_text
from ipwatch.matching.variants import Variant, VariantOrigin
from ipwatch.records import Depth, Finding, Sign
from ipwatch.terms import render

_MAX_SPELLINGS = 8
_AROUND = 30
_BRIEF = 60


def tell(comparison: Explanation, lang: str) -> Iterator[str]:
    """Yield the lines of an explanation in ``ja`` or ``en``; hidden characters are named (U+200B)."""
    yield from _two_texts(comparison, lang)
    yield render(comparison.read_as.term, lang)
    yield ""
    yield render("explain_forms", lang)
    yield from _forms(comparison.variants, lang)
    yield ""
    yield render("explain_readings", lang)
    yield from _readings(comparison, lang)
    yield ""
    yield render("explain_reasons", lang)
    yield from _reasons(comparison, lang)
    yield ""
    if comparison.read_as is ReadAs.MARK and comparison.score_apart < comparison.threshold <= comparison.score:
        yield render(
            "explain_class_apart", lang, watched=f"{comparison.threshold:.2f}", seen=f"{comparison.score_apart:.2f}"
        )
    yield render(_conclusion(comparison), lang, watched=f"{comparison.threshold:.2f}", seen=f"{comparison.score:.2f}")
    if comparison.judged is not None:
        yield ""
        yield from _judgement(comparison.judged, lang)


def _conclusion(comparison: Explanation) -> str:
    if comparison.score < comparison.threshold:
        return "explain_below"
    return "explain_named" if comparison.read_as is ReadAs.TITLE else "explain_reached"


def _judgement(judged: Finding, lang: str) -> Iterator[str]:
    """Yield the signs for and against infringement, and what they come to."""
    for side, chosen in (
        ("suspicion.for", [sign for sign in judged.signs if sign.points > 0]),
        ("suspicion.against", [sign for sign in judged.signs if sign.points < 0]),
    ):
        if chosen:
            yield render(side, lang)
            yield from (f"  {_signed(each.points)}  {_sign(each, lang)}" for each in chosen)
    if not judged.signs:
        yield render("suspicion.none", lang)
    bar = BARS[Depth.NORMAL]
    term = f"suspicion.{judged.kind}"
    yield render(term, lang, watched=f"{bar:.2f}", seen=f"{judged.suspicion:.2f}")


def named(text: str, limit: int = _BRIEF) -> str:
    """Return a text cut to ``limit`` characters, with the number of every character that a terminal does not show."""
    shown = "".join(f"[U+{ord(char):04X}]" if is_hidden(char) else char for char in text[:limit])
    shown = " ".join(shown.splitlines())
    return shown if len(text) <= limit else f"{shown}…"


def _two_texts(comparison: Explanation, lang: str) -> Iterator[str]:
    """Yield the two marks, the second with the matched piece underlined."""
    labels = [render(key, lang) for key in ("explain_watched", "explain_seen")]
    width = max(cell_len(label) for label in labels) + 2
    yield _padded(labels[0], width) + named(comparison.watched)
    span = next((signal.span for signal in comparison.signals if signal.span and signal.score > 0), None)
    if span is None:
        yield _padded(labels[1], width) + named(comparison.observed)
        return
    start, end = span
    first = max(0, start - _AROUND)
    before = ("…" if first else "") + named(comparison.observed[first:start])
    compared, after = named(comparison.observed[start:end]), comparison.observed[end:]
    yield _padded(labels[1], width) + before + compared + named(after, _AROUND)
    yield " " * (width + cell_len(before)) + "^" * cell_len(compared)


def _forms(forms: tuple[Variant, ...], lang: str) -> Iterator[str]:
    """Yield one line for each origin, with the reason for which its spellings must stand alone."""
    groups = [(term, list(group)) for term, group in groupby(forms, key=lambda form: form.origin.term)]
    labels = {term: render(term, lang) for term, _ in groups}
    width = max(map(cell_len, labels.values())) + 2
    for term, group in groups:
        yield f"  {_padded(labels[term], width)}{_listed([form.text for form in group], lang)}"
        for border in dict.fromkeys(form.boundary_term for form in group if form.boundary_term):
            yield f"  {' ' * width}{render(border, lang, watched=named(group[0].text), seen='')}"


def _readings(comparison: Explanation, lang: str) -> Iterator[str]:
    """Yield the readings of each mark, and those generated or proposed where none are declared."""
    watched = named(comparison.watched)
    generated = [form.text for form in comparison.variants if form.origin is VariantOrigin.KANA]
    term = "explain_reading" if comparison.readings else "explain_reading_unknown"
    if generated and not comparison.readings:
        term = "explain_reading_generated"
    yield "  " + render(term, lang, watched=watched, seen=_listed(comparison.readings or generated, lang))
    if comparison.observed_readings:
        observed = _listed(comparison.observed_readings, lang)
        yield "  " + render("explain_reading", lang, watched=named(comparison.observed), seen=observed)
    if comparison.proposed:
        proposed = _listed([proposal.reading for proposal in comparison.proposed], lang)
        yield "  " + render("explain_reading_proposed", lang, watched=watched, seen=proposed)
    if comparison.analyser_missing:
        yield "  " + render("explain_reading_proposable", lang, watched=watched, seen="")


def _listed(words: Sequence[str], lang: str) -> str:
    """Return the first words of a list, and the number of the others."""
    shown = render("lists.separator", lang).join(map(named, words[:_MAX_SPELLINGS]))
    rest = len(words) - _MAX_SPELLINGS
    return f"{shown} {render('explain_more', lang, watched='', seen=str(rest))}" if rest > 0 else shown


def _reasons(comparison: Explanation, lang: str) -> Iterator[str]:
    """Yield each signal with its points, its name, its score and its reason; below it, what is written otherwise."""
    width = max(cell_len(render(signal.name, lang)) for signal in comparison.signals)
    for signal, points in zip(comparison.signals, comparison.points, strict=True):
        name = render(signal.name, lang)
        head = f"  {_signed(points)}  {' ' * (width - cell_len(name))}{name}  {_hundredths(signal.score)}  "
        yield head + _reason(signal.term, signal.compared, lang)
        for difference in signal.differences:
            yield f"{' ' * cell_len(head)}- {_reason(difference.term, (difference.watched, difference.seen), lang)}"


def _signed(points: float) -> str:
    return f"{round(points, 2) + 0.0:+.2f}" if points else "    –"


def _hundredths(score: float) -> str:
    """Return a score with two decimals; one that rounds to zero has no sign."""
    return f"{round(score, 2) + 0.0:.2f}"


def _reason(term: str, compared: tuple[str, str], lang: str) -> str:
    watched, observed = map(named, compared)
    return render(term, lang, watched=watched, seen=observed)


def _sign(shown_sign: Sign, lang: str) -> str:
    watched, observed = map(named, shown_sign.compared)
    return sign_text(shown_sign.term, watched, observed, lang)


def _padded(label: str, width: int) -> str:
    return label + " " * (width - cell_len(label))
