"""The words by which shops name prices, carts, stock and brands, from ``text/lexicon/shop_page.toml``."""

from __future__ import annotations

import re

from ipwatch.text.lexicon.roles import alternatives


def _any_of(group: str) -> re.Pattern[str]:
    """Return the pattern that finds any word of a group, in any language and case."""
    return re.compile(alternatives("shop_page", group), re.IGNORECASE)


PRICE_WORD = _any_of("element_price")
NOW_WORD = _any_of("element_price_now")
OLD_WORD = _any_of("element_price_old")
OTHER_PART_WORD = _any_of("element_other_part")
CART = _any_of("add_to_cart")
SOLD_OUT = _any_of("sold_out")
IN_STOCK = _any_of("in_stock")
BRAND_LABEL = re.compile(rf"^\s*(?:{alternatives('shop_page', 'brand_label')})\s*[::\-–]?\s*$", re.IGNORECASE)
