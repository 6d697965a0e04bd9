"""Prior knowledge of sounds and letters for ``fit_spelling.py``, independent of any pair."""

from __future__ import annotations

_KANA_OF_SOUND = """
ㄱ g k
ㄲ k
ㄴ n
ㄷ d t
ㄸ t d
ㄹ r
ㅁ m
ㅂ b v
ㅃ p b
ㅅ s sh
ㅆ s
ㅈ j z
ㅉ ch ts
ㅊ ch ts
ㅋ k
ㅌ t
ㅍ p f
ㅎ h f
ㅏ a a-
ㅐ a e
ㅑ ya
ㅒ ya
ㅓ a a- o
ㅔ e e-
ㅕ yo ya
ㅖ e
ㅗ o o-
ㅘ wa
ㅙ we
ㅚ we
ㅛ yo
ㅜ u u-
ㅝ wo wa
ㅞ we
ㅟ wi
ㅠ yu yu-
ㅡ u o
ㅢ i
ㅣ i i-
K qku k ku
N N
T qto tsu to
L ru
M mu N
P qpu pu
G Ngu N
"""

KANA_OF_SOUND = {line.split()[0]: tuple(line.split()[1:]) for line in _KANA_OF_SOUND.strip().splitlines()}
"""Kana spellings of a Hangul sound (capitals are finals), after the loan-word orthography, 외래어 표기법."""
