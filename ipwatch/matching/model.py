"""Everything the matcher computes, on one screen: each question, the function that answers it, the points it gives.

The same table is in ``docs/internals/matching.md``.
"""

# ruff: noqa: E501 - one row a line

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ipwatch.matching.filings import composite_marks, signals, vienna
from ipwatch.matching.filings import goods as filed_goods
from ipwatch.matching.hosts import judge, points, screen
from ipwatch.matching.images import match
from ipwatch.matching.listings import context_words, facts, goods, qualifiers
from ipwatch.matching.names import appearance, document_frequency, phonetic, reasons
from ipwatch.matching.readings import comparison, cross_script
from ipwatch.matching.score import WEIGHTS
from ipwatch.matching.suspicion import judge as suspicion
from ipwatch.matching.suspicion import signs


@dataclass(frozen=True, slots=True)
class Computation:
    """One question about a record and a watched mark.

    ``signal`` is the name of the ``Signal`` that answers it, ``of`` the kinds of record it is asked of (L listing, F
    filing, H host name), ``by`` the function that answers it, ``weights`` the rows of ``weights.toml`` that it takes
    its points from: ``section.term``, where a final ``*`` stands for any ending.
    """

    signal: str
    of: str
    question: str
    by: Callable[..., Any]
    weights: tuple[str, ...]

    @property
    def points(self) -> Mapping[str, float]:
        """The points of one unit of each row of ``weights.toml`` that it takes, by ``section.term``."""
        rows = ((f"{section}.{term}", value) for section, table in WEIGHTS.items() for term, value in table.items())
        return {name: value for name, value in rows if any(fnmatchcase(name, pattern) for pattern in self.weights)}


# fmt: off
MODEL: tuple[Computation, ...] = (
    # Main signals: one of them is needed for a finding, and the strongest counts.
    Computation("name", "LF", "does the text show the mark as it looks (外観)?", appearance.name_signals, ("main.name", "strength.name_contained")),
    Computation("name", "F", "does the filed mark contain it as a part (結合商標)?", composite_marks.match_within, ("strength.name_beside_*",)),
    Computation("sound", "L", "does it sound similar in another script (称呼)?", phonetic.phonetic_signals, ("main.sound", "similarity.full", "similarity.loss", "similarity.minimum", "similarity.minimum_word", "similarity.tables", "similarity.without_generic", "similarity.words_swapped")),
    Computation("sound", "F", "does the filed name sound similar in another script?", cross_script.best_signal, ("strength.sound_key", "similarity.minimum_filed")),
    Computation("sound", "F", "are the readings near, mora by mora?", comparison.reading_signal, ()),
    Computation("image", "LF", "does a picture come from a reference?", match.image_signal, ("main.image",)),
    Computation("host", "H", "does the host name contain the mark, and in which spelling?", judge.reason_of, ("host.host_a[cd]*", "host.host_[cilopr]*", "host.host_same", "host.host_several_edits", "host.host_swapped", "host.host_vowel")),
    # Reasons: they go with the name ("spelling") or the sound ("pronunciation") that counts.
    Computation("spelling", "LF", "is the mark short?", reasons.reasons_of, ("reason.short_*",)),
    Computation("spelling", "LF", "is it one of the variants that the software made?", reasons.reasons_of, ("reason.form_*", "reason.place_alone")),
    Computation("spelling", "LF", "which letters differ, and where?", reasons.reasons_of, ("reason.edit*",)),
    Computation("spelling", "LF", "is it joined to other letters?", reasons.reasons_of, ("reason.runs_on_*", "reason.torn")),
    Computation("spelling", "LF", "is it, or the word around it, an ordinary word?", reasons.reasons_of, ("reason.name_is_word", "reason.word_*")),
    Computation("spelling", "L", "in which field is it, and in a row of names?", reasons.about_field, ("reason.in_*",)),
    Computation("spelling", "LF", "is it disguised by look-alike or hidden letters?", appearance.is_disguised, ("reason.disguised_spelling",)),
    Computation("spelling", "L", "how common are these words in the titles of the crawl?", document_frequency.SurfaceCounts, ("reason.surface_frequent",)),
    Computation("pronunciation", "L", "is the similar sound short, or an ordinary word?", phonetic.phonetic_signals, ("reason.heard_*",)),
    # Qualifiers: what the record states besides. They move a score and never make a finding.
    Computation("goods", "L", "are the goods of the mark named, or others?", goods.listing_goods, ("qualifier.goods_*",)),
    Computation("goods", "F", "do the Nice classes overlap?", filed_goods.filing_goods, ("qualifier.class_*",)),
    Computation("figure", "F", "do the Vienna codes of the drawings agree?", vienna.filing_elements, ("qualifier.figure_*",)),
    Computation("right", "F", "is the filing the holder's own?", signals.own_right, ("qualifier.right_*",)),
    Computation("context", "L", "which words are next to the name?", context_words.around, ("qualifier.context_compatible", "qualifier.context_other_than", "qualifier.context_style*")),
    Computation("context", "L", "does the title say replica, or used?", context_words.anywhere, ("qualifier.context_replica", "qualifier.context_used")),
    Computation("context", "L", "is it a publication about the mark?", context_words.publication, ("qualifier.context_publication",)),
    Computation("context", "L", "is it empty packaging?", context_words.packaging, ("qualifier.context_packaging",)),
    Computation("context", "L", "does the title contain an excluded term?", qualifiers.circumstances, ("qualifier.context_exclude_term",)),
    Computation("price", "L", "is the price below half of the least genuine one?", facts.price_signal, ("qualifier.price_*",)),
    Computation("origin", "L", "is another place of origin named?", facts.named_origin, ("qualifier.origin_named_elsewhere",)),
    Computation("origin", "L", "do the goods ship from abroad?", facts.shipping_origin, ("qualifier.origin_ships_elsewhere",)),
    Computation("seller_standing", "L", "is the seller authorised by the holder?", facts.seller_standing, ("qualifier.seller_*",)),
    Computation("host", "H", "does the host split into words better with the mark than without?", points.decade_points, ("host_reading.*",)),
    Computation("host", "H", "are the goods of the mark next to it?", judge.adjacent_goods, ("host.host_goods",)),
    Computation("host", "H", "are words of trade next to it?", judge.adjacent_trade, ("host.host_trade_words",)),
    Computation("host", "H", "is it a subdomain, in another script, the holder's own?", screen.HostScreener.screen, ("host.host_subdomain", "host.host_decoded", "host.host_authori*")),
    # Signs: they make a listing that names or shows the mark suspected, or do not.
    Computation("sign", "L", "is the name disguised, misspelt, or only heard?", signs.of_name, ("sign.disguised_name", "sign.misspelt_name", "sign.only_heard")),
    Computation("sign", "L", "is a picture or logo shown without the name, or on other goods?", signs.of_image, ("sign.picture_unnamed", "sign.logo_*")),
    Computation("sign", "L", "are they goods that are not licensed, or the work itself?", signs.of_goods, ("sign.unlicensed_goods", "sign.often_unlicensed", "sign.medium", "sign.second_hand", "sign.made_with")),
    Computation("sign", "L", "what does the seller say of the goods?", signs.of_statements, ("sign.copy_word", "sign.unbranded", "sign.unofficial", "sign.inspired", "sign.self_made", "sign.rival_brands", "sign.brand_to_choose")),
    Computation("sign", "L", "who is named behind the goods?", signs.of_licence, ("sign.licensee_named", "sign.maker_named", "sign.own_product", "sign.known_product", "sign.genuine_claim", "sign.no_licence_named")),
    Computation("sign", "L", "which qualifiers speak of infringement too?", signs.of_qualifiers, ("sign.accessory", "sign.style*", "sign.other_than", "sign.packaging", "sign.publication", "sign.excluded_term", "sign.origin_elsewhere", "sign.ships_elsewhere", "sign.seller_authorised", "sign.price_below_declared", "sign.other_meaning")),
    Computation("sign", "L", "who sells?", signs.of_seller, ("sign.seller_denied", "sign.seller_official", "sign.seller_confirmed", "sign.seller_signs", "sign.seller_new", "sign.seller_poor", "sign.broad_retailer")),
    Computation("sign", "L", "is the price below what others ask for the same product?", signs.of_price, ("sign.price_low_for_market", "sign.price_below_range", "sign.price_below_market", "sign.price_far_below_market")),
    Computation("sign", "L", "do many small accounts show the same text or picture?", signs.of_repetition, ("sign.text_repeated", "sign.picture_repeated")),
    Computation("sign", "L", "are there improbably many pieces?", signs.of_quantity, ("sign.quantity",)),
    Computation("suspicion", "L", "is it suspected, by the depth that the holder wants?", suspicion.bar_of, ("bar.*",)),
)
# fmt: on
