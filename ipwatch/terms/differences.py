"""How a spelling or a sound differs from the watched one (``ipwatch.matching.differences`` and ``sound``)."""

from __future__ import annotations

from ipwatch.terms.term import Term

DIFFERENCES: tuple[Term, ...] = (
    Term("spelling_case", "大文字・小文字の違い：「{watched}」→「{seen}」", "case: “{watched}” as “{seen}”"),
    Term("spelling_width", "全角・半角の違い：「{watched}」→「{seen}」", "character width: “{watched}” as “{seen}”"),
    Term("spelling_styled", "装飾文字で表記：「{watched}」→「{seen}」", "styled characters: “{watched}” as “{seen}”"),
    Term("spelling_hiragana", "「{watched}」を平仮名「{seen}」で表記", "“{watched}” in hiragana: “{seen}”"),
    Term("spelling_katakana", "「{watched}」を片仮名「{seen}」で表記", "“{watched}” in katakana: “{seen}”"),
    Term("spelling_small_kana", "「{watched}」を小さい仮名「{seen}」で表記", "“{watched}” as the small kana “{seen}”"),
    Term("spelling_large_kana", "「{watched}」を大きい仮名「{seen}」で表記", "“{watched}” as the large kana “{seen}”"),
    Term(
        "spelling_same_sound",
        "「{watched}」を同じ音の「{seen}」で表記",
        "“{watched}” as “{seen}”, which sounds the same",
    ),
    Term(
        "spelling_accent_dropped",
        "アクセント記号の省略：「{watched}」→「{seen}」",
        "accent dropped: “{watched}” as “{seen}”",
    ),
    Term(
        "spelling_accent_added",
        "アクセント記号の付加：「{watched}」→「{seen}」",
        "accent added: “{watched}” as “{seen}”",
    ),
    Term(
        "spelling_accent_changed",
        "アクセント記号の違い：「{watched}」→「{seen}」",
        "other accent: “{watched}” as “{seen}”",
    ),
    Term("spelling_lookalike", "「{watched}」を似た「{seen}」で表記", "“{watched}” written as the look-alike “{seen}”"),
    Term(
        "spelling_cyrillic",
        "「{watched}」を似たキリル文字「{seen}」で表記",
        "“{watched}” written with look-alike Cyrillic “{seen}”",
    ),
    Term(
        "spelling_greek",
        "「{watched}」を似たギリシア文字「{seen}」で表記",
        "“{watched}” written with look-alike Greek “{seen}”",
    ),
    Term(
        "spelling_armenian",
        "「{watched}」を似たアルメニア文字「{seen}」で表記",
        "“{watched}” written with look-alike Armenian “{seen}”",
    ),
    Term(
        "spelling_cherokee",
        "「{watched}」を似たチェロキー文字「{seen}」で表記",
        "“{watched}” written with look-alike Cherokee “{seen}”",
    ),
    Term(
        "spelling_kanji_lookalike",
        "「{watched}」を似た漢字「{seen}」で表記",
        "“{watched}” written as the look-alike kanji “{seen}”",
    ),
    Term(
        "spelling_han_variant",
        "「{watched}」を異なる字体「{seen}」で表記",
        "“{watched}” in another form of the character: “{seen}”",
    ),
    Term(
        "spelling_pieced",
        "「{watched}」を、並べると似て見える「{seen}」で表記",
        "“{watched}” written as “{seen}”, which looks alike together",
    ),
    Term("spelling_voicing", "濁点・半濁点の違い：「{watched}」→「{seen}」", "voicing: “{watched}” as “{seen}”"),
    Term(
        "spelling_neighbour",
        "キーボードで隣の文字：「{watched}」→「{seen}」",
        "a neighbouring key: “{watched}” as “{seen}”",
    ),
    Term("spelling_replaced", "文字の置き換え：「{watched}」→「{seen}」", "“{watched}” replaced by “{seen}”"),
    Term("spelling_letter_missing", "「{watched}」が抜けている", "“{watched}” is missing"),
    Term("spelling_letter_added", "「{seen}」が加わっている", "“{seen}” is added"),
    Term("spelling_masked", "「{watched}」を記号「{seen}」で伏せている", "“{watched}” is masked with “{seen}”"),
    Term("spelling_doubled", "文字の重ね書き：「{watched}」→「{seen}」", "doubled: “{watched}” as “{seen}”"),
    Term(
        "spelling_undoubled", "重なる文字の省略：「{watched}」→「{seen}」", "no longer doubled: “{watched}” as “{seen}”"
    ),
    Term("spelling_swapped", "文字の入れ替わり：「{watched}」→「{seen}」", "swapped: “{watched}” as “{seen}”"),
    Term("spelling_small_tsu_missing", "促音「{watched}」の省略", "small “{watched}” (doubled consonant) dropped"),
    Term("spelling_small_tsu_added", "促音「{seen}」の付加", "small “{seen}” (doubled consonant) added"),
    Term(
        "spelling_long_vowel_dropped",
        "長音の省略：「{watched}」→「{seen}」",
        "long vowel dropped: “{watched}” as “{seen}”",
    ),
    Term(
        "spelling_long_vowel_added", "長音の付加：「{watched}」→「{seen}」", "long vowel added: “{watched}” as “{seen}”"
    ),
    Term(
        "spelling_long_vowel",
        "長音の書き方の違い：「{watched}」→「{seen}」",
        "long vowel spelled otherwise: “{watched}” as “{seen}”",
    ),
    Term("spelling_space_inside", "空白の挿入：「{seen}」", "space inside: “{seen}”"),
    Term("spelling_hyphen_inside", "ハイフンの挿入：「{seen}」", "hyphen inside: “{seen}”"),
    Term("spelling_dot_inside", "点の挿入：「{seen}」", "dot inside: “{seen}”"),
    Term("spelling_sign_inside", "記号の挿入：「{seen}」", "sign inside: “{seen}”"),
    Term("spelling_spaces_between", "文字の間に空白：「{seen}」", "spaces between the letters: “{seen}”"),
    Term("spelling_signs_between", "文字の間に記号：「{seen}」", "signs between the letters: “{seen}”"),
    Term("spelling_space_dropped", "空白の省略：「{watched}」→「{seen}」", "no space: “{watched}” as “{seen}”"),
    Term("spelling_sign_dropped", "記号の省略：「{watched}」→「{seen}」", "no sign: “{watched}” as “{seen}”"),
    Term("spelling_sign_changed", "区切りの違い：「{watched}」→「{seen}」", "other separator: “{watched}” as “{seen}”"),
    Term("spelling_hidden", "見えない文字の混入（{seen}）", "hidden character inside ({seen})"),
    Term("spelling_hidden_dropped", "見えない文字の省略（{watched}）", "hidden character left out ({watched})"),
    Term(
        "spelling_in_latin",
        "「{watched}」をラテン文字「{seen}」で表記",
        "another script: “{watched}” as “{seen}” (Latin letters)",
    ),
    Term("spelling_in_kana", "「{watched}」を仮名「{seen}」で表記", "another script: “{watched}” as “{seen}” (kana)"),
    Term("spelling_in_kanji", "「{watched}」を漢字「{seen}」で表記", "another script: “{watched}” as “{seen}” (kanji)"),
    Term(
        "spelling_in_hangul",
        "「{watched}」をハングル「{seen}」で表記",
        "another script: “{watched}” as “{seen}” (Hangul)",
    ),
    Term(
        "spelling_in_other_script",
        "「{watched}」を別の文字種「{seen}」で表記",
        "another script: “{watched}” as “{seen}”",
    ),
)

SOUND_DIFFERENCES: tuple[Term, ...] = (
    Term("mora_spelling", "「{watched}」と「{seen}」は同じ音", "{watched}/{seen}: the same sound"),
    Term("mora_vowel", "「{watched}」と「{seen}」は母音を共通にする一音", "{watched}/{seen}: the same vowel"),
    Term(
        "mora_row",
        "「{watched}」と「{seen}」は同じ行で母音が近い一音",
        "{watched}/{seen}: the same kana row with a near vowel",
    ),
    Term(
        "mora_row_far",
        "「{watched}」と「{seen}」は同じ行だが母音が離れた一音",
        "{watched}/{seen}: the same kana row with a far vowel",
    ),
    Term("mora_voicing", "「{watched}」と「{seen}」は清音・濁音・半濁音の差", "{watched}/{seen}: voicing"),
    Term("mora_weak", "「{watched}」と「{seen}」はともに弱音", "{watched}/{seen}: both are weak sounds"),
    Term("mora_weak_absent", "弱音「{watched}{seen}」の有無", "{watched}{seen}: a weak sound that one has not"),
    Term("mora_length", "「{watched}」と「{seen}」は長音と促音の差", "{watched}/{seen}: long or doubled sound"),
    Term("mora_length_weak", "「{watched}」と「{seen}」は長音と弱音の差", "{watched}/{seen}: long or weak sound"),
    Term(
        "mora_length_absent",
        "長音・促音「{watched}{seen}」の有無",
        "{watched}{seen}: a long vowel or doubled consonant that one has not",
    ),
    Term("mora_contracted", "「{watched}」と「{seen}」は拗音と直音の差", "{watched}/{seen}: contracted or plain"),
    Term("mora_unlike", "「{watched}」と「{seen}」は異なる一音", "{watched}/{seen}: unlike sounds"),
    Term("mora_absent", "一音「{watched}{seen}」の有無", "{watched}{seen}: a sound that one has not"),
    Term("mora_swapped", "隣り合う二音の入れ替わり：「{watched}」→「{seen}」", "{watched}/{seen}: two sounds swapped"),
    Term(
        "sound_generic",
        "業種等を表す語「{watched}{seen}」の有無",
        "{watched}{seen}: a word for the kind of business that one has not",
    ),
    Term(
        "sound_short",
        "三音以下の短い称呼のため、差を重くみています（「{watched}」・「{seen}」）",
        "{watched}/{seen}: three sounds or fewer, so that a difference weighs more",
    ),
)

FRAMES: tuple[Term, ...] = (
    Term(
        "sound_at",
        "{position}音目：{difference}（{rule}）",
        "beat {position}: {difference} ({rule})",
    ),
)
