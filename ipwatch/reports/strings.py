"""Headings, labels and notes of the summary in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["ja", "en"]

STRINGS: dict[str, tuple[str, str]] = {
    "title": ("知的財産侵害の疑いに関する定期報告", "Periodic summary of suspected infringements"),
    "period": ("対象期間", "Period"),
    "made_at": ("作成日時", "Made at"),
    "audit_head": ("監査記録の末尾のハッシュ値", "Head of the audit trail"),
    "version": ("ソフトウェア／照合器の版", "Software / matcher version"),
    "funnel": ("件数の推移", "From what was seen to what was decided"),
    "step": ("段階", "Step"),
    "basis": ("計数の単位", "Counted in"),
    "count": ("件数", "Count"),
    "listings_seen": ("確認した出品", "Listings seen"),
    "filings_seen": ("確認した商標出願・登録", "Filings seen"),
    "comparisons": ("照合した記録", "Records compared"),
    "suspected": ("侵害の疑い", "Suspected"),
    "reviewed": ("人が判断した案件", "Reviewed by a person"),
    "infringing": ("侵害と判断", "Decided infringing"),
    "not_infringing": ("侵害でないと判断", "Decided not infringing"),
    "genuine": ("真正品と判断", "Decided genuine"),
    "needs_more": ("追加調査", "Needs more"),
    "open": ("未判断", "Open"),
    "basis.listings_seen": ("出品", "listings"),
    "basis.filings_seen": ("出願・登録", "filings"),
    "basis.comparisons": ("照合（再照合を含む）", "comparisons, repeats included"),
    "basis.case": ("案件（対象×商標）", "cases (one subject against one mark)"),
    "by_source": ("情報源別", "By source"),
    "by_right": ("権利の種類別", "By kind of right"),
    "by_country": ("発送国・出願庁別", "By country of shipment, or office"),
    "by_holder_kind": ("権利者の種類別", "By kind of rights holder"),
    "by_prefecture": ("権利者の都道府県別", "By prefecture of the rights holder"),
    "key": ("区分", "Group"),
    "total": ("合計", "Total"),
    "coverage": ("情報源の巡回状況", "How completely the sources were read"),
    "source": ("情報源", "Source"),
    "runs": ("巡回回数", "Runs"),
    "runs_complete": ("うち完了", "of them complete"),
    "requests": ("要求数", "Requests"),
    "requests_failed": ("うち失敗", "of them failed"),
    "records": ("読み取った記録", "Records read"),
    "records_refused": ("読み取れなかった記録", "Records not readable"),
    "state": ("現在の状態", "State now"),
    "state.ok": ("正常", "ok"),
    "state.degraded": ("一部のみ", "partly read"),
    "state.blocked": ("拒否", "blocked"),
    "state.failed": ("失敗", "failed"),
    "state.never": ("未巡回", "never read"),
    "state.overdue": ("巡回が途絶えている", "overdue"),
    "state.cut_off": ("巡回が中断したまま", "cut off"),
    "state.unscheduled": ("予定なし", "no schedule"),
    "state.wrong_settings": ("設定に誤り", "settings wrong"),
    "state.not_configured": ("未設定", "not configured"),
    "state.switched_off": ("停止中", "switched off"),
    "unread_hours": ("最長の空白（時間）", "Longest time unread (hours)"),
    "gap": ("この時刻から長く読んでいません：", "not read for long from"),
    "incomplete": (
        "この期間には完全に読み取れなかった情報源があります。件数がないことは侵害がないことを意味しません。",
        "Not every source was read completely in this period. A small number does not mean that little is infringed.",
    ),
    "no_coverage": (
        "この期間に巡回した情報源はありません。",
        "No source was read in this period.",
    ),
    "none": ("該当なし", "none"),
    "notes": ("注記", "Notes"),
    "note.suspected": (
        "「侵害の疑い」はソフトウェアによる検知で、法的判断ではありません。「侵害と判断」は担当者個人の判断です。",
        "“Suspected” is what software flagged, no legal finding. “Decided infringing” is a named person's decision.",
    ),
    "note.basis": (
        "案件は検知された日の属する期間に計上し、判断は期間末日までの最後のものによります。",
        "A case counts in the period in which it was flagged, with the last decision up to the end of the period.",
    ),
    "note.country": (
        "発送国が不明な場合は出品者の国、いずれも不明な場合は「不明」とします。発送国は製造国とは限りません。",
        "The seller's country stands in for an unknown country of shipment. Goods may be made elsewhere.",
    ),
    "note.people": ("出品者の氏名・名称は含みません。", "No seller is named."),
    "unknown": ("不明", "unknown"),
    "company": ("企業", "company"),
    "regional": ("地域団体", "regional"),
    "content": ("コンテンツ", "content"),
    "public": ("公的機関", "public body"),
    "trademark": ("商標", "trademark"),
    "collective_mark": ("団体商標", "collective mark"),
    "regional_collective_mark": ("地域団体商標", "regional collective mark"),
    "geographical_indication": ("地理的表示（GI）", "geographical indication (GI)"),
    "plant_variety": ("登録品種", "plant variety"),
    "design": ("意匠", "design"),
    "copyright_work": ("著作物", "copyright work"),
}

# ISO 3166-2:JP, in the order of its codes JP-01 to JP-47.
_PREFECTURES = (
    ("北海道", "Hokkaido"),
    ("青森県", "Aomori"),
    ("岩手県", "Iwate"),
    ("宮城県", "Miyagi"),
    ("秋田県", "Akita"),
    ("山形県", "Yamagata"),
    ("福島県", "Fukushima"),
    ("茨城県", "Ibaraki"),
    ("栃木県", "Tochigi"),
    ("群馬県", "Gunma"),
    ("埼玉県", "Saitama"),
    ("千葉県", "Chiba"),
    ("東京都", "Tokyo"),
    ("神奈川県", "Kanagawa"),
    ("新潟県", "Niigata"),
    ("富山県", "Toyama"),
    ("石川県", "Ishikawa"),
    ("福井県", "Fukui"),
    ("山梨県", "Yamanashi"),
    ("長野県", "Nagano"),
    ("岐阜県", "Gifu"),
    ("静岡県", "Shizuoka"),
    ("愛知県", "Aichi"),
    ("三重県", "Mie"),
    ("滋賀県", "Shiga"),
    ("京都府", "Kyoto"),
    ("大阪府", "Osaka"),
    ("兵庫県", "Hyogo"),
    ("奈良県", "Nara"),
    ("和歌山県", "Wakayama"),
    ("鳥取県", "Tottori"),
    ("島根県", "Shimane"),
    ("岡山県", "Okayama"),
    ("広島県", "Hiroshima"),
    ("山口県", "Yamaguchi"),
    ("徳島県", "Tokushima"),
    ("香川県", "Kagawa"),
    ("愛媛県", "Ehime"),
    ("高知県", "Kochi"),
    ("福岡県", "Fukuoka"),
    ("佐賀県", "Saga"),
    ("長崎県", "Nagasaki"),
    ("熊本県", "Kumamoto"),
    ("大分県", "Oita"),
    ("宮崎県", "Miyazaki"),
    ("鹿児島県", "Kagoshima"),
    ("沖縄県", "Okinawa"),
)
PREFECTURES = {f"JP-{number:02d}": names for number, names in enumerate(_PREFECTURES, start=1)}


def text(key: str, language: Language) -> str:
    """Return the string of that key; raises ``KeyError`` for an unknown one."""
    ja, en = STRINGS[key]
    return ja if language == "ja" else en


def label(key: str, language: Language, names: Mapping[str, tuple[str, str]]) -> str:
    """Return the name of a group in a breakdown: from ``names``, else from here; else the code as it stands."""
    found = names.get(key) or PREFECTURES.get(key) or STRINGS.get(key)
    if found is None:
        return key
    ja, en = found
    return ja if language == "ja" else en
