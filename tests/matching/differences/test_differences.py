from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.differences import MAX_DIFFERENCES, MAX_PIECE, differences
from ipwatch.matching.differences.alignment import StepKind, align
from ipwatch.records import Difference
from ipwatch.terms import DIFFERENCE_KEYS, render, template

# One planted change each: watched, observed, and the description in English and in Japanese.
PLANTED = [
    ("NORIMA", "N0RIMA", "“O” written as the look-alike “0”", "「O」を似た「0」で表記"),
    ("NORIMA", "norima", "case: “NORIMA” as “norima”", "大文字・小文字の違い：「NORIMA」→「norima」"),
    (
        "NORIMA",
        "ＮＯＲＩＭＡ",
        "character width: “NORIMA” as “ＮＯＲＩＭＡ”",
        "全角・半角の違い：「NORIMA」→「ＮＯＲＩＭＡ」",
    ),
    ("NORIMA", "Nоrima", "“O” written with look-alike Cyrillic “о”", "「O」を似たキリル文字「о」で表記"),
    ("NORIMA", "ΝORIMA", "“N” written with look-alike Greek “Ν”", "「N」を似たギリシア文字「Ν」で表記"),
    ("NORIMA", "ՈORIMA", "“N” written with look-alike Armenian “Ո”", "「N」を似たアルメニア文字「Ո」で表記"),
    ("NORIMA", "NORlMA", "“I” written as the look-alike “l”", "「I」を似た「l」で表記"),
    ("NORIMA", "N O R I M A", "spaces between the letters: “N O R I M A”", "文字の間に空白：「N O R I M A」"),
    ("NORIMA", "NOR IMA", "space inside: “R I”", "空白の挿入：「R I」"),
    ("NORIMA", "NOR-IMA", "hyphen inside: “R-I”", "ハイフンの挿入：「R-I」"),
    ("NORIMA", "N-O-R-I-M-A", "signs between the letters: “N-O-R-I-M-A”", "文字の間に記号：「N-O-R-I-M-A」"),
    ("NORIMA", "NOR.IMA", "dot inside: “R.I”", "点の挿入：「R.I」"),
    ("NORIMA", "NOR★IMA", "sign inside: “R★I”", "記号の挿入：「R★I」"),
    ("NORIMA", "N*RIMA", "“O” is masked with “*”", "「O」を記号「*」で伏せている"),
    ("NORIMA", "NO**MA", "“RI” is masked with “**”", "「RI」を記号「**」で伏せている"),
    ("NORIMA", "N〇RIMA", "“O” is masked with “〇”", "「O」を記号「〇」で伏せている"),
    ("NORIMA", "NOR×MA", "“I” is masked with “×”", "「I」を記号「×」で伏せている"),
    ("NORIMA", "NORI〇〇", "“MA” is masked with “〇〇”", "「MA」を記号「〇〇」で伏せている"),
    ("森谷織", "森〇織", "“谷” is masked with “〇”", "「谷」を記号「〇」で伏せている"),
    ("モリーナ", "モ○ーナ", "“リ” is masked with “○”", "「リ」を記号「○」で伏せている"),
    ("モリーナ", "モリ〇ナ", "“ー” is masked with “〇”", "「ー」を記号「〇」で伏せている"),
    ("NORIMA", "N\u200bORI\u200bMA", "hidden character inside (U+200B)", "見えない文字の混入（U+200B）"),
    ("NORIMA", "NORI\xadMA", "hidden character inside (U+00AD)", "見えない文字の混入（U+00AD）"),
    ("NORIMA", "NOR\x00IMA", "hidden character inside (U+0000)", "見えない文字の混入（U+0000）"),
    ("NORIMA", "NORI\ud800MA", "hidden character inside (U+D800)", "見えない文字の混入（U+D800）"),
    ("NORIMA", "NORRIMA", "doubled: “R” as “RR”", "文字の重ね書き：「R」→「RR」"),
    ("NORIMA", "NROIMA", "swapped: “OR” as “RO”", "文字の入れ替わり：「OR」→「RO」"),
    ("NORIMA", "NOIMA", "“R” is missing", "「R」が抜けている"),
    ("NORIMA", "NORIMAX", "“X” is added", "「X」が加わっている"),
    ("NORIMA", "NORINA", "a neighbouring key: “M” as “N”", "キーボードで隣の文字：「M」→「N」"),
    ("NORIMA", "NORIKA", "a neighbouring key: “M” as “K”", "キーボードで隣の文字：「M」→「K」"),
    ("NORIMA", "NORIMÁ", "accent added: “A” as “Á”", "アクセント記号の付加：「A」→「Á」"),
    (
        "NORIMA",
        "\U0001d40d\U0001d40e\U0001d411\U0001d408\U0001d40c\U0001d400",
        "styled characters: “NORIMA” as “\U0001d40d\U0001d40e\U0001d411\U0001d408\U0001d40c\U0001d400”",
        "装飾文字で表記：「NORIMA」→「\U0001d40d\U0001d40e\U0001d411\U0001d408\U0001d40c\U0001d400」",
    ),
    (
        "Wakado",
        "VVakado",
        "“W” written as “VV”, which together look like it",
        "「W」を、並べると似て見える「VV」で表記",
    ),
    (
        "Wakado",
        "Wakaclo",
        "“d” written as “cl”, which together look like it",
        "「d」を、並べると似て見える「cl」で表記",
    ),
    ("Yammo", "Yamo", "no longer doubled: “mm” as “m”", "重なる文字の省略：「mm」→「m」"),
    ("Söre", "Sore", "accent dropped: “ö” as “o”", "アクセント記号の省略：「ö」→「o」"),
    ("Sore", "Söre", "accent added: “o” as “ö”", "アクセント記号の付加：「o」→「ö」"),
    ("Söre", "Sòre", "other accent: “ö” as “ò”", "アクセント記号の違い：「ö」→「ò」"),
    ("Mori Yama", "MoriYama", "no space: “i Y” as “iY”", "空白の省略：「i Y」→「iY」"),
    ("Mori Yama", "Mori-Yama", "other separator: “i Y” as “i-Y”", "区切りの違い：「i Y」→「i-Y」"),
    ("Mori-Yama", "MoriYama", "no sign: “i-Y” as “iY”", "記号の省略：「i-Y」→「iY」"),
    ("モリーナ", "モリナ", "long vowel dropped: “リー” as “リ”", "長音の省略：「リー」→「リ」"),
    ("モリナ", "モリーナ", "long vowel added: “リ” as “リー”", "長音の付加：「リ」→「リー」"),
    ("モリーナ", "モリ一ナ", "“ー” written as the look-alike “一”", "「ー」を似た「一」で表記"),
    ("モリーナ", "モリ-ナ", "“ー” written as the look-alike “-”", "「ー」を似た「-」で表記"),
    (
        "モリーナ",
        "モリイナ",
        "long vowel spelled differently: “リー” as “リイ”",
        "長音の書き方の違い：「リー」→「リイ」",
    ),
    ("モリーナ", "もりーな", "“モリーナ” in hiragana: “もりーな”", "「モリーナ」を平仮名「もりーな」で表記"),
    ("もりや", "モリヤ", "“もりや” in katakana: “モリヤ”", "「もりや」を片仮名「モリヤ」で表記"),
    ("モリーナ", "ﾓﾘｰﾅ", "character width: “モリーナ” as “ﾓﾘｰﾅ”", "全角・半角の違い：「モリーナ」→「ﾓﾘｰﾅ」"),
    (
        "モリーナ",
        "Moriina",
        "another script: “モリーナ” as “Moriina” (Latin letters)",
        "「モリーナ」をラテン文字「Moriina」で表記",
    ),
    ("モリーナ", "모리나", "another script: “モリーナ” as “모리나” (Hangul)", "「モリーナ」をハングル「모리나」で表記"),
    ("モリーナ", "モリーニ", "“ナ” replaced by “ニ”", "文字の置き換え：「ナ」→「ニ」"),
    ("ガモス", "カモス", "voicing: “ガ” as “カ”", "濁点・半濁点の違い：「ガ」→「カ」"),
    ("ハモス", "パモス", "voicing: “ハ” as “パ”", "濁点・半濁点の違い：「ハ」→「パ」"),
    ("モリッカ", "モリカ", "small “ッ” (doubled consonant) dropped", "促音「ッ」の省略"),
    ("モリカ", "モリッカ", "small “ッ” (doubled consonant) added", "促音「ッ」の付加"),
    ("モッカ", "モツカ", "“ッ” as the large kana “ツ”", "「ッ」を大きい仮名「ツ」で表記"),
    ("モツカ", "モッカ", "“ツ” as the small kana “ッ”", "「ツ」を小さい仮名「ッ」で表記"),
    ("ニモラ", "二モラ", "“ニ” written as the look-alike kanji “二”", "「ニ」を似た漢字「二」で表記"),
    ("エトワ", "工卜ワ", "“エト” written as the look-alike kanji “工卜”", "「エト」を似た漢字「工卜」で表記"),
    ("モリン", "モリソ", "“ン” written as the look-alike “ソ”", "「ン」を似た「ソ」で表記"),
    ("ヂモラ", "ジモラ", "“ヂ” as “ジ”, which sounds the same", "「ヂ」を同じ音の「ジ」で表記"),
    ("ヴァモラ", "バモラ", "“ヴァ” as “バ”, which sounds the same", "「ヴァ」を同じ音の「バ」で表記"),
    ("森谷織", "森谷絨", "“織” replaced by “絨”", "文字の置き換え：「織」→「絨」"),
    ("森谷織", "もりやおり", "another script: “森谷織” as “もりやおり” (kana)", "「森谷織」を仮名「もりやおり」で表記"),
    (
        "モリヤオリ",
        "森谷織",
        "another script: “モリヤオリ” as “森谷織” (kanji)",
        "「モリヤオリ」を漢字「森谷織」で表記",
    ),
    (
        "神森",
        "ネ申森",
        "“神” written as “ネ申”, which together look like it",
        "「神」を、並べると似て見える「ネ申」で表記",
    ),
    (
        "森加",
        "森カロ",
        "“加” written as “カロ”, which together look like it",
        "「加」を、並べると似て見える「カロ」で表記",
    ),
    (
        "森谷タオル",
        "森谷 towel",
        "space inside: “谷 t”; another script: “タオル” as “towel” (Latin letters)",
        "空白の挿入：「谷 t」; 「タオル」をラテン文字「towel」で表記",
    ),
    ("モリ合資会社", "モリ(合資会社)", "sign inside: “リ(合”", "記号の挿入：「リ(合」"),
    ("モリ株式会社", "モリ㍿", "styled characters: “株式会社” as “㍿”", "装飾文字で表記：「株式会社」→「㍿」"),
    ("士岐", "土岐", "“士” written as the look-alike “土”", "「士」を似た「土」で表記"),
    (
        "norima",
        "norirna",
        "“m” written as “rn”, which together look like it",
        "「m」を、並べると似て見える「rn」で表記",
    ),
    (
        "モリーナ",
        "森Lina",
        "another script: “モリーナ” as “森Lina”",
        "「モリーナ」を別の文字種「森Lina」で表記",
    ),
    ("モリー", "モリーー", "long vowel added: “リー” as “リーー”", "長音の付加：「リー」→「リーー」"),
    ("NO\u200bRIMA", "NORIMA", "hidden character left out (U+200B)", "見えない文字の省略（U+200B）"),
    ("NORIMA", "NORINIMA", "“NI” is added", "「NI」が加わっている"),
    ("Ᏼetta", "Betta", "“Ᏼ” written as the look-alike “B”", "「Ᏼ」を似た「B」で表記"),
    ("Setta", "Ꮪetta", "“S” written with look-alike Cherokee “Ꮪ”", "「S」を似たチェロキー文字「Ꮪ」で表記"),
    ("NORIMA", "NOR1MA", "“I” written as the look-alike “1”", "「I」を似た「1」で表記"),
    ("$OMA", "SOMA", "“$” written as the look-alike “S”", "「$」を似た「S」で表記"),
    ("タオル", "タオル2", "“2” is added", "「2」が加わっている"),
    ("森澤", "森沢", "“澤” in another form of the character: “沢”", "「澤」を異なる字体「沢」で表記"),
    ("森國", "森国", "“國” in another form of the character: “国”", "「國」を異なる字体「国」で表記"),
    ("모리", "モリ", "another script: “모리” as “モリ” (kana)", "「모리」を仮名「モリ」で表記"),
    ("모리나", "모리니", "“나” replaced by “니”", "文字の置き換え：「나」→「니」"),
]

LETTERS = "NORIMAsubetaもりやモリヤガギグ森谷織모리나"
NAMES = st.text(alphabet=LETTERS, min_size=3, max_size=12)
ANYTHING = st.text(alphabet=st.characters(codec=None, categories=None), max_size=40)
HIDDEN = {"spelling_hidden", "spelling_hidden_dropped"}


def described(watched: str, observed: str, lang: str = "en") -> str:
    return "; ".join(
        render(difference.term, lang, watched=difference.watched, seen=difference.seen)
        for difference in differences(watched, observed)
    )


@pytest.mark.parametrize(("watched", "observed", "english", "japanese"), PLANTED)
def test_a_planted_change_is_described_in_both_languages(
    watched: str, observed: str, english: str, japanese: str
) -> None:
    assert described(watched, observed) == english
    assert described(watched, observed, "ja") == japanese


def test_every_change_of_spelling_has_an_example() -> None:
    shown = {difference.term for watched, observed, *_ in PLANTED for difference in differences(watched, observed)}
    spelled = {key for key in DIFFERENCE_KEYS if key.startswith("spelling_")}
    assert spelled - shown == set()


def test_every_difference_has_words_that_name_its_letters() -> None:
    for key in DIFFERENCE_KEYS:
        named = [set(re.findall(r"{(\w*)}", template(key, lang))) for lang in ("ja", "en")]
        assert named[0] == named[1]
        assert named[0] <= {"watched", "seen"}


@given(ANYTHING)
def test_the_same_text_has_no_difference(text: str) -> None:
    assert differences(text, text) == ()
    assert differences(text, unicodedata.normalize("NFC", text)) == ()


@given(NAMES)
def test_case_alone_is_reported_as_case(name: str) -> None:
    terms = {difference.term for difference in differences(name, name.swapcase())}
    assert terms <= {"spelling_case"}
    assert bool(terms) == any(char.isascii() for char in name)


def test_case_and_width_are_reported_together_and_only_alone() -> None:
    assert [difference.term for difference in differences("Norima", "ＮＯＲＩＭＡ")] == [
        "spelling_width",
        "spelling_case",
    ]
    assert [difference.term for difference in differences("Norima", "ＮＯＲ１ＭＡ")] == ["spelling_lookalike"]


@given(ANYTHING, ANYTHING)
@settings(max_examples=300)
def test_the_letters_named_stand_in_the_two_texts(watched: str, observed: str) -> None:
    for difference in differences(watched, observed):
        if difference.term in HIDDEN:
            numbers = [
                chr(int(number.removeprefix("U+"), 16)) for number in (difference.watched + difference.seen).split()
            ]
            assert all(char in watched or char in observed for char in numbers)
        else:
            assert difference.watched in watched
            assert difference.seen in observed
        assert difference.watched or difference.seen
        assert difference.watched != difference.seen


@given(NAMES, NAMES)
def test_the_same_two_texts_have_the_same_differences(watched: str, observed: str) -> None:
    assert differences(watched, observed) == differences(watched, observed)
    assert set(differences(watched, observed)) == set(dict.fromkeys(differences(watched, observed)))


@given(ANYTHING, ANYTHING)
def test_the_steps_of_an_alignment_make_up_the_two_texts(watched: str, observed: str) -> None:
    steps = align(watched, observed)
    for text, units in (
        (watched, [unit for step in steps for unit in step.watched]),
        (observed, [unit for step in steps for unit in step.observed]),
    ):
        assert "".join(unit.head + unit.tail for unit in units) == text
        assert all(text[unit.start : unit.end] == unit.head + unit.tail for unit in units)


@given(st.text(alphabet="NORMAsubt森谷織モリヤガギ모리나", min_size=3, max_size=12), st.data())
def test_a_letter_left_out_is_the_one_that_is_missed(name: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(name) - 1))
    (difference, *others) = differences(name, name[:index] + name[index + 1 :])
    assert not others
    assert name[index] in difference.watched
    assert difference.term in {"spelling_letter_missing", "spelling_undoubled", "spelling_small_tsu_missing"}


@given(NAMES, st.data())
def test_a_sign_set_inside_is_shown_with_its_neighbours(name: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(1, len(name) - 1))
    sign, term = data.draw(st.sampled_from([(" ", "space"), ("-", "hyphen"), ("・", "dot"), ("☆", "sign")]))
    if sign == "-" and name[index - 1] in "もりやモリヤガギグ":
        return  # after a kana a hyphen passes for ー
    observed = name[:index] + sign + name[index:]
    assert differences(name, observed) == (
        Difference(
            term=f"spelling_{term}_inside", watched=name[index - 1 : index + 1], seen=observed[index - 1 : index + 2]
        ),
    )


@given(NAMES, st.data(), st.sampled_from("\u200b\u200d\u2060\u00ad\ufeff\u202e\ufe0f\u0000\ud800"))
def test_a_hidden_character_is_named_by_its_number(name: str, data: st.DataObject, hidden: str) -> None:
    index = data.draw(st.integers(0, len(name)))
    assert differences(name, name[:index] + hidden + name[index:]) == (
        Difference(term="spelling_hidden", watched="", seen=f"U+{ord(hidden):04X}"),
    )


@pytest.mark.parametrize("sign", "○〇◯●◎•*×✕")
def test_a_sign_between_letters_masks_the_one_it_stands_for(sign: str) -> None:
    for name, masked in (("NORIMA", "R"), ("モリヤナ", "ヤ"), ("森谷織", "谷"), ("もりやな", "り")):
        (difference,) = differences(name, name.replace(masked, sign))
        assert difference == Difference(term="spelling_masked", watched=masked, seen=sign)


def test_signs_that_mask_every_other_letter_are_reported_one_by_one() -> None:
    assert described("NORIMATES", "N○R○M○TES") == (
        "“O” is masked with “○”; “I” is masked with “○”; “A” is masked with “○”"
    )


def test_a_sign_of_the_mark_itself_masks_nothing() -> None:
    assert described("〇N×RIMA", "〇N×RIM") == "“A” is missing"


def test_a_particle_behind_a_name_in_hiragana_is_not_part_of_it() -> None:
    assert differences("もりやな", "もりやなの") == ()
    assert described("モリヤナ", "モリヤナの") == "“の” is added"
    assert described("もりやな", "もりのやな") == "“の” is added"


@pytest.mark.parametrize(
    ("watched", "observed", "pairs"),
    [
        ("mammoth", "rnarnrnoth", [("m", "rn"), ("mm", "rnrn")]),
        ("modern", "moclem", [("d", "cl"), ("rn", "m")]),
        ("Wakamido", "VVakarniclo", [("W", "VV"), ("m", "rn"), ("d", "cl")]),
        ("神時計", "ネ申日寺計", [("神時", "ネ申日寺")]),
    ],
)
def test_two_letters_for_one_are_reported_at_every_occurrence(
    watched: str, observed: str, pairs: list[tuple[str, str]]
) -> None:
    assert [(difference.watched, difference.seen) for difference in differences(watched, observed)] == pairs
    assert {difference.term for difference in differences(watched, observed)} == {"spelling_pieced"}


def test_signs_around_a_name_are_not_reported() -> None:
    assert differences("NORIMA", "【NORIMA】!") == ()


def test_neighbours_with_one_reason_are_reported_together() -> None:
    assert described("KOBOORI", "K0B00RI") == ("“O” written as the look-alike “0”; “OO” written as the look-alike “00”")
    assert len(differences("MIRIKIRI", "M1R1K1R1")) == 1


def test_several_differences_stand_in_the_order_of_reading() -> None:
    assert described("モリーナ タオル", "もリナ　ﾀｵ川") == (
        "“モ” in hiragana: “も”; long vowel dropped: “リー” as “リ”; “ル” replaced by “川”"
    )
    assert described("NORIMA", "N-0RlNA") == (
        "hyphen inside: “N-0”; “O” written as the look-alike “0”; “I” written as the look-alike “l”; "
        "a neighbouring key: “M” as “N”"
    )


def test_a_spelling_that_shares_little_is_reported_as_a_whole() -> None:
    assert differences("Kodama", "Toyomi") == (Difference(term="spelling_replaced", watched="Kodama", seen="Toyomi"),)


def test_the_cheapest_way_is_found_where_the_ends_differ() -> None:
    kinds = [step.kind for step in align("XNORIMAY", "ZNROIMMA")]
    assert kinds.count(StepKind.SWAPPED) == 1
    assert sum(kind is not StepKind.KEPT for kind in kinds) == 4


@pytest.mark.parametrize(
    "observed",
    [
        "NORIMA" * 1_600,
        "N" + "\u0301" * 9_990 + "ORIMA",
        "N" + "\u0301\u0316" * 4_990 + "ORIMA",
        "N" + "\u200b" * 9_990 + "ORIMA",
        "\ud800N\ud800O\udfffRIMA" * 900,
        "N" + "-" * 9_990 + "ORIMA",
        "N*" * 5_000,
        "ー" * 10_000,
        "n o r i m a " * 800,
        "ａ" * 10_000,
    ],
)
@pytest.mark.parametrize("watched", ["NORIMA", "NORIMA" * 30, "ノ" * 200, "aB" * 5_000])
def test_hostile_texts_take_little_time_and_say_little(watched: str, observed: str) -> None:
    began = time.process_time()
    reported = differences(watched, observed)
    assert time.process_time() - began < 2
    assert 0 < len(reported) <= MAX_DIFFERENCES
    assert all(len(difference.watched) <= MAX_PIECE and len(difference.seen) <= MAX_PIECE for difference in reported)


def test_a_text_that_is_not_folded_is_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        differences("NORIMA", "x" * 100_000)
