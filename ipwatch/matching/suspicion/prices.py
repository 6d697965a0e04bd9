"""Price markets: what others ask for the same product of a mark, learned from the crawl alone.

Two titles offer the same product where the words that tell products apart are the same. Which words do, the crawl
shows: those that stand beside many kinds of goods (送料無料, a colour, the name of a shop) tell nothing.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from statistics import median
from types import MappingProxyType

from ipwatch.matching.suspicion.goods_nouns import COLOUR, goods_nouns
from ipwatch.text.folding.skeleton import plain
from ipwatch.text.lexicon.roles import alternatives

MIN_SELLERS, FEW_SELLERS = 2, 4
"""Fewer other sellers of the same product are no market; fewer than ``FEW_SELLERS`` agree by chance twice as easily."""

MIN_SELLERS_OF_KIND = 6
"""Fewer other sellers of a kind of goods do not show where its prices begin."""

_CHEAPEST = 10
SPREAD_OF_KINDS = 3
"""A word beside that many kinds of goods tells no products apart."""

_MIN_KNOWN = 2
"""Other sellers who must use a word too, or it is this seller's own."""

_MAD_TO_SIGMA = 1.4826
"""A normal distribution's standard deviation per median absolute deviation (Rousseeuw and Croux 1993)."""

_MIN_SPREAD = 0.2
"""Least spread of a market, in natural logarithms: shops of one fixed retail price (books) differ by postage alone."""

_UNCERTAINTY = 0.3
"""What the spread of a market grows by, divided by the square root of its sellers: few sellers agree by chance."""

_UNCERTAINTY_OF_ALL = 0.5
"""The same where the sellers ask in several currencies: importers ask more."""

_YEN, _ALL = "JPY", ""
_WORD = re.compile(
    r"[0-9]+(?:\.[0-9]+)?[a-z]*|[a-z]+|[一-鿿々]+|[ァ-ヺー]{2,}|[가-힣]{2,}|[฀-๿]+",
)
_MAX_WORDS = 24
NOUN = "="
"""What a noun (``goods_nouns``) begins with among the words of a title."""

SET = f"{NOUN}set"
"""The noun that several pieces of one product are called too."""

_WHOLE = 10**15
"""Prices below are shown without decimals where they have none."""

_UNITS = {
    **dict.fromkeys(("毫升", "ミリリットル", "밀리리터", "cc"), "ml"),
    **dict.fromkeys(("厘米", "公分", "センチ", "센티"), "cm"),
    **dict.fromkeys(("毫米", "ミリ", "밀리"), "mm"),
    **dict.fromkeys(("公斤", "千克", "キログラム", "キロ", "킬로", "kgs"), "kg"),
    **dict.fromkeys(("克", "グラム", "그램", "gr"), "g"),
    **dict.fromkeys(("公升", "升", "リットル", "리터", "litre", "liter"), "l"),
}
_MEASURE = re.compile(rf"([0-9]+(?:\.[0-9]+)?) ?({'|'.join((*_UNITS, 'ml', 'cm', 'mm', 'kg', 'g', 'l'))})(?![a-z])")
_CLAIM = re.compile(
    rf"(?:100 ?% ?)?(?:{alternatives('seller_statement', 'genuine_claim')}) ?(?:保[証证障證]|보장|guaranteed?)?"
)


def product_words(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the words of a title that may tell products apart: without those of the names of the mark.

    First the nouns, which are the same in every language, without colours. Every other word is a run of one script, and
    a number with its unit is one word. Claims to be genuine are left out.
    """
    own = _words_of_names(tuple(names))
    folded = _MEASURE.sub(lambda match: f" {match[1]}{_UNITS.get(match[2], match[2])} ", plain(text))
    nouns, rest = goods_nouns(_CLAIM.sub(" ", folded))
    words = dict.fromkeys(f"{NOUN}{noun}" for noun in nouns if not noun.startswith(COLOUR))
    words |= dict.fromkeys(word for word in _WORD.findall(rest) if word not in own)
    return tuple(words)[:_MAX_WORDS]


@lru_cache(maxsize=1 << 12)
def _words_of_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for name in names for word in _WORD.findall(plain(name)))


@dataclass(frozen=True, slots=True)
class PriceMarket:
    """Unit prices of one product by seller: how many sellers, their median, and their spread in logarithms.

    Each seller counts once, by the median of its own prices, so that nobody makes a market alone. ``product`` are the
    words that the titles share.
    """

    sellers: int
    median: Decimal
    spread: float
    product: tuple[str, ...]

    def below(self, price: Decimal, pack: int) -> float:
        """Return by how many spreads the unit price lies below the median; negative above it."""
        unit = float(price) / pack
        return (math.log(float(self.median)) - math.log(unit)) / self.spread if unit > 0 else math.inf


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Where the unit prices of a kind of goods begin: at what all but the cheapest tenth of its sellers ask at least.

    The very cheapest seller is left out also where there are few.
    """

    sellers: int
    lowest: Decimal
    kind: str


_Goods = tuple[str, bool, str]


class PriceMarkets:
    """The prices of a crawl by mark, condition (used or not) and currency; ``rates`` are yen per unit of a currency.

    Where too few sellers ask a price in one currency, those in all currencies with a rate are one market in yen.
    """

    def __init__(self, rates: Mapping[str, Decimal] = MappingProxyType({})) -> None:
        self._rates = {**rates, _YEN: Decimal(1)}
        # For each market its rows (seller, logarithm of the unit price), and the rows with each word.
        self._rows: dict[_Goods, list[tuple[str, float]]] = defaultdict(list)
        self._rows_with: dict[_Goods, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        # Some of the kinds of goods, and all sellers, of each word.
        self._kinds_of_word: dict[str, set[str]] = defaultdict(set)
        self._sellers_of_word: dict[str, set[str]] = defaultdict(set)
        self._by_seller: dict[tuple[_Goods, frozenset[str]], dict[str, float]] = {}
        # The lowest unit price in yen of each seller of a kind of goods of a mark.
        self._lowest: dict[tuple[str, bool, str], dict[str, Decimal]] = defaultdict(dict)

    def add(self, goods: _Goods, seller: str, unit: Decimal, words: Collection[str], kind: str | None) -> None:
        """Add one offer: ``unit`` is the price of one piece, ``kind`` the kind of goods."""
        for word in words:
            # Three kinds are as good as thirty.
            if kind is not None and len(self._kinds_of_word[word]) < SPREAD_OF_KINDS:
                self._kinds_of_word[word].add(kind)
            self._sellers_of_word[word].add(seller)
        mark, used, currency = goods
        self._add((mark, used, currency), seller, unit, words)
        if (rate := self._rates.get(currency)) is not None:
            self._add((mark, used, _ALL), seller, unit * rate, words)
            if kind is not None and 0 < float(unit * rate) < math.inf:
                lowest = self._lowest[mark, used, kind]
                lowest[seller] = min(unit * rate, lowest.get(seller, unit * rate))
        self._by_seller.clear()

    def market(self, goods: _Goods, words: Collection[str], without: Collection[str]) -> PriceMarket | None:
        """Return the market of the product that the words name, without those sellers; ``None`` where there is none.

        Its prices are in the currency of ``goods``.
        """
        mark, used, currency = goods
        market = self._market(goods, words, without, _UNCERTAINTY)
        rate = self._rates.get(currency)
        if rate is None or (market is not None and market.sellers >= FEW_SELLERS):
            return market
        of_all = self._market((mark, used, _ALL), words, without, _UNCERTAINTY_OF_ALL)
        if of_all is None or (market is not None and of_all.sellers < FEW_SELLERS):
            return market
        return replace(of_all, median=rounded(of_all.median / rate))

    def range_of(self, goods: _Goods, kind: str, without: Collection[str]) -> PriceRange | None:
        """Return from which price the goods of a kind begin at other sellers; ``None`` where too few offer them."""
        mark, used, currency = goods
        rate = self._rates.get(currency)
        prices = sorted(
            price for seller, price in self._lowest.get((mark, used, kind), {}).items() if seller not in without
        )
        if rate is None or len(prices) < MIN_SELLERS_OF_KIND:
            return None
        return PriceRange(len(prices), rounded(prices[max(1, len(prices) // _CHEAPEST)] / rate), kind)

    def _add(self, goods: _Goods, seller: str, unit: Decimal, words: Collection[str]) -> None:
        price = float(unit)
        # Beyond floating point there is no price.
        if price <= 0 or math.isinf(price):
            return
        rows = self._rows[goods]
        for word in words:
            self._rows_with[goods][word].add(len(rows))
        rows.append((seller, math.log(price)))

    def _market(
        self, goods: _Goods, words: Collection[str], without: Collection[str], uncertainty: float
    ) -> PriceMarket | None:
        rows, rows_with = self._rows.get(goods), self._rows_with.get(goods)
        if rows is None or rows_with is None:
            return None
        telling = [word for word in words if self._tells(word)]
        known = [word for word in telling if _has_other_sellers(rows, rows_with.get(word, ()), without)]
        others = [word for word in telling if word not in known]
        # A measure alone names no product, and a word that is used elsewhere names another one. So may any word of
        # another language beside a noun alone.
        is_elsewhere = any(self._sellers_of_word.get(word, set()) - {*without} for word in others)
        is_noun_alone = goods[2] == _ALL and all(word.startswith(NOUN) for word in known)
        if all(word[0].isdigit() for word in known) or is_elsewhere or (others and is_noun_alone):
            return None
        prices = [price for seller, price in self._prices(goods, frozenset(known)).items() if seller not in without]
        if len(prices) < MIN_SELLERS:
            return None
        middle = median(prices)
        deviation = _MAD_TO_SIGMA * median(abs(price - middle) for price in prices)
        doubt = uncertainty * (1 if len(prices) >= FEW_SELLERS else 2) / math.sqrt(len(prices))
        spread = max(_MIN_SPREAD, deviation) + doubt
        return PriceMarket(len(prices), rounded(Decimal(math.exp(middle))), spread, tuple(known))

    def _tells(self, word: str) -> bool:
        return word.startswith(NOUN) or len(self._kinds_of_word.get(word, ())) < SPREAD_OF_KINDS

    def _prices(self, goods: _Goods, product: frozenset[str]) -> dict[str, float]:
        """Return by seller the median of the logarithms of what it asks for the product."""
        key = (goods, product)
        if key not in self._by_seller:
            rows, rows_with = self._rows[goods], self._rows_with[goods]
            by_seller: dict[str, list[float]] = defaultdict(list)
            for number in set.intersection(*(rows_with[word] for word in product)):
                seller, price = rows[number]
                by_seller[seller].append(price)
            self._by_seller[key] = {seller: median(prices) for seller, prices in by_seller.items()}
        return self._by_seller[key]


def rounded(price: Decimal) -> Decimal:
    """Return the price with up to two decimals, or three digits where it is less than 1: never 0."""
    short = Decimal(str(round(float(price), 2 if price >= 1 else 2 - price.adjusted())))
    return short.quantize(Decimal(1)) if short == short.to_integral_value() and short < _WHOLE else short


def _has_other_sellers(rows: list[tuple[str, float]], numbers: Iterable[int], without: Collection[str]) -> bool:
    sellers: set[str] = set()
    for number in numbers:
        seller = rows[number][0]
        if seller not in without:
            sellers.add(seller)
            if len(sellers) >= _MIN_KNOWN:
                return True
    return False
