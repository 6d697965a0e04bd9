"""A market as it is: of the listings that name or show a mark, at least 97 of 100 are lawful and name it plainly.

Infringers mostly name it as plainly and differ by price, seller, picture, wording or goods, some by nothing that a
listing shows.
"""

from __future__ import annotations

from ipwatch.sandbox.market.invention import invent_market

__all__ = ["invent_market"]
