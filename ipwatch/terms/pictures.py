"""Why a picture is suspected."""

from __future__ import annotations

from ipwatch.terms.term import Term

PICTURES: tuple[Term, ...] = (
    Term(
        "image_copy", "画像「{seen}」は「{watched}」の複製とみられます", "the picture {seen} looks a copy of {watched}"
    ),
    Term(
        "image_flip",
        "画像「{seen}」は「{watched}」を左右反転したものとみられます",
        "the picture {seen} looks a mirrored copy of {watched}",
    ),
    Term(
        "image_part",
        "画像「{seen}」は「{watched}」の一部、または枠や余白を加えたものとみられます",
        "the picture {seen} looks a part of {watched}, or {watched} with something around it",
    ),
    Term(
        "image_rotation",
        "画像「{seen}」は「{watched}」を回転したものとみられます",
        "the picture {seen} looks a turned copy of {watched}",
    ),
    Term(
        "image_collage",
        "画像「{seen}」の中に「{watched}」の複製があるとみられます",
        "the picture {seen} seems to show a copy of {watched} among other things",
    ),
    Term(
        "image_logo",
        "画像「{seen}」の商品などに「{watched}」が表示されているとみられます",
        "the picture {seen} seems to show {watched} on the goods",
    ),
    Term(
        "image_embedding",
        "画像「{seen}」は「{watched}」に似ているとモデルが判定しました",
        "a model takes the picture {seen} for alike to {watched}",
    ),
)
