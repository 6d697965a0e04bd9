"""Why a signal has its score: names, sounds, goods, classes, rights, sellers, prices, context and origin."""

from __future__ import annotations

from ipwatch.terms.term import Term

REASONS: tuple[Term, ...] = (
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
        "name_word_missing",
        "「{seen}」には監視語「{watched}」の一語が欠けているため、監視語とはみなしません",
        "“{seen}” lacks a word of “{watched}”, so it is not taken for it",
    ),
    Term(
        "name_number_changed",
        "「{seen}」は監視語「{watched}」と番号が異なるため、監視語とはみなしません",
        "“{seen}” has another number than “{watched}”, so it is not taken for it",
    ),
    Term(
        "name_digits",
        "「{seen}」は数字とみられ、監視語「{watched}」とはみなしません",
        "“{seen}” is a number, so it is not taken for “{watched}”",
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
    Term(
        "figure_section",
        "同じ種類の図形要素があります（ウィーン図形分類 {seen}、監視 {watched}）",
        "the same kind of figure is shown (Vienna section {seen}; watched {watched})",
    ),
    Term(
        "figure_division",
        "近い種類の図形要素があります（ウィーン図形分類 {seen}、監視 {watched}）",
        "a near kind of figure is shown (Vienna division {seen}; watched {watched})",
    ),
    Term(
        "figure_category",
        "図形要素の大分類が同じです（ウィーン図形分類 {seen}、監視 {watched}）",
        "the figures are of one category (Vienna category {seen}; watched {watched})",
    ),
    Term(
        "figure_apart",
        "図形要素の種類が異なります（ウィーン図形分類：監視 {watched}・出願 {seen}）",
        "other kinds of figures are shown (Vienna codes: watched {watched}, filed {seen})",
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
    Term(
        "context_other_than",
        "「{seen}」:「{watched}」ではないという書き方です",
        "“{seen}”: worded as something other than “{watched}”",
    ),
    Term("context_packaging", "「{seen}」: 空箱や買い物袋です", "“{seen}”: an empty box or a shop's bag"),
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
