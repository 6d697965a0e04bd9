"""Words against a name (語の連なり): letters that run on from a name and make no other word of it.

Sellers write a word for goods or trade, a particle or the s of a plural right behind a name. Such letters end a name as
a space does; any other letters can make it part of another word (lion in billion).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, lru_cache

from ipwatch.matching.variants import SeenText, script_of
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.lexicon.frequency import commonness

_TRADE = """
正規品 正規 純正品 純正 公式 限定品 限定 新品 中古品 中古 新作 本物 専門店 直営店 取扱店 製品 愛用
アウトレット オンライン オフィシャル スタイル タイプ モデル セール コピー レプリカ ロゴ
online outlet official style type model logo sale copy replica genuine authentic original new used wear gear
正品 官方 同款 周边 专卖店 旗舰店 스타일 타입 호환 전용 정품 신상 매장
"""
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

_ALONE = "系 製 風 用 品 店 용 풍"
"""Single characters that say as much where nothing follows them."""

_BEFORE = """
新作 新品 限定 本物 公式 純正 正規 中古 人気 大人気 送料無料 新 ニュー スーパー オリジナル
new my original genuine official authentic super the used 정품 신상
"""
_PARTICLES = frozenset(
    (
        *("の", "は", "が", "を", "に", "で", "と", "も", "や", "へ", "から", "まで", "より", "って", "など"),
        *("での", "への", "との", "には", "にも", "とは", "さん", "ちゃん"),
        *("은", "는", "이", "가", "을", "를", "의", "에", "와", "과", "도", "로", "으로", "만"),
        *("에서", "까지", "부터", "처럼", "이나", "라는", "이라는"),
    )
)
_LONGEST_PARTICLE = max(map(len, _PARTICLES))
_LONGEST_WORD = 20
_JOINS = frozenset("ノハガヲニデトヤモ")
"""Particles, folded, after which a word for goods is one still (しゃねるのばっぐ)."""

_LEAST_WORD = 4
_ORDINARY = 3.0
"""Zipf value from which letters behind a name are read as a word of their own (sonyheadphones)."""

_LEAST_PLURAL = 3
_MOST_LETTERS = 60
"""Letters beside a name that are read as words."""


def ends_name(seen: SeenText, end: int, stop: int) -> bool:
    """Whether the folded range that runs on from a name is a particle or a plural s, so that the name ends there.

    The s is small behind capitals (SALONs). What is an ordinary word together with the name (きもの) is that word.
    """
    if not end < stop <= end + _LONGEST_PARTICLE:
        return False
    last, first = seen.folded.offsets[end - 1], seen.folded.offsets[end]
    rest = seen.source[first : seen.folded.offsets[stop - 1] + 1]
    if rest == "s":
        written = seen.source[max(0, last + 1 - _LEAST_PLURAL) : last + 1]
        return len(written) == _LEAST_PLURAL and written.isupper()
    if rest not in _PARTICLES or script_of(rest[0]) is not script_of(seen.source[last]):
        return False
    return not commonness(_written_before(seen, last) + rest)


def _written_before(seen: SeenText, last: int) -> str:
    """Return the letters of one script that end at that place of the source, no more than a word has."""
    first = last
    while last - first < _LONGEST_WORD and first and script_of(seen.source[first - 1]) is script_of(seen.source[last]):
        first -= 1
    return seen.source[first : last + 1]


def is_known(kind: str, before: str, after: str, goods: Sequence[str]) -> bool:
    """Whether the folded letters on both sides of a name are words that sellers write against any name, or none.

    ``kind`` is that of the name (``alphabetic``, ``kana`` or ``other``), ``goods`` the goods terms of the mark, folded.
    """
    if after and not _is_behind(kind, after, goods):
        return False
    return not before or before in goods or is_made_of(before, _folded(_BEFORE))


def _is_behind(kind: str, after: str, goods: Sequence[str]) -> bool:
    words = _words_behind(tuple(goods))
    if after in _folded(_ALONE) or is_made_of(after, words):
        return True
    if kind == "alphabetic":
        return False
    rest = after[1:] if after[0] in _JOINS else after
    return after.startswith(tuple(words)) or rest.startswith(tuple(words))


def opens_word(name: str, before: str, after: str) -> bool:
    """Whether a name that is no ordinary word itself runs on into one, as written: sonyheadphones, not zebrawood."""
    return not before and len(after) >= _LEAST_WORD and not commonness(name) and commonness(after) >= _ORDINARY


def is_made_of(letters: str, words: Collection[str]) -> bool:
    """Whether the letters are words of the set, one after the other; no more than 60 letters are."""
    if len(letters) > _MOST_LETTERS:
        return False
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in words for start in reached):
            reached.add(end)
    return len(letters) in reached


def may_be_words(letters: int) -> bool:
    """Whether so many letters are few enough for ``is_made_of``."""
    return letters <= _MOST_LETTERS


@lru_cache(maxsize=1 << 8)
def _words_behind(goods: tuple[str, ...]) -> frozenset[str]:
    return frozenset((*goods, *COMMON_GOODS, *_folded(_TRADE)))


@cache
def _folded(words: str) -> frozenset[str]:
    return frozenset(skeleton(word).text for word in words.split())
