"""Titles and sentences of sellers of a market, by language, from the phrases of wording.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from random import Random

from ipwatch.sandbox.catalogue import Brand, Language
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.drafts import Scene
from ipwatch.sandbox.market.goods import Product, rivals_of

_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
_LATIN_IN_JAPANESE, _VARIANT, _CASE, _WIDE = 0.12, 0.05, 0.1, 0.06


@cache
def phrases() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the phrases of each section by language."""
    return tomllib.loads(files(__package__).joinpath("wording.toml").read_text(encoding="utf-8"))


def phrase(section: str, language: Language, rng: Random) -> str:
    """Return a phrase of the section in that language, in English where there is none; placeholders stay."""
    of_section = phrases()[section]
    return rng.choice(of_section.get(language, of_section["en"]))


def write(
    section: str,
    scene: Scene,
    brand: Brand,
    product: Product,
    *,
    name: str | None = None,
    number: int | None = None,
) -> str:
    """Return a phrase of the section filled with the mark, in the spelling ``name`` where given, and the product."""
    text = phrase(section, scene.language, scene.rng)
    return fill(text, scene, brand, product, name=name, number=number)


def fill(
    text: str, scene: Scene, brand: Brand, product: Product, *, name: str | None = None, number: int | None = None
) -> str:
    """Return a phrase with its placeholders filled."""
    rng, language, catalogue = scene.rng, scene.language, scene.catalogue
    first, second = rng.sample(catalogue.traits[language], k=2)
    goods = catalogue.goods[product.category]
    rivals = rng.sample(rivals_of(brand), k=rng.randint(1, 2))
    filled = text.format(
        m=name or name_of(brand, language, rng),
        latin=name or brand.latin,
        p=product.name(language),
        a=first,
        b=second,
        c="" if goods.colourless else rng.choice(catalogue.colours[language]),
        n=rng.randint(2, 12) if number is None else number,
        model=product.model,
        jan=product.gtin,
        maker=product.maker(language) or brand.holder.name_ja,
        region=brand.place if language == "ja" and brand.place else name or brand.form(language),
        rivals="、".join(rivals) if language in {"ja", "zh"} else ", ".join(rivals),
    )
    return re.sub(" {2,}", " ", filled.replace("（）", "")).strip()


def name_of(brand: Brand, language: Language, rng: Random) -> str:
    """Return the mark as a seller writes it openly, now and then in another script, case or width."""
    name = brand.form(language)
    if language == "ja" and rng.random() < _LATIN_IN_JAPANESE:
        name = brand.latin
    elif rng.random() < _VARIANT:
        abroad = {brand.zh, brand.ko} - {name}
        name = rng.choice([form for form in brand.forms if form.isascii() == name.isascii() and form not in abroad])
    if name.isascii() and rng.random() < _CASE:
        name = rng.choice((name.lower(), name.title(), name.upper()))
    if name.isascii() and language == "ja" and rng.random() < _WIDE:
        name = name.translate(_FULL_WIDTH)
    return name


def official_text(brand: Brand, product: Product, language: Language) -> str:
    """Return the maker's own text about a product: the same for all who copy it."""
    text = phrase("official_text", language, generator("official text", product.key, language))
    return text.format(m=brand.form(language), p=product.name(language))


def plain_text(product: Product, scene: Scene) -> str:
    """Return one to three sentences about the goods that name no mark."""
    rng, language = scene.rng, scene.language
    of_section = phrases()["shop_text"]
    sentences = rng.sample(list(of_section.get(language, of_section["en"])), k=rng.choice((1, 2, 2, 3)))
    return joined([sentence.format(p=product.name(language)) for sentence in sentences], language)


def joined(sentences: Sequence[str], language: Language) -> str:
    """Return the sentences as one text."""
    closed = language in {"ja", "zh"} and all(text.endswith("。") for text in sentences[:-1])
    return ("" if closed else " ").join(sentences)
