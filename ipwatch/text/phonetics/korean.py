"""Japanese names in Hangul, by the Korean rules for loan words (외래어 표기법): table 4, and chapter 3, section 6."""

from __future__ import annotations

from itertools import product

from ipwatch.text.phonetics.kana import ROWS, morae, vowel_of
from ipwatch.text.phonetics.romanisation import LOAN_MORAE, MAX_MORAE, lengthens

_BLOCKS = {
    "": "아이우에오",
    "k": "카키쿠케코",
    "g": "가기구게고",
    "s": "사시스세소",
    "z": "자지즈제조",
    "t": "타치쓰테토",
    "d": "다지즈데도",
    "n": "나니누네노",
    "h": "하히후헤호",
    "b": "바비부베보",
    "p": "파피푸페포",
    "m": "마미무메모",
    "r": "라리루레로",
}
_CONTRACTED = {
    "キ": "캬큐쿄",
    "ギ": "갸규교",
    "シ": "샤슈쇼",
    "ジ": "자주조",
    "チ": "차추초",
    "ヂ": "자주조",
    "ニ": "냐뉴뇨",
    "ヒ": "햐휴효",
    "ビ": "뱌뷰뵤",
    "ピ": "퍄퓨표",
    "ミ": "먀뮤묘",
    "リ": "랴류료",
}
_HANGUL = {
    **{kana: block for row, kanas in ROWS.items() for kana, block in zip(kanas, _BLOCKS[row], strict=True)},
    **{head + small: block for head, row in _CONTRACTED.items() for small, block in zip("ャュョ", row, strict=True)},
    **dict(zip("ヤユヨワヲヴヰヱ", "야유요와오부이에", strict=True)),
    **dict(zip(LOAN_MORAE, "티디투두파피페포바비부베보위웨워셰제체차치체초", strict=True)),
    **dict(zip(("デュ", "テュ", "フュ", "ヴュ"), "듀튜퓨뷰", strict=True)),
}
_FIRST_PLAIN = str.maketrans("카키쿠케코타치테토캬큐쿄차추초", "가기구게고다지데도갸규교자주조")
_FINAL_N, _FINAL_S = 4, 19
_FIRST_BLOCK, _FINALS = 0xAC00, 28


def hangul(kana: str) -> tuple[str, ...]:
    """Return a kana text in Hangul, the official spelling first, then others in use; at most twelve.

    Officially a word begins with the plain consonant (도요타), ツ is 쓰 and long vowels are not written; also in use
    are the aspirated consonant (토요타), 츠 and 쯔, and long vowels as their kana. Empty where a mora has no Korean
    spelling.
    """
    beats = morae(kana)
    if not 0 < len(beats) <= MAX_MORAE:
        return ()
    spelled = (
        _spelled(beats, aspirated=aspirated, tsu=tsu, long_written=long_written)
        for long_written, tsu, aspirated in product((False, True), "쓰츠쯔", (False, True))
    )
    return tuple(dict.fromkeys(text for text in spelled if text))


def _spelled(beats: tuple[str, ...], *, aspirated: bool, tsu: str, long_written: bool) -> str:
    """Return the morae in Hangul, empty where one of them has no Korean spelling."""
    out = ""
    vowel = ""
    for mora in beats:
        if mora in {"ン", "ッ"}:
            out = _closed(out, _FINAL_N if mora == "ン" else _FINAL_S)
            vowel = ""
            continue
        long = lengthens(mora, vowel) or (mora == "イ" and vowel == "i")
        if long and (mora == "ー" or not long_written):
            vowel = ""
            continue
        block = _HANGUL.get(mora)
        if block is None:
            return ""
        block = tsu if mora == "ツ" else block
        out += block if out or aspirated else block.translate(_FIRST_PLAIN)
        vowel = vowel_of(mora) or ""
    return out


def _closed(text: str, final: int) -> str:
    """Return the text with a final consonant on its last block; unchanged where there is none, or one with a final."""
    if not text or (ord(text[-1]) - _FIRST_BLOCK) % _FINALS:
        return text
    return text[:-1] + chr(ord(text[-1]) + final)
