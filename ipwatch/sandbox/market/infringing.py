"""Infringing listings of a market: most name the mark as plainly as retailers do, and differ in something else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ipwatch.sandbox.catalogue import Brand, Language
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.disguise import spaced
from ipwatch.sandbox.drafts import Draft, Scene, fitting, twin_of
from ipwatch.sandbox.market import prices
from ipwatch.sandbox.market.goods import DEAR, Product, line_of, unlicensed_of
from ipwatch.sandbox.market.lawful import any_product, listed
from ipwatch.sandbox.market.photos import official_photo, own_photos, shared_photo, with_character
from ipwatch.sandbox.market.writing import fill, joined, phrase, phrases, plain_text, write
from ipwatch.sandbox.pictures import DrawnImage
from ipwatch.sandbox.truth import Kind, Sign

_CLAIM, _COPIED_GTIN = 0.3, 0.15
_CHEAP, _WORDS, _NEVER_LICENSED = 0.35, 0.15, 0.5
_MIN_COUNTERFEIT, _COUNTERFEIT = 0.05, 0.4
"""Between which shares of the recommended price counterfeits are sold."""
_FAR_BELOW = 0.5
"""Up to which share of the lowest genuine price a price lies far below the declared range."""
_MIN_BULK, _MAX_BULK = 40, 600
_DISGUISES = (Kind.LOOKALIKE_SPELLING, Kind.HOMOGLYPH, Kind.SPACED)
_MAY_BE_CHEAP = frozenset({*_DISGUISES, Kind.GI_MISUSE, Kind.OWN_WORDS, Kind.RIVAL_BRANDS, Kind.STOLEN_PICTURE_SILENT})
_MAY_SAY_SO = frozenset({*_DISGUISES, Kind.IMPOSSIBLE_PRICE, Kind.BULK_QUANTITY, Kind.CHARACTER_GOODS})


@dataclass(frozen=True, slots=True)
class Infringement:
    """A draft and the signs in it besides the one of its kind."""

    draft: Draft
    signs: tuple[Sign, ...] = ()


def infringing(scene: Scene, kind: Kind, brand: Brand, group: int | None) -> Infringement:
    """Return an infringing listing of that kind, of the offender ``group`` where it has several accounts."""
    match kind:
        case Kind.STOLEN_PICTURE_SILENT:
            draft = _silent(scene, brand)
        case Kind.LOGO_PASTED:
            draft = _pasted(scene, brand)
        case Kind.CHARACTER_GOODS:
            draft = _character(scene, brand)
        case Kind.SHARED_TEXT | Kind.SHARED_PICTURE:
            draft = _shared(scene, kind, brand, group or 0)
        case _:
            draft = _named(scene, kind, brand)
    return _with_further_signs(scene, kind, brand, draft)


def _named(scene: Scene, kind: Kind, brand: Brand) -> Draft:
    """Return a listing that names the mark, openly or in disguise, as one of its products."""
    rng = scene.rng
    product = _product(scene, kind, brand)
    name = _disguised(scene, kind, brand)
    section = {
        Kind.RIVAL_BRANDS: "rival_brands",
        Kind.BULK_QUANTITY: "bulk",
        Kind.GI_MISUSE: "region_names",
    }.get(kind, "retail")
    number = rng.randint(_MIN_BULK, _MAX_BULK) if kind is Kind.BULK_QUANTITY else None
    title = write(section, scene, brand, product, name=name, number=number)
    if kind is Kind.NOT_VISIBLE:
        return listed(scene, brand, product, title=title, yen=_price(scene, kind, brand, product))
    sentences = [plain_text(product, scene)]
    if kind is Kind.GI_MISUSE:
        sentences.append(phrase("elsewhere", scene.language, rng))
    if kind is Kind.OWN_WORDS:
        words = fill(phrase("own_words", scene.language, rng), scene, brand, product)
        if rng.random() < 0.5:  # noqa: PLR2004 - as often in the title as in the description
            title = rng.choice((f"{title} {words}", f"【{words}】{title}", f"{title}（{words}）"))
        else:
            sentences.append(words)
    return Draft(
        goods=scene.catalogue.goods[product.category],
        title=title,
        description=joined(sentences, scene.language),
        yen=_price(scene, kind, brand, product) * (1 if number is None else number),
        pictures=_photos(scene, kind, brand, product),
        brand=name if name or kind is Kind.RIVAL_BRANDS else brand.form(scene.language),
        tags=(brand.text, brand.latin, *brand.variants),
        gtin=product.gtin if rng.random() < _COPIED_GTIN else None,
    )


def _product(scene: Scene, kind: Kind, brand: Brand) -> Product:
    products = line_of(brand)
    if kind is Kind.BELOW_MARKET:
        products = tuple(product for product in products if product.yen >= DEAR * brand.price[0])[:2] or products[:1]
    if kind is Kind.IMPOSSIBLE_PRICE:
        low = brand.price[0] * _FAR_BELOW
        products = tuple(product for product in products if product.yen * _MIN_COUNTERFEIT < low)
    return any_product(products, scene.rng)


def _disguised(scene: Scene, kind: Kind, brand: Brand) -> str | None:
    """Return a spelling of the mark that does not contain it, where it is not written openly."""
    if kind not in _DISGUISES:
        return None
    while True:
        match kind:
            case Kind.LOOKALIKE_SPELLING:
                name = fitting(brand.lookalikes, scene.language, scene.rng)
            case Kind.HOMOGLYPH:
                name = twin_of(brand, scene.language, scene.rng)
            case _:
                name = spaced(brand.form(scene.language), scene.rng)
        if not brand.is_named_in(name):
            return name


def _price(scene: Scene, kind: Kind, brand: Brand, product: Product) -> float:
    """Return a price in yen; that of 40 % and more of the recommended price says little by itself."""
    rng = scene.rng
    match kind:
        case Kind.IMPOSSIBLE_PRICE:
            high = min(product.yen * _COUNTERFEIT, brand.price[0] * _FAR_BELOW)
            return prices.rounded(rng.uniform(product.yen * _MIN_COUNTERFEIT, high), rng)
        case Kind.BELOW_MARKET:
            return prices.rounded(max(product.yen * rng.uniform(0.2, 0.36), brand.price[0] * 1.02), rng)
        case Kind.BULK_QUANTITY:
            return product.yen * rng.uniform(0.04, 0.22)
        case Kind.DOUBTFUL_SELLER:
            return prices.rounded(product.yen * rng.uniform(0.4, 0.58), rng)
        case Kind.NOT_VISIBLE | Kind.DENIED_SELLER:
            return prices.rounded(product.yen * rng.uniform(0.72, 1.02), rng)
        case _:
            return prices.rounded(product.yen * rng.uniform(0.45, 0.9), rng)


def _photos(scene: Scene, kind: Kind, brand: Brand, product: Product) -> tuple[DrawnImage, ...]:
    stolen = kind is not Kind.BULK_QUANTITY and scene.rng.random() < 0.35  # noqa: PLR2004 - as many retailers do
    return (official_photo(scene, brand, product),) if stolen else own_photos(scene, product)


def _silent(scene: Scene, brand: Brand) -> Draft:
    """Return goods that show the holder's photograph and name nothing."""
    product = any_product(line_of(brand), scene.rng)
    goods = scene.catalogue.goods[product.category]
    return Draft(
        goods=goods,
        title=write("unnamed", scene, brand, product),
        description=plain_text(product, scene),
        yen=prices.rounded(product.yen * scene.rng.uniform(0.45, 0.8), scene.rng),
        pictures=(official_photo(scene, brand, product), *own_photos(scene, product)[1:]),
        tags=(brand.text, brand.latin, *brand.variants),
    )


def _pasted(scene: Scene, brand: Brand) -> Draft:
    """Return other goods that bear the emblem of the mark and do not name it."""
    product = scene.rng.choice(unlicensed_of(brand))
    goods = scene.catalogue.goods[product.category]
    return Draft(
        goods=goods,
        title=write("unnamed", scene, brand, product),
        description=plain_text(product, scene),
        yen=prices.rounded(product.yen * scene.rng.uniform(0.5, 1.1), scene.rng),
        pictures=(with_character(scene, brand, product),),
        tags=(brand.text, brand.latin, *brand.variants),
    )


def _character(scene: Scene, brand: Brand) -> Draft:
    """Return goods with the character printed on them that name the mark and no licensee."""
    never = tuple(product for product in unlicensed_of(brand) if product.names[0] in brand.unlicensed_goods)
    product = scene.rng.choice(never if never and scene.rng.random() < _NEVER_LICENSED else unlicensed_of(brand))
    return Draft(
        goods=scene.catalogue.goods[product.category],
        title=write("character", scene, brand, product),
        description=plain_text(product, scene),
        yen=prices.rounded(product.yen * scene.rng.uniform(0.5, 1.1), scene.rng),
        pictures=(with_character(scene, brand, product),),
        tags=(brand.text, brand.latin, *brand.variants),
    )


def _shared(scene: Scene, kind: Kind, brand: Brand, group: int) -> Draft:
    """Return a listing of an offender who posts the same text, or the same picture, under several accounts."""
    seed = scene.subject.partition(":")[0]
    shared = generator(seed, "network", group)
    product = any_product(line_of(brand), shared)
    text = plain_text(product, scene)
    pictures = own_photos(scene, product)
    if kind is Kind.SHARED_TEXT:
        sentences = shared.sample(list(phrases()["shared_text"][_written(scene.language)]), k=3)
        text = joined([*sentences, f"No.{shared.randint(1000, 9999)}"], scene.language)
    else:
        pictures = (shared_photo(scene, product, group),)
    return Draft(
        goods=scene.catalogue.goods[product.category],
        title=write("retail", scene, brand, product),
        description=text,
        yen=prices.rounded(product.yen * scene.rng.uniform(0.42, 0.7), scene.rng),
        pictures=pictures,
        brand=brand.form(scene.language),
        tags=(brand.text, brand.latin, *brand.variants),
    )


def _written(language: Language) -> Language:
    """Return the language in which phrases are written for readers of ``language``."""
    return language if language in phrases()["own_words"] else "en"


def _with_further_signs(scene: Scene, kind: Kind, brand: Brand, draft: Draft) -> Infringement:
    """Return the draft, for some kinds with a low price, words of the seller or an untrue claim in addition."""
    rng, signs = scene.rng, []
    if kind is Kind.BULK_QUANTITY:
        signs.append(Sign.LOW_PRICE)
    elif kind in _MAY_BE_CHEAP and rng.random() < _CHEAP:
        draft = replace(draft, yen=prices.rounded(draft.yen * rng.uniform(0.12, 0.45), rng))
        signs.append(Sign.LOW_PRICE if draft.yen < brand.price[0] * _FAR_BELOW else Sign.LOW_FOR_MARKET)
    if kind in _MAY_SAY_SO and rng.random() < _WORDS:
        words = [words for words in phrases()["own_words"][_written(scene.language)] if "{m}" not in words]
        draft = replace(draft, description=joined([draft.description, rng.choice(words)], scene.language))
        signs.append(Sign.OWN_WORDS)
    if kind is not Kind.OWN_WORDS and draft.brand and rng.random() < _CLAIM:
        claim = phrase("claims", scene.language, rng)
        draft = replace(draft, title=rng.choice((f"{draft.title} {claim}", f"【{claim}】{draft.title}")))
    return Infringement(draft, tuple(signs))
