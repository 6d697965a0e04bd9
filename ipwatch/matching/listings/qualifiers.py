"""Circumstances (取引の実情): qualifiers of a listing for or against a suspicion, other than names and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from ipwatch.matching.listings import context_words, facts, goods
from ipwatch.matching.names import appearance
from ipwatch.matching.score import contribution, is_main, qualifier
from ipwatch.matching.variants import ObservedText
from ipwatch.records import Listing, Signal, WatchedMark

_OTHER_GOODS = ("goods_absent", "context_compatible", "context_other_than", "context_packaging", "context_publication")


def circumstances(
    mark: WatchedMark,
    record: Listing,
    texts: Sequence[ObservedText],
    main: Sequence[Signal],
    *,
    on: date,
    yen: Decimal | None,
) -> Iterator[Signal]:
    """Yield the qualifiers of a listing, each reason once.

    ``texts`` are the fields of the listing, the title first where there is one; ``main`` the signals of names and
    pictures, at least one of them a main signal; ``on`` the day for which authorisations count; ``yen`` the price, if
    known.
    """
    leading = max((signal for signal in main if is_main(signal)), key=contribution)
    offered = None
    if texts and texts[0].field == "title" and not any(signal.name == "image" for signal in main):
        span = leading.span if leading.field == "title" else None
        place_alone = any(signal.term == "place_alone" for signal in main)
        offered = goods.listing_goods(mark, texts, span, leading.compared[0], place_alone=place_alone)
    by_term = {offered.term: offered} if offered else {}
    for signal in _qualifiers(mark, record, texts, leading, on):
        by_term.setdefault(signal.term, signal)
    price = facts.price_signal(mark, record, yen)
    # The genuine prices are those of the mark's goods, not of a book about them or a part for them.
    if price is not None and not any(term.startswith(_OTHER_GOODS) for term in by_term):
        by_term[price.term] = price
    yield from by_term.values()


def _qualifiers(
    mark: WatchedMark, record: Listing, texts: Sequence[ObservedText], leading: Signal, on: date
) -> Iterator[Signal]:
    fixed = (
        facts.seller_standing(mark, record, on),
        facts.shipping_origin(mark, record),
        context_words.used_condition(record.condition, mark.text),
    )
    yield from (signal for signal in fixed if signal is not None)
    for observed in texts:
        if observed.field == leading.field and leading.span is not None:
            yield from context_words.around(observed, leading.span, leading.compared[0], mark.kind, mark.goods_terms)
        if observed.field == "title":
            named = leading.span if leading.field == observed.field else None
            yield from context_words.anywhere(observed, mark.text, named)
            yield from _excluded(mark, observed)
            yield from _named_lawfully(mark, observed, named)
        origin = facts.named_origin(mark, observed)
        if origin is not None:
            yield origin


def _named_lawfully(mark: WatchedMark, observed: ObservedText, named: tuple[int, int] | None) -> Iterator[Signal]:
    """Yield the qualifiers of a publication about the mark, or empty packaging, where those are not its own goods."""
    signals = (
        None if context_words.is_for_publications(mark) else context_words.publication(observed, mark.text, named),
        None if context_words.is_for_packaging(mark) else context_words.packaging(observed, mark.text, named),
    )
    yield from (signal for signal in signals if signal is not None)


def _excluded(mark: WatchedMark, observed: ObservedText) -> Iterator[Signal]:
    for span in appearance.excluded_spans(mark.exclude_terms, observed):
        surface = observed.source[span.start : span.end]
        yield qualifier("context", "context_exclude_term", (mark.text, surface), field=observed.field)
