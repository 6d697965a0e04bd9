"""Data for the quality of the text matching: brands, titles and labels, read from shared data or invented.

Shared data is read in place and never copied. Brands are split by name and titles by text, both by a hash, so that
weights fitted on one half are measured on other names and titles.
"""

from __future__ import annotations

import csv
import json
import random
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.data.planted import Brand, PlantedTitle, decoys, plant
from ipwatch.sandbox import Composition, build_world
from ipwatch.sandbox.catalogue import load_catalogue
from ipwatch.text.folding.skeleton import skeleton

_PLANTED = 0.12
_DECOYED = 0.04
_PAIRS = (
    "LION ライオン|KIRIN キリン|Asahi アサヒ|Tiger タイガー|Pigeon ピジョン|HONDA ホンダ|ZEBRA ゼブラ|PILOT パイロット|"
    "SHARP シャープ|brother ブラザー|CASIO カシオ|CITIZEN シチズン|KAO 花王|SEGA セガ|MIZUNO ミズノ|SONY ソニー"
)
_IDIOMS = {
    "ja": "送料無料 新品 未使用 限定 即納 メンズ レディース 大容量 日本製 人気 かわいい ギフト セット 箱付き 匿名配送 "
    "値下げ 訳あり 最新 保証付き 防水 軽量 黒 白 ブラック ネイビー 収納 子供 冬 折りたたみ 通勤 激安 まとめ売り",
    "zh": "正品 包邮 现货 新款 女士 男士 情侣 夏季 冬季 加绒 宽松 短袖 外套 手机壳 保护套 面霜 套装 儿童 玩具 毛绒 "
    "手办 礼物 毛巾 纯棉 厨房 刀具 保温杯 运动鞋 篮球 相机 电池 充电器 钢笔 文具 零食 抹茶 饼干",
    "ko": "정품 무료배송 신상 남녀공용 반팔 티셔츠 자켓 운동화 케이스 보호필름 화장품 세트 크림 인형 피규어 선물 "
    "수건 주방 칼 텀블러 카메라 배터리 충전기 과자 녹차 가방",
}
_INVENTED = 40
_PLANTED_INVENTED = 0.25
_DECOYED_INVENTED = 0.10
_SYLLABLES = tuple(
    zip(
        "アカサタナハマラキシニミリクスヌムルケセテネメレコソトノモロ",
        (
            *("a", "ka", "sa", "ta", "na", "ha", "ma", "ra", "ki", "shi", "ni", "mi", "ri", "ku", "su", "nu"),
            *("mu", "ru", "ke", "se", "te", "ne", "me", "re", "ko", "so", "to", "no", "mo", "ro"),
        ),
        strict=True,
    )
)
_HALVES = ("fit", "test")


def half_of(key: str, seed: int) -> str:
    """Return ``fit`` or ``test`` for a name or a text, always the same for one seed."""
    return _HALVES[zlib.crc32(f"{seed}:{key}".encode()) & 1]


Labelled = tuple[tuple[Brand, ...], list[PlantedTitle]]
"""Brands, and titles whose labels are positions among them."""


@dataclass(frozen=True, slots=True)
class Material:
    """Brands and titles of one half."""

    brands: tuple[Brand, ...]
    titles: tuple[str, ...]


def shared_material(data: Path, half: str, *, brands: int, titles: int, seed: int) -> Material:
    """Return real Japanese brands and titles made of pieces of real ones; the brands of decoys are among them."""
    chance = random.Random(f"{seed}:{half}")  # noqa: S311 - the same data on every run
    known = [brand for brand in _decoy_brands() if half_of(brand.names[0], seed) == half]
    taken = {skeleton(name).text for brand in known for name in brand.names}
    others = [
        brand
        for brand in real_brands(data)
        if half_of(brand.names[0], seed) == half and not taken & {skeleton(name).text for name in brand.names}
    ]
    known += chance.sample(others, min(len(others), max(0, brands - len(known))))
    return Material(tuple(known), tuple(_titles(data, half, chance, titles, seed)))


def invented_titles(*, titles: int, seed: int) -> Labelled:
    """Return brands and titles of the sandbox's kind, with names and decoys planted: nothing of it is real."""
    chance = random.Random(seed)  # noqa: S311 - the same data on every run
    brands = [Brand((brand.text, brand.latin)) for brand in load_catalogue().brands]
    brands += [Brand(_invented_name(chance)) for _ in range(_INVENTED)]
    world = build_world(seed, titles, date(2026, 11, 1), Composition.ENGINE)
    plain = [offer.title for offer in world.all_offers if not offer.truth.suspected and offer.truth.mark is None]
    known = (*brands, *_decoy_brands())
    return known, plant(known, plain, chance, planted=_PLANTED_INVENTED, decoyed=_DECOYED_INVENTED)


def _invented_name(chance: random.Random) -> tuple[str, str]:
    syllables = chance.choices(_SYLLABLES, k=chance.randint(2, 5))
    return "".join(kana for kana, _ in syllables), "".join(latin for _, latin in syllables).title()


def _decoy_brands() -> list[Brand]:
    pairs = [tuple(pair.split()) for pair in _PAIRS.split("|")]
    paired = {name for pair in pairs for name in pair}
    return [Brand(pair) for pair in pairs] + [Brand((name,)) for name in decoys() if name not in paired]


def real_brands(data: Path) -> list[Brand]:
    """Return the brands of the shared lists that have a Japanese and a Latin spelling, or one of both."""
    brands: dict[str, Brand] = {}
    for line in (data / "lists/nsi_japan_brands.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row["jp_only"]:
            continue
        names = row["names"]
        _add(brands, (names.get("brand:ja") or names.get("brand"), names.get("brand:en")))
    with (data / "marketplaces/brand_pairs_ja_en.tsv").open(encoding="utf-8") as file:
        for pair in csv.DictReader(file, delimiter="\t"):
            _add(brands, (pair["sub_name"], pair["name_ja"]))
    return sorted(brands.values(), key=lambda brand: brand.names)


def _add(brands: dict[str, Brand], names: Iterable[str | None]) -> None:
    kept: dict[str, str] = {}
    for name in names:
        folded = skeleton(name or "").text
        if name and (2 if folded.isalpha() and not folded.isascii() else 3) <= len(folded) <= 20:
            kept.setdefault(folded, name)
    if kept:
        brands.setdefault(next(iter(kept)), Brand(tuple(kept.values())))


def extract_titles(data: Path) -> Iterator[tuple[str, str | None]]:
    """Yield each real title with the brand that people marked in it, if any."""
    for path in sorted((data / "marketplaces/titles_extractgpt").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            scores = row["target_scores"]
            marked = {value for key in ("Brand", "Brand Name") for value in scores.get(key, ())}
            yield row["input"], next(iter(marked - {"n/a"}), None)


def _item_names(data: Path) -> list[str]:
    """Return the item names in the saved answers of Japanese marketplaces."""
    names: set[str] = set()
    folders = (data / "marketplaces/rakuten", data / "marketplaces/mercari_jp")
    for path in sorted(path for folder in folders for path in folder.glob("*.json")):
        names.update(_strings(json.loads(path.read_text(encoding="utf-8")), ("itemName", "name")))
    return sorted(name for name in names if 8 <= len(name) <= 200)


def _strings(value: Any, keys: Sequence[str]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in keys and isinstance(inner, str):
                yield inner
            elif isinstance(inner, str) and inner[:1] in "{[":
                yield from _embedded(inner, keys)
            else:
                yield from _strings(inner, keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, keys)


def _embedded(text: str, keys: Sequence[str]) -> Iterator[str]:
    try:
        yield from _strings(json.loads(text), keys)
    except json.JSONDecodeError:
        return


def _titles(data: Path, half: str, chance: random.Random, count: int, seed: int) -> Iterator[str]:
    """Yield titles put together from two real ones of the half, and of selling words in Chinese and Korean."""
    english = [title for title, _ in extract_titles(data) if half_of(title, seed) == half]
    japanese = [name for name in _item_names(data) if half_of(name, seed) == half]
    for _ in range(count):
        draw = chance.random()
        if draw < 0.5:
            yield _blend(english, chance, 9)
        elif draw < 0.84:
            words = chance.sample(_IDIOMS["ja"].split(), chance.randint(0, 3))
            yield " ".join((_blend(japanese, chance, 6), *words))
        else:
            language = "zh" if draw < 0.94 else "ko"
            words = chance.sample(_IDIOMS[language].split(), chance.randint(5, 10))
            yield ("" if language == "zh" and chance.random() < 0.6 else " ").join(words)


def _blend(titles: Sequence[str], chance: random.Random, max_words: int) -> str:
    first, second = (re.split(r"[\s\u3000]+", chance.choice(titles)) for _ in range(2))
    start = chance.randint(0, max(0, len(second) - 1))
    return " ".join((*first[: chance.randint(1, max_words)], *second[start : start + chance.randint(1, max_words)]))[
        :200
    ]


def planted_titles(data: Path, half: str, *, brands: int, titles: int, seed: int) -> Labelled:
    """Return brands and titles of one half, 12 % of them with a name planted and 4 % with a decoy."""
    material = shared_material(data, half, brands=brands, titles=titles, seed=seed)
    chance = random.Random(f"{seed}:{half}:plant")  # noqa: S311 - the same data on every run
    return material.brands, plant(material.brands, material.titles, chance, planted=_PLANTED, decoyed=_DECOYED)


def real_titles(data: Path, half: str, *, seed: int) -> Labelled:
    """Return the real titles of one half whose brand people marked, and the brands of that half.

    A title of a brand whose name overlaps with a watched one is unclear, not wrong.
    """
    marked = [(title, brand) for title, brand in extract_titles(data) if brand and half_of(title, seed) == half]
    names = sorted({brand.casefold(): brand for _, brand in marked}.values())
    names = [each for each in names if half_of(each.casefold(), seed) == half and len(skeleton(each).text) >= 3]
    number_of = {each.casefold(): number for number, each in enumerate(names)}
    titles = [
        PlantedTitle(title, "", number_of.get(brand.casefold()), brand, brand, "real", "real")
        for title, brand in marked
    ]
    return tuple(Brand((each,)) for each in names), titles
