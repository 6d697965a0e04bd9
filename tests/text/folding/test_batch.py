from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.folding.batch import CHUNK_CHARACTERS, skeletons
from ipwatch.text.folding.characters import is_vowel_sign
from ipwatch.text.folding.confusables import LEET_SYMBOLS, MASKING_SIGNS
from ipwatch.text.folding.skeleton import MAX_CHARACTERS, skeleton

SPECIAL = (
    "aZ5ｂ가나我番々一ᅳ二口カｶウｳハﾊヴゔァィぁｨッャー゛ﾞ゜ﾟ\u3099\u309aゝヽゞヾ㈱ß㎏™ﷺ"
    "ᄀ나ᅵᆨㄱㄴㅏㅣￂﾡ\u3164กคูิ่้ำᄏकीो\u09cbⓈ🅾🇸١๓\u0301\u20dd\ufe0f\u200b\u00ad\U000e0041 \n\t-·\0\ud800\udc00"
    f"{''.join(sorted(MASKING_SIGNS.union(LEET_SYMBOLS)))}"
)


def folded(texts: list[str]) -> list[str]:
    batch = skeletons(texts)
    return [batch.text(index) for index in range(len(batch))]


def test_both_paths_agree_on_every_assigned_code_point_alone_and_between_letters() -> None:
    chars = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in {"Cn", "Co"}]
    texts = [text for char in chars for text in (char, f"a{char}b", f"カ{char}ァ", f"abc{char}")]
    assert len(chars) > 140_000
    batch = skeletons(texts)
    one_by_one = [skeleton(text).text for text in texts]
    joined = batch.codes.tobytes().decode("utf-32-le").split("\0")[:-1]
    kept = set("".join(one_by_one))
    assert {unicodedata.category(char)[0] for char in kept if not is_vowel_sign(char)} == {"L", "N"}
    assert [pair for pair in zip(texts, joined, one_by_one, strict=True) if pair[1] != pair[2]] == []


@given(st.lists(st.text(alphabet=st.sampled_from(SPECIAL), max_size=12), max_size=8))
def test_both_paths_agree_on_characters_that_act_on_their_neighbours(texts: list[str]) -> None:
    assert folded(texts) == [skeleton(text).text for text in texts]


@given(st.lists(st.text(alphabet=[*"aカ花ー5 ", "\u0301", *sorted(MASKING_SIGNS)], max_size=10), max_size=8))
def test_both_paths_agree_on_masked_letters(texts: list[str]) -> None:
    assert folded(texts) == [skeleton(text).text for text in texts]
    assert folded(folded(texts)) == folded(texts)


@given(st.lists(st.text(alphabet=st.characters() | st.sampled_from(SPECIAL), max_size=40), max_size=6))
def test_both_paths_agree_on_any_texts(texts: list[str]) -> None:
    assert folded(texts) == [skeleton(text).text for text in texts]


def test_texts_of_more_than_one_chunk_keep_their_borders() -> None:
    texts = [f"ソニー{number}!" * (1 + number % 50) for number in range(CHUNK_CHARACTERS // 100)]
    assert sum(map(len, texts)) > CHUNK_CHARACTERS
    assert folded(texts) == [skeleton(text).text for text in texts]


def test_no_texts_and_empty_texts_are_folded() -> None:
    assert len(skeletons([])) == 0
    assert folded(["", "\0", "-", ""]) == ["", "", "", ""]
    assert folded(["", "a", ""]) == ["", "a", ""]


def test_a_sign_at_the_border_of_a_text_sees_no_other_text() -> None:
    assert folded(["ab", "@", "cd", "abc", "$", "一", "ソニ", "一番", "々"]) == [
        *("ab", "", "cd", "abc", "", "一", "ンニ", "一番", "々")
    ]


def test_too_long_a_text_is_named() -> None:
    with pytest.raises(ValueError, match=rf"text 1 of 3 has {MAX_CHARACTERS + 1} characters.*{MAX_CHARACTERS}"):
        skeletons(["a", "b" * (MAX_CHARACTERS + 1), "c"])


@pytest.mark.parametrize("flood", ["\u0301", "!\u0301", "カ゛", "ヴ", "가", "々", "一", "ยู", "㈱"])
def test_floods_are_folded_in_linear_time(flood: str) -> None:
    text = ("a" + flood * MAX_CHARACTERS)[:MAX_CHARACTERS]
    began = time.process_time()
    assert folded([text] * 4) == [skeleton(text).text] * 4
    assert time.process_time() - began < 4.0
