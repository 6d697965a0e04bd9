"""The nouns of a title are the same in every language, and words inside other words are none."""

from __future__ import annotations

import pytest

from ipwatch.matching.suspicion.goods_nouns import goods_nouns
from ipwatch.matching.suspicion.prices import product_words
from ipwatch.text.folding.skeleton import plain


@pytest.mark.parametrize(
    ("title", "nouns"),
    [
        ("ラバーキーホルダー 新品", {"rubber_strap"}),
        ("Key Rings, 2 pcs", {"keychain"}),
        ("열쇠고리", {"keychain"}),
        ("钥匙扣", {"keychain"}),
        ("พวงกุญแจ ของแท้", {"keychain"}),
        ("брелок", {"keychain"}),
        ("綿Tシャツ", {"t_shirt"}),
        ("KAWA Tシャツ", {"t_shirt"}),
        ("watches and boxes of glasses", {"wristwatch"}),
        ("バスタオルセット", {"bath_towel", "set"}),
        ("タオルケット", set()),
        ("モニタリング", set()),
        ("keychainless", set()),
        ("", set()),
    ],
)
def test_nouns_are_found_in_every_language_and_not_inside_other_words(title: str, nouns: set[str]) -> None:
    nouns_of, rest = goods_nouns(plain(title))
    assert set(nouns_of) >= nouns if nouns else not nouns_of
    assert len(rest) == len(plain(title))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("NORIMA 腕時計 ブラック 200ml", ("=wristwatch", "200ml")),
        ("NORIMA 【正品保证】 手表 200毫升", ("=wristwatch", "200ml")),
        ("NORIMA authentic guaranteed watch 200 ml", ("=wristwatch", "200ml")),
        ("NORIMA 손목시계 200 밀리리터 정품 보장", ("=wristwatch", "200ml")),
        ("NORIMA 10gb card", ("10gb", "card")),
    ],
)
def test_one_product_has_the_same_words_in_every_language(title: str, words: tuple[str, ...]) -> None:
    assert product_words(title, ["NORIMA"]) == words
