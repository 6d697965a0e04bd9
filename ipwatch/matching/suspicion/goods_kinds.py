"""The kind of goods that a title offers, and how many pieces its price is for."""

from __future__ import annotations

import re
from functools import cache

from ipwatch.text.folding.skeleton import plain
from ipwatch.text.lexicon.roles import alternatives

KINDS = (
    *(
        "accessory",
        "digital",
        "disc",
        "game",
        "print",
        "figure",
        "plush",
        "jewellery",
        "costume",
        "phone_case",
        "apparel",
        "bag",
    ),
    *("watch", "textile", "stationery", "cosmetics", "tableware", "knife", "audio", "book", "toy", "processed"),
    *("drink", "food"),
)
"""Groups of ``lexicon/goods_kind.toml`` in the order in which they are tried: narrower and surer ones first."""

MEDIA = frozenset({"digital", "disc", "game", "book"})
"""Kinds whose title is the work itself."""

MADE_OF = frozenset({"processed", "stationery", "cosmetics"})
"""Kinds that are made of, or with, the goods that a place is known for."""

OFTEN_UNLICENSED = frozenset({"costume", "print"})
"""Goods of works that are often made without licence."""

BULK = frozenset({"costume", "phone_case", "figure", "plush", "apparel", "bag", "jewellery", "watch", "audio", "knife"})
"""Kinds of which nobody has many genuine pieces in one lot."""

_COUNTER = (
    "個|枚|点|体|本|着|足|袋|箱|膳|缶|ピース|ヶ|コ|冊|巻|組|セット"
    "|pcs?|pieces?|packs?|pairs?|count|ct|件|只|张|个|개|장|세트"
)
_RANGE = re.compile(r"(?<![0-9])([0-9]{1,3}) ?[-~〜–] ?([0-9]{1,3}) ?(?:巻|冊)")
_PACK = re.compile(
    rf"(?<![0-9a-z.,])([0-9]{{1,4}}) ?(?:{_COUNTER})(?![a-z0-9])|\b(?:lot|set|pack|bundle) of ([0-9]{{1,4}})\b"
    r"|(?<![a-z0-9])[x×] ?([0-9]{2,4})(?![0-9a-z])|(?<![0-9a-z.,])([0-9]{2,4}) ?[x×](?![0-9a-z])(?! ?[0-9])"
)
_MAX_PACK = 5000


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(alternatives("goods_kind", kind))


def goods_kind(title: str) -> str | None:
    """Return the kind of goods of a title, ``None`` for none that is known."""
    folded = plain(title)
    return next((kind for kind in KINDS if _pattern(kind).search(folded)), None)


def pieces(title: str) -> int:
    """Return how many pieces the price of a title is for: the largest number with a counter, 1 without one.

    A range of volumes (11〜20巻) counts its volumes.
    """
    folded = plain(title)
    counts = [int(last) - int(first) + 1 for first, last in _RANGE.findall(folded)]
    single = _RANGE.sub(" ", folded)
    # The number of one volume is no count: 巻ノ45, 45巻.
    counts += [
        int(number)
        for match in _PACK.finditer(single)
        for number in match.groups()
        if number and not match.group().endswith("巻")
    ]
    counts += [int(number) for number in re.findall(r"全 ?([0-9]{1,3}) ?巻", single)]
    return max((count for count in counts if 1 <= count <= _MAX_PACK), default=1)
