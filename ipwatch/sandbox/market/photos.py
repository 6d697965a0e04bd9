"""Which pictures the sellers of a market show."""

from __future__ import annotations

from ipwatch.sandbox.catalogue import Brand
from ipwatch.sandbox.chance import digest
from ipwatch.sandbox.drafts import GENUINE_PHOTOS, Scene, own_pictures
from ipwatch.sandbox.market.goods import Product
from ipwatch.sandbox.pictures import DrawnImage, any_extension, copied, genuine_photo

_OFFICIAL, _PACKAGE = 0.5, 0.8


def official_photo(scene: Scene, brand: Brand, product: Product) -> DrawnImage:
    """Return a copy of the holder's photograph of a product of its own."""
    shape = scene.catalogue.goods[brand.category].shape
    number = int(digest("photo", product.key)[:6], 16) % GENUINE_PHOTOS
    return copied(genuine_photo(brand.key, shape, number, character=brand.has_character), scene.rng)


def package_photo(scene: Scene, brand: Brand, product: Product) -> DrawnImage:
    """Return a copy of the usual picture of a product: its package or cover, which shows a character or a title."""
    picture = DrawnImage(
        subject=f"package:{product.key}",
        shape=scene.catalogue.goods[product.category].shape,
        overlay=brand.key if brand.has_character else None,
    )
    return copied(picture, scene.rng)


def own_photos(scene: Scene, product: Product) -> tuple[DrawnImage, ...]:
    """Return one or two photographs by the seller."""
    return own_pictures(scene, scene.catalogue.goods[product.category], scene.rng.choice((1, 1, 1, 2)))


def retail_photos(scene: Scene, brand: Brand, product: Product) -> tuple[DrawnImage, ...]:
    """Return the pictures of a retailer of genuine goods: the holder's, the usual one or its own."""
    chance = scene.rng.random()
    if chance < _OFFICIAL and product.category == brand.category:
        return (official_photo(scene, brand, product),)
    if chance < _PACKAGE:
        return (package_photo(scene, brand, product),)
    return own_photos(scene, product)


def shared_photo(scene: Scene, product: Product, group: int) -> DrawnImage:
    """Return the one photograph that an offender shows under all accounts."""
    seed = scene.subject.partition(":")[0]
    shape = scene.catalogue.goods[product.category].shape
    picture = DrawnImage(subject=f"shared:{seed}:{group}", shape=shape, extension=any_extension(scene.rng))
    return copied(picture, scene.rng)


def with_character(scene: Scene, brand: Brand, product: Product) -> DrawnImage:
    """Return a photograph of goods that bear the emblem or the character of the mark."""
    return DrawnImage(
        subject=f"pasted:{scene.subject}",
        shape=scene.catalogue.goods[product.category].shape,
        extension=any_extension(scene.rng),
        overlay=brand.key,
    )
