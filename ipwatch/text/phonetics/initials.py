"""Initials: names that are spelled out letter by letter (ジーエフ, GF), so that no other sound is left to compare."""

from __future__ import annotations

from functools import lru_cache

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
    script: sorted(
        ((name, line.split()[0]) for line in table.strip().splitlines() for name in line.split()[1:]),
        key=lambda called: -len(called[0]),
    )
    for script, table in _LETTER_NAMES.items()
}
"""Names of single letters and digits in kana and Hangul, longest first."""


def initials(sounds: str, script: str) -> str:
    """Return the letters and digits that a name, in the notation of ``notation``, spells out one by one.

    Empty where it contains anything else, or spells out only one letter.
    """
    return _initials(sounds, script) if script in LETTER_NAMES else ""


@lru_cache(maxsize=1 << 14)
def _initials(sounds: str, script: str) -> str:
    calls: list[str | None] = ["", *(None for _ in sounds)]
    for end in range(1, len(sounds) + 1):
        for name, letter in LETTER_NAMES[script]:
            before = calls[end - len(name)] if len(name) <= end else None
            if before is not None and sounds.startswith(name, end - len(name)):
                calls[end] = before + letter
                break
    letters = calls[-1] or ""
    return letters if len(letters) > 1 else ""
