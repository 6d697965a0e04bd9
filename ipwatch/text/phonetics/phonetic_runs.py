"""Sound runs: the sound of a text piece by piece, so that a name is found in it in any script.

A text is cut into runs of kana, Latin letters or Hangul, each with its sound key. Han characters, digits and other
alphabets are breaks, and no name is matched across a break: an analyser misreads one brand name in five of Han.
Hiragana adjacent to katakana form separate runs, because a particle begins there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from ipwatch.text.folding.skeleton import MAX_CHARACTERS
from ipwatch.text.phonetics.hangul import is_hangul
from ipwatch.text.phonetics.notation import MAX_SOUNDS, NameScript
from ipwatch.text.phonetics.phonetic_key import (
    RUNS,
    digits_as_letters,
    fold_characters,
    is_kana,
    is_spelled,
    keys_of,
    sound_fold,
    undisguised,
)

MIN_KEY = 2
"""Minimum length of a sound key that is compared."""

MAX_KEY = MAX_SOUNDS
"""Maximum length of a sound key that is compared, in letters."""

MIN_KEY_SIMILARITY = 0.5
"""Minimum OSA similarity of two keys with the same consonants."""

_SIMILARITY_WITH_EDIT = {3: 0.8, 4: 0.65, 5: 0.55}
"""Minimum OSA similarity of keys whose skeletons are one edit apart, by the letters of the shorter one.

Five stands for five and more; skeletons of fewer than three letters are never near.
"""

_CLASSES = {letter: group[0] for group in ("kg", "sz", "td", "n", "m", "r", "h", "bp") for letter in group}
_VOWELS = frozenset("aiueoyw")
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PIECES = re.compile(rf"[ァ-ヺー]+|[ぁ-ゖー]+|[{_HAN}]+|[^\sァ-ヺーぁ-ゖ{_HAN}]+")
_REMEMBERED = 1 << 16
_REMEMBERED_LETTERS = 40
_REMEMBERED_RUNS = 4
_VOICING = frozenset("ﾞﾟ")


@dataclass(frozen=True, slots=True)
class SoundRun:
    """A run of one script: its sound key, the consonants of the key, and its text.

    A break has no script and no key; a run with a key longer than ``MAX_KEY`` is a break.
    """

    script: NameScript | None
    key: str
    consonants: str
    text: str

    @property
    def opens_with_vowel(self) -> bool:
        """Whether the key begins with a vowel, y or w, which is distinctive where the run begins a name."""
        return self.key[0] in _VOWELS


@dataclass(frozen=True, slots=True)
class PlacedRun:
    """A sound run with its range in the text."""

    run: SoundRun
    start: int
    end: int


def consonants(key: str) -> str:
    """Return the classes of the consonants of a key (k for g and so on), without vowels."""
    return "".join([_CLASSES[letter] for letter in key if letter in _CLASSES])


def sound_skeleton(key: str) -> str:
    """Return the consonants of a key, after an ``a`` where it begins with a vowel."""
    return f"a{consonants(key)}" if key[:1] in _VOWELS and key else consonants(key)


def required_similarity(left: str, right: str) -> float | None:
    """Return the OSA similarity that the keys of two skeletons need to be near, ``None`` where no such keys are near.

    Equal skeletons need ``MIN_KEY_SIMILARITY``. Skeletons one edit apart need three letters or more; the fewer letters,
    the higher the similarity.
    """
    if left == right:
        return MIN_KEY_SIMILARITY
    required = _SIMILARITY_WITH_EDIT.get(min(len(left), len(right), 5))
    return required if required is not None and OSA.distance(left, right, score_cutoff=1) <= 1 else None


def near_in_sound(left: str, right: str) -> bool:
    """Whether two sound keys are near enough for the names to be compared by their spelling.

    The threshold is the ``required_similarity`` of their skeletons. Chosen on pairs of brand names against the words of
    listing titles: 0.87 of the pairs are near.
    """
    if not (MIN_KEY <= len(left) <= MAX_KEY and MIN_KEY <= len(right) <= MAX_KEY):
        return False
    required = required_similarity(sound_skeleton(left), sound_skeleton(right))
    return required is not None and OSA.normalized_similarity(left, right) >= required


def sound_stream(text: str) -> str:
    """Return the sound of a whole name: its keys, with Han characters and digits unchanged between them.

    Nothing separates words; a run of any other alphabet is one ``BREAK``. Raises ``ValueError`` above
    ``MAX_CHARACTERS``.
    """
    runs = RUNS.findall(sound_fold(_checked(text).replace("\0", " ")))
    keys = iter(keys_of(run for run in runs if is_spelled(run)))
    return "".join([next(keys) if is_spelled(run) else run[0] for run in runs])


def sound_runs(texts: Iterable[str]) -> list[Sequence[SoundRun]]:
    """Return the sound runs and breaks of many texts, those of ``placed_runs``; raises ``ValueError`` as it does.

    Words are cached, because titles repeat theirs.
    """
    pieces = [_PIECES.findall(unicodedata.normalize("NFKC", _checked(text))) for text in texts]
    known = {piece: _known.get(piece) for several in pieces for piece in several}
    learned = _learn([piece for piece, runs in known.items() if runs is None])
    if len(_known) > _REMEMBERED:
        _known.clear()
    _known.update(
        (piece, runs)
        for piece, runs in learned.items()
        if len(piece) <= _REMEMBERED_LETTERS and len(runs) <= _REMEMBERED_RUNS
    )
    every = {piece: runs for piece, runs in known.items() if runs is not None} | learned
    return [[run for piece in several for run in every[piece]] for several in pieces]


def placed_runs(text: str) -> list[PlacedRun]:
    """Return the sound runs and breaks of a text with their spans; raises ``ValueError`` above ``MAX_CHARACTERS``."""
    normal, spans = _normal_with_spans(_checked(text))
    placed: list[PlacedRun] = []
    for match in _PIECES.finditer(normal):
        ranges = _ranges(match[0])
        for (_, start, end), run in zip(ranges, sound_runs([match[0]])[0], strict=True):
            first, last = spans[match.start() + start], spans[match.start() + end - 1]
            placed.append(PlacedRun(run, first[0], last[1]))
    return placed


_known: dict[str, Sequence[SoundRun]] = {}


def _checked(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a text of {len(text)} characters is not compared; the limit is {MAX_CHARACTERS}")
    return text


def _learn(pieces: Sequence[str]) -> dict[str, Sequence[SoundRun]]:
    ranges = {piece: _ranges(piece) for piece in pieces}
    spelled = [run for several in ranges.values() for run, _, _ in several if is_spelled(run)]
    distinct = list(dict.fromkeys(spelled))
    keys = dict(zip(distinct, keys_of(distinct), strict=True))
    return {
        piece: [_run(run, keys.get(run, ""), piece[start:end]) for run, start, end in several]
        for piece, several in ranges.items()
    }


def _run(run: str, key: str, text: str) -> SoundRun:
    if not 0 < len(key) <= MAX_KEY:
        return SoundRun(None, "", "", text)
    script = NameScript.KANA if is_kana(run[0]) else NameScript.HANGUL if is_hangul(run[0]) else NameScript.LATIN
    return SoundRun(script, key, consonants(key), text)


def _ranges(piece: str) -> list[tuple[str, int, int]]:
    """Return the pronounced runs of a piece, each with its range; long marks alone are left out."""
    folded = fold_characters(undisguised(piece))
    spans: Sequence[tuple[int, int]] | None = None
    if len(folded) != len(piece) or "&" in piece or not (piece.isascii() or is_kana(folded[0])):
        folded, spans = _folded_with_spans(piece)
    ranges = []
    for match in RUNS.finditer(digits_as_letters(folded)):
        if match[0].strip("ー"):
            first, last = match.start(), match.end() - 1
            start, end = (spans[first][0], spans[last][1]) if spans is not None else (first, last + 1)
            ranges.append((match[0], start, end))
    return ranges


def _folded_with_spans(piece: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the fold of a piece and, for each character of it, the span of the piece that it came from."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    for start, cluster in _clusters(undisguised(piece)):
        parts.append(fold_characters(cluster))
        spans += [(start, start + len(cluster))] * len(parts[-1])
    return "".join(parts), spans


def _normal_with_spans(text: str) -> tuple[str, Sequence[tuple[int, int]]]:
    """Return a text in NFKC and, for each character of it, the span of the text that it came from."""
    if unicodedata.is_normalized("NFKC", text):
        return text, [(index, index + 1) for index in range(len(text))]
    clusters = list(_clusters(text))
    parts = [unicodedata.normalize("NFKC", cluster) for _, cluster in clusters]
    spans = [
        (start, start + len(cluster)) for (start, cluster), part in zip(clusters, parts, strict=True) for _ in part
    ]
    return "".join(parts), spans


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield the pieces of a text that NFKC rewrites independently, with the offset of each."""
    start = 0
    for index, char in enumerate(text):
        if index and not _joins(char):
            yield start, text[start:index]
            start = index
    if text:
        yield start, text[start:]


def _joins(char: str) -> bool:
    """Whether NFKC may join the character to the preceding one, as far as pronounced letters are concerned."""
    return (
        unicodedata.combining(char) != 0
        or char in _VOICING
        or "\u1160" <= char <= "\u11ff"
        or "\uffa0" <= char <= "\uffdc"
    )
