from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.text.folding.characters import is_vowel_sign
from ipwatch.text.folding.confusables import MASK
from ipwatch.text.folding.skeleton import (
    MAX_CHARACTERS,
    beginning,
    is_invisible,
    plain,
    plain_letters,
    plain_span,
    skeleton,
)

JOINING = "aZ５カｶウｳヴゔァィぁｨッー゛ﾞ\u3099゜ｰゝヾゞ가ᄀ낙ㄱㅏㅋㅣﾡￂ\u0301\u20dd\u200b\u3164กูนิ่ค้我々㈱ß㎏ \0\ud800\t"
"""Characters that join their neighbours, or that marks and hidden characters are set between."""


@pytest.mark.parametrize(
    ("disguised", "mark"),
    [
        ("ＳＯＮＹ", "SONY"),
        ("S0NY", "SONY"),
        ("ѕоnу", "SONY"),  # Cyrillic
        ("ЅОΝΥ", "SONY"),  # Cyrillic and Greek
        ("S\u200bO N-Y", "SONY"),
        ("Pokémon", "POKEMON"),
        ("Ｐ０ｋｅｍｏｎ", "Pokemon"),
        ("p@n@s0nic", "Panasonic"),
        ("$ONY", "SONY"),
        ("$0NY ONL1NE", "$0NY ONLINE"),
        ("$ANR10", "SANRIO"),
        ("【ASIC$】", "ASICS"),
        ("口レックス", "ロレックス"),
        ("ポケモソ", "ポケモン"),
        ("シヤネル", "シャネル"),
        ("ぽけもん", "ポケモン"),
        ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
        ("か\u3099んだむ", "ガンダム"),
        ("トヨ夕", "トヨタ"),
        ("松阪午", "松阪牛"),
        ("サーモス", "サモス"),
        ("ヴァイオリン", "バイオリン"),
        ("ｳﾞｧｲｵﾘﾝ", "バイオリン"),
        ("ハヅキ", "ハズキ"),
        ("N\u0337i\u0335k\u0336o\u0338n\u0334", "Nikon"),  # marks over and through every letter
        ("ｎｉｋｏｎ", "NIKON"),
        ("ǀmabari", "Imabari"),
        ("ꜱᴏɴʏ", "SONY"),  # small capitals
        ("S🅾N🅈", "SONY"),  # white letter on a dark square, letter in a square
        ("S🅞NY", "SONY"),  # white letter on a dark disc
        ("今冶タオル", "今治タオル"),
        ("鬼減の刀", "鬼滅の刃"),
        ("任夭堂", "任天堂"),
        ("Ⓢony", "SONY"),
        ("S\u20e3o\u20e3n\u20e3y\u20e3", "SONY"),  # keycaps
        ("𝓢𝓸𝓷𝔂", "SONY"),
        ("🇸🇴🇳🇾", "SONY"),
        ("ｆᴜᴊɪｆɪʟᴍ", "FUJIFILM"),
        ("иιкє", "nike"),
        ("ѕσηу", "sony"),
        ("ΛSICS", "ASICS"),
        ("ᔕOᑎY", "SONY"),
        ("ϲanon", "canon"),  # NFKC alone would make a sigma of it
        ("тσмιсα", "tomica"),
        ("so\u00adny", "sony"),
        ("S\U000e0073o\U000e006en\ufe0fy", "Sony"),  # tag characters and a variation selector
        ("SO\u3164NY", "SONY"),  # a filler is a letter that shows nothing
        ("S้o็n๊y", "SONY"),  # Thai tone marks
        ("Sិony", "SONY"),  # a Khmer vowel sign without a Khmer letter
        ("L\u02bcOréal", "L'OREAL"),
        ("SONY™", "SONY"),
        ("p@$$word", "password"),
        ("＄ONY", "SONY"),
        ("ROLE❌X", "ROLEX"),
        ("SPY×FAMILY", "SPYxFAMILY"),
        ("ソニ一", "ソニー"),
        ("ポケモン一", "ポケモン"),
        ("千ョコ", "チョコ"),
        ("いすゞ", "イスズ"),
        ("ヱビス", "エビス"),
        ("ワ゛", "バ"),
        ("カ\u200b゛ンダム", "ガンダム"),
        ("ヴ\u200bィトン", "ヴィトン"),
        ("ヴ ィ ト ン", "ヴィトン"),
        ("ヴイトン", "ヴィトン"),
        ("ルイ・ヴィトン", "ルイヴィトン"),
        ("佐々木", "佐佐木"),
        ("無印良品", "无印良品"),
        ("優衣庫", "优衣库"),
        ("資生堂", "资生堂"),
        ("髙島屋", "高島屋"),
        ("山﨑", "山崎"),
        ("𠮷野家", "吉野家"),
        ("後藤", "后藤"),
        ("ㅅㅗㄴㅣ", "소니"),
        ("ㅅ ㅗ ㄴ ㅣ", "소니"),
        ("ﾤￂ\uffdc", "나ㅣ"),  # half width
        ("\u1109\u1169\u1102\u1175", "소니"),
        ("ㄱㅏㅇㄴㅏㅁ", "강남"),
        ("ســوني", "سوني"),
        ("سونی", "سوني"),  # typed on a Persian keyboard
        ("โซนี่", "โซนี"),  # a tone mark
        ("① ❷ ３ ٤ ๕", "12345"),
        ("straße", "STRASSE"),
    ],
)
def test_disguises_fold_onto_the_mark(disguised: str, mark: str) -> None:
    assert skeleton(disguised).text == skeleton(mark).text


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ソニー", "サニー"),
        ("SONY", "SANY"),
        ("今治", "今泊"),
        ("カ", "ガ"),
        ("バ", "パ"),
        ("乾杯", "千杯"),
        ("กิน", "กัน"),  # Thai words that differ only by a vowel sign
        ("की", "का"),
        ("إله", "lo"),
        ("שלום", "שלומ0"),
        ("молоко", "молот"),
        ("ラーメン一番", "ラーメン番"),
        ("소닉", "소니ᄏ"),
    ],
)
def test_different_names_stay_apart(a: str, b: str) -> None:
    assert skeleton(a).text != skeleton(b).text


def test_spans_lead_back_to_the_original() -> None:
    text = "★新品★ か\u3099ん\u200bだむー 1/144"
    folded = skeleton(text)
    index = folded.text.index("ガンダム")
    start, end = folded.span(index, index + 4)
    assert text[start:end] == "か\u3099ん\u200bだむー"


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (0, 99), (-1, 1)])
def test_a_range_outside_the_skeleton_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no such range"):
        skeleton("abc").span(*span)


def test_leet_signs_count_between_letters_only() -> None:
    assert skeleton("Yahoo!").text == skeleton("Yahoo").text
    assert skeleton("$100").text == skeleton("100").text
    assert skeleton("a$b").text == skeleton("asb").text


@pytest.mark.parametrize("text", ["", "\x00\x00", "\ud800", "🎌🎏", "- / ·", "\u3099\u309a"])
def test_texts_without_letters_have_an_empty_skeleton(text: str) -> None:
    assert skeleton(text).text == ""


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match=str(MAX_CHARACTERS)):
        skeleton("あ" * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "flood",
    [
        "a\u0301",
        "\u0301",
        "!",
        "$",
        "!\u0301",
        "a!\u0301\u0301",
        "゛",
        "カ゛",
        "ヴ",
        "ᅡ",
        "가",
        "一",
        "々",
        "ู",
        "ยู",
        "㈱",
    ],
)
def test_a_text_of_maximal_length_is_quick_whatever_it_is_flooded_with(flood: str) -> None:
    text = ("a" + flood * MAX_CHARACTERS)[:MAX_CHARACTERS]
    began = time.process_time()
    folded = skeleton(text)
    folded.span(0, len(folded.text))
    plain_span(text, 0, 1)
    assert time.process_time() - began < 1.0


def test_marks_on_the_last_letter_belong_to_it() -> None:
    assert skeleton("a" + "\u0301" * 99).span(0, 1) == (0, 100)


@given(st.text(alphabet=JOINING, max_size=12))
def test_a_span_from_the_start_folds_to_the_letters_it_is_the_span_of(text: str) -> None:
    folded = skeleton(text)
    for end in range(1, len(folded.text) + 1):
        if end == len(folded.text) or folded.offsets[end] > folded.offsets[end - 1]:
            start, stop = folded.span(0, end)
            assert start == folded.offsets[0]
            assert skeleton(text[:stop]).text[:end] == folded.text[:end]


@given(st.text(alphabet="aｂçД５①🅾夕优ßゲ㈱ \u0301\u200b-·", max_size=20))
def test_each_letter_stands_at_the_offset_of_the_character_it_came_from(text: str) -> None:
    folded = skeleton(text)
    assert all(
        letter in skeleton(text[offset]).text for letter, offset in zip(folded.text, folded.offsets, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "letters", "surface"),
    [
        ("<ㅅㅗㄴㅣ>", "소니", "ㅅㅗㄴㅣ"),
        ("<ㅅ ㅗ>", "소", "ㅅ ㅗ"),
        ("<ｳﾞｨトン>", "ビトン", "ｳﾞｨトン"),
        ("<ソニ一>", "ンニ", "ソニ一"),
        ("<ソニ一番>", "ンニ", "ソニ"),
        ("<กู่น>", "กู", "กู่"),
        ("<S\u0337\u200bO\u0337 N>", "so", "S\u0337\u200bO\u0337"),
        ("<5㎏>", "k", "㎏"),
    ],
)
def test_a_span_covers_what_was_joined(text: str, letters: str, surface: str) -> None:
    folded = skeleton(text)
    index = folded.text.index(letters)
    start, stop = folded.span(index, index + len(letters))
    assert text[start:stop] == surface


@given(st.text(alphabet=st.characters(), max_size=60))
def test_the_offsets_rise_and_lie_within_any_text(text: str) -> None:
    folded = skeleton(text)
    assert len(folded.offsets) == len(folded.text)
    assert list(folded.offsets) == sorted(folded.offsets)
    assert all(0 <= offset < len(text) for offset in folded.offsets)


@given(st.text(max_size=60) | st.text(alphabet=f"{JOINING}一々ᅳ番!|@$€×abc12", max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = skeleton(text).text
    assert skeleton(once).text == once


def test_plain_letters_forgive_spelling_and_keep_lookalikes() -> None:
    assert plain_letters("無印良品") == plain_letters("无印良品")
    assert plain_letters("ヱビス") == plain_letters("えびす")
    assert plain_letters("Ｐoké-MON") == plain_letters("pokemon")
    assert plain_letters("シヤネル") == plain_letters("しゃねる")
    assert plain_letters("ヴァン") == plain_letters("バン")
    assert plain_letters("口レックス") != plain_letters("ロレックス")
    assert plain_letters("S0NY") != plain_letters("SONY")


@pytest.mark.parametrize("text", ["HK$ 200", "US$", "US$100", "$20 towel", "20$ towel", "¥1000", "10€", "A¥500"])
def test_a_dollar_beside_a_sum_or_a_country_is_money(text: str) -> None:
    assert skeleton(text).text == skeleton(text.translate(dict.fromkeys(map(ord, "$¥€")))).text


@pytest.mark.parametrize("text", ["37|38|39", "新品!送料無料", "@sony", "10×20", "激安！ソニー", "Sony | Nike"])
def test_signs_outside_of_words_are_no_letters(text: str) -> None:
    assert skeleton(text).text == skeleton("".join(char for char in text if char.isalnum())).text


@pytest.mark.parametrize("char", ["\u200b", "\u3164", "\x00", "\ud800", "\U000e0041"])
def test_what_shows_nothing_is_invisible(char: str) -> None:
    assert is_invisible(char)
    assert not is_invisible("ー")


@given(st.text(alphabet="aß ㍿ﾀﾞﾌﾟe\u0301Ｗ㎏각\u1100\u1161\u11a8", max_size=12), st.data())
def test_a_plain_span_leads_back_to_what_it_came_from(text: str, data: st.DataObject) -> None:
    folded = plain(text)
    if not folded:
        return
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    first, last = plain_span(text, start, end)
    assert 0 <= first < last <= len(text)
    assert len(plain(text[:first])) <= start
    assert len(plain(text[:last])) >= end
    assert plain(text[:first]) + plain(text[first:last]) + plain(text[last:]) == folded


def test_a_syllable_of_hangul_does_not_take_in_what_is_before_it() -> None:
    assert plain_span("a 노리", 2, 4) == (2, 4)
    assert plain_span("a\u1102\u1169", 1, 2) == (1, 3)


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (1, 1), (0, 4)])
def test_a_plain_span_outside_of_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no such range"):
        plain_span("abc", start, end)


def test_no_mark_becomes_a_letter() -> None:
    marks = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in {"Mn", "Me"}]
    letters = {char: skeleton(f"s{char}s").text for char in marks}
    assert len(marks) > 1_800
    assert {char for char, text in letters.items() if text != "ss"} == set()
    assert [char for char in marks if skeleton(char).text] == []
    assert plain_letters("s\u0345o\u0345n") == plain_letters("son")
    assert skeleton("ᾳ").text == skeleton("α").text
    assert {is_vowel_sign(char) for char in marks} == {True, False}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("シ○ネル", f"シ{MASK}ネル"),
        ("ベ〇シア", f"ベ{MASK}シア"),
        ("モ×ゾフ", f"モ{MASK}ゾフ"),
        ("s*ny", f"s{MASK}ny"),
        ("S〇NY", f"s{MASK}ny"),  # no zero
        ("ノ○ー", f"ノ{MASK}"),
        ("花●王", f"花{MASK}王"),
        ("ノリ◎◎マカ", f"ノリ{MASK}{MASK}マカ"),
        ("ノ\u0301○\u200bリ", f"ノ{MASK}リ"),
        ("소*니", f"소{MASK}니"),
        ("ノ○○リ", "ノリ"),  # half of the letters
        ("s*o*n*y", "sony"),  # separators
        ("T〇Y〇TA", "toyota"),
        ("ノリマ×カワル", "ノリマカワル"),  # two names
        ("SPY×FAM", "spyxfam"),
        ("○ノリ○", "ノリ"),
        ("ノ ○リ", "ノリ"),
        ("10×20 5*5", skeleton("102055").text),
        ("ノ・リ", "ノリ"),
    ],
)
def test_a_masking_sign_within_a_word_is_a_letter_nobody_knows(text: str, folded: str) -> None:
    assert skeleton(text).text == folded


def test_a_masked_letter_leads_back_to_its_sign() -> None:
    folded = skeleton("新品 シ○ネル!")
    index = folded.text.index(f"シ{MASK}ネ")
    assert folded.span(index + 1, index + 2) == (4, 5)


def test_the_beginning_of_a_text_is_counted_in_what_it_shows() -> None:
    zalgo = "".join(letter + "\u0336\u0489" * 300 for letter in "nikon")
    assert beginning(zalgo + " camera", 5) == zalgo
    assert beginning("nikon camera", 5) == "nikon"
    assert beginning("ab", 5) == "ab"
    assert len(beginning("a" + "\u0301" * 100_000, 5)) == MAX_CHARACTERS


@given(st.text(alphabet="aｂカ \u0301\u200b\ud800", max_size=30), st.integers(1, 40))
def test_a_beginning_is_one_and_shows_no_more_than_asked(text: str, limit: int) -> None:
    begun = beginning(text, limit)
    assert text.startswith(begun)
    assert len(skeleton(begun).text) <= limit
    assert len(begun) >= min(limit, len(text))
