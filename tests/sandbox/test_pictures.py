from __future__ import annotations

import io
from itertools import combinations

import imagehash
import pytest
from PIL import Image

from ipwatch.sandbox import World
from ipwatch.sandbox.catalogue import load_catalogue
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.drawing import draw_file, draw_picture
from ipwatch.sandbox.pictures import Change, DrawnImage, copied, emblem_of, genuine_photo

SHAPES = sorted({goods.shape for goods in load_catalogue().goods.values()})


@pytest.mark.parametrize(("extension", "format_"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_files_are_of_their_type(extension: str, format_: str) -> None:
    with Image.open(io.BytesIO(draw_file(DrawnImage(subject="x", shape="bag", extension=extension), 1))) as image:
        image.load()
        assert image.format == format_
        assert image.size == (360, 360)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_picture_is_the_same_bytes(shape: str) -> None:
    picture = DrawnImage(subject="x", shape=shape)
    assert draw_file(picture, 1) == draw_file(picture, 1)
    assert draw_file(picture, 1) != draw_file(picture, 2)


def test_pictures_of_different_goods_differ_to_a_perceptual_hash() -> None:
    hashes = [
        imagehash.phash(draw_picture(DrawnImage(subject=f"{shape}{number}", shape=shape), 1))
        for shape in SHAPES
        for number in range(4)
    ]
    assert min(int(first - second) for first, second in combinations(hashes, 2)) > 10


def test_emblems_differ_to_a_perceptual_hash() -> None:
    hashes = [imagehash.phash(draw_picture(emblem_of(brand.key), 1)) for brand in load_catalogue().brands]
    assert min(int(first - second) for first, second in combinations(hashes, 2)) > 8


@pytest.mark.parametrize("change", [Change.RECOMPRESS, Change.RESIZE, Change.BRIGHTEN])
def test_a_lightly_changed_copy_keeps_its_hash(change: Change) -> None:
    genuine = genuine_photo("hibikane/hibikane", "headphone", 1, character=False)
    copy = DrawnImage(subject=genuine.subject, shape=genuine.shape, changes=(change,))
    with Image.open(io.BytesIO(draw_file(copy, 1))) as image:
        assert int(imagehash.phash(image) - imagehash.phash(draw_picture(genuine, 1))) <= 8


@pytest.mark.parametrize("change", [change for change in Change if change is not Change.RECOMPRESS])
def test_every_change_changes_the_pixels(change: Change) -> None:
    picture = DrawnImage(subject="x", shape="tin")
    changed = draw_picture(DrawnImage(subject="x", shape="tin", changes=(change,)), 1)
    assert changed.size != (360, 360) or changed.tobytes() != draw_picture(picture, 1).tobytes()


def test_a_copy_is_of_the_same_photograph() -> None:
    genuine = genuine_photo("lumisowa/lumisowa", "bottle", 0, character=False)
    for number in range(20):
        copy = copied(genuine, generator(number))
        assert copy.subject == genuine.subject
        assert Change.RECOMPRESS in copy.changes


def test_every_listing_shows_one_to_three_pictures_that_decode(world: World) -> None:
    assert {len(offer.pictures) for offer in world.offers} <= {1, 2, 3}
    extensions = {picture.extension for offer in world.offers for _, picture in offer.pictures}
    assert extensions == {"jpg", "png", "webp"}
    for offer in world.offers[::60]:
        for _, picture in offer.pictures:
            with Image.open(io.BytesIO(draw_file(picture, world.seed))) as image:
                image.load()
