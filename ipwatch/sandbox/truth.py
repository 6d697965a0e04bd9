"""Ground truth of the sandbox, never served: which of its listings and filings infringe, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The closed list of kinds of listings and filings."""

    LOOKALIKE_SPELLING = "lookalike_spelling"
    KANA_VARIANT = "kana_variant"
    HOMOGLYPH = "homoglyph"
    SPACED = "spaced"
    STOLEN_PICTURE = "stolen_picture"
    STOLEN_PICTURE_SILENT = "stolen_picture_silent"
    LOGO_PASTED = "logo_pasted"
    IMPOSSIBLE_PRICE = "impossible_price"
    GI_MISUSE = "gi_misuse"
    CHARACTER_GOODS = "character_goods"
    SIMILAR_SOUND = "similar_sound"
    SIMILAR_LOOK = "similar_look"
    SIMILAR_BOTH = "similar_both"
    SIMILAR_FIGURE = "similar_figure"

    ORDINARY_WORD = "ordinary_word"
    SECOND_HAND = "second_hand"
    AUTHORISED_SELLER = "authorised_seller"
    ACCESSORY = "accessory"
    PUBLICATION = "publication"
    GENERIC_WORDS = "generic_words"
    OTHER_CLASS = "other_class"
    OWN_FILING = "own_filing"

    UNRELATED = "unrelated"


SUSPECTED_LISTINGS = (
    Kind.LOOKALIKE_SPELLING,
    Kind.KANA_VARIANT,
    Kind.HOMOGLYPH,
    Kind.SPACED,
    Kind.STOLEN_PICTURE,
    Kind.STOLEN_PICTURE_SILENT,
    Kind.LOGO_PASTED,
    Kind.IMPOSSIBLE_PRICE,
    Kind.GI_MISUSE,
    Kind.CHARACTER_GOODS,
)
SUSPECTED_FILINGS = (Kind.SIMILAR_SOUND, Kind.SIMILAR_LOOK, Kind.SIMILAR_BOTH, Kind.SIMILAR_FIGURE)
DECOY_LISTINGS = (
    Kind.ORDINARY_WORD,
    Kind.SECOND_HAND,
    Kind.AUTHORISED_SELLER,
    Kind.ACCESSORY,
    Kind.PUBLICATION,
    Kind.GENERIC_WORDS,
)
DECOY_FILINGS = (Kind.OTHER_CLASS, Kind.OWN_FILING)
_SUSPECTED = frozenset((*SUSPECTED_LISTINGS, *SUSPECTED_FILINGS))


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one subject: ``mark`` is ``watchlist/mark`` of the mark it imitates or resembles, if any.

    ``suspected`` is whether a watch should flag it.
    """

    mark: str | None
    kind: str
    suspected: bool


def truth_of(kind: Kind, mark: str | None) -> Truth:
    """Return the truth of a subject of that kind."""
    return Truth(mark=mark, kind=kind.value, suspected=kind in _SUSPECTED)
