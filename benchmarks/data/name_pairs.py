"""The pairs of names in two scripts that the shared data holds, for fitting and measuring the spelling tables."""

from __future__ import annotations

import csv
import json
import re
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from ipwatch.text.phonetics.notation import NameScript, spelled_name

LOAN_WORDS = Path(__file__).with_name("loan_words_ko.tsv")
FOLDS = 5

_KANA = re.compile(r"[ぁ-ゖァ-ヺー・゠\s&＆'’-]+")
_LATIN = re.compile(r"[A-Za-z0-9À-ɏ'’&.,+!\s-]+")
_HANGUL = re.compile(r"[가-힣\s·]+")
_GROUP_LETTERS = 4


@dataclass(frozen=True)
class Pair:
    """A name in kana or Hangul, the same name in another script, and the list it comes from."""

    source: str
    target: str
    origin: str

    @property
    def sounds(self) -> tuple[str, str]:
        """Both names in the notation of the tables."""
        return spelled_name(self.source)[1], spelled_name(self.target)[1]

    @property
    def fold(self) -> int:
        """The fold it belongs to: names with the same beginning (a family of brands) are in one fold."""
        return zlib.crc32(spelled_name(self.target)[1][:_GROUP_LETTERS].encode()) % FOLDS


def kana_latin(data: Path) -> list[Pair]:
    """Return the pairs of kana and Latin names of every list, without repetition."""
    pairs = [*_marketplace(data), *_sudachi(data), *_edinet(data), *_nsi(data, "ja")]
    pairs += [Pair(row["ja-hrkt"], row["ja-roma"], "characters ja-roma") for row in _characters(data)]
    return _usable(pairs, _KANA, _LATIN, NameScript.LATIN)


def hangul_latin(data: Path) -> list[Pair]:
    """Return the pairs of Hangul and Latin names: brands, characters (many of them translations) and loan words."""
    words = (line.split("\t") for line in LOAN_WORDS.read_text("utf-8").splitlines() if not line.startswith("#"))
    pairs = [Pair(hangul, latin, "loan words ko") for hangul, latin in words]
    pairs += _nsi(data, "ko")
    for row in _characters(data):
        pairs += [Pair(row["ko"], row[other], f"characters ko-{other}") for other in ("en", "ja-roma", "fr")]
    return _usable(pairs, _HANGUL, _LATIN, NameScript.LATIN)


def hangul_kana(data: Path) -> list[Pair]:
    """Return the pairs of Hangul and kana names."""
    pairs = [Pair(row["ko"], row["ja-hrkt"], "characters ko-ja") for row in _characters(data)]
    return _usable(pairs, _HANGUL, _KANA, NameScript.KANA)


def _usable(pairs: list[Pair], source: re.Pattern[str], target: re.Pattern[str], script: NameScript) -> list[Pair]:
    kept = (pair for pair in pairs if source.fullmatch(pair.source) and target.fullmatch(pair.target))
    return [pair for pair in dict.fromkeys(kept) if all(pair.sounds) and spelled_name(pair.target)[0] is script]


def _marketplace(data: Path) -> list[Pair]:
    path = data / "marketplaces" / "brand_pairs_ja_en.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        return [Pair(row["name_ja"], row["sub_name"], "brand pairs") for row in csv.DictReader(file, delimiter="\t")]


def _sudachi(data: Path) -> list[Pair]:
    groups = defaultdict(list)
    for row in _rows(data, "sudachi_synonyms_company_brand.csv"):
        if row["form_type"] == row["abbrev"] == "0":
            groups[row["group"], row["lexeme_no"]].append(row)
    return [
        Pair(kana["headword"], latin["headword"], "sudachi")
        for rows in groups.values()
        for kana in rows
        for latin in rows
        if latin["variant"] == "1"
    ]


def _edinet(data: Path) -> list[Pair]:
    rows = _rows(data, "edinet_companies_kanji_kana_en.csv")
    return [Pair(row["name_kana"], row["name_en"], "edinet") for row in rows]


def _nsi(data: Path, language: str) -> list[Pair]:
    with (data / "lists" / "nsi_japan_brands.jsonl").open(encoding="utf-8") as file:
        brands = [json.loads(line)["names"] for line in file]
    return [Pair(names.get(f"brand:{language}", ""), names.get("brand:en", ""), f"nsi {language}") for names in brands]


def _characters(data: Path) -> list[dict[str, str]]:
    return _rows(data, "character_names_multiscript.csv")


def _rows(data: Path, name: str) -> list[dict[str, str]]:
    with (data / "lists" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
