"""Doubts about what a holder says of lawful trade: entries that cover too much, and entries that contradict others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipwatch.identifiers import ANY_ENDING, model_key
from ipwatch.records import SecondHand
from ipwatch.terms import message
from ipwatch.text.lexicon.frequency import COMMON_WORD, commonness
from ipwatch.watchlists.diagnostics import KeyPositions, abridged
from ipwatch.watchlists.schema import AccountTable, MarkTable, TradeTable, WatchlistTable, as_form
from ipwatch.watchlists.toml_positions import KeyPath

MIN_DIGITS = 6
"""Digits that lead to one maker: of a JAN the country and the beginning of the company, of an ISBN the publisher."""
MIN_MODEL, MIN_LETTERS = 3, 5
"""Letters and digits that a model number begins with; of letters alone, which words begin with as well, more."""


def find_trade_warnings(table: WatchlistTable, positions: KeyPositions) -> Iterator[str]:
    """Yield one sentence for each doubt, those of ``[holder]`` first; what it says for all marks is judged once."""
    holder: KeyPath = ("holder",)
    yield from _broad_entries(table.holder, holder, positions, table.marks)
    own = table.holder
    for position, each in _in_both(own.official_sellers, own.deny_sellers, (*holder, "official_sellers"), positions):
        yield message(
            "watchlists.seller_denied",
            place=position,
            marketplace=each.marketplace,
            seller=each.id,
            other="deny_sellers",
        )
    if table.holder.second_hand is SecondHand.WATCH:
        without = [mark.id for mark in table.marks if not mark.genuine_price_jpy and mark.second_hand is None]
        if without:
            position = positions.name((*holder, "second_hand"))
            yield message("watchlists.watch_without_prices", place=position, marks=abridged(without))
    for index, mark in enumerate(table.marks):
        yield from _of_mark(mark, ("marks", index), positions, table.holder)


def _of_mark(mark: MarkTable, key: KeyPath, positions: KeyPositions, holder: TradeTable) -> Iterator[str]:
    yield from _broad_entries(mark, key, positions, [mark])
    denied, official = [*mark.deny_sellers, *holder.deny_sellers], [*mark.official_sellers, *holder.official_sellers]
    for field, accounts, other, others in (
        ("official_sellers", mark.official_sellers, "deny_sellers", denied),
        ("deny_sellers", mark.deny_sellers, "official_sellers", holder.official_sellers),
        ("authorised_sellers", mark.authorised_sellers, "deny_sellers", denied),
    ):
        for position, each in _in_both(accounts, others, (*key, field), positions):
            yield message(
                "watchlists.seller_denied", place=position, marketplace=each.marketplace, seller=each.id, other=other
            )
    for position, each in _in_both(mark.authorised_sellers, official, (*key, "authorised_sellers"), positions):
        yield message("watchlists.seller_official_too", place=position, marketplace=each.marketplace, seller=each.id)
    if mark.second_hand is SecondHand.WATCH and not mark.genuine_price_jpy:
        yield message("watchlists.watch_without_price", place=positions.name((*key, "second_hand")))


def _broad_entries(
    table: TradeTable, key: KeyPath, positions: KeyPositions, marks: Sequence[MarkTable]
) -> Iterator[str]:
    """Yield the entries that nearly every listing would meet; ``marks`` are those that the table speaks of."""
    names = {_plain(name): mark.id for mark in marks for name in (mark.text, *mark.variants)}
    goods = {_plain(word): mark.id for mark in marks for word in mark.goods_terms}
    for index, value in enumerate(table.licensees):
        position = positions.name((*key, "licensees", index))
        if _plain(value) in names:
            yield message("watchlists.licensee_is_mark", place=position, value=value, mark=names[_plain(value)])
        elif commonness(value) >= COMMON_WORD:
            yield message("watchlists.licensee_is_word", place=position, value=value)
    for index, value in enumerate(table.own_products):
        if _is_short(value):
            yield message("watchlists.product_short", place=positions.name((*key, "own_products", index)), value=value)
    for index, value in enumerate(table.unlicensed_goods):
        position = positions.name((*key, "unlicensed_goods", index))
        for known, term in ((names, "unlicensed_is_mark"), (goods, "unlicensed_is_goods")):
            if _plain(value) in known:
                yield message(f"watchlists.{term}", place=position, value=value, mark=known[_plain(value)])


def _is_short(pattern: str) -> bool:
    start = model_key(pattern)
    if not pattern.endswith(ANY_ENDING):
        return False
    if start.isdecimal():
        return len(start) < MIN_DIGITS
    return len(start) < (MIN_LETTERS if start.isalpha() else MIN_MODEL)


def _in_both(
    accounts: Sequence[AccountTable], others: Sequence[AccountTable], key: KeyPath, positions: KeyPositions
) -> Iterator[tuple[str, AccountTable]]:
    """Yield the accounts that are among the others, each with where it stands."""
    known = {(each.marketplace, each.id) for each in others}
    for index, each in enumerate(accounts):
        if (each.marketplace, each.id) in known:
            yield positions.name((*key, index)), each


def _plain(text: str) -> str:
    return as_form(text).casefold()
