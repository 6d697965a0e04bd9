"""Signs (兆候) of a listing that names or shows a mark: what speaks for infringement, and what against it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain

from ipwatch.matching.listings import facts as listing_facts
from ipwatch.matching.score import SIGNS, STRONG_SIGNS
from ipwatch.matching.suspicion import goods_kinds, identifiers, statements, written_names
from ipwatch.matching.suspicion.inspection import Inspection
from ipwatch.matching.suspicion.prices import NOUN, rounded
from ipwatch.matching.suspicion.statements import Statement
from ipwatch.matching.variants import PLACE_KINDS
from ipwatch.records import MatchKind, SecondHand, Sign
from ipwatch.text.lexicon.roles import alternatives

MANY_RIVALS = 2
"""Marks of that many other holders beside this one in a listing are rival brands offered as one."""

MANY_PIECES = 50
"""Pieces of one lot from which it is improbable for goods of which nobody has many."""

MANY_IN_STOCK = 5000
FEW_RATINGS, MIN_RATINGS, POOR_RATING = 10, 5, 90.0
MANY_ACCOUNTS = 3
MANY_WITH_SIGNS, SHARE_WITH_SIGNS = 3, 0.25
"""So many other listings of an account with strong signs of their own, and that share of them, speak against it."""

_BELOW = (
    ("price_far_below_market", 0.2, 4.0),
    ("price_below_market", 0.42, 2.7),
    ("price_low_for_market", 0.65, 1.5),
)
"""Which share of the median a price is less than, and by how many spreads it is below it at least."""

_USUAL_SHARE = 0.8
"""From which share of the median a price is the usual one."""

_PACKAGE_SHARE = Decimal("0.5")
"""From which share of the median the price of several pieces may be that of one package."""

_BELOW_RANGE = Decimal("0.6")
"""Which share of where the prices of a kind of goods begin a price is less than."""

_NOT_THE_GOODS = frozenset(
    {"accessory", "made_with", "publication", "packaging", "medium", "second_hand", "other_than", "other_meaning"}
)

_OTHER_GOODS = frozenset({"accessory", "made_with", "publication", "packaging", "other_than", "other_meaning"})
"""Where one of these holds, the origin of the goods says nothing of the mark."""

_OTHER_PRICES = _NOT_THE_GOODS - {"medium"}
"""Where one of these holds, the prices of new goods of the mark say nothing."""

OF_THE_MARK = frozenset(
    {"disguised_name", "copy_word", "unbranded", "unofficial", "unlicensed_goods", "seller_denied", "seller_confirmed"}
)
"""Signs that are about the mark itself, so that they count although the goods or the words beside it are unusual."""

_ABOUT = re.compile(alternatives("publication", "about"))

_OF_QUALIFIER = {
    "context_compatible": "accessory",
    "context_style": "style",
    "context_style_gi": "style_gi",
    "context_other_than": "other_than",
    "context_packaging": "packaging",
    "context_publication": "publication",
    "context_exclude_term": "excluded_term",
    "origin_named_elsewhere": "origin_elsewhere",
    "seller_authorised": "seller_authorised",
    "price_far_below": "price_below_declared",
    "goods_absent": "other_meaning",
}
"""Signs that a qualifier of the relevance is the observation of."""


def sign(
    term: str, compared: tuple[str, str], *, field: str | None = None, span: tuple[int, int] | None = None
) -> Sign:
    """Return the sign of that term with its points from the table."""
    return Sign(term=term, points=SIGNS[term], strong=term in STRONG_SIGNS, compared=compared, field=field, span=span)


def signs_of(inspected: Inspection) -> tuple[Sign, ...]:
    """Return every sign, each once, those for infringement first and the weightiest first."""
    by_term = _without_crawl(inspected)
    _add(by_term, of_seller(inspected), of_repetition(inspected), of_quantity(inspected))
    _add(by_term, of_licence(inspected, by_term), of_price(inspected, by_term))
    return _standing(inspected, by_term)


def own_signs(inspected: Inspection) -> tuple[Sign, ...]:
    """Return the signs that the listing shows by itself: those that need no crawl."""
    return _standing(inspected, _without_crawl(inspected))


def _without_crawl(inspected: Inspection) -> dict[str, Sign]:
    by_term: dict[str, Sign] = {}
    _add(by_term, of_qualifiers(inspected), of_goods(inspected))
    _add(by_term, of_name(inspected), of_image(inspected, by_term), of_statements(inspected, by_term))
    return by_term


def _add(by_term: dict[str, Sign], *groups: Iterable[Sign]) -> None:
    for each in chain.from_iterable(groups):
        by_term.setdefault(each.term, each)


def _standing(inspected: Inspection, by_term: dict[str, Sign]) -> tuple[Sign, ...]:
    """Return the signs that stand beside the others, the weightiest first."""
    if _NOT_THE_GOODS & by_term.keys() or not inspected.offers_the_mark or inspected.is_other_goods:
        by_term.pop("price_below_declared", None)
    # Accessories for the mark and books about it need neither its maker nor its holder's leave.
    if "accessory" in by_term:
        by_term.pop("unbranded", None)
    if {"accessory", "publication"} & by_term.keys():
        by_term.pop("unofficial", None)
    if _OTHER_GOODS & by_term.keys() or not inspected.offers_the_mark:
        by_term.pop("origin_elsewhere", None)
        by_term.pop("ships_elsewhere", None)
    return tuple(sorted(by_term.values(), key=lambda each: -each.points))


def are_of_mark(inspected: Inspection, shown_signs: Iterable[Sign]) -> bool:
    """Whether signs are about the mark itself, so that they count for a name that alone is too little.

    Another origin is, on the goods that the place is known for (久遠谷 酒器 原産地：ベトナム).
    """
    terms = {each.term for each in shown_signs}
    return bool(terms & OF_THE_MARK) or ("origin_elsewhere" in terms and inspected.names_own_goods)


def of_qualifiers(inspected: Inspection) -> Iterator[Sign]:
    """Yield the signs that a qualifier of the relevance is the observation of, and where the goods ship from."""
    is_place = inspected.mark.kind in PLACE_KINDS
    for signal in inspected.finding.signals:
        if (term := _OF_QUALIFIER.get(signal.term)) is not None:
            # Goods of a kind that the mark is watched for are its goods, by whatever word.
            if term == "other_meaning" and inspected.facts.goods_kind in inspected.own_kinds:
                continue
            shown = "style_gi" if term == "style" and is_place else term
            yield sign(shown, signal.compared, field=signal.field, span=signal.span)
    if is_place:
        for text in inspected.texts:
            if statement := statements.stated("origin_elsewhere", text):
                yield _stated("origin_elsewhere", inspected.mark.text, statement)
    origin = inspected.listing.ships_from
    if is_place and origin is not None and listing_facts.is_abroad(origin):
        yield sign("ships_elsewhere", (inspected.mark.text, origin.strip()), field="ships_from")


def of_name(inspected: Inspection) -> Iterator[Sign]:
    """Yield how the name is written: disguised, misspelt, or only as it sounds."""
    name = inspected.name
    if name is None:
        return
    term = written_names.term_of(name, inspected.mark, inspected.title.source, inspected.finding.signals)
    if term is not None:
        yield sign(term, name.compared, field=name.field, span=name.span)


def of_image(inspected: Inspection, by_term: dict[str, Sign]) -> Iterator[Sign]:
    """Yield what the pictures show beside, or instead of, the name."""
    image = inspected.image
    if image is None or image.picture is None:
        return
    is_logo = image.picture.kind == MatchKind.LOGO
    if inspected.name is None and not inspected.is_named_in_title:
        yield sign("logo_unnamed" if is_logo else "picture_unnamed", image.compared, field="images")
    elif is_logo and "other_meaning" in by_term:
        yield sign("logo_on_other_goods", image.compared, field="images")


def of_goods(inspected: Inspection) -> Iterator[Sign]:
    """Yield what the goods say: kinds that are not licensed, the medium of a work, second-hand goods."""
    mark, title, kind = inspected.mark, inspected.title, inspected.facts.goods_kind
    for goods in mark.unlicensed_goods:
        if statement := statements.named(goods, title):
            yield _stated("unlicensed_goods", goods, statement)
            break
    if kind in goods_kinds.MEDIA and (inspected.is_of_work or not inspected.names_own_goods):
        # A guide to a work is no copy of it, whoever publishes it.
        is_work_itself = inspected.is_of_work and not (kind == "book" and _ABOUT.search(title.plain))
        yield sign("medium" if is_work_itself else "publication", (mark.text, str(kind)), field="title")
    if kind == "accessory" and kind not in inspected.own_kinds:
        yield sign("accessory", (mark.text, title.source), field="title")
    if mark.kind in PLACE_KINDS and (kind is None or kind not in inspected.own_kinds):
        statement = statements.stated("made_with", title, skipped=inspected.named_in(title))
        if statement or kind in goods_kinds.MADE_OF:
            yield sign("made_with", (mark.text, statement.words if statement else str(kind)), field="title")
    if inspected.is_of_work and kind in goods_kinds.OFTEN_UNLICENSED:
        yield sign("often_unlicensed", (mark.text, str(kind)), field="title")
    if inspected.facts.used and mark.second_hand is not SecondHand.WATCH:
        yield sign("second_hand", (mark.text, inspected.listing.condition or title.source), field="title")


_IN_TITLE = ("copy_in_title", "inspired", "self_made")
_ANYWHERE = ("copy", "unbranded", "unofficial")
_ALONE = ("copy_in_title",)
"""Statements that count in a description only as a sentence of their own: others speak of something else there."""

_TERM_OF_GROUP = {"copy": "copy_word", "copy_in_title": "copy_word"}


def of_statements(inspected: Inspection, by_term: Mapping[str, Sign]) -> Iterator[Sign]:
    """Yield what the seller says of the goods, and whose marks stand there together."""
    for text in inspected.texts:
        skipped = inspected.named_in(text)
        groups = (*_ANYWHERE, *(_IN_TITLE if text.field == "title" else _ALONE))
        # Of accessories and books, such words speak of something else (純正同等品, a book on replicas).
        if {"accessory", "publication"} & by_term.keys():
            groups = tuple(group for group in groups if group != "copy_in_title")
        for group in groups:
            alone = group in _ALONE and text.field != "title"
            if statement := statements.stated(group, text, skipped=skipped, alone=alone):
                yield _stated(_TERM_OF_GROUP.get(group, group), inspected.mark.text, statement)
        if text.field == "description" and (likened := statements.likened(inspected.names, text)):
            term = "style_gi" if inspected.mark.kind in PLACE_KINDS else "style"
            yield _stated(term, inspected.mark.text, likened)
    rivals = inspected.all_rivals
    choice = statements.stated("any_brand", inspected.title) if rivals and "accessory" not in by_term else None
    if choice:
        yield sign("brand_to_choose", (inspected.mark.text, f"{', '.join(rivals[:3])}: {choice.words}"), field="title")
    elif len(rivals) >= MANY_RIVALS and not inspected.is_of_work:
        yield sign("rival_brands", (inspected.mark.text, ", ".join(rivals[:3])), field="title")


def of_licence(inspected: Inspection, by_term: dict[str, Sign]) -> Iterator[Sign]:
    """Yield who is named behind the goods, or that nobody is where goods of a work are licensed."""
    mark, texts, numbers = inspected.mark, inspected.texts, inspected.facts.identifiers
    everything = " ".join(text.source for text in texts)
    licensee = next(
        (statement for name in mark.licensees for text in texts if (statement := statements.named(name, text))), None
    )
    if licensee:
        yield _stated("licensee_named", mark.text, licensee)
    named = _maker(inspected)
    if named and not licensee:
        yield _stated("maker_named", mark.text, named)
    owned = [
        (each, match) for each in mark.own_products if (match := identifiers.is_of_range(each, numbers, everything))
    ]
    for pattern, number in owned[:1]:
        yield sign("own_product", (pattern, number))
    known = next((each for each in numbers if inspected.crawl.is_known_identifier(mark.key, each)), None)
    if known:
        yield sign("known_product", (mark.text, known))
    claim = next((statement for text in texts if (statement := statements.stated("genuine_claim", text))), None)
    if claim:
        yield _stated("genuine_claim", mark.text, claim)
    kind = inspected.facts.goods_kind
    if (
        inspected.is_of_work
        and kind is not None
        and kind not in goods_kinds.MEDIA
        and not (licensee or named or owned or known or claim)
        and not by_term.keys() & _NOT_THE_GOODS
    ):
        yield sign("no_licence_named", (mark.text, kind))


def _maker(inspected: Inspection) -> Statement | None:
    for group in ("copyright_notice", "maker_field", "collaboration"):
        for text in inspected.texts:
            if statement := statements.stated(group, text):
                return statement
    for text in inspected.texts:
        if statement := statements.maker(text):
            return statement
        for name in inspected.makers:
            if statement := statements.named(name, text):
                return statement
    return None


def of_seller(inspected: Inspection) -> Iterator[Sign]:
    """Yield what is known of the account."""
    seller, mark = inspected.listing.seller, inspected.mark
    if seller is None or seller.id is None:
        return
    account = (inspected.listing.marketplace, seller.id)
    if account in {(each.marketplace, each.id) for each in mark.deny_sellers}:
        yield sign("seller_denied", (mark.text, seller.id), field="seller.id")
    if listing_facts.is_official(mark, inspected.listing):
        yield sign("seller_official", (mark.text, seller.id), field="seller.id")
    profile = inspected.crawl.seller(inspected.facts.seller)
    # A decision says nothing new of the listing that it was made on.
    if profile is not None and (confirmed := profile.confirmed_without(inspected.finding.subject)):
        yield sign("seller_confirmed", (str(confirmed), seller.id), field="seller.id")
    if profile is not None:
        suspect, others = profile.share_of_signs(inspected.finding.subject)
        if suspect >= MANY_WITH_SIGNS and suspect >= others * SHARE_WITH_SIGNS:
            yield sign("seller_signs", (str(others), str(suspect)), field="seller.id")
    if profile is not None and inspected.crawl.is_broad(inspected.facts.seller):
        yield sign("broad_retailer", (str(len(profile.kinds)), str(profile.listings)), field="seller.id")
    count, share = seller.feedback_count, seller.feedback_pct
    if share is not None and share < POOR_RATING and (count is None or count >= MIN_RATINGS):
        shown = f"{share} %" if count is None else f"{share} % / {count}"
        yield sign("seller_poor", (f"{POOR_RATING:.0f} %", shown), field="seller")
    elif count is not None and count < FEW_RATINGS:
        yield sign("seller_new", (str(FEW_RATINGS), str(count)), field="seller")


def of_repetition(inspected: Inspection) -> Iterator[Sign]:
    """Yield what many accounts have in common with this listing."""
    facts, title = inspected.facts, inspected.title
    accounts = len(inspected.crawl.accounts_with_text(facts))
    if accounts >= MANY_ACCOUNTS and not facts.identifiers:
        yield sign("text_repeated", (str(accounts), title.source), field="description")
    showing = inspected.crawl.accounts_with_picture(facts)
    # Every retailer shows the holder's own picture, and shops at their usual price that of the package.
    if len(showing) >= MANY_ACCOUNTS and inspected.image is None and not _is_of_shops(inspected, showing):
        yield sign("picture_repeated", (str(len(showing)), title.source), field="images")


def _is_of_shops(inspected: Inspection, accounts: Collection[str]) -> bool:
    """Whether accounts look like shops: they ask the usual price, or where that is not known offer several things."""
    if inspected.price_share is not None:
        return inspected.price_share >= _USUAL_SHARE
    return any(inspected.crawl.has_range(account) for account in accounts)


def of_quantity(inspected: Inspection) -> Iterator[Sign]:
    """Yield that there are improbably many pieces, of goods of which nobody has many or for resale."""
    pack, kind, stock = inspected.facts.pack, inspected.facts.goods_kind, inspected.listing.quantity
    resale = (
        kind not in goods_kinds.SOLD_BY_THE_CASE
        and statements.stated("wholesale", inspected.title)
        # Licensed trifles for fairs and raffles are sold by the hundred.
        and not statements.stated("giveaway", inspected.title)
    )
    if pack >= MANY_PIECES and (kind in goods_kinds.BULK or resale):
        yield sign("quantity", (str(MANY_PIECES), str(pack)), field="title")
    elif stock is not None and stock >= MANY_IN_STOCK:
        yield sign("quantity", (str(MANY_IN_STOCK), str(stock)), field="quantity")


def of_price(inspected: Inspection, by_term: dict[str, Sign]) -> Iterator[Sign]:
    """Yield how the price compares with the market; that with the declared range is a qualifier already."""
    facts, price = inspected.facts, inspected.listing.price
    if price is None or price <= 0 or by_term.keys() & _OTHER_PRICES or not inspected.offers_the_mark:
        return
    market, share = inspected.market, inspected.price_share
    if market is None or share is None:
        yield from _of_price_range(inspected, price)
        return
    # The pieces may be the parts of one package (tea bags): then the whole is no bargain.
    is_package = facts.pack > 1 and facts.goods_kind not in goods_kinds.BULK
    if is_package and price >= market.median * _PACKAGE_SHARE:
        return
    spreads = market.below(price, facts.pack)
    term = next(
        (term for term, max_share, min_spreads in _BELOW if share < max_share and spreads >= min_spreads),
        None,
    )
    # The price of used goods is that of their state; only next to nothing says something.
    if term is None or (facts.used and term != "price_far_below_market"):
        return
    asked = f"{market.median} {facts.currency} ({market.sellers}: {' '.join(market.product)})"
    yield sign(term, (asked, f"{rounded(price / facts.pack)} {facts.currency}"), field="price")


def _of_price_range(inspected: Inspection, price: Decimal) -> Iterator[Sign]:
    """Yield that the price is below all others for the mark's goods of that kind, where its product has no market."""
    facts = inspected.facts
    offered = None if facts.used else inspected.crawl.price_range(facts)
    if offered is not None and price < offered.lowest * _BELOW_RANGE:
        kind = f"{NOUN}{offered.kind}" if offered.kind in goods_kinds.KINDS else offered.kind
        asked = f"{offered.lowest} {facts.currency} ({offered.sellers}: {kind})"
        yield sign("price_below_range", (asked, f"{rounded(price / facts.pack)} {facts.currency}"), field="price")


def _stated(term: str, watched: str, statement: Statement) -> Sign:
    return sign(term, (watched, statement.words), field=statement.field, span=statement.span)
