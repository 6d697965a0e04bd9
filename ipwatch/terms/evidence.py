"""Reasons that go with a name or a sound (``ipwatch.matching.names.reasons``)."""

from __future__ import annotations

from ipwatch.terms.term import Term

EVIDENCE: tuple[Term, ...] = (
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
    Term(
        "edit_outside",
        "「{seen}」は「{watched}」の前か後に字を加えた、別の語とみられます",
        "“{seen}” is “{watched}” with letters added at an end, as other words have it in them",
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
    Term("runs_on_goods", "商品・販売の語が続いています:「{seen}」", "a word for goods or trade runs on: “{seen}”"),
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
