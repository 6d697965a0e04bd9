"""The search of the sandbox's marketplaces, with high recall like real ones.

A query matches offers with all of its words, with one of them, tagged with it by the seller, and the rest of its
category; so imitations in another spelling are among many unrelated results.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ipwatch.sandbox.catalogue import load_catalogue
from ipwatch.sandbox.offers import Offer


def ranked(offers: Iterable[Offer], query: str) -> list[Offer]:
    """Return the results of a query, most relevant first; none for a query without words."""
    words = _plain(query).split()
    if not words:
        return []
    categories = _categories(_plain(query))
    scored = [(score, offer) for offer in offers if (score := _score(offer, words, categories))]
    scored.sort(key=lambda pair: (-pair[0], pair[1].number))
    return [offer for _, offer in scored]


def _score(offer: Offer, words: list[str], categories: frozenset[str]) -> int:
    title, tags = _words_of(offer.title, offer.tags)
    matched = sum(word in title for word in words)
    tagged = sum(word in tags for word in words)
    return 4 * (matched == len(words)) + 2 * matched + tagged + (offer.goods.id in categories)


@lru_cache(maxsize=20_000)
def _words_of(title: str, tags: tuple[str, ...]) -> tuple[str, str]:
    return _plain(title), _plain(" ".join(tags))


@lru_cache(maxsize=1_000)
def _categories(query: str) -> frozenset[str]:
    """Return the categories of a query: by its words, and by the goods of that brand."""
    catalogue = load_catalogue()
    by_word = {
        goods.id for goods in catalogue.goods.values() if any(_is_in(_plain(word), query) for word in goods.search)
    }
    by_brand = {
        brand.category
        for brand in catalogue.brands
        if any(_plain(form) in query or query in _plain(form) for form in (brand.text, brand.latin, *brand.variants))
    }
    return frozenset(by_word | by_brand)


def _is_in(word: str, query: str) -> bool:
    return word in query.split() if word.isascii() else word in query


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
