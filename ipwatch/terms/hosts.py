"""What a host name shows (``ipwatch.matching.hosts``)."""

from __future__ import annotations

from ipwatch.terms.term import Term

HOSTS: tuple[Term, ...] = (
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
