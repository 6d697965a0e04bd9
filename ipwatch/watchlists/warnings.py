"""Warnings about a valid watchlist: what its author should check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ipwatch.terms import message
from ipwatch.watchlists.diagnostics import KeyPositions
from ipwatch.watchlists.schema import MarkTable, WatchlistTable, as_form
from ipwatch.watchlists.toml_positions import KeyPath
from ipwatch.watchlists.trade_warnings import find_trade_warnings

_SHORT = 1


def find_warnings(table: WatchlistTable, positions: KeyPositions, as_of: date | None) -> Iterator[str]:
    """Yield one sentence for each warning, with file, line and key; terms are judged on the day ``as_of``."""
    owners: dict[str, str] = {}
    for index, mark in enumerate(table.marks):
        key = ("marks", index)
        if as_of is not None:
            yield from _ended(mark, key, positions, as_of)
        yield from _doubtful_forms(mark, key, positions, owners)
    yield from find_trade_warnings(table, positions)


def _ended(mark: MarkTable, key: KeyPath, positions: KeyPositions, as_of: date) -> Iterator[str]:
    for index, right in enumerate(mark.rights):
        if right.expires is not None and right.expires < as_of:
            where = positions.name((*key, "rights", index, "expires"))
            yield message("watchlists.right_ended", place=where, day=right.expires)
    for index, seller in enumerate(mark.authorised_sellers):
        if seller.until is not None and seller.until < as_of:
            where = positions.name((*key, "authorised_sellers", index, "until"))
            yield message("watchlists.seller_ended", place=where, seller=seller.id, day=seller.until)


def _doubtful_forms(mark: MarkTable, key: KeyPath, positions: KeyPositions, owners: dict[str, str]) -> Iterator[str]:
    forms: list[tuple[KeyPath, str]] = [((*key, "text"), mark.text)]
    forms.extend(((*key, "variants", index), variant) for index, variant in enumerate(mark.variants))
    own: dict[str, str] = {}
    for field, form in forms:
        folded = as_form(form).casefold()
        where = positions.name(field)
        if len(folded) <= _SHORT:
            yield message("watchlists.form_one_character", place=where, form=form)
        if folded in own:
            yield message("watchlists.form_capitals", place=where, form=form, other=own[folded])
        elif folded in owners:
            yield message("watchlists.form_of_other", place=where, form=form, mark=owners[folded])
        own.setdefault(folded, form)
    owners.update((folded, mark.id) for folded in own if folded not in owners)
