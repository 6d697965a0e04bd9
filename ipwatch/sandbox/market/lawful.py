"""Lawful listings of a market that have to do with a mark: they name it plainly, as retailers do."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from ipwatch.sandbox.catalogue import Brand
from ipwatch.sandbox.drafts import Draft, Scene, innocent
from ipwatch.sandbox.market import prices
from ipwatch.sandbox.market.goods import Product, derived_of, licensed_of, line_of, media_of, rivals_of, tables
from ipwatch.sandbox.market.photos import official_photo, own_photos, retail_photos
from ipwatch.sandbox.market.writing import joined, name_of, official_text, phrase, plain_text, write
from ipwatch.sandbox.truth import Kind
from ipwatch.sandbox.wording import title_of

_SECTIONS = {
    Kind.GENUINE_RETAIL: "retail",
    Kind.GENUINE_SET: "set",
    Kind.PRE_ORDER: "pre_order",
    Kind.CONTENT_MEDIA: "media",
    Kind.LICENSED_GOODS: "licensed",
    Kind.REGIONAL_PRODUCER: "producer",
    Kind.DERIVED_GOODS: "derived",
    Kind.PARALLEL_IMPORT: "parallel_import",
    Kind.AUTHORISED_SELLER: "official",
    Kind.SECOND_HAND: "second_hand",
    Kind.ACCESSORY: "accessory",
    Kind.PUBLICATION: "publication",
}
_SETS = (2, 2, 3, 3, 4, 5, 6, 10)
_SETS_OF_GIFTS = (*_SETS, 12, 20, 50, 100)
_GIFTS = frozenset({"towel", "tea"})
_NO_MAKER_IN_TITLE, _OTHER_BRAND = 0.4, 0.35
_OFFICIAL_TEXT, _REMARK, _MAKER, _GTIN, _MODEL, _FIELD, _BRAND_FIELD = 0.4, 0.16, 0.75, 0.45, 0.4, 0.6, 0.65
_MADE_ABROAD = 0.1
_USED_MEDIA, _USED_PHOTO = 0.6, 0.15
_BOOK_NAMES = ("書籍", "Book", "图书", "도서")
_BOOK, _CHEAP = (800, 3_800), (380, 3_400)


def lawful(scene: Scene, kind: Kind, brand: Brand) -> Draft:
    """Return a lawful listing of that kind; raises ``KeyError`` for a kind of another sort."""
    match kind:
        case Kind.ORDINARY_WORD | Kind.GENERIC_WORDS:
            return _collision(scene, kind, brand)
        case Kind.RELATED_NAMES:
            return _related(scene, brand)
        case Kind.ACCESSORY | Kind.PUBLICATION:
            return _around(scene, kind, brand)
        case Kind.SECOND_HAND:
            return _second_hand(scene, brand)
        case _:
            return _new(scene, kind, brand)


def unrelated(scene: Scene) -> Draft:
    """Return goods that have to do with no mark, some of them of other brands."""
    draft, rng = innocent(scene), scene.rng
    brands = tables()["rivals"].get(draft.goods.id)
    if not brands or rng.random() >= _OTHER_BRAND:
        return draft
    other = rng.choice(brands)
    return replace(draft, title=title_of(scene.catalogue, draft.goods, scene.language, rng, other), brand=other)


def any_product(products: tuple[Product, ...], rng: Random) -> Product:
    """Return one of the products, the first ones more often."""
    return rng.choices(products, [1 / (1 + index) for index in range(len(products))])[0]


def facts_of(scene: Scene, brand: Brand, product: Product) -> list[str]:
    """Return the sentences with which retailers state maker, identifier and model, some of them or none."""
    rng, facts = scene.rng, []
    if product.makers and rng.random() < _MAKER:
        facts.append(write("makers", scene, brand, product))
    if product.gtin and rng.random() < _GTIN:
        facts.append(write("identifiers", scene, brand, product))
    if product.model and rng.random() < _MODEL:
        facts.append(write("models", scene, brand, product))
    rng.shuffle(facts)
    return facts


def listed(scene: Scene, brand: Brand, product: Product, *, title: str, yen: float) -> Draft:
    """Return a draft of new goods of the mark as a retailer describes them and fills the fields of its marketplace."""
    rng = scene.rng
    return Draft(
        goods=scene.catalogue.goods[product.category],
        title=title,
        description=joined(retail_text(scene, brand, product), scene.language),
        yen=yen,
        pictures=retail_photos(scene, brand, product),
        brand=name_of(brand, scene.language, rng) if rng.random() < _BRAND_FIELD else None,
        tags=(brand.text, brand.latin),
        gtin=product.gtin if rng.random() < _FIELD else None,
        model=product.model if rng.random() < _FIELD else None,
        maker=product.maker(scene.language) if rng.random() < _FIELD else None,
    )


def retail_text(scene: Scene, brand: Brand, product: Product) -> list[str]:
    """Return the description of a retailer: the maker's own text or two sentences of its own, and what it states."""
    rng = scene.rng
    official = rng.random() < _OFFICIAL_TEXT
    text = official_text(brand, product, scene.language) if official else plain_text(product, scene)
    remarks = [phrase("lawful_remarks", scene.language, rng)] if rng.random() < _REMARK else []
    if not brand.place and rng.random() < _MADE_ABROAD:
        remarks.append(phrase("made_abroad", scene.language, rng))
    return [text, *facts_of(scene, brand, product), *remarks]


def _new(scene: Scene, kind: Kind, brand: Brand) -> Draft:
    rng = scene.rng
    product = any_product(_products(kind, brand, rng), rng)
    number = rng.choice(_SETS_OF_GIFTS if brand.category in _GIFTS else _SETS) if kind is Kind.GENUINE_SET else None
    section = _SECTIONS[kind]
    if kind is Kind.LICENSED_GOODS and rng.random() < _NO_MAKER_IN_TITLE:
        section = "retail"
    title = write(section, scene, brand, product, number=number)
    yen = prices.retail(product.yen, rng)
    if kind is Kind.AUTHORISED_SELLER:
        yen = product.yen
    elif number is not None:
        yen = prices.rounded(product.yen * number * rng.uniform(0.85, 1), rng)
    elif kind is Kind.PARALLEL_IMPORT:
        yen = prices.rounded(product.yen * rng.uniform(0.68, 1.5), rng)
    return listed(scene, brand, product, title=title, yen=yen)


def _products(kind: Kind, brand: Brand, rng: Random) -> tuple[Product, ...]:
    """Return the products of which listings of that kind are."""
    match kind:
        case Kind.CONTENT_MEDIA:
            return tuple(rng.sample(media_of(brand), k=12))
        case Kind.LICENSED_GOODS:
            return licensed_of(brand)
        case Kind.DERIVED_GOODS:
            return derived_of(brand)
        case Kind.PRE_ORDER | Kind.PARALLEL_IMPORT if media_of(brand):
            return (*rng.sample([each for each in media_of(brand) if each.gtin], k=4), *licensed_of(brand))
        case _:
            return line_of(brand)


def _second_hand(scene: Scene, brand: Brand) -> Draft:
    rng = scene.rng
    media = bool(media_of(brand)) and rng.random() < _USED_MEDIA
    if media:
        product = rng.choice([each for each in media_of(brand) if each.gtin])
    else:
        product = any_product((*line_of(brand), *licensed_of(brand)), rng)
    photo = product.category == brand.category and rng.random() < _USED_PHOTO
    return Draft(
        goods=scene.catalogue.goods[product.category],
        title=write("second_hand", scene, brand, product),
        description=joined([plain_text(product, scene), *facts_of(scene, brand, product)][:2], scene.language),
        yen=prices.second_hand(product.yen, rng, media=media),
        pictures=(official_photo(scene, brand, product),) if photo else own_photos(scene, product),
        brand=name_of(brand, scene.language, rng) if rng.random() < _BRAND_FIELD else None,
        used=True,
        tags=(brand.text, brand.latin),
    )


def _around(scene: Scene, kind: Kind, brand: Brand) -> Draft:
    """Return goods for the goods of the mark, or a publication about it."""
    rng = scene.rng
    product = any_product(line_of(brand), rng)
    goods = scene.catalogue.goods["books" if kind is Kind.PUBLICATION else brand.category]
    names = _BOOK_NAMES if kind is Kind.PUBLICATION else product.names
    shown = Product(key=product.key, names=names, yen=product.yen, category=goods.id)
    low, high = _BOOK if kind is Kind.PUBLICATION else _CHEAP
    section = "accessory_of_character" if kind is Kind.ACCESSORY and brand.has_character else _SECTIONS[kind]
    text = plain_text(shown, scene)
    if rng.random() < _REMARK:
        text = joined([text, phrase("lawful_remarks", scene.language, rng)], scene.language)
    return Draft(
        goods=goods,
        title=write(section, scene, brand, product),
        description=text,
        yen=prices.between(low, high, rng),
        pictures=own_photos(scene, shown),
        tags=(brand.text, brand.latin),
    )


def _collision(scene: Scene, kind: Kind, brand: Brand) -> Draft:
    """Return goods whose text contains the mark, or words of it, by chance."""
    rng, language = scene.rng, scene.language
    goods = scene.catalogue.goods["books" if kind is Kind.ORDINARY_WORD else brand.category]
    title = rng.choice((*brand.ordinary, *brand.collisions) if kind is Kind.ORDINARY_WORD else brand.generic)
    first, second = rng.sample(scene.catalogue.traits[language], k=2)
    product = Product(
        key=f"{brand.key}:none", names=(title, title, title, title), yen=goods.price[0], category=goods.id
    )
    return Draft(
        goods=goods,
        title=rng.choice((title, f"{title} {first}", f"【{second}】{title}", f"{title} {first} {second}")),
        description=plain_text(product, scene),
        yen=prices.between(*goods.price, rng),
        pictures=own_photos(scene, product),
        tags=(brand.text, brand.latin),
    )


def _related(scene: Scene, brand: Brand) -> Draft:
    """Return goods of another brand whose description names the mark in passing."""
    rng = scene.rng
    goods = scene.catalogue.goods[brand.category]
    rival = rng.choice(rivals_of(brand))
    product = any_product(line_of(brand), rng)
    return Draft(
        goods=goods,
        title=write("retail", scene, brand, product, name=rival),
        description=joined([plain_text(product, scene), write("handled", scene, brand, product)], scene.language),
        yen=prices.between(*goods.price, rng),
        pictures=own_photos(scene, product),
        brand=rival,
        tags=(brand.text, brand.latin),
    )
