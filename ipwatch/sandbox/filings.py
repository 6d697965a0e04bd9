"""Filings: the registers of the sandbox as data, independent of an office's format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from random import Random

from ipwatch.sandbox.catalogue import Brand, Catalogue
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.truth import Kind, Truth, truth_of

_JP_COUNT, _US_COUNT, _LATER = 220, 110, 40
_WEEKS = 3
_HORIZON = 14
_LATER_FROM, _FIGURATIVE_FROM = 1000, 2000
_MAX_SIMILARITY = 0.6
_APPLICANTS_JP = (
    "株式会社青嶺",
    "合同会社ミライ工房",
    "株式会社北陽商事",
    "有限会社花実",
    "株式会社テラモト",
    "個人出願人（山吹）",
)
_APPLICANTS_US = (
    "Bluehaven Trading LLC",
    "Orchard & Pine Inc.",
    "Kestrel Goods Ltd.",
    "Shenhai Import Co., Ltd.",
    "Lakeview Brands LLC",
)
_AGENTS_JP = ("弁理士 若葉 一", "弁理士法人あおい国際特許", "弁理士 千歳 直")
_AGENTS_US = ("Dana R. Whitfield", "Miles Okafor", "Priya Raman")
_SYLLABLES = "a ka sa ta na ha ma ra i ki shi chi ri u ku su ru e ke te re o ko to no mo ro be do ji pa pi n"
_KANA = dict(
    zip("アカサタナハマライキシチリウクスルエケテレオコトノモロベドジパピン", _SYLLABLES.split(" "), strict=True)
)
GOODS_TEXT = {
    3: ("化粧品，せっけん類，香料", "Cosmetics; soaps; perfumery"),
    8: ("包丁類，はさみ類，手動利器", "Kitchen knives; hand-operated cutting tools"),
    9: ("イヤホン，電気通信機械器具，ゲーム用プログラム", "Earphones; downloadable computer game programs"),
    11: ("家庭用電熱用品類，電球類及び照明用器具", "Electric lamps; household heating apparatus"),
    14: ("キーホルダー，身飾品", "Key rings; jewelry"),
    16: ("文房具類，印刷物，紙類", "Stationery; printed matter; pens"),
    18: ("かばん類，袋物", "Bags; backpacks; purses"),
    20: ("家具，クッション", "Furniture; cushions"),
    21: ("食器類，漆器，台所用品", "Tableware; lacquerware bowls; kitchen utensils"),
    22: ("テント，登山用ロープ", "Tents; mountaineering ropes"),
    24: ("タオル，布製身の回り品", "Towels; textile goods for household use"),
    25: ("被服，履物", "Clothing; footwear"),
    28: ("おもちゃ，人形，ぬいぐるみ", "Toys; dolls; plush toys; figurines"),
    29: ("食肉，牛肉，肉製品", "Meat; beef; processed meat products"),
    30: ("茶，菓子，調味料", "Tea; confectionery; seasonings"),
    31: ("りんご，果実，野菜", "Fresh apples; fresh fruits; vegetables"),
    35: ("広告業，小売の業務において行われる顧客に対する便益の提供", "Advertising; retail store services"),
    41: ("娯楽の提供，映像の制作", "Entertainment services; film production"),
}
SIMILAR_GROUPS = {
    3: "04A0104C0104D01", 8: "13A0113A0213B01", 9: "11A0111B0111C01", 11: "11A0611A07", 14: "20A0121A02",
    16: "25A0125B01", 18: "21C01", 20: "20A0117C01", 21: "19A0319A05", 22: "19B3224C02", 24: "17B01",
    25: "17A0117A0222A01", 28: "24A01", 29: "32A0132F01", 30: "29A0130A0131A01", 31: "32D0132E01",
    35: "35A0135K01", 41: "41E0141F06",
}  # fmt: skip
_FAR_CLASSES = (11, 20, 35)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One filing. ``born`` is the day of the world on which the register publishes it (negative: before day 0).

    A mark that is not in standard characters is filed as a picture: the emblem of the mark ``figure``, or its own label
    where that is ``None``.
    """

    office: str
    number: str
    text: str
    reading: str
    standard_characters: bool
    applicant: str
    agent: str
    filed_on: date
    published_on: date | None
    classes: tuple[int, ...]
    regional: bool
    figure: str | None
    born: int
    truth: Truth

    @property
    def subject(self) -> str:
        """The key ``office:application_number``."""
        return f"{self.office}:{self.number}"


@dataclass(frozen=True, slots=True)
class _Plan:
    text: str
    reading: str
    classes: tuple[int, ...]
    kind: Kind
    brand: Brand | None


def invent_filings(seed: int, today: date, catalogue: Catalogue) -> tuple[Filing, ...]:
    """Return the filings of both registers, oldest publication first."""
    rng = generator(seed, "filings")
    japanese = [*_conflicts(catalogue.brands, rng), *_decoys(catalogue.brands, rng)]
    american = [plan for plan in japanese if plan.text.isascii()]
    japanese = [plan for plan in japanese if not plan.text.isascii()]
    japanese += [_innocent(catalogue, rng, kana=True) for _ in range(_JP_COUNT - len(japanese))]
    american += [_innocent(catalogue, rng, kana=False) for _ in range(_US_COUNT - len(american))]
    later = [_innocent(catalogue, rng, kana=bool(number % 3)) for number in range(_LATER)]
    made = []
    for plans, office in ((japanese, "JP"), (american, "US")):
        rng.shuffle(plans)
        made += [
            _filing(plan, rng, office=office, number=n, today=today, born=_past(n)) for n, plan in enumerate(plans)
        ]
    for n, plan in enumerate(later):
        office = "US" if plan.text.isascii() else "JP"
        made.append(_filing(plan, rng, office=office, number=_LATER_FROM + n, today=today, born=1 + n % _HORIZON))
    made += _figurative(seed, today, catalogue)
    return tuple(sorted(made, key=lambda filing: (filing.born, filing.office, filing.number)))


def latin(reading: str) -> str:
    """Return a reading in Latin capitals; letters without one are left out."""
    return "".join(_KANA.get(letter, "") for letter in reading).upper()


def _past(number: int) -> int:
    """Return the day on which an initial filing was published: weekly, over the last weeks."""
    return -7 * (number % _WEEKS)


def _conflicts(brands: tuple[Brand, ...], rng: Random) -> list[_Plan]:
    kinds = {"sound": Kind.SIMILAR_SOUND, "look": Kind.SIMILAR_LOOK, "both": Kind.SIMILAR_BOTH}
    return [
        _Plan(near.text, near.reading, (rng.choice(brand.nice_classes),), kinds[near.how], brand)
        for brand in brands
        for near in brand.near
    ]


def _decoys(brands: tuple[Brand, ...], rng: Random) -> list[_Plan]:
    """Return the same marks without a conflict: in an unrelated class by others, and by the holder itself."""
    far = [
        _Plan(brand.text, brand.readings[0], (rng.choice(_FAR_CLASSES),), Kind.OTHER_CLASS, brand)
        for brand in brands[::2]
    ]
    own = [
        _Plan(brand.text, brand.readings[0], brand.nice_classes[:1], Kind.OWN_FILING, brand) for brand in brands[1::2]
    ]
    return far + own


def _figurative(seed: int, today: date, catalogue: Catalogue) -> list[Filing]:
    """Return Japanese filings of coined words with the emblem of another holder's mark, in one of its classes."""
    rng = generator(seed, "figurative filings")
    made = []
    for number, brand in enumerate(catalogue.brands):
        word = _innocent(catalogue, rng, kana=True)
        plan = _Plan(word.text, word.reading, (rng.choice(brand.nice_classes),), Kind.SIMILAR_FIGURE, brand)
        made.append(_filing(plan, rng, office="JP", number=_FIGURATIVE_FROM + number, today=today, born=_past(number)))
    return made


def _innocent(catalogue: Catalogue, rng: Random, *, kana: bool) -> _Plan:
    """Return a coined word that is not similar to any watched mark."""
    while True:
        syllables = rng.choices(list(_KANA), k=rng.randint(3, 6))
        reading = "".join(syllables).lstrip("ン")
        similarity = max(SequenceMatcher(None, reading, brand.readings[0]).ratio() for brand in catalogue.brands)
        if len(reading) >= 3 and similarity < _MAX_SIMILARITY:  # noqa: PLR2004 - shorter words are no marks
            break
    text = reading if kana else latin(reading)
    classes = tuple(sorted(rng.sample(sorted(GOODS_TEXT), k=rng.choice((1, 1, 1, 2)))))
    return _Plan(text, reading, classes, Kind.UNRELATED, None)


def _filing(plan: _Plan, rng: Random, *, office: str, number: int, today: date, born: int) -> Filing:
    published = today + timedelta(days=born)
    filed = published - timedelta(days=rng.randint(150, 330))
    japanese = office == "JP"
    applicant = rng.choice(_APPLICANTS_JP if japanese else _APPLICANTS_US)
    if plan.kind is Kind.OWN_FILING and plan.brand is not None:
        applicant = plan.brand.holder.name_ja if japanese else plan.brand.holder.name_en
    figurative = plan.kind is Kind.SIMILAR_FIGURE
    standard_characters = rng.choice((True, True, False)) and not figurative
    return Filing(
        office=office,
        number=f"{filed.year}{500_000 + number * 37:06d}" if japanese else f"{99_000_000 + number * 113:08d}",
        text=plan.text,
        reading=plan.reading,
        standard_characters=standard_characters,
        applicant=applicant,
        agent=rng.choice(_AGENTS_JP if japanese else _AGENTS_US),
        filed_on=filed,
        published_on=published if rng.choice((True, True, False)) else None,
        classes=plan.classes,
        regional=plan.brand is not None and plan.brand.place is not None and plan.kind is Kind.OWN_FILING,
        figure=plan.brand.key if plan.brand and (figurative or plan.kind is Kind.OWN_FILING) else None,
        born=born,
        truth=truth_of(plan.kind, plan.brand.key if plan.brand else None),
    )
