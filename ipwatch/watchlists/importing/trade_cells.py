"""Reads the cells of what a holder says of lawful trade: numbers of products, accounts of sellers, and choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ipwatch.records import Depth, SecondHand
from ipwatch.terms import listed, message
from ipwatch.watchlists.importing.cells import plain_text, read_goods, read_names, text_of
from ipwatch.watchlists.importing.grid import Cell
from ipwatch.watchlists.importing.lists import split_plain
from ipwatch.watchlists.importing.messages import CellFaultError, Remark
from ipwatch.watchlists.schema import as_form, product_key

SECOND_HAND_JA: Mapping[str, SecondHand] = {
    "見る": SecondHand.WATCH,
    "順位を下げる": SecondHand.RANK,
    "見ない": SecondHand.IGNORE,
}
DEPTHS_JA: Mapping[str, Depth] = {"少なく": Depth.STRICT, "ふつう": Depth.NORMAL, "多く": Depth.BROAD}
_SECOND_HAND: Mapping[str, str] = {
    **{each.value: each.value for each in SecondHand},
    **SECOND_HAND_JA,
    **dict.fromkeys(("見張る", "監視", "監視する", "対象", "対象とする"), SecondHand.WATCH),
    **dict.fromkeys(("下げる", "優先度を下げる", "後回し"), SecondHand.RANK),
    **dict.fromkeys(("見張らない", "監視しない", "対象外", "除外", "除外する", "無視"), SecondHand.IGNORE),
}
_DEPTHS: Mapping[str, str] = {
    **{each.value: each.value for each in Depth},
    **DEPTHS_JA,
    **dict.fromkeys(("少ない", "少なめ", "厳しく", "厳しい"), Depth.STRICT),
    **dict.fromkeys(("普通", "標準"), Depth.NORMAL),
    **dict.fromkeys(("多い", "多め", "広く", "広め"), Depth.BROAD),
}
_MARKETPLACES: Mapping[str, str] = {
    **dict.fromkeys(("楽天", "楽天市場"), "rakuten"),
    **dict.fromkeys(("イーベイ",), "ebay"),
}
"""Marketplaces by the names that lists use; one in Latin letters is taken as it stands, in small letters."""
_RAKUTEN_SHOP = re.compile(r"https?://(?:www|item)\.rakuten\.co\.jp/(?:gold/)?([a-z0-9][a-z0-9_-]*)(?:[/?#].*)?")
_NO_SHOP = frozenset({"gold", "category", "search", "event", "ranking"})
_ACCOUNT = re.compile(r"([^:/\s]+)\s*:\s*([^:/\s]+)")
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{1,2}", re.IGNORECASE)


def read_products(cell: Cell, remark: Remark) -> list[str]:
    """Return JAN, ISBN and model numbers, and their beginnings with ``*``, as they stand."""
    products: dict[tuple[str, bool], str] = {}
    for part in split_plain(plain_text(text_of(cell), remark)):
        product = part.lstrip("'’")
        if _EXPONENT.fullmatch(as_form(product)):
            raise CellFaultError(message("importing.exponents", fix=message("importing.fix_product")))
        products.setdefault(product_key(as_form(product)), product)
    return list(products.values())


def read_accounts(cell: Cell, remark: Remark) -> list[dict[str, str]]:
    """Return accounts of sellers: ``rakuten:example-shop``, 楽天:example-shop, or the address of a shop on Rakuten."""
    accounts = [_account(as_form(part), remark) for part in split_plain(plain_text(text_of(cell), remark))]
    return [account for index, account in enumerate(accounts) if account not in accounts[:index]]


def _account(text: str, remark: Remark) -> dict[str, str]:
    shop = _RAKUTEN_SHOP.fullmatch(text)
    if shop and shop.group(1) not in _NO_SHOP:
        remark(message("importing.shop_address", account=f"rakuten:{shop.group(1)}"))
        return {"marketplace": "rakuten", "id": shop.group(1)}
    match = _ACCOUNT.fullmatch(text)
    if match is None:
        raise CellFaultError(message("importing.no_account", part=text))
    name, account = match.groups()
    marketplace = _MARKETPLACES.get(name, name.lower())
    if not marketplace.isascii():
        raise CellFaultError(message("importing.no_marketplace", name=name))
    return {"marketplace": marketplace, "id": account}


def read_second_hand(cell: Cell, _remark: Remark) -> str:
    """Return the key of what is wanted of second-hand goods."""
    return _choice(cell, _SECOND_HAND, SECOND_HAND_JA)


def read_depth(cell: Cell, _remark: Remark) -> str:
    """Return the key of how much is to be shown."""
    return _choice(cell, _DEPTHS, DEPTHS_JA)


def _choice(cell: Cell, choices: Mapping[str, str], named: Mapping[str, str]) -> str:
    key = "".join(each for each in as_form(str(cell)).casefold() if each.isalnum())
    if key not in choices:
        raise CellFaultError(message("importing.no_choice", names=listed(named)))
    return str(choices[key])


TRADE_READERS: Mapping[str, Callable[[Cell, Remark], Any]] = {
    "licensees": read_names,
    "own_products": read_products,
    "unlicensed_goods": read_goods,
    "authorised_sellers": read_accounts,
    "official_sellers": read_accounts,
    "deny_sellers": read_accounts,
    "second_hand": read_second_hand,
    "depth": read_depth,
}
"""How to read the cell of each field of lawful trade."""
