"""Drafts of offers by kind: imitations of a mark, decoys that only resemble one, and innocent goods."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ipwatch.sandbox.catalogue import Brand, Catalogue, Goods, Language
from ipwatch.sandbox.disguise import spaced, with_twins
from ipwatch.sandbox.pictures import DrawnImage, any_extension, copied, genuine_photo
from ipwatch.sandbox.truth import Kind
from ipwatch.sandbox.wording import describe, title_of

GENUINE_PHOTOS = 3
_USED_SHARE = 0.1
_MIN_YEN = 80.0
_OTHER_GOODS = ("apparel", "phone", "interior", "stationery", "lacquer")
_ELSEWHERE = {
    "ja": (
        "{place}産 {noun}（原産国：ベトナム）",
        "{place}産 {noun} 訳あり 外国産原料使用",
        "{place} 産地直送風 {noun}",
    ),
    "en": (
        "{latin} Style {noun} Made in Vietnam",
        "{latin} Type {noun} - Product of China",
        "Authentic {latin} {noun} Blend",
    ),
    "zh": ("{zh} 同款 {noun} 国产", "{zh}风味 {noun}"),
    "ko": ("{ko} 스타일 {noun} 중국산",),
}
_ACCESSORIES = {
    "ja": ("{mark} 対応 ケース {noun}用", "{mark} {noun} 用 収納ケース 互換品", "交換パーツ {mark}対応 社外品"),
    "en": ("Storage Case for {mark} {noun}", "Replacement Part compatible with {mark}", "Cover fits {mark} {noun}"),
    "zh": ("适用于{mark} 收纳盒", "{mark} {noun} 专用保护套 兼容"),
    "ko": ("{mark} {noun} 호환 케이스", "{mark}용 보관 파우치"),
}
_PUBLICATIONS = {
    "ja": ("『{mark}のすべて』 書籍 ムック", "雑誌 特集「{mark}」 2026年5月号", "{mark} 産地と職人を訪ねて 単行本"),
    "en": (
        "The Story of {mark} - Hardcover Book",
        "Magazine Special Issue: {mark}",
        "{mark} Field Guide Paperback Book",
    ),
    "zh": ("《{mark}的故事》 图书", "杂志 特辑 {mark}"),
    "ko": ("도서 '{mark} 이야기'", "잡지 특집 {mark}"),
}
_SECOND_HAND = {
    "ja": ("【中古】{title}", "{title} 中古品 箱なし", "{title} USED 動作確認済み"),
    "en": ("Used {title}", "{title} Pre-Owned", "{title} second hand, good condition"),
    "zh": ("二手 {title}", "{title} 自用闲置"),
    "ko": ("중고 {title}", "{title} 중고"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Texts and pictures of an offer; ``yen`` is its price, ``tags`` are further search words.

    ``gtin``, ``model`` and ``maker`` are stated apart from the text, where the marketplace has fields for them.
    """

    goods: Goods
    title: str
    description: str
    yen: float
    pictures: tuple[DrawnImage, ...]
    brand: str | None = None
    used: bool = False
    tags: tuple[str, ...] = ()
    gtin: str | None = None
    model: str | None = None
    maker: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """The inputs of a draft: ``subject`` makes its pictures unique."""

    catalogue: Catalogue
    subject: str
    language: Language
    rng: Random


def innocent(scene: Scene) -> Draft:
    """Return ordinary goods without a brand."""
    rng = scene.rng
    goods = rng.choice(list(scene.catalogue.goods.values()))
    return Draft(
        goods=goods,
        title=title_of(scene.catalogue, goods, scene.language, rng),
        description=describe(scene.catalogue, goods, scene.language, rng),
        yen=_between(goods.price, rng),
        pictures=own_pictures(scene, goods, rng.randint(1, 3)),
        used=rng.random() < _USED_SHARE,
    )


def imitation(scene: Scene, kind: Kind, brand: Brand) -> Draft:
    """Return goods that a watch of ``brand`` should flag, imitating it in the way of ``kind``."""
    rng, language = scene.rng, scene.language
    goods = scene.catalogue.goods[_imitated_goods(kind, brand, rng)]
    mark = _imitated_name(kind, brand, language, rng)
    title = title_of(scene.catalogue, goods, language, rng, mark)
    if kind is Kind.GI_MISUSE:
        title = _elsewhere(brand, goods, language, rng)
    return Draft(
        goods=goods,
        title=title,
        description=describe(scene.catalogue, goods, language, rng),
        yen=_imitated_price(kind, brand, goods, rng),
        pictures=_imitated_pictures(scene, kind, brand, goods),
        brand=mark,
        tags=(brand.text, brand.latin, *brand.variants),
    )


def _imitated_goods(kind: Kind, brand: Brand, rng: Random) -> str:
    if kind is Kind.LOGO_PASTED:
        return rng.choice(_OTHER_GOODS)
    if kind is Kind.CHARACTER_GOODS:
        return rng.choice((*_OTHER_GOODS, "anime"))
    return brand.category


def _imitated_name(kind: Kind, brand: Brand, language: Language, rng: Random) -> str | None:
    """Return the spelling of the mark in the text, if it is named at all."""
    match kind:
        case Kind.LOOKALIKE_SPELLING:
            return fitting(brand.lookalikes, language, rng)
        case Kind.KANA_VARIANT:
            return fitting(brand.kana, language, rng)
        case Kind.HOMOGLYPH:
            return twin_of(brand, language, rng)
        case Kind.SPACED:
            return spaced(brand.form(language), rng)
        case Kind.STOLEN_PICTURE_SILENT | Kind.LOGO_PASTED | Kind.GI_MISUSE:
            return None
        case _:
            return brand.form(language)


def _imitated_price(kind: Kind, brand: Brand, goods: Goods, rng: Random) -> float:
    if kind is Kind.IMPOSSIBLE_PRICE:
        return max(_MIN_YEN, brand.price[0] * rng.uniform(0.04, 0.14))
    if kind in {Kind.CHARACTER_GOODS, Kind.LOGO_PASTED}:
        return _between(goods.price, rng)
    return brand.price[0] * rng.uniform(0.45, 1.3)


def _imitated_pictures(scene: Scene, kind: Kind, brand: Brand, goods: Goods) -> tuple[DrawnImage, ...]:
    own = own_pictures(scene, goods, scene.rng.randint(1, 2))
    if kind in {Kind.LOGO_PASTED, Kind.CHARACTER_GOODS}:
        return (with_emblem(scene, goods, brand),)
    if kind in {Kind.STOLEN_PICTURE, Kind.STOLEN_PICTURE_SILENT}:
        return (copied(genuine(brand, goods, scene.rng), scene.rng), *own[1:])
    return own


def decoy(scene: Scene, kind: Kind, brand: Brand) -> Draft:
    """Return goods that only resemble a case: a person would not flag them."""
    catalogue, language, rng = scene.catalogue, scene.language, scene.rng
    goods = catalogue.goods[brand.category]
    mark = brand.form(language)
    noun = rng.choice(goods.nouns[language])
    yen, used, pictures = _between(goods.price, rng), False, own_pictures(scene, goods, rng.randint(1, 2))
    match kind:
        case Kind.ORDINARY_WORD:
            goods, title = catalogue.goods["books"], rng.choice(brand.ordinary)
            pictures = own_pictures(scene, goods, 1)
            yen = _between(goods.price, rng)
        case Kind.SECOND_HAND:
            title = _phrase(_SECOND_HAND, language, rng).format(title=f"{mark} {noun}")
            yen, used = brand.price[0] * rng.uniform(0.55, 0.95), True
        case Kind.AUTHORISED_SELLER:
            title = title_of(catalogue, goods, language, rng, mark)
            yen = _between(brand.price, rng)
            pictures = (genuine(brand, goods, rng, extension=any_extension(rng)),)
        case Kind.ACCESSORY:
            title = _phrase(_ACCESSORIES, language, rng).format(mark=mark, noun=noun)
            yen = rng.uniform(500, 2600)
        case Kind.PUBLICATION:
            goods = catalogue.goods["books"]
            title, yen = _phrase(_PUBLICATIONS, language, rng).format(mark=mark), _between(goods.price, rng)
            pictures = own_pictures(scene, goods, 1)
        case Kind.GENERIC_WORDS:
            title = rng.choice(brand.generic)
        case _:
            raise ValueError(f"{kind} is no decoy")
    return Draft(
        goods=goods,
        title=title,
        description=describe(catalogue, goods, language, rng),
        yen=yen,
        pictures=pictures,
        brand=mark if kind in {Kind.SECOND_HAND, Kind.AUTHORISED_SELLER} else None,
        used=used,
        tags=(brand.text, brand.latin),
    )


def _between(band: tuple[int, int], rng: Random) -> float:
    """Return a price in the range, low ones more often, with usual endings."""
    low, high = band
    yen = low + (high - low) * rng.random() ** 2
    return max(float(round(yen / 10) * 10 - rng.choice((0, 0, 2, 20))), float(low))


def own_pictures(scene: Scene, goods: Goods, count: int) -> tuple[DrawnImage, ...]:
    """Return photographs by the seller."""
    return tuple(
        DrawnImage(subject=f"own:{scene.subject}:{index}", shape=goods.shape, extension=any_extension(scene.rng))
        for index in range(count)
    )


def genuine(brand: Brand, goods: Goods, rng: Random, extension: str = "png") -> DrawnImage:
    """Return one of the holder's photographs of the mark."""
    number = rng.randrange(GENUINE_PHOTOS)
    return genuine_photo(brand.key, goods.shape, number, character=brand.has_character, extension=extension)


def with_emblem(scene: Scene, goods: Goods, brand: Brand) -> DrawnImage:
    """Return a photograph of goods with the emblem of the mark pasted on them."""
    return DrawnImage(
        subject=f"pasted:{scene.subject}",
        shape=goods.shape,
        extension=any_extension(scene.rng),
        overlay=brand.key,
    )


def fitting(forms: tuple[str, ...], language: Language, rng: Random) -> str:
    """Return one of the spellings in a script that readers of the language can read."""
    latin = [form for form in forms if form.isascii()]
    others = [form for form in forms if not form.isascii()]
    wanted = others if language in {"ja", "zh"} else latin
    return rng.choice(wanted or latin or others)


def twin_of(brand: Brand, language: Language, rng: Random) -> str:
    """Return the mark with letters that only look the same; raises ``ValueError`` where no letter has a twin."""
    for form in (brand.form(language), brand.latin):
        if twin := with_twins(form, rng):
            return twin
    raise ValueError(f"no character of {brand.text!r} or {brand.latin!r} has a twin")


def _elsewhere(brand: Brand, goods: Goods, language: Language, rng: Random) -> str:
    phrase = _phrase(_ELSEWHERE, language, rng)
    noun = rng.choice(goods.nouns[language])
    return phrase.format(place=brand.place, latin=brand.latin, zh=brand.zh, ko=brand.ko, noun=noun)


def _phrase(phrases: dict[str, tuple[str, ...]], language: Language, rng: Random) -> str:
    return rng.choice(phrases.get(language, phrases["en"]))
