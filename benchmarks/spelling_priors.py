"""What is known of sounds and letters before any pair is read, for ``fit_spelling.py``."""

from __future__ import annotations

_HEARD_AS = """
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

HEARD_AS = {line.split()[0]: tuple(line.split()[1:]) for line in _HEARD_AS.strip().splitlines()}
"""What kana write for a Hangul sound (capitals are finals), after the loan-word orthography, 외래어 표기법."""

_LETTER_NAMES = {
    "kana": """
a e- ei
b bi-
c shi-
d di-
e i-
f efu
g ji-
h eichi eqchi
i ai
j jei je-
k kei ke-
l eru
m emu
n enu
o o-
p pi-
q kyu-
r a-ru
s esu
t ti-
u yu-
v vi- bui
w daburyu-
x eqkusu
y wai
z zeqto
0 zero
1 waN ichi
2 tsu- ni
3 suri- saN
4 fo- yoN
5 faibu go
6 shiqkusu roku
7 sebuN nana
8 eito hachi
9 naiN kyuu
10 teN
""",
    "hangul": """
a ㅔㅣ
b ㅂㅣ
c ㅅㅣ ㅆㅣ
d ㄷㅣ
e ㅣ
f ㅔㅍㅡ
g ㅈㅣ
h ㅔㅣㅊㅣ
i ㅏㅣ
j ㅈㅔㅣ
k ㅋㅔㅣ
l ㅔL
m ㅔM
n ㅔN
o ㅗ
p ㅍㅣ
q ㅋㅠ
r ㅏL ㅏㄹㅡ
s ㅔㅅㅡ
t ㅌㅣ
u ㅠ
v ㅂㅡㅣ
w ㄷㅓㅂㅡLㅠ
x ㅔKㅅㅡ
y ㅘㅣ
z ㅈㅔㅌㅡ
0 ㅈㅔㄹㅗ
1 ㅝN
2 ㅌㅜ
3 ㅆㅡㄹㅣ
4 ㅍㅗ
5 ㅍㅏㅣㅂㅡ
6 ㅅㅣKㅅㅡ
7 ㅅㅔㅂㅡN
8 ㅔㅣT
9 ㄴㅏㅣN
""",
}

LETTER_NAMES = {
    script: tuple((name, line.split()[0]) for line in table.strip().splitlines() for name in line.split()[1:])
    for script, table in _LETTER_NAMES.items()
}
"""How single letters and digits are called in kana and Hangul: too seldom in the pairs to be learned well."""
