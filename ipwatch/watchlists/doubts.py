"""Doubts about a watchlist that is valid: what its author should look at, though it may be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ipwatch.watchlists.faults import Places
from ipwatch.watchlists.locate import KeyPath
from ipwatch.watchlists.schema import MarkTable, WatchlistTable, as_form

_SHORT = 1


def find_warnings(table: WatchlistTable, places: Places, as_of: date | None) -> Iterator[str]:
    """Yield one sentence for each doubt, naming file, line and key; terms are judged on the day ``as_of``."""
    owners: dict[str, str] = {}
    for index, mark in enumerate(table.marks):
        key = ("marks", index)
        if as_of is not None:
            yield from _ended(mark, key, places, as_of)
        yield from _doubtful_forms(mark, key, places, owners)


def _ended(mark: MarkTable, key: KeyPath, places: Places, as_of: date) -> Iterator[str]:
    for index, right in enumerate(mark.rights):
        if right.expires is not None and right.expires < as_of:
            where = places.name((*key, "rights", index, "expires"))
            yield f"{where}: the right ended on {right.expires}; renew the date, or delete the right"
    for index, seller in enumerate(mark.authorised_sellers):
        if seller.until is not None and seller.until < as_of:
            where = places.name((*key, "authorised_sellers", index, "until"))
            yield f"{where}: {seller.id!r} was authorised until {seller.until}; renew the date, or delete the seller"


def _doubtful_forms(mark: MarkTable, key: KeyPath, places: Places, owners: dict[str, str]) -> Iterator[str]:
    forms: list[tuple[KeyPath, str]] = [((*key, "text"), mark.text)]
    forms.extend(((*key, "variants", index), variant) for index, variant in enumerate(mark.variants))
    own: dict[str, str] = {}
    for place, form in forms:
        folded = as_form(form).casefold()
        if len(folded) <= _SHORT:
            yield f"{places.name(place)}: {form!r} is one character and is found nearly everywhere; use a longer form"
        if folded in own:
            yield f"{places.name(place)}: {form!r} differs from {own[folded]!r} in capitals only; one is enough"
        elif folded in owners:
            yield f"{places.name(place)}: {form!r} is also a form of the mark {owners[folded]!r}; keep it in one mark"
        own.setdefault(folded, form)
    owners.update((folded, mark.id) for folded in own if folded not in owners)
