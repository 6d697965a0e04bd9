"""One spelling under which a mark is searched for: its origin, its allowed edits, its word boundary rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ipwatch.matching.term_index import MAX_TERM_LETTERS, allowed_edits
from ipwatch.matching.variants.scripts import Script, scripts_of
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.lexicon.frequency import COMMON_WORD, commonness
from ipwatch.text.phonetics.kana import morae
from ipwatch.text.phonetics.letter_names import is_spelled_out

MAX_VARIANT_CHARACTERS = 200
MIN_VARIANT_LETTERS = 2

_SHORT_BELOW = 5
_TWO_EDITS_FROM = 8
"""Length from which two edits are allowed; the similarity of 0.8 alone would require ten letters."""

_HAN_EDITED_FROM = 4
"""Length from which a name in Han has one edit: two Han in common are rarer than four letters."""

_SHORT_HANGUL_BELOW = 3
_GENERATED_EDITED_FROM = 6
_GENERATED_BELOW = 8
"""Length in Latin letters below which a generated variant must stand alone: "sonii" is in "season 11"."""


class VariantOrigin(StrEnum):
    """Origin of a variant; each has a message key ``form_<origin>``. The first three are declared by a person."""

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
        """The message key of the origin."""
        return f"form_{self}"

    @property
    def generated(self) -> bool:
        """Whether the spelling was generated."""
        return self not in _DECLARED


_DECLARED = frozenset({VariantOrigin.TEXT, VariantOrigin.VARIANT, VariantOrigin.READING})
_AS_WRITTEN = frozenset(
    {VariantOrigin.LOOKALIKE, VariantOrigin.MASKED, VariantOrigin.RESPELLED, VariantOrigin.GEOGRAPHIC}
)
_KANA = frozenset({Script.HIRAGANA, Script.KATAKANA})


@dataclass(frozen=True, slots=True)
class Variant:
    """One spelling of a watched mark.

    ``edits`` is the number of letters of the skeleton that a text may write differently. ``boundary_term`` is the
    message key of the reason why the variant counts only as a whole word, ``None`` where it need not be one.
    """

    text: str
    skeleton: str
    scripts: frozenset[Script]
    origin: VariantOrigin = VariantOrigin.TEXT
    edits: int = 0
    boundary_term: str | None = None

    @property
    def generated(self) -> bool:
        """Whether the spelling was generated; it then ranks below a declared one."""
        return self.origin.generated

    @property
    def is_reading(self) -> bool:
        """Whether the variant is the mark's sound in kana, not its appearance."""
        return self.origin in {VariantOrigin.READING, VariantOrigin.KANA}

    @property
    def is_alphabetic(self) -> bool:
        """Whether the variant consists of alphabetic letters, possibly with digits."""
        return Script.ALPHABETIC in self.scripts and self.scripts <= {Script.ALPHABETIC, Script.DIGIT}

    @property
    def is_kana(self) -> bool:
        """Whether the variant consists of kana only."""
        return bool(self.scripts) and self.scripts <= _KANA

    @property
    def boundary_required(self) -> bool:
        """Whether the variant counts only as a whole word."""
        return self.boundary_term is not None


def variant_of(text: str, origin: VariantOrigin = VariantOrigin.TEXT) -> Variant | None:
    """Return the variant of a spelling, or ``None`` where it has too few or too many letters to be searched for."""
    if len(text) > MAX_VARIANT_CHARACTERS:
        return None
    folded = skeleton(text).text
    if not MIN_VARIANT_LETTERS <= len(folded) <= MAX_TERM_LETTERS:
        return None
    scripts = scripts_of(text)
    edits = _edits(text, len(folded), scripts, origin)
    return Variant(text, folded, scripts, origin, edits, _boundary_term(text, folded, scripts, origin))


def _edits(text: str, letters: int, scripts: frozenset[Script], origin: VariantOrigin) -> int:
    if origin in _AS_WRITTEN or (origin.generated and letters < _GENERATED_EDITED_FROM) or _is_called(text, origin):
        return 0
    edits = 2 if letters >= _TWO_EDITS_FROM and not origin.generated and scripts != {Script.DIGIT} else 0
    if scripts == {Script.HAN} and letters >= _HAN_EDITED_FROM:
        edits = max(1, edits)
    return max(edits, allowed_edits(letters))


def _is_called(text: str, origin: VariantOrigin) -> bool:
    """Whether the variant spells out names of letters: one letter more or another one is another abbreviation."""
    return origin is VariantOrigin.KANA and is_spelled_out(text)


def _boundary_term(text: str, folded: str, scripts: frozenset[Script], origin: VariantOrigin) -> str | None:
    """Return the message key of the reason why the variant must be a whole word, or ``None``.

    Han is written without word boundaries, so a name in Han need not be one, even if short or common. Korean is written
    with spaces, and its particles follow the name directly.
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
