"""One spelling under which a mark is looked for: where it comes from, how far it may be bent, where it must end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ipwatch.matching.term_index import MAX_TERM_LETTERS, allowed_edits
from ipwatch.matching.variants.scripts import Script, scripts_of
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.lexicon.frequency import commonness
from ipwatch.text.phonetics.kana import morae
from ipwatch.text.phonetics.letter_names import is_spelled_out

MAX_VARIANT_CHARACTERS = 200
MIN_VARIANT_LETTERS = 2

COMMON_WORD = 2.5
"""Zipf value from which a word is common: 30,000 English and 20,000 Japanese words, of the 88,000 in the lists."""

_SHORT_BELOW = 5
_TWO_EDITS_FROM = 8
"""Letters from which two may be written otherwise; the similarity of 0.8 alone would ask for ten."""

_HAN_EDITED_FROM = 4
"""Letters from which a name in Han may have one written otherwise: two Han in common are rarer than four letters."""

_SHORT_HANGUL_BELOW = 3
_GENERATED_EDITED_FROM = 6
_GENERATED_BELOW = 8
"""Latin letters under which a generated form must stand alone: "sonii" is in "season 11"."""


class VariantOrigin(StrEnum):
    """Where a form comes from; each has a term ``form_<origin>``. A person declared the first three."""

    TEXT = "text"
    VARIANT = "variant"
    READING = "reading"
    ROMANISED = "romanised"
    KANA = "kana"
    HANGUL = "hangul"
    HAN = "han"
    LOOKALIKE = "lookalike"
    MASKED = "masked"
    RESPELLED = "respelled"
    GEOGRAPHIC = "place"

    @property
    def term(self) -> str:
        """The key of the term that says it in words."""
        return f"form_{self}"

    @property
    def generated(self) -> bool:
        """Whether the software made the spelling."""
        return self not in _DECLARED


_DECLARED = frozenset({VariantOrigin.TEXT, VariantOrigin.VARIANT, VariantOrigin.READING})
_AS_WRITTEN = frozenset(
    {VariantOrigin.LOOKALIKE, VariantOrigin.MASKED, VariantOrigin.RESPELLED, VariantOrigin.GEOGRAPHIC}
)
_KANA = frozenset({Script.HIRAGANA, Script.KATAKANA})


@dataclass(frozen=True, slots=True)
class Variant:
    """One spelling of a watched mark.

    ``edits`` is how many letters of the skeleton a text may write otherwise. ``border_term`` is the term key of the
    reason why the form counts only where it stands as a word of its own, ``None`` where it need not.
    """

    text: str
    skeleton: str
    scripts: frozenset[Script]
    origin: VariantOrigin = VariantOrigin.TEXT
    edits: int = 0
    border_term: str | None = None

    @property
    def generated(self) -> bool:
        """Whether the software made the spelling: of lower standing than one that a person declared."""
        return self.origin.generated

    @property
    def is_reading(self) -> bool:
        """Whether the form is the mark's sound in kana and not its appearance."""
        return self.origin in {VariantOrigin.READING, VariantOrigin.KANA}

    @property
    def is_alphabetic(self) -> bool:
        """Whether the form is written in an alphabet, with digits at most."""
        return Script.ALPHABETIC in self.scripts and self.scripts <= {Script.ALPHABETIC, Script.DIGIT}

    @property
    def is_kana(self) -> bool:
        """Whether the form is written in kana alone."""
        return bool(self.scripts) and self.scripts <= _KANA

    @property
    def border_required(self) -> bool:
        """Whether the form counts only where it stands as a word of its own."""
        return self.border_term is not None


def variant_of(text: str, origin: VariantOrigin = VariantOrigin.TEXT) -> Variant | None:
    """Return the form of a spelling, or ``None`` where it has too few or too many letters to be looked for."""
    if len(text) > MAX_VARIANT_CHARACTERS:
        return None
    folded = skeleton(text).text
    if not MIN_VARIANT_LETTERS <= len(folded) <= MAX_TERM_LETTERS:
        return None
    scripts = scripts_of(text)
    edits = _edits(text, len(folded), scripts, origin)
    return Variant(text, folded, scripts, origin, edits, _border_term(text, folded, scripts, origin))


def _edits(text: str, letters: int, scripts: frozenset[Script], origin: VariantOrigin) -> int:
    if origin in _AS_WRITTEN or (origin.generated and letters < _GENERATED_EDITED_FROM) or _is_called(text, origin):
        return 0
    edits = 2 if letters >= _TWO_EDITS_FROM and not origin.generated and scripts != {Script.DIGIT} else 0
    if scripts == {Script.HAN} and letters >= _HAN_EDITED_FROM:
        edits = max(1, edits)
    return max(edits, allowed_edits(letters))


def _is_called(text: str, origin: VariantOrigin) -> bool:
    """Whether the form was made of the names of letters: another letter, or more of them, are another abbreviation."""
    return origin is VariantOrigin.KANA and is_spelled_out(text)


def _border_term(text: str, folded: str, scripts: frozenset[Script], origin: VariantOrigin) -> str | None:
    """Return why the form must stand alone.

    Han runs on without borders, so that a name in Han need not, be it short or common; Korean writes spaces, and its
    particles begin behind the name.
    """
    if Script.HAN in scripts:
        return None
    short_latin = origin.generated and Script.ALPHABETIC in scripts and len(folded) < _GENERATED_BELOW
    if short_latin or _is_called(text, origin):
        return "border_generated"
    if commonness(text) >= COMMON_WORD:
        return "border_common_word"
    if scripts <= _KANA:
        short = len(morae(text)) < _SHORT_BELOW
    else:
        short = len(folded) < (_SHORT_HANGUL_BELOW if Script.HANGUL in scripts else _SHORT_BELOW)
    return "border_short" if short else None
