"""The project's words in Japanese and English, as data: user interface, reports and explanations read them here.

A term that explains a signal takes the arguments ``watched`` and ``seen``.
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
        "sound_several",
        "称呼「{seen}」と「{watched}」は数音異なります",
        "the readings “{seen}” and “{watched}” differ in several beats",
    ),
    Term(
        "sound_different", "称呼「{seen}」と「{watched}」は異なります", "the readings “{seen}” and “{watched}” differ"
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

TERMS: Mapping[str, Term] = MappingProxyType({term.key: term for term in (*_GLOSSARY, *_SIGNAL_NAMES, *_REASONS)})

REASON_KEYS = frozenset(term.key for term in _REASONS)


def render(key: str, lang: str, **args: str) -> str:
    """Return the term in ``ja`` or ``en`` with its arguments in place; raises ``KeyError`` for any other key.

    Raises ``ValueError`` for another language. Arguments are inserted as they are: a page escapes the result.
    """
    term = TERMS[key]
    if lang not in {"ja", "en"}:
        raise ValueError(f"terms are in 'ja' and 'en', not {lang!r}")
    template = term.ja if lang == "ja" else term.en
    return template.format_map(args)
