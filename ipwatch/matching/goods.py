"""Goods (商品): whether a listing offers, or a filing designates, the goods that a mark is watched for."""

from __future__ import annotations

from collections.abc import Sequence

from ipwatch.matching.forms import Script, SeenText, scripts_of
from ipwatch.matching.score import qualifier
from ipwatch.records import MarkRecord, Signal, WatchedMark
from ipwatch.text.normalize import skeleton

_ONE_HAND = frozenset({Script.HIRAGANA, Script.KATAKANA, Script.HAN})
_SHOWN_TERMS = 3
_DISTINCTIVE_LETTERS = 7
_DISTINCTIVE_KANA = 4
_DISTINCTIVE_HAN = 3
_DISTINCTIVE_HANGUL = 3
"""A syllable holds two or three letters; most ordinary Korean nouns have two syllables and stand in longer words."""

_COMMON_GOODS = """
カード ケース カバー グッズ フィギュア ステッカー キーホルダー シャツ パーカー スウェット ジャケット バッグ
ポーチ リュック キャップ マグカップ タオル クッション ポスター カレンダー セット コレクション ゲーム ソフト
シリーズ ショップ ストア ブランド ストラップ ピンバッジ ぬいぐるみ チケット 腕時計 財布 時計 香水 帽子 靴 カバー
card case cover goods figure sticker keychain shirt tshirt hoodie sweatshirt jacket bag tote pouch backpack cap hat mug
towel cushion poster calendar set collection game series shop store brand wallet watch strap plush shoes
카드 케이스 커버 굿즈 피규어 스티커 키링 셔츠 티셔츠 자켓 가방 파우치 모자 수건 포스터 세트 시계 지갑 신발
卡 手机壳 保护套 周边 手办 贴纸 衬衫 外套 包 帽子 毛巾 海报 套装 手表 钱包
"""
COMMON_GOODS = tuple(skeleton(word).text for word in _COMMON_GOODS.split())
"""Words for goods, folded, that sellers write right after any brand (ポケモンカード)."""


def goods_skeletons(mark: WatchedMark) -> tuple[str, ...]:
    """Return the mark's goods terms as they are compared."""
    return tuple(folded for folded in (skeleton(term).text for term in mark.goods_terms) if folded)


def listing_goods(
    mark: WatchedMark, fields: Sequence[SeenText], span: tuple[int, int] | None, found: str, *, place: bool = False
) -> Signal | None:
    """Return whether the goods of the mark are named in a listing; the title is ``fields[0]``.

    Absence counts only where the mark declares goods terms in every script that the title is written in: a Korean
    title names no Japanese goods word. ``span`` is the mark itself in the title, which names no goods; ``found`` is
    the spelling of the mark that was found, which decides how much absence says: nothing where the name itself holds a
    word for the goods (今治タオル), and all where it is only the ``place`` of such a name.
    """
    if not mark.goods_terms or not fields:
        return None
    for seen in fields:
        for term in mark.goods_terms:
            at = _named(term, seen, span if seen is fields[0] else None)
            if at is not None:
                compared = (term, seen.source[slice(*at)])
                return qualifier("goods", "goods_named", compared, field=seen.field, span=at)
    spelled = skeleton(fields[0].source[slice(*span)] if span else found).text
    if any(term in spelled for term in goods_skeletons(mark)):
        return None
    declared = _hands(scripts_of("".join(mark.goods_terms)))
    title = fields[0]
    start, end = span or (0, 0)
    written = _hands(scripts_of(title.source[:start] + title.source[end:]))
    if not written or not written <= declared:
        return None
    shown = ", ".join(mark.goods_terms[:_SHOWN_TERMS])
    term = "goods_absent_distinctive" if is_distinctive(found) and not place else "goods_absent"
    return qualifier("goods", term, (shown, title.source), field=title.field)


def is_distinctive(spelling: str) -> bool:
    """Whether a name is so long for its script that it is hardly an ordinary word."""
    scripts = scripts_of(spelling)
    if scripts <= {Script.HIRAGANA, Script.KATAKANA}:
        least = _DISTINCTIVE_KANA
    elif Script.HAN in _hands(scripts):
        least = _DISTINCTIVE_HAN
    else:
        least = _DISTINCTIVE_HANGUL if Script.HANGUL in scripts else _DISTINCTIVE_LETTERS
    return len(skeleton(spelling).text) >= least


def _named(term: str, seen: SeenText, mark_span: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return where the goods term stands in the text, outside of the mark."""
    folded = skeleton(term).text
    at = seen.folded.text.find(folded) if folded else -1
    while at >= 0:
        start, end = seen.folded.span(at, at + len(folded))
        if mark_span is None or end <= mark_span[0] or start >= mark_span[1]:
            return start, end
        at = seen.folded.text.find(folded, at + 1)
    return None


def filing_goods(mark: WatchedMark, filing: MarkRecord) -> Signal | None:
    """Return whether the Nice classes of a filing overlap those of the mark; ``None`` where either is not known."""
    if not mark.nice_classes or not filing.nice_classes:
        return None
    overlap = sorted(set(mark.nice_classes) & set(filing.nice_classes))
    compared = (_classes(mark.nice_classes), _classes(overlap or filing.nice_classes))
    return qualifier("goods", "class_overlap" if overlap else "class_apart", compared, field="nice_classes")


def _hands(scripts: frozenset[Script]) -> frozenset[Script]:
    """Return the scripts with kana and Han as one, and without digits."""
    joined = {Script.HAN if script in _ONE_HAND else script for script in scripts}
    return frozenset(joined - {Script.DIGIT})


def _classes(classes: Sequence[int]) -> str:
    return ", ".join(str(number) for number in classes)
