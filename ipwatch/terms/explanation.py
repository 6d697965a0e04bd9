"""The lines of ``ipwatch explain``, and the forms and borders that it lists."""

from __future__ import annotations

from ipwatch.terms.term import Term

EXPLANATION: tuple[Term, ...] = (
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

FORMS: tuple[Term, ...] = (
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
