"""The project's words in Japanese and English, as data: user interface, reports and explanations read them here.

A term that explains a signal or names a difference takes the arguments ``watched`` and ``seen``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Term:
    """One word or sentence in both languages; ``{name}`` in it stands for an argument."""

    key: str
    ja: str
    en: str


_GLOSSARY = (
    Term("rights_holder", "権利者", "rights holder"),
    Term("mark", "商標", "mark"),
    Term("mark_record", "登録・出願情報", "register entry"),
    Term("filing", "出願", "filing"),
    Term("applicant", "出願人", "applicant"),
    Term("representative", "代理人", "representative"),
    Term("application_number", "出願番号", "application number"),
    Term("registration_number", "登録番号", "registration number"),
    Term("filing_date", "出願日", "filing date"),
    Term("registration_date", "登録日", "registration date"),
    Term("publication_date", "公報発行日", "publication date"),
    Term("nice_class", "区分", "Nice class"),
    Term("designated_goods", "指定商品・指定役務", "designated goods and services"),
    Term("similar_group_code", "類似群コード", "similar group code"),
    Term("word_mark", "文字商標", "word mark"),
    Term("device_mark", "図形商標", "device mark"),
    Term("standard_characters", "標準文字", "standard characters"),
    Term("search_text", "商標（検索用）", "mark (for search)"),
    Term("reading", "称呼", "reading"),
    Term("appearance", "外観", "appearance"),
    Term("sound", "称呼", "sound"),
    Term("concept", "観念", "concept"),
    Term("well_known", "周知・著名", "well-known"),
    Term("trademark", "商標", "trademark"),
    Term("collective_mark", "団体商標", "collective mark"),
    Term("regional_collective_mark", "地域団体商標", "regional collective mark"),
    Term("defensive_mark", "防護標章", "defensive mark"),
    Term("geographical_indication", "地理的表示", "geographical indication"),
    Term("plant_variety", "登録品種", "registered plant variety"),
    Term("design", "意匠", "design"),
    Term("copyright_work", "著作物", "work protected by copyright"),
    Term("opposition", "登録異議の申立て", "opposition to registration"),
    Term("information_submission", "情報提供", "submission of information"),
    Term("invalidation_trial", "無効審判", "invalidation trial"),
    Term("cancellation_trial", "不使用取消審判", "non-use cancellation trial"),
    Term("bad_faith_filing", "悪意の商標出願（冒認出願）", "bad-faith filing"),
    Term("watchlist", "監視リスト", "watchlist"),
    Term("watch_term", "監視語", "watch term"),
    Term("source", "監視対象サイト・情報源", "source"),
    Term("listing", "出品", "listing"),
    Term("seller", "出品者", "seller"),
    Term("platform", "プラットフォーム事業者", "platform operator"),
    Term("candidate", "照合候補", "candidate pair"),
    Term("signal", "判定指標", "signal"),
    Term("finding", "検知", "finding"),
    Term("suspected", "侵害の疑い", "suspected infringement"),
    Term("case", "案件", "case"),
    Term("evidence", "証拠", "evidence"),
    Term("timestamp_token", "タイムスタンプ", "timestamp token"),
    Term("review_decision", "判断", "review decision"),
    Term("counterfeit", "模倣品", "counterfeit"),
    Term("pirated_copy", "海賊版", "pirated copy"),
    Term("genuine", "真正品", "genuine goods"),
    Term("parallel_import", "並行輸入品", "parallel import"),
    Term("takedown_notice", "削除申請", "takedown notice"),
    Term("counter_notice", "反論（異議）", "counter-notice"),
    Term("customs_suspension", "輸入差止申立て", "import suspension request"),
    Term("approver", "承認者", "approver"),
    Term("ministry_report", "定期報告", "periodic summary"),
)

_SIGNAL_NAMES = (
    Term("name", "外観", "appearance"),
    Term("image", "画像", "picture"),
    Term("goods", "商品", "goods"),
    Term("seller_standing", "出品者の資格", "seller's standing"),
    Term("price", "価格", "price"),
    Term("context", "文脈", "context"),
    Term("origin", "原産地", "origin"),
    Term("right", "権利", "right"),
    Term("disguise", "偽装表記", "disguised spelling"),
    Term("spelling", "表記", "spelling"),
    Term("pronunciation", "発音", "pronunciation"),
    Term("host", "ホスト名", "host name"),
)

_REASONS = (
    Term("name_exact", "「{seen}」は監視語「{watched}」と同じ表記です", "“{seen}” is the watch term “{watched}”"),
    Term(
        "name_folded",
        "「{seen}」は、文字種・記号・似た文字の違いを除くと監視語「{watched}」と同じです",
        "“{seen}” is “{watched}” once script, signs and look-alike characters are folded",
    ),
    Term(
        "name_near",
        "「{seen}」は監視語「{watched}」と数文字だけ異なります",
        "“{seen}” differs from “{watched}” in a few characters",
    ),
    Term(
        "name_glued",
        "監視語「{watched}」が別の文字に続けて書かれています:「{seen}」",
        "“{watched}” is written glued to other letters: “{seen}”",
    ),
    Term("name_contained", "「{seen}」は監視語「{watched}」を含みます", "“{seen}” contains “{watched}”"),
    Term(
        "name_contained_generic",
        "「{seen}」は、監視語「{watched}」に識別力の弱い語を加えただけの結合商標とみられます",
        "“{seen}” is “{watched}” with nothing but generic or laudatory words added",
    ),
    Term(
        "name_inside_word",
        "「{seen}」は別の語の一部とみられ、監視語「{watched}」とはみなしません",
        "“{seen}” is part of another word, so it is not taken for “{watched}”",
    ),
    Term(
        "name_excluded",
        "「{seen}」は除外語に当たり、監視語「{watched}」とはみなしません",
        "“{seen}” is an excluded term, so it is not taken for “{watched}”",
    ),
    Term("name_different", "「{seen}」と「{watched}」の外観は異なります", "“{seen}” does not look like “{watched}”"),
    Term(
        "disguised_spelling",
        "「{seen}」は、似た文字・見えない文字・記号で「{watched}」を書き換えた表記です",
        "“{seen}” spells “{watched}” with look-alike or hidden characters",
    ),
    Term(
        "sound_reading",
        "「{seen}」は監視商標の称呼「{watched}」です",
        "“{seen}” is how the watched mark is read: “{watched}”",
    ),
    Term(
        "sound_key",
        "「{seen}」と「{watched}」は仮名・ローマ字で同じ音になります",
        "“{seen}” and “{watched}” sound the same across kana and Latin letters",
    ),
    Term("sound_same", "称呼「{seen}」と「{watched}」は同じです", "the readings “{seen}” and “{watched}” are the same"),
    Term(
        "sound_voicing",
        "称呼「{seen}」と「{watched}」は清音・濁音・半濁音だけ異なります",
        "the readings “{seen}” and “{watched}” differ only in voicing",
    ),
    Term(
        "sound_length",
        "称呼「{seen}」と「{watched}」は長音・促音だけ異なります",
        "the readings “{seen}” and “{watched}” differ only in a long vowel or a doubled consonant",
    ),
    Term(
        "sound_weak",
        "称呼「{seen}」と「{watched}」は弱い音だけ異なります",
        "the readings “{seen}” and “{watched}” differ only in a weak sound",
    ),
    Term(
        "sound_vowel",
        "称呼「{seen}」と「{watched}」は母音を共通にする一音だけ異なります",
        "the readings “{seen}” and “{watched}” differ in one beat with the same vowel",
    ),
    Term(
        "sound_row",
        "称呼「{seen}」と「{watched}」は同じ行の一音だけ異なります",
        "the readings “{seen}” and “{watched}” differ in one beat of the same kana row",
    ),
    Term(
        "sound_contracted",
        "称呼「{seen}」と「{watched}」は拗音と直音だけ異なります",
        "the readings “{seen}” and “{watched}” differ only in a contracted sound",
    ),
    Term(
        "sound_swapped",
        "称呼「{seen}」と「{watched}」は隣り合う二音の順だけ異なります",
        "the readings “{seen}” and “{watched}” differ only in the order of two neighbouring beats",
    ),
    Term(
        "sound_one",
        "比較的長い称呼「{seen}」と「{watched}」は一音だけ異なります",
        "the fairly long readings “{seen}” and “{watched}” differ in one beat",
    ),
    Term(
        "sound_distinctive",
        "称呼「{seen}」と「{watched}」は、業種等を表す語を除いた要部が共通します",
        "the readings “{seen}” and “{watched}” share their distinctive part; a word for the kind of business differs",
    ),
    Term(
        "sound_spelling",
        "「{seen}」と「{watched}」は、文字種が異なっても似た音で読まれるとみられます",
        "“{seen}” and “{watched}” would be read much alike across scripts",
    ),
    Term(
        "sound_several",
        "称呼「{seen}」と「{watched}」は数音異なります",
        "the readings “{seen}” and “{watched}” differ in several beats",
    ),
    Term(
        "sound_different", "称呼「{seen}」と「{watched}」は異なります", "the readings “{seen}” and “{watched}” differ"
    ),
    Term(
        "sound_as_spelled",
        "「{seen}」は「{watched}」と同じ綴りのため、音は重ねて数えません",
        "“{seen}” is spelled as “{watched}”, so that its sound is not counted again",
    ),
    Term(
        "sound_unknown",
        "「{watched}」または「{seen}」の称呼が分からないため、音は比べていません",
        "the reading of “{watched}” or “{seen}” is not known, so their sounds are not compared",
    ),
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
        "画像「{seen}」は「{watched}」に枠や余白を付けたものとみられます",
        "the picture {seen} looks {watched} with a border added or cut away",
    ),
    Term("goods_named", "商品が一致します:「{seen}」", "the goods are named: “{seen}”"),
    Term(
        "goods_absent", "監視商標の商品（{watched}）の語がありません", "none of the mark's goods ({watched}) is named"
    ),
    Term(
        "class_overlap",
        "区分が重なります（監視 {watched}・出願 {seen}）",
        "the classes overlap (watched {watched}, filed {seen})",
    ),
    Term(
        "class_apart",
        "区分が重なりません（監視 {watched}・出願 {seen}）",
        "the classes do not overlap (watched {watched}, filed {seen})",
    ),
    Term("right_own", "権利者自身の登録です（{seen}）", "this is the holder's own registration ({seen})"),
    Term(
        "goods_absent_distinctive",
        "監視商標の商品（{watched}）の語はありませんが、名称に特徴があります",
        "none of the mark's goods ({watched}) is named, but the name is distinctive",
    ),
    Term(
        "right_own_applicant",
        "出願人「{seen}」は権利者と同じ名称です",
        "the applicant {seen} has the holder's name",
    ),
    Term(
        "context_publication",
        "「{seen}」: 商標について書いた出版物とみられます",
        "“{seen}”: looks a publication about it",
    ),
    Term("seller_authorised", "出品者「{seen}」は許諾を受けています", "the seller {seen} is authorised"),
    Term(
        "seller_authorisation_expired",
        "出品者「{seen}」の許諾は {watched} に終わっています",
        "the authorisation of the seller {seen} ended on {watched}",
    ),
    Term(
        "price_far_below",
        "価格 {seen} は真正品の下限 {watched} を大きく下回ります",
        "the price {seen} is far below the least genuine price {watched}",
    ),
    Term(
        "context_compatible",
        "「{seen}」: 監視語「{watched}」の商品に対応する別の品という書き方です",
        "“{seen}”: worded as goods that fit those of “{watched}”",
    ),
    Term(
        "context_style",
        "「{seen}」:「{watched}」に似せた品という書き方です",
        "“{seen}”: worded as goods in the style of “{watched}”",
    ),
    Term(
        "context_style_gi",
        "「{seen}」: 地理的表示「{watched}」に「風」「タイプ」等を添えた表示です",
        "“{seen}”: the geographical indication “{watched}” with “style” or “type”",
    ),
    Term("context_replica", "「{seen}」: 複製品をうかがわせる語です", "“{seen}”: a word for a replica"),
    Term("context_used", "「{seen}」: 中古品です", "“{seen}”: second-hand goods"),
    Term("context_exclude_term", "除外語「{seen}」があります", "the excluded term “{seen}” is present"),
    Term(
        "origin_named_elsewhere",
        "「{seen}」: 別の原産地を示す語です（監視商標「{watched}」）",
        "“{seen}” names another origin than that of “{watched}”",
    ),
    Term(
        "origin_ships_elsewhere",
        "発送元は {seen} です（監視商標「{watched}」は産地の表示）",
        "it ships from {seen}, while “{watched}” stands for a place of origin",
    ),
)

_EVIDENCE = (
    Term("edits", "「{seen}」は「{watched}」と字が異なります", "“{seen}” has other letters than “{watched}”"),
    Term(
        "edits_share",
        "「{watched}」の長さに対する「{seen}」の字の違いの割合",
        "the letters of “{seen}” that differ, for the length of “{watched}”",
    ),
    Term(
        "edits_in_few",
        "「{watched}」のように短い名称には、1字違いの別の名称が多くあります（「{seen}」）",
        "for a name as short as “{watched}” there are many others one letter away (“{seen}”)",
    ),
    Term("edits_second", "「{seen}」は2字以上異なります", "“{seen}” differs in more than one letter"),
    Term(
        "edits_short_alphabetic",
        "「{watched}」は短く、1字違えば別の語になりがちです（「{seen}」）",
        "“{watched}” is short, where one letter makes another word (“{seen}”)",
    ),
    Term(
        "edits_short_kana",
        "短い仮名「{watched}」は、1字違えば別の語になりがちです（「{seen}」）",
        "“{watched}” is short, where one kana makes another word (“{seen}”)",
    ),
    Term(
        "edits_short_other",
        "短い「{watched}」は、1字違えば別の語になりがちです（「{seen}」）",
        "“{watched}” is short, where one character makes another word (“{seen}”)",
    ),
    Term("edit_first_letter", "「{seen}」は最初の字が異なります", "“{seen}” begins with another letter"),
    Term("edit_last_han", "「{seen}」は末尾の漢字が異なります", "“{seen}” ends in another Han character"),
    Term("edit_last_letter", "「{seen}」は最後の字が異なります", "“{seen}” ends in another letter"),
    Term(
        "edits_inside_han",
        "「{seen}」は漢字の続きの中にあり、字も異なります",
        "“{seen}” stands within other Han, and has other letters",
    ),
    Term("edit_swap", "「{seen}」は隣り合う字が入れ替わっています", "“{seen}” has two letters in the other order"),
    Term("edit_doubled", "「{seen}」は字を重ねています", "“{seen}” doubles a letter"),
    Term("edit_vowel", "「{seen}」は母音だけが異なります", "“{seen}” differs in vowels alone"),
    Term(
        "edit_across_words",
        "「{seen}」は空白をまたいで読んだもので、字も異なります",
        "“{seen}” is read across a space, and has other letters",
    ),
    Term(
        "torn",
        "「{seen}」は、語の途中から別の語の途中までを読んだものです",
        "“{seen}” begins or ends within one word and goes over into another",
    ),
    Term("runs_on_alphabetic", "別の字が続いています:「{seen}」", "other letters run on: “{seen}”"),
    Term(
        "runs_on_alphabetic_short",
        "短い「{watched}」に別の字が続いています:「{seen}」",
        "other letters run on from the short “{watched}”: “{seen}”",
    ),
    Term(
        "runs_on_kana_short",
        "短い「{watched}」に別の仮名が続いています:「{seen}」",
        "other kana run on from the short “{watched}”: “{seen}”",
    ),
    Term("runs_on_other", "別の漢字・ハングルが続いています:「{seen}」", "other characters run on: “{seen}”"),
    Term(
        "runs_on_other_short",
        "短い「{watched}」に別の漢字・ハングルが続いています:「{seen}」",
        "other characters run on from the short “{watched}”: “{seen}”",
    ),
    Term("runs_on_before", "前に別の字が続いています:「{seen}」", "other letters come before it: “{seen}”"),
    Term("runs_on_both", "前後の両方に別の字が続いています:「{seen}」", "other letters run on at both ends: “{seen}”"),
    Term("runs_on_goods", "商品の語が続いています:「{seen}」", "a word for goods runs on: “{seen}”"),
    Term(
        "runs_on_hiragana",
        "送り仮名が続き、別の語とみられます:「{seen}」",
        "the ending of another word follows: “{seen}”",
    ),
    Term("short_alphabetic", "「{watched}」は字数が少ない語です", "“{watched}” has few letters"),
    Term("short_kana", "「{watched}」は字数が少ない仮名の語です", "“{watched}” has few kana"),
    Term("short_other", "「{watched}」は字数が少ない漢字・ハングルの語です", "“{watched}” has few characters"),
    Term(
        "form_lookalike_pair",
        "「{watched}」は自動生成した、見た目の似た綴りです",
        "“{watched}” is a look-alike spelling made by the software",
    ),
    Term("place_alone", "「{watched}」は地名の部分だけです", "“{watched}” is only the place in the name"),
    Term("form_made", "「{watched}」は自動生成した表記です", "“{watched}” is a spelling made by the software"),
    Term("mostly_digits", "「{seen}」は大半が数字です", "“{seen}” is digits for the most part"),
    Term("name_is_word", "「{seen}」は一般の語でもあります", "“{seen}” is an ordinary word as well"),
    Term("word_around", "「{seen}」は一般の語です", "“{seen}” is made of ordinary words"),
    Term("word_instead", "「{seen}」は、それ自体が一般の語です", "“{seen}” is an ordinary word of its own"),
    Term(
        "surface_frequent",
        "「{seen}」は収集した多くの文書に現れます",
        "“{seen}” stands in many documents of your own crawl",
    ),
    Term(
        "heard_short",
        "「{seen}」は音が短く、偶然に一致しやすい語です",
        "“{seen}” is short: chance may meet it",
    ),
    Term("heard_word", "「{seen}」は一般の語でもあります", "“{seen}” is an ordinary word as well"),
    Term("in_list", "多数の名称の羅列の中にあります:「{seen}」", "it stands in a list of many names: “{seen}”"),
    Term("in_description", "題名ではなく説明文にあります:「{seen}」", "it stands in the description: “{seen}”"),
    Term("in_brand", "ブランド欄にあります:「{seen}」", "it stands in the field for the brand: “{seen}”"),
)
"""Reasons that go with a name or a sound (``ipwatch.matching.evidence``)."""

_DIFFERENCES = (
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

_SOUND_DIFFERENCES = (
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

_FRAMES = (
    Term(
        "sound_at",
        "{position}音目：{difference}（{rule}）",
        "beat {position}: {difference} ({rule})",
    ),
)

_EXPLANATION = (
    Term("explain_watched", "監視商標", "watched"),
    Term("explain_seen", "対象", "seen"),
    Term(
        "explain_as_title",
        "対象は出品のタイトルとして読み、その中に商標を探しました（--as mark で標章として比べます）。",
        "Read as the title of a listing and searched for the mark; --as mark compares it as a mark of its own.",
    ),
    Term(
        "explain_as_mark",
        "対象は一つの標章として読み、全体どうしも比べました（--as title で出品のタイトルとして読みます）。",
        "Read as a mark of its own and compared whole as well; --as title reads it as the title of a listing.",
    ),
    Term("explain_forms", "次の表記で探します", "Looked for as"),
    Term("explain_more", "ほか {seen} 件", "and {seen} more"),
    Term("explain_readings", "称呼", "How they are read"),
    Term("explain_reading", "「{watched}」の称呼は「{seen}」です。", "“{watched}” is read “{seen}”."),
    Term(
        "explain_reading_unknown",
        "「{watched}」の称呼は分かりません。",
        "How “{watched}” is read is not known.",
    ),
    Term(
        "explain_reading_generated",
        "「{watched}」の称呼は宣言されていません。自動生成：{seen}",
        "No reading of “{watched}” is declared; generated: {seen}.",
    ),
    Term(
        "explain_reading_proposable",
        "「{watched}」の読みの候補は、拡張機能 reading（ipwatch[reading]）を入れると示せます。",
        "Readings of “{watched}” can be proposed once the extra 'reading' is installed: ipwatch[reading].",
    ),
    Term(
        "explain_reading_proposed",
        "「{watched}」の読みの候補：{seen}（解析器の提案です。監視リストの readings に書くまで使いません。）",
        "“{watched}” may be read {seen}: proposed by an analyser, not used before you declare it as a reading.",
    ),
    Term("explain_reasons", "比べた結果", "What was compared"),
    Term(
        "explain_class_apart",
        "区分が重ならない出願ではスコア {seen} となり、しきい値 {watched} に達しません。"
        "著名な商標（商標法4条1項15号・19号）では、監視リストの threshold を下げてください。",
        "A filing in other classes alone scores {seen}, below the threshold {watched}: for a famous mark "
        "(Trademark Act Art. 4(1)(xv), (xix)) set a lower threshold in the watchlist.",
    ),
    Term(
        "explain_reached",
        "スコア {seen} は、しきい値 {watched} に達しています。侵害の疑いとして、人の判断に回します。",
        "The score {seen} reaches the threshold {watched}: suspected, and for a person to decide.",
    ),
    Term(
        "explain_below",
        "スコア {seen} は、しきい値 {watched} に達していません。検知とはしません。",
        "The score {seen} is below the threshold {watched}: not reported.",
    ),
)

_FORMS = (
    Term("form_text", "商標の表記", "the mark as registered"),
    Term("form_variant", "監視リストの別表記", "a declared variant"),
    Term("form_reading", "称呼", "a reading"),
    Term("form_romanised", "ローマ字（自動生成）", "Latin letters (generated)"),
    Term("form_kana", "仮名（自動生成）", "kana (generated)"),
    Term("form_hangul", "ハングル（自動生成）", "Hangul (generated)"),
    Term(
        "form_respelled",
        "一部をかな書き、または「の」「ヶ」の書き換え（自動生成）",
        "partly in kana, or with の or ヶ written otherwise (generated)",
    ),
    Term("form_place", "地名の部分（自動生成）", "the place in the name (generated)"),
    Term("form_han", "中国語の表記案（自動生成）", "Chinese spelling (generated, a proposal)"),
    Term("form_lookalike", "似た字形への書き換え（自動生成）", "letters that look like two others (generated)"),
    Term("form_masked", "1文字を伏せた表記（自動生成）", "one letter masked (generated)"),
    Term("form_too_short", "2文字に満たないため照合しません", "not looked for: it has fewer than 2 letters"),
    Term("form_too_long", "200文字を超えるため照合しません", "not looked for: it has more than 200 characters"),
    Term(
        "form_too_many",
        "一つの商標の表記が1000を超えるため照合しません",
        "not looked for: the mark has 1,000 spellings before it",
    ),
    Term(
        "border_short",
        "短いため、独立した語として書かれたときだけ照合します",
        "short, so that it counts only as a word of its own",
    ),
    Term(
        "border_common_word",
        "一般の語と同じ綴りのため、独立した語として書かれたときだけ照合します",
        "spelled as an ordinary word, so that it counts only as a word of its own",
    ),
    Term(
        "border_generated",
        "自動生成した表記のため、独立した語として書かれたときだけ照合します",
        "a generated spelling, so that it counts only as a word of its own",
    ),
)

_HOSTS = (
    Term("host_same", "「{seen}」は監視語「{watched}」そのものです", "“{seen}” is “{watched}” and nothing else"),
    Term(
        "host_added_words",
        "「{seen}」は監視語「{watched}」で、前後に別の語が加えられています",
        "“{seen}” is “{watched}”, with other words added",
    ),
    Term(
        "host_added_digits",
        "「{seen}」は監視語「{watched}」で、数字が加えられています",
        "“{seen}” is “{watched}”, with digits added",
    ),
    Term(
        "host_contained",
        "「{seen}」は監視語「{watched}」で、前後に語とはいえない文字があります",
        "“{seen}” is “{watched}”, beside letters that are no known word",
    ),
    Term(
        "host_lookalike",
        "「{seen}」は、似た文字を除くと監視語「{watched}」と同じです",
        "“{seen}” is “{watched}” once look-alike letters are folded",
    ),
    Term(
        "host_omitted", "「{seen}」は「{watched}」の一文字を落としています", "“{seen}” is “{watched}” less one letter"
    ),
    Term(
        "host_repeated",
        "「{seen}」は「{watched}」の一文字を重ねています",
        "“{seen}” is “{watched}” with a letter doubled",
    ),
    Term(
        "host_swapped",
        "「{seen}」は「{watched}」の隣り合う二文字を入れ替えています",
        "“{seen}” is “{watched}” with two neighbouring letters swapped",
    ),
    Term(
        "host_replaced",
        "「{seen}」は「{watched}」の一文字を別の文字に換えています",
        "“{seen}” is “{watched}” with another letter for one",
    ),
    Term(
        "host_inserted",
        "「{seen}」は「{watched}」に一文字を加えています",
        "“{seen}” is “{watched}” with a letter put in",
    ),
    Term(
        "host_vowel",
        "「{seen}」は「{watched}」の母音を一つ換えています",
        "“{seen}” is “{watched}” with another vowel for one",
    ),
    Term("host_plural", "「{seen}」は「{watched}」に s を加えています", "“{seen}” is “{watched}” with an s at the end"),
    Term(
        "host_several_edits",
        "「{seen}」は監視語「{watched}」と二、三文字だけ異なります",
        "“{seen}” differs from “{watched}” in two or three letters",
    ),
    Term(
        "host_other_spelling",
        "「{seen}」は監視語を別の文字で書いた「{watched}」です",
        "“{seen}” is “{watched}”, another spelling of the watch term",
    ),
    Term(
        "host_in_part",
        "「{seen}」は監視語の一語「{watched}」です",
        "“{seen}” is “{watched}”, one word of the watch term",
    ),
    Term(
        "host_across_dot",
        "「{seen}」は、ドメインの末尾まで続けて読むと監視語「{watched}」です",
        "“{seen}” is “{watched}” when it is read on into the ending",
    ),
    Term(
        "host_stands_out",
        "「{seen}」: 監視語「{watched}」を含む区切り方のほうが自然に読めます",
        "“{seen}” reads better with “{watched}” in it than without",
    ),
    Term(
        "host_inside_words",
        "「{seen}」: 監視語「{watched}」を含まない区切り方のほうが自然に読めます",
        "“{seen}” reads better as other words than with “{watched}” in it",
    ),
    Term(
        "host_trade_words",
        "「{seen}」は、販売や窓口を装うときに監視語「{watched}」へ添えられやすい語です",
        "“{seen}” is often put beside a mark such as “{watched}” to sell, or to pass for its holder",
    ),
    Term("host_goods", "「{seen}」は「{watched}」の商品を表す語です", "“{seen}” names goods of “{watched}”"),
    Term(
        "host_subdomain",
        "監視語「{watched}」は、別の名前のドメインの下にあります（{seen}）",
        "“{watched}” stands below a domain of another name ({seen})",
    ),
    Term("host_decoded", "「{watched}」は「{seen}」と表示されます", "{watched} is shown as {seen}"),
    Term("host_authorised", "「{seen}」は許諾を受けたドメインです", "{seen} is an authorised domain"),
    Term(
        "host_authorisation_expired",
        "ドメイン「{seen}」の許諾は {watched} に終わっています",
        "the authorisation of the domain {seen} ended on {watched}",
    ),
)

TERMS: Mapping[str, Term] = MappingProxyType(
    {
        term.key: term
        for term in (
            *_GLOSSARY,
            *_SIGNAL_NAMES,
            *_REASONS,
            *_EVIDENCE,
            *_DIFFERENCES,
            *_EXPLANATION,
            *_SOUND_DIFFERENCES,
            *_FRAMES,
            *_FORMS,
            *_HOSTS,
        )
    }
)

REASON_KEYS = frozenset(term.key for term in (*_REASONS, *_EVIDENCE, *_HOSTS))

DIFFERENCE_KEYS = frozenset(term.key for term in (*_DIFFERENCES, *_SOUND_DIFFERENCES))


def render(key: str, lang: str, **args: str) -> str:
    """Return the term in ``ja`` or ``en`` with its arguments in place; raises ``KeyError`` for any other key.

    Raises ``ValueError`` for another language. Arguments are inserted as they are: a page escapes the result.
    """
    term = TERMS[key]
    if lang not in {"ja", "en"}:
        raise ValueError(f"terms are in 'ja' and 'en', not {lang!r}")
    template = term.ja if lang == "ja" else term.en
    return template.format_map(args)
