"""Ground truth of the sandbox, never served: which of its listings and filings infringe, how, and what shows it."""

from __future__ import annotations

from collections.abc import Iterable
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
    BELOW_MARKET = "below_market"
    OWN_WORDS = "own_words"
    RIVAL_BRANDS = "rival_brands"
    BULK_QUANTITY = "bulk_quantity"
    DENIED_SELLER = "denied_seller"
    DOUBTFUL_SELLER = "doubtful_seller"
    SHARED_TEXT = "shared_text"
    SHARED_PICTURE = "shared_picture"
    SIMILAR_SOUND = "similar_sound"
    SIMILAR_LOOK = "similar_look"
    SIMILAR_BOTH = "similar_both"
    SIMILAR_FIGURE = "similar_figure"

    NOT_VISIBLE = "not_visible"

    GENUINE_RETAIL = "genuine_retail"
    GENUINE_SET = "genuine_set"
    PRE_ORDER = "pre_order_goods"
    CONTENT_MEDIA = "content_media"
    LICENSED_GOODS = "licensed_goods"
    REGIONAL_PRODUCER = "regional_producer"
    DERIVED_GOODS = "derived_goods"
    PARALLEL_IMPORT = "parallel_import"
    RELATED_NAMES = "related_names"
    ORDINARY_WORD = "ordinary_word"
    SECOND_HAND = "second_hand"
    AUTHORISED_SELLER = "authorised_seller"
    ACCESSORY = "accessory"
    PUBLICATION = "publication"
    GENERIC_WORDS = "generic_words"
    OTHER_CLASS = "other_class"
    OWN_FILING = "own_filing"

    UNRELATED = "unrelated"


class Sign(StrEnum):
    """The closed list of what a listing shows of an infringement."""

    DISGUISED_NAME = "disguised_name"
    HOLDERS_PICTURE = "holders_picture"
    MARK_ON_OTHER_GOODS = "mark_on_other_goods"
    LOW_PRICE = "low_price"
    LOW_FOR_MARKET = "low_for_market"
    OWN_WORDS = "own_words"
    RIVAL_BRANDS = "rival_brands"
    ELSEWHERE = "goods_from_elsewhere"
    QUANTITY = "quantity"
    DENIED_SELLER = "denied_seller"
    DOUBTFUL_SELLER = "doubtful_seller"
    SHARED_TEXT = "shared_text"
    SHARED_PICTURE = "shared_picture"


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
"""The imitations of the world for tests of the matching."""
VISIBLE_LISTINGS = (
    Kind.LOOKALIKE_SPELLING,
    Kind.HOMOGLYPH,
    Kind.SPACED,
    Kind.STOLEN_PICTURE_SILENT,
    Kind.LOGO_PASTED,
    Kind.IMPOSSIBLE_PRICE,
    Kind.GI_MISUSE,
    Kind.CHARACTER_GOODS,
    Kind.BELOW_MARKET,
    Kind.OWN_WORDS,
    Kind.RIVAL_BRANDS,
    Kind.BULK_QUANTITY,
    Kind.DENIED_SELLER,
    Kind.DOUBTFUL_SELLER,
    Kind.SHARED_TEXT,
    Kind.SHARED_PICTURE,
)
"""The infringing listings of a market that show it."""
LAWFUL_LISTINGS = (
    Kind.GENUINE_RETAIL,
    Kind.GENUINE_SET,
    Kind.PRE_ORDER,
    Kind.CONTENT_MEDIA,
    Kind.LICENSED_GOODS,
    Kind.REGIONAL_PRODUCER,
    Kind.DERIVED_GOODS,
    Kind.PARALLEL_IMPORT,
    Kind.RELATED_NAMES,
    Kind.ORDINARY_WORD,
    Kind.SECOND_HAND,
    Kind.AUTHORISED_SELLER,
    Kind.ACCESSORY,
    Kind.PUBLICATION,
    Kind.GENERIC_WORDS,
)
"""The lawful listings of a market that have to do with a mark; most of them name it."""
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
_SUSPECTED = frozenset((*SUSPECTED_LISTINGS, *VISIBLE_LISTINGS, *SUSPECTED_FILINGS))
_SIGN_OF_KIND = {
    Kind.LOOKALIKE_SPELLING: Sign.DISGUISED_NAME,
    Kind.KANA_VARIANT: Sign.DISGUISED_NAME,
    Kind.HOMOGLYPH: Sign.DISGUISED_NAME,
    Kind.SPACED: Sign.DISGUISED_NAME,
    Kind.STOLEN_PICTURE: Sign.HOLDERS_PICTURE,
    Kind.STOLEN_PICTURE_SILENT: Sign.HOLDERS_PICTURE,
    Kind.LOGO_PASTED: Sign.MARK_ON_OTHER_GOODS,
    Kind.CHARACTER_GOODS: Sign.MARK_ON_OTHER_GOODS,
    Kind.IMPOSSIBLE_PRICE: Sign.LOW_PRICE,
    Kind.BELOW_MARKET: Sign.LOW_FOR_MARKET,
    Kind.GI_MISUSE: Sign.ELSEWHERE,
    Kind.OWN_WORDS: Sign.OWN_WORDS,
    Kind.RIVAL_BRANDS: Sign.RIVAL_BRANDS,
    Kind.BULK_QUANTITY: Sign.QUANTITY,
    Kind.DENIED_SELLER: Sign.DENIED_SELLER,
    Kind.DOUBTFUL_SELLER: Sign.DOUBTFUL_SELLER,
    Kind.SHARED_TEXT: Sign.SHARED_TEXT,
    Kind.SHARED_PICTURE: Sign.SHARED_PICTURE,
}


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one subject: ``mark`` is ``watchlist/mark`` of the mark it imitates, resembles or names, if any.

    ``suspected`` is whether a watch should flag it: it infringes, and ``signs`` are what a listing shows of that. A
    listing of the kind ``not_visible`` infringes and shows nothing of it. ``mention`` is whether a listing names or
    shows the mark.
    """

    mark: str | None
    kind: str
    suspected: bool
    signs: tuple[Sign, ...] = ()
    mention: bool = False

    @property
    def infringing(self) -> bool:
        """Whether it infringes, visibly or not."""
        return self.suspected or self.kind == Kind.NOT_VISIBLE


def truth_of(kind: Kind, mark: str | None, *, further: Iterable[Sign] = (), mention: bool = False) -> Truth:
    """Return the truth of a subject of that kind; ``further`` are signs besides the one of its kind."""
    signs = (_SIGN_OF_KIND[kind], *further) if kind in _SIGN_OF_KIND else ()
    return Truth(
        mark=mark,
        kind=kind.value,
        suspected=kind in _SUSPECTED,
        signs=tuple(dict.fromkeys(signs)),
        mention=mention,
    )
