"""What folding costs, and which disguises of a name it undoes.

    python -m benchmarks.text.folding [--data DIR] [--titles N] [--names N]

Prints one JSON line. ``us_per_title`` is process CPU time over mixed titles put together from DIR (English goods,
Japanese, Chinese and Korean names): the batch path warm, the string path, and NFKC with case folding and jaconv for
comparison. ``folded`` is the share of planted spellings whose skeleton is that of the name, by kind of disguise; the
disguises are made here, from tables of its own. ``collisions`` counts sets of names in DIR that only the skeleton, and
not their plain letters, takes for one.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import jaconv

from benchmarks.data.folders import SHARED
from ipwatch.text.folding.batch import skeletons
from ipwatch.text.folding.skeleton import plain, plain_letters, skeleton
from ipwatch.text.folding.tables import HAN, UTS39, read_table

SEED = 20261122
ROUNDS = 5
WORDS = (
    "送料無料",
    "新品!",
    "美品",
    "★限定★",
    "10㎝",
    "ｱﾅﾛｸﾞ",
    "ｶﾞﾝﾀﾞﾑ",
    "一番くじ",
    "ヴィンテージ",
    "正品",
    "包邮",
    "정품",
    "@shop",
    "$20",
)
LEET_OF = {"i": "1!|", "l": "1|", "o": "0", "e": "3", "a": "4@", "s": "5$", "t": "7", "b": "8", "g": "9"}
WIDER_OF = {
    "a": "ΛДᗩ",
    "e": "єэЭΣ",
    "h": "нћ",
    "k": "кκҟ",
    "m": "мᴍ",
    "n": "пηИ",
    "o": "ѳѲθ",
    "r": "яЯʀ",
    "t": "тτᴛ",
    "u": "цꭎ",
    "w": "шωᴡ",
    "i": "🅸ꟾ",
    "s": "ᔕꜱ",
    "d": "🅳đ",
    "l": "łʟ",
    "y": "ʏɏ",
    "c": "ƈ🅲",
    "g": "ɢǥ",
    "p": "ᴘƥ",
    "b": "ʙƀ",
}
HAN_LOOK = dict(zip("ニカロエタトハチオミムメノ", "二力口工夕卜八千才三厶乂丿", strict=True))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Cost and reach of folding.")
    parser.add_argument("--data", type=Path, default=SHARED, help="the folder that holds lists/ and marketplaces/")
    parser.add_argument("--titles", type=int, default=100_000)
    parser.add_argument("--names", type=int, default=3_000, help="names that disguises are planted on")
    arguments = parser.parse_args()
    chance = random.Random(SEED)  # noqa: S311 -- a repeatable choice, nothing secret
    names = read_names(arguments.data)
    titles = make_titles(chance, arguments.data, names, arguments.titles)
    chosen = chance.sample(names, min(arguments.names, len(names)))
    figures = {
        "titles": len(titles),
        "characters_per_title": round(sum(map(len, titles)) / len(titles), 1),
        "us_per_title": timings(titles),
        "folded": {kind: share(chance, disguise, chosen) for kind, disguise in DISGUISES.items()},
        "names": len(names),
        "collisions": collisions(names),
    }
    print(json.dumps(figures, ensure_ascii=False))


def read_names(data: Path) -> list[str]:
    """Return the names of the lists, each once, that hold a letter."""
    lists = data / "lists"
    names: list[str] = []
    with (lists / "character_names_multiscript.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names += [row[column] for column in ("ja", "en", "ko", "zh-hant", "zh-hans")]
    with (lists / "sudachi_synonyms_company_brand.csv").open(encoding="utf-8", newline="") as file:
        names += [row["headword"] for row in csv.DictReader(file)]
    with (lists / "edinet_companies_kanji_kana_en.csv").open(encoding="utf-8", newline="") as file:
        names += [row["name_ja"].replace("株式会社", "").strip() for row in csv.DictReader(file)]
    for line in (lists / "nsi_japan_brands.jsonl").read_text(encoding="utf-8").splitlines():
        brand = json.loads(line)["names"]
        names += [brand[key] for key in ("brand:ja", "brand:en") if key in brand]
    with (data / "marketplaces" / "brand_pairs_ja_en.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            names += [row["name_ja"], row["sub_name"]]
    return [name for name in dict.fromkeys(names) if name and skeleton(name).text]


def make_titles(chance: random.Random, data: Path, names: Sequence[str], count: int) -> list[str]:
    """Return titles of about 47 characters: half of them English, half names with words that sellers add."""
    path = data / "marketplaces" / "titles_extractgpt" / "ae-110k__train.jsonl"
    english = [json.loads(line)["input"] for line in path.read_text(encoding="utf-8").splitlines()]
    titles = []
    for _ in range(count):
        if chance.random() < 0.5:
            titles.append(" ".join(chance.choice(english).split()[:7]))
        else:
            words = [*chance.choices(names, k=5), *chance.choices(WORDS, k=2)]
            titles.append(" ".join(chance.sample(words, len(words))))
    return titles


def timings(titles: list[str]) -> dict[str, float]:
    """Return the CPU microseconds a title for each way of folding, the minimum of several rounds with warm caches."""
    ways: dict[str, Callable[[], object]] = {
        "batch": lambda: skeletons(titles),
        "string": lambda: [skeleton(title) for title in titles],
        "nfkc_casefold": lambda: [plain(title) for title in titles],
        "jaconv": lambda: [jaconv.normalize(title) for title in titles],
    }
    figures = {}
    for way, fold in ways.items():
        fold()
        spent = []
        for _ in range(ROUNDS):
            began = time.process_time()
            fold()
            spent.append(time.process_time() - began)
        figures[way] = round(min(spent) / len(titles) * 1e6, 2)
    return figures


def share(
    chance: random.Random, disguise: Callable[[random.Random, str], str], names: Sequence[str]
) -> dict[str, float]:
    """Return how many names the disguise changes, and the share of these whose skeleton it does not change."""
    planted = [(name, disguise(chance, name)) for name in names]
    planted = [(name, disguised) for name, disguised in planted if disguised != name]
    kept = sum(skeleton(name).text == skeleton(disguised).text for name, disguised in planted)
    return {"planted": len(planted), "share": round(kept / len(planted), 4) if planted else 0.0}


def collisions(names: Sequence[str]) -> dict[str, int]:
    """Return the number of sets of names that are one in their skeletons only, and the names in them."""
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        spellings[skeleton(name).text].add(plain_letters(name))
    taken = [letters for letters in spellings.values() if len(letters) > 1]
    return {"sets": len(taken), "names": sum(map(len, taken))}


def replaced(table: dict[str, str], max_letters: int = 2) -> Callable[[random.Random, str], str]:
    """Return a disguise that replaces up to ``max_letters`` letters of a name with look-alikes."""

    def disguise(chance: random.Random, name: str) -> str:
        positions = [index for index, char in enumerate(name) if char.lower() in table]
        letters = list(name)
        for index in chance.sample(positions, min(max_letters, len(positions))):
            letters[index] = chance.choice(table[letters[index].lower()])
        return "".join(letters)

    return disguise


def between(signs: str) -> Callable[[random.Random, str], str]:
    """Return a disguise that sets one of the signs between two letters of a name."""

    def disguise(chance: random.Random, name: str) -> str:
        if len(name) < 2:
            return name
        index = chance.randint(1, len(name) - 1)
        return name[:index] + chance.choice(signs) + name[index:]

    return disguise


def inverse(table: dict[str, str]) -> dict[str, str]:
    """Return what each target of a table is written with."""
    spellings: defaultdict[str, str] = defaultdict(str)
    for char, target in table.items():
        spellings[target] += char
    return dict(spellings)


def han_classes() -> dict[str, str]:
    """Return the other spellings of each Han character."""
    return {
        char: "".join(set(spellings) - {char})
        for kept, others in inverse(read_table(HAN)).items()
        for spellings in [kept + others]
        for char in spellings
    }


def decomposed(_: random.Random, name: str) -> str:
    """Return the name as some file systems write it: kana, accents and Hangul taken apart."""
    return unicodedata.normalize("NFD", name) if not name.isascii() else name


def letters_of(*, letters: str) -> dict[str, str]:
    """Return the UTS 39 look-alikes of small Latin letters, without signs, which need letters on both sides."""
    table = {char: letter for char, letter in read_table(UTS39).items() if unicodedata.category(char)[0] == "L"}
    return {letter: chars for letter, chars in inverse(table).items() if letter in letters}


DISGUISES: dict[str, Callable[[random.Random, str], str]] = {
    "full_width": lambda _, name: jaconv.h2z(name, kana=False, ascii=True, digit=True),
    "half_width_kana": lambda _, name: jaconv.z2h(name, kana=True),
    "hiragana": lambda _, name: jaconv.kata2hira(name),
    "long_mark_dropped": lambda _, name: name.replace("ー", ""),
    "small_kana_large": lambda _, name: name.translate(str.maketrans("ァィゥェォッャュョ", "アイウエオツヤユヨ")),
    "decomposed": decomposed,
    "spaced": lambda _, name: " ".join(name),
    "punctuation": between("-.·_*/・~"),
    "zero_width": between("\u200b\u200c\u2060\ufeff\u00ad\ufe0f\u3164\U000e0041"),
    "combining": lambda _, name: "\u0336".join(name),
    "leet": replaced(LEET_OF),
    "homoglyph_uts39": replaced(letters_of(letters="abcdefghijklmnopqrstuvwxyz")),
    "homoglyph_wider": replaced(WIDER_OF),
    "han_lookalike": replaced(HAN_LOOK),
    "long_mark_lookalike": lambda _, name: name.replace("ー", "一"),
    "han_variant": replaced(han_classes(), max_letters=9),
}


if __name__ == "__main__":
    main()
