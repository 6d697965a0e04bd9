"""Signs are shown with kinds and nouns of goods in the reader's language."""

from __future__ import annotations

import pytest

from ipwatch.matching.suspicion.goods_kinds import KINDS
from ipwatch.matching.suspicion.shown import sign_text
from ipwatch.terms import KEYS


@pytest.mark.parametrize(
    ("term", "compared", "lang", "words"),
    [
        ("often_unlicensed", ("カワセ", "costume"), "ja", "衣装"),
        ("often_unlicensed", ("カワセ", "costume"), "en", "a costume"),
        ("price_below_market", ("9800 JPY (6: =wristwatch 200ml)", "900 JPY"), "ja", "(6: 腕時計 200ml)"),
        ("price_below_range", ("9800 JPY (6: =textile)", "900 JPY"), "en", "(6: textiles)"),
        ("price_below_range", ("9800 JPY (6: 藍染め)", "900 JPY"), "ja", "(6: 藍染め)"),
        ("price_below_market", ("9800 JPY (6: =no_such_noun)", "900 JPY"), "en", "(6: no_such_noun)"),
        ("seller_denied", ("カワセ", "watch"), "ja", "watch"),
        ("copy_word", ("カワセ", "=wristwatch"), "en", "=wristwatch"),
    ],
)
def test_goods_are_named_in_the_language_of_the_reader(
    term: str, compared: tuple[str, str], lang: str, words: str
) -> None:
    assert words in sign_text(term, *compared, lang)


def test_every_kind_of_goods_has_a_name() -> None:
    assert {f"goods_kind.{kind}" for kind in KINDS} == {key for key in KEYS if key.startswith("goods_kind.")}
