"""Watch terms and listing titles for ``benchmarks/text/names_index.py``: real names and words, mixed by a seed.

Terms: brand names of the lists, then headwords, companies and characters, then blends of two names. Titles: 36 %
English, 14 % Indonesian-like, 34 % Japanese, 10 % Chinese, 6 % Korean; 12 % hold a term, as it is or with a variation.
Nothing is copied into the repository: the words are read from the shared data at each run.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ipwatch.text.folding.skeleton import skeleton

MAX_LETTERS = 60
PLANTED = 0.12
SEED = 20261122

JAPANESE = """
    送料無料 新品 未使用 正規品 美品 中古 限定 即納 メンズ レディース キッズ 大容量 お得 日本製 人気
    おしゃれ かわいい ギフト セット 2個セット 箱付き タグ付き 国内発送 匿名配送 SALE 値下げ 訳あり
    最新モデル 保証付き 純正 互換品 防水 軽量 Lサイズ 黒 白 ネイビー
""".split()  # noqa: SIM905 - words read better than a list of strings
CHINESE = """
    正品 包邮 日本代购 现货 新款 男女同款 情侣 韩版 潮牌 夏季 冬季 加绒 宽松 短袖 卫衣 外套 手机壳 适用 苹果
    华为 保护套 化妆水 面霜 套装 儿童 玩具 毛绒 周边 手办 摆件 礼物 毛巾 浴巾 纯棉 加厚 吸水 家用 厨房 刀具
    保温杯 运动鞋 跑步 相机 镜头 电池 充电器 钢笔 文具 抹茶
""".split()  # noqa: SIM905 - words read better than a list of strings
KOREAN = """
    정품 무료배송 국내배송 신상 남녀공용 커플 반팔 티셔츠 맨투맨 자켓 운동화 스니커즈 휴대폰 케이스 호환
    보호필름 화장품 세트 크림 선크림 인형 피규어 굿즈 선물 수건 타월 주방 텀블러 카메라 렌즈 배터리 충전기
    필기구 과자 녹차
""".split()  # noqa: SIM905 - words read better than a list of strings
INDONESIAN = """
    baju kaos pria wanita anak murah original terbaru tas sepatu sandal jaket celana jilbab gamis motif
    polos warna hitam putih merah ukuran jumbo bisa bayar di tempat gratis ongkir promo grosir botol minum
    dapur pisau handuk mandi mainan boneka lampu tempel kabel casing hp pelindung layar kamera baterai bahan
    katun halus tebal tahan air
""".split()  # noqa: SIM905 - words read better than a list of strings
ENGLISH = """
    NEW Genuine Authentic Free Shipping Seller Lot Vintage Rare Limited Edition Mens Womens Kids Black White
    for with Case Cover Set High Quality Fashion Hot Sale Wireless Portable Gift
""".split()  # noqa: SIM905 - words read better than a list of strings
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
LEET = str.maketrans("oieastb", "0134578")


class Material:
    """The names and words of the shared data."""

    def __init__(self, data: Path) -> None:
        lists, marketplaces = data / "lists", data / "marketplaces"
        pairs = _table(marketplaces / "brand_pairs_ja_en.tsv", "\t")
        brands = [json.loads(line)["names"] for line in (lists / "nsi_japan_brands.jsonl").open(encoding="utf-8")]
        characters = _table(lists / "character_names_multiscript.csv", ",")
        companies = _table(lists / "edinet_companies_kanji_kana_en.csv", ",")
        self.headwords = [row["headword"] for row in _table(lists / "sudachi_synonyms_company_brand.csv", ",")]
        self.brands = [
            *(name for row in brands for key, name in row.items() if key.split(":")[0] in {"brand", "name"}),
            *(row[column] for row in pairs for column in ("name_ja", "sub_name")),
        ]
        self.names = [
            *self.headwords,
            *(row[column] for row in companies for column in ("name_ja", "name_en", "name_kana")),
            *(row[column] for row in characters for column in ("ja", "ja-roma", "en", "ko", "zh-hans", "fr", "de")),
        ]
        self.korean = [row["ko"] for row in characters if row["ko"]]
        self.chinese = [row["zh-hans"] for row in characters if row["zh-hans"]]
        self.english = [
            json.loads(line)["input"].split()
            for path in sorted((marketplaces / "titles_extractgpt").glob("*.jsonl"))
            for line in path.open(encoding="utf-8")
        ]
        folders = ("rakuten", "rakuten_sdk", "mercari_jp")
        items = [
            name
            for folder in folders
            for path in sorted((marketplaces / folder).rglob("*.json"))
            for name in _items(path)
        ]
        self.japanese = [word for name in items for word in name.split() if len(word) <= 12]


def _table(path: Path, delimiter: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _items(path: Path) -> Iterator[str]:
    """Yield every string below the keys of an item's name."""
    waiting = [json.loads(path.read_text(encoding="utf-8"))]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            yield from (value[key] for key in ("itemName", "name") if isinstance(value.get(key), str))
            waiting.extend(value.values())


def watch_terms(material: Material, count: int) -> list[str]:
    """Return ``count`` names with distinct skeletons of 2 to ``MAX_LETTERS`` letters, brands first."""
    chance = random.Random(SEED)  # noqa: S311 - the same data on every run
    brands = list(dict.fromkeys(material.brands))
    chance.shuffle(brands)
    latin = [name for name in (*brands, *material.names) if name.isascii() and len(name) > 3]
    blends = (_blend(chance, latin) for _ in range(20 * count))
    terms: dict[str, str] = {}
    for names in (brands, material.names, blends):
        for name in names:
            if len(terms) == count:
                return list(terms.values())
            folded = skeleton(name).text
            if 2 <= len(folded) <= MAX_LETTERS:
                terms.setdefault(folded, name)
    raise ValueError(f"only {len(terms)} of {count} terms could be made")


def _blend(chance: random.Random, names: list[str]) -> str:
    head, tail = chance.choice(names), chance.choice(names)
    return head[: max(2, len(head) // 2)] + tail[len(tail) // 2 :]


def listing_titles(material: Material, terms: list[str], count: int, seed: int = SEED) -> Iterator[str]:
    """Yield ``count`` titles."""
    chance = random.Random(seed)  # noqa: S311 - the same data on every run
    for _ in range(count):
        words, separator = _background(chance, material)
        if chance.random() < PLANTED:
            words.insert(chance.randint(0, len(words)), _variation(chance, chance.choice(terms)))
        yield separator.join(words)[:200]


def _background(chance: random.Random, material: Material) -> tuple[list[str], str]:
    draw = chance.random()
    if draw < 0.36:
        head, tail = chance.choice(material.english), chance.choice(material.english)
        middle = chance.sample(ENGLISH, chance.randint(0, 3))
        return head[: chance.randint(1, 1 + len(head) // 3)] + tail[
            -chance.randint(1, 1 + len(tail) // 3) :
        ] + middle, " "
    if draw < 0.50:
        return chance.choices(INDONESIAN, k=chance.randint(4, 9)) + chance.choices(
            chance.choice(material.english), k=1
        ), " "
    if draw < 0.84:
        words = chance.sample(JAPANESE, chance.randint(2, 4)) + chance.choices(
            material.japanese, k=chance.randint(2, 4)
        )
        words += chance.choices(material.headwords, k=chance.randint(1, 3))
        chance.shuffle(words)
        return words, chance.choice([" ", " ", "　", "/", ""])
    if draw < 0.94:
        return chance.choices(CHINESE, k=chance.randint(6, 12)) + chance.choices(material.chinese, k=1), chance.choice(
            ["", " "]
        )
    return chance.choices(KOREAN, k=chance.randint(5, 9)) + chance.choices(material.korean, k=1), " "


def _variation(chance: random.Random, name: str) -> str:
    index = chance.randrange(len(name))
    other = chance.choice("aeinorst" if name.isascii() else KANA)
    ways: list[Callable[[], str]] = [
        lambda: name,
        name.lower,
        name.upper,
        lambda: " ".join(name),
        lambda: name[:index] + chance.choice("-._・*") + name[index:],
        lambda: name.lower().translate(LEET),
        lambda: name[:index] + name[index + 1 :],
        lambda: name[:index] + name[index] + name[index:],
        lambda: name[:index] + name[index + 1 : index + 2] + name[index] + name[index + 2 :],
        lambda: name[:index] + other + name[index + 1 :],
        lambda: name[:index] + other + name[index:],
        lambda: _variation(chance, name[:index] + other + name[index + 1 :]),
    ]
    return chance.choice(ways)()


def folded(names: Iterable[str]) -> list[str]:
    """Return the skeleton of each name."""
    return [skeleton(name).text for name in names]
