"""The words by which shops name prices, carts, stock and brands, in the languages they are met in."""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    """Return the pattern that finds any of the words, which are regular expressions, in any case."""
    return re.compile("|".join(words), re.IGNORECASE)


# Names that shops give the elements of a page: for a price, for the one asked now, for one no longer asked, for parts
# that stand beside the product.
PRICE_WORD = _any(
    "price", "prix", "preis", "precio", "preco", "prezzo", "cena", "pret", "hinta", "kakaku", "nedan", "価格",
    "値段", "販売価格", "가격", "价格", "價",
)  # fmt: skip
NOW_WORD = _any(
    "current", "sale", "now", "final", "actual", "special", "our", "main", "offer", "buy", "big", "detail",
)  # fmt: skip
OLD_WORD = _any(
    "old", "was", "before", "regular", "rrp", "msrp", "list-?price", "strike", "through", "crossed", "original",
    "previous", "cut", "save", "saving", "discount", "per-?unit", "unit-?price", "basep", "from-?price", "定価",
    "通常", "希望小売",
)  # fmt: skip
BESIDE_WORD = _any(
    "relat", "recommend", "similar", "carousel", "slider", "upsell", "cross-?sell", "also", "recent", "viewed",
    "history", "footer", "header", r"navi?\b", "menu", "minicart", "basket", "shipping", "delivery", "postage",
    "install?ment", "financ", "review", "sponsor", "banner", "popup", "modal", "accessor", "bundle", "widget",
    "sidebar", "rankin", "filter", "facet", "warrant", "insurance", "おすすめ", "関連", "ランキング",
)  # fmt: skip
# What a page shows: on a control that puts goods into a cart, for goods that cannot be had or can, before a brand.
CART = _any(
    "add[ _-]?to[ _-]?(?:cart|basket|bag|trolley)", "buy[ _-]?(?:it[ _-]?)?now", "カートに入れる",
    "カゴに入れる", "かごに追加", "買い物かご", "購入手続き", "今すぐ買う", "注文する", "in den warenkorb",
    "ajouter au panier", "aggiungi al carrello", "añadir (?:a la cesta|al carrito)", "agregar al carro",
    "adauga in cos", "dodaj do koszyka", "do košíku", "v košarico", "加入購物車", "加入购物车", "立即購買",
    "장바구니", "구매하기", "в корзину", "купить", "lisää ostoskoriin", "lisa ostukorvi",
    "adicionar ao carrinho", "comprar", "add2cart", "buy-?(?:button|form)", "(?:button|btn)-cart",
)  # fmt: skip
SOLD_OUT = _any(
    r"\bout of stock\b", r"\bsold[ -]?out\b", "currently unavailable", "not available", "no longer available",
    "売り切れ", "売切れ", "品切れ", "在庫切れ", "在庫なし", "完売", "販売終了", r"\bnot in stock\b", "ausverkauft",
    "nicht (?:auf lager|verfügbar|vorrätig)", "derzeit nicht", "rupture de stock", "indisponible", "épuisé",
    "agotado", "sin stock", "esaurito", "non disponibile", "esgotado", "indisponível", "vypredan",
    "není skladem", "nie je (?:na sklade|skladom)", "niedostępn", "нет в наличии", "缺貨", "售完", "已售完",
    "품절", "läbi müüdud", "loppu",
)  # fmt: skip
IN_STOCK = _any(
    r"\bin stock\b", "在庫あり", "在庫有", "即納", "auf lager", "sofort lieferbar", "en stock", "disponibile",
    "en existencia", "em estoque", "skladem", "na sklade", "dostępn", "в наличии", r"in stoc\b", "na zalogi",
    "現貨", "재고",
)  # fmt: skip
_BRAND_WORDS = _any(
    "brand(?: name)?", "manufacturer", "maker", "marque", "marke", "hersteller", "marca", "fabricante",
    "produttore", "ブランド名?", "メーカー名?", "製造元", "製造者", "značka", "výrobce", "producent", "marka",
    "бренд", "производитель", "品牌", "廠牌", "브랜드", "제조사",
)  # fmt: skip
BRAND_LABEL = re.compile(rf"^\s*(?:{_BRAND_WORDS.pattern})\s*[::\-–]?\s*$", re.IGNORECASE)
