"""The kind of goods that a title offers, and how many pieces its price is for."""

from __future__ import annotations

import re
from functools import cache

from ipwatch.text.folding.skeleton import plain
from ipwatch.text.lexicon.roles import alternatives

KINDS = (
    *(
        "accessory",
        "template",
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

OFTEN_UNLICENSED = frozenset({"costume", "print", "template"})
"""Goods of works that are often made without licence."""

BULK = frozenset({"costume", "phone_case", "figure", "plush", "apparel", "bag", "jewellery", "watch", "audio", "knife"})
"""Kinds of which nobody has many genuine pieces in one lot."""

SOLD_BY_THE_CASE = frozenset({"food", "drink", "processed"})
"""Kinds that shops buy by the hundred of their maker, and sell as much of for ceremonies."""

_COUNTERS = (
    "個|枚|点(?!セット)|体|本|着|足|袋|箱|膳|缶|[ヶケ](?![月所国条ァ-ヶー])|コ(?![ァ-ヶー])|冊|巻|組|セット|ダース"
    "|packs?|pairs?|count|ct|dozen|件|只|[张張]|[个個](?!月)|[条條]|[双雙]|개(?!월)|장|세트|켤레|buah|lembar"
)
_PARTS = "ピース|pcs?|pieces?|片|조각"
"""Counters of pieces and of the parts that goods are put together from."""

_OF_PARTS = re.compile(
    r"パズル|ジグソー|ブロック|レゴ|puzzle|jigsaw|building|blocks?\b|bricks|lego|拼[图圖]|[积積]木|퍼즐|블록"
)
_RANGE = re.compile(r"(?<![0-9])([0-9]{1,3}) ?[-~〜–] ?([0-9]{1,3}) ?(?:巻|冊|[册卷]|권)")
_LOTS = (
    r"\b(?:lot|set|pack|bundle) of ([0-9]{1,4})\b|\bmoq ?:? ?([0-9]{1,4})(?![0-9])"
    r"|(?<![a-z0-9])[x×] ?([0-9]{2,4})(?![0-9a-z])|(?<![0-9a-z.,])([0-9]{2,4}) ?[x×](?![0-9a-z])(?! ?[0-9])"
)
_PACKS_OF_PARTS = re.compile(rf"(?<![0-9a-z.,])([0-9]{{1,4}})[ -]?(?:{_COUNTERS})(?![a-z0-9])|{_LOTS}")
_PACKS = re.compile(rf"(?<![0-9a-z.,])([0-9]{{1,4}})[ -]?(?:{_COUNTERS}|{_PARTS})(?![a-z0-9])|{_LOTS}")
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

    A range of volumes (11〜20巻) counts its volumes; the parts of a puzzle are no pieces.
    """
    folded = plain(title)
    packs = _PACKS_OF_PARTS if _OF_PARTS.search(folded) else _PACKS
    counts = [int(last) - int(first) + 1 for first, last in _RANGE.findall(folded)]
    single = _RANGE.sub(" ", folded)
    # The number of one volume is no count: 巻ノ45, 45巻.
    counts += [
        int(number)
        for match in packs.finditer(single)
        for number in match.groups()
        if number and not match.group().endswith("巻")
    ]
    counts += [int(number) for number in re.findall(r"全 ?([0-9]{1,3}) ?巻", single)]
    return max((count for count in counts if 1 <= count <= _MAX_PACK), default=1)
