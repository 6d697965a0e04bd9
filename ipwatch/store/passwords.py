"""Password strength: a new password is refused where fewer than ``MIN_GUESSES`` guesses find it.

The estimate is zxcvbn's (Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016): common
passwords and words, names, dates, keyboard walks, repeats and sequences, with letters written as digits or signs. To it
come the words of ``common_words.txt``, the account's own names and the years of now, which it does not know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

MIN_GUESSES = 10**9
"""What an attacker must at least have to try. The review page lets an account be guessed at most 28,800 times a day
from devices that it does not know, so that half of them take 47 years."""

# zxcvbn takes no more; what follows can only make a password harder to guess.
_MAX_JUDGED = 72
_MIN_NAME = 3
_MIN_REST = 8
_MIN_GUESSES_OF_LETTERS = 10_000
_YEARS = tuple(str(year) for year in range(2020, 2040))
_WORD = re.compile(r"[^\W\d_]+|\d+")


def is_common(password: str, *, names: Iterable[str]) -> bool:
    """Return whether a password is found within ``MIN_GUESSES`` guesses by somebody who knows the account's names."""
    typed = unicodedata.normalize("NFKC", password)[:_MAX_JUDGED]
    own = [part for name in (*names, "ipwatch") for part in _parts(unicodedata.normalize("NFKC", name).lower())]
    if _is_made_of(typed.lower(), own) or _guesses(typed, own) < MIN_GUESSES:
        return True
    # A common word with a few signs around it: each sign is estimated as if any other were equally likely.
    letters = "".join(character for character in typed if character.isalpha())
    return len(typed) - len(letters) < _MIN_REST and _guesses(letters, own) < _MIN_GUESSES_OF_LETTERS


def _guesses(text: str, own: list[str]) -> int:
    # Its lists take 15 MB and a tenth of a second, for a command that is run once a person.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    return int(zxcvbn(text, user_inputs=[*own, *_YEARS, *_common_words()])["guesses"])


def _is_made_of(typed: str, names: Iterable[str]) -> bool:
    """Return whether a password holds one of the names, and little else."""
    rest = typed
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= _MIN_NAME:
            rest = rest.replace(name, "")
    return rest != typed and len(rest) < _MIN_REST


def _parts(name: str) -> list[str]:
    """Return a name and its words: ``shirai.hana`` is also shirai, hana and shiraihana."""
    words = _WORD.findall(name)
    return list(dict.fromkeys([name, *words, "".join(words), "".join(reversed(words))]))


@cache
def _common_words() -> tuple[str, ...]:
    text = files("ipwatch.store").joinpath("common_words.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
