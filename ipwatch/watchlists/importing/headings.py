"""Finds the headings of a table of marks: what they are called in Japanese and English, and in which row they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from ipwatch.watchlists.importing.grid import Cell, Grid, is_filled
from ipwatch.watchlists.schema import as_katakana

MAX_ROWS_ABOVE = 200
"""Filled rows among which the headings are looked for."""
MIN_HEADINGS = 2
"""Headings that make a row the row of headings: a title may be one by chance."""

_NAMES: Mapping[str, str] = {
    "id": ("id、識別名"),
    "text": (
        "text、商標、mark、名称、商標名、商標名称、商標の名称、登録商標、標章、商標見本、商標名等、"
        "ブランド、ブランド名、商標文字、商標表示、地域団体商標名、地理的表示の名称、登録名称、"
        "品種名、作品名、trademark、trade mark、marks、mark name、trademark name、brand、brand name、"
        "mark text"
    ),
    "kind": (
        "kind、権利種別、権利の種類、種別、権利種類、権利の種別、権利区分、商標種別、商標の種類、"
        "種類、type、kind of right、right type、type of right、ip type"
    ),
    "readings": (
        "readings、reading、称呼、読み、よみ、ヨミ、フリガナ、ふりがな、よみがな、読み仮名、"
        "読みがな、読み方、呼称、カナ、仮名、振り仮名、商標読み、商標の読み、商標称呼、商標フリガナ、"
        "商標よみ、商標の称呼、商標の読み方、商標名フリガナ、商標名読み、商標名よみがな、"
        "商標名称呼、参考称呼、称呼参考情報、pronunciation、kana"
    ),
    "variants": (
        "variants、variant、別表記、表記ゆれ、外国語表記、異表記、表記揺れ、別名、別称、別の表記、"
        "その他の表記、他の表記、英語表記、英文表記、欧文表記、ローマ字、ローマ字表記、中国語表記、"
        "韓国語表記、英文名、英語名、other spellings、spellings、alternative spellings、aliases、"
        "alias、romanization"
    ),
    "nice_classes": (
        "nice_classes、classes、class、区分、類、国際分類、商品区分、商品役務区分、"
        "商品及び役務の区分、区分数と区分、指定区分、商標区分、ニース分類、国際区分、類区分、区分類、"
        "商品役務の区分、nice class、nice classes、int class、international class、class es"
    ),
    "goods_terms": (
        "goods_terms、goods、商品、商品名、指定商品、指定商品役務、指定商品指定役務、"
        "指定商品及び指定役務、商品役務、商品語、対象商品、指定商品又は指定役務、指定商品名、"
        "指定商品または指定役務、品目、goods and services、goods services、goods terms、products、"
        "product"
    ),
    "exclude_terms": ("exclude_terms、除外語、除外、除外ワード、除外キーワード、除外する語、exclude、exclusions"),
    "images": ("images、image、画像、ロゴ画像、画像ファイル、ロゴ、画像ファイル名、logo、picture、pictures"),
    "exclude_images": ("exclude_images、除外画像"),
    "vienna_codes": ("vienna_codes、vienna、図形分類、ウィーン分類、ウィーン図形分類、図形等分類、vienna codes"),
    "price_min": ("price_min、正規価格下限、価格下限、最低価格、下限価格、正規価格最低、min price、price from"),
    "price_max": ("price_max、正規価格上限、価格上限、最高価格、上限価格、正規価格最高、max price、price to"),
    "office": ("office、官庁、登録国、国、国名、出願国、国地域、登録官庁、country、jurisdiction"),
    "number": (
        "number、registration_number、登録番号、登録no、商標登録番号、登録、登録番号出願番号、"
        "登録出願番号、出願登録番号、出願番号登録番号、商標番号、登録商標番号、権利番号、商標登録no、"
        "登録第、登録番号等、reg no、registration no、reg number、registration、"
        "registration numbers、reg nos"
    ),
    "expires": (
        "expires、存続期間満了日、満了日、有効期限、存続期間、存続期限、存続期間満了、期間満了日、"
        "権利満了日、存続期間満了年月日、満了年月日、満了期限、満了、更新期限、更新期限日、"
        "次回更新期限、次回更新日、期限、有効期間、有効期限日、権利期限、登録満了日、"
        "存続期間の満了日、次回更新、商標権存続期間満了日、expiry、expiry date、expiration、"
        "expiration date、expire、expires on、renewal date、renewal due、valid until、due date、"
        "next renewal、renewal"
    ),
    "licensees": (
        "licensees、licensee、許諾先、ライセンシー、許諾先名、許諾先ライセンシー、ライセンシー名、ライセンス先、使用権者、"
        "許諾メーカー、商品化許諾先、製造許諾先、被許諾者、licencees、licencee"
    ),
    "own_products": (
        "own_products、自社商品jan型番、自社商品、自社商品jan、自社商品型番、自社商品番号、自社商品コード、jan、janコード、"
        "jan型番、型番、自社型番、品番、isbn、isbnコード、own products、own product numbers、product numbers、"
        "product codes、model numbers、model number、jan code、jan codes、ean"
    ),
    "unlicensed_goods": (
        "unlicensed_goods、許諾していない商品、未許諾商品、無許諾商品、許諾外商品、許諾していない品目、許諾していないもの、"
        "unlicensed goods、goods not licensed、not licensed"
    ),
    "authorised_sellers": (
        "authorised_sellers、正規販売店、正規販売者、正規取扱店、認定販売店、特約店、authorized sellers、"
        "authorised shops、authorized shops"
    ),
    "official_sellers": (
        "official_sellers、公式販売店、公式店、公式ショップ、公式ストア、公式アカウント、直営店、自社店舗、"
        "official shops、official stores、official accounts、own shops"
    ),
    "deny_sellers": (
        "deny_sellers、要注意出品者、出品禁止、要注意出品者出品禁止、出品禁止者、禁止出品者、要注意販売者、要注意販売店、"
        "denied sellers、deny list、refused sellers"
    ),
    "second_hand": ("second_hand、中古品の扱い、中古品、中古、中古の扱い、used goods、second hand goods、used"),
    "depth": ("depth、表示の多さ、表示量、表示の範囲、how much to show"),
    "holder": (
        "holder、権利者、商標権者、権利者名、商標権者名、名義人、登録名義人、権利者名称、権利者名義、"
        "owner、right holder、rights holder、proprietor、registrant"
    ),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {field: tuple(names.split("、")) for field, names in _NAMES.items()}
"""Headings by field; those of ``holder`` are compared with the holder that the command names."""
_WITHOUT_PLACE = (
    "no、番号、連番、項番、通番、備考、摘要、メモ、注記、コメント、担当、担当者、状態、状況、"
    "ステータス、出願番号、出願日、出願年月日、登録日、登録年月日、設定登録日、更新日、更新登録日、"
    "公報番号、公報発行日、出願人、代理人、類似群、類似群コード、住所、所在地、url、リンク、"
    "管理番号、整理番号、年金、更新料、notes、note、remarks、remark、memo、comment、comments、"
    "status、application number、application no、filing date、application date、registration date、"
    "agent、address、link、ref、our ref"
)
"""Headings of offices for what a watchlist has no place for: never taken for a misspelt one."""
_SECOND_CHOICE = (
    "名称、商標見本、ブランド、ブランド名、作品名、品種名、登録名称、brand、brand name、種類、type、登録、商標番号、"
    "権利番号、registration、存続期間、有効期間、更新期限、更新期限日、次回更新期限、次回更新日、次回更新、期限、"
    "renewal date、renewal due、due date、next renewal、renewal、国、country"
)
"""Headings that count only where no other one names the field: a date of renewal is no expiry where both stand."""
MAX_HEADING = 200
"""Characters from which a cell is no heading."""
_BRACKETED = re.compile(r"[(\[【〔「<（［〈《][^)\]】〕」>）］〉》]*[)\]】〕」>）］〉》]")
_INSIDE = re.compile(r"[(\[【〔「<（［〈《]([^)\]】〕」>）］〉》]*)[)\]】〕」>）］〉》]")


def fold(heading: str) -> str:
    """Return the key of a heading: letters and digits in NFKC and katakana, without case, spaces and ornaments."""
    return "".join(each for each in as_katakana(heading).casefold() if each.isalnum())


_FIELDS = {fold(name): field for field, names in COLUMNS.items() for name in names}
_SECOND = frozenset(fold(name) for name in _SECOND_CHOICE.split("、"))
_OTHERS = frozenset(fold(name) for name in _WITHOUT_PLACE.split("、"))


def field_of(heading: str) -> str | None:
    """Return the field that a heading names, or ``None``; notes in brackets and running numbers do not count."""
    if len(heading) > MAX_HEADING:
        return None
    normal = unicodedata.normalize("NFKC", heading)
    inside = [fold(each) for each in _INSIDE.findall(normal)]
    outside = fold(_BRACKETED.sub("", normal))
    whole = fold(normal)
    if whole in _OTHERS:
        return None
    if whole in _FIELDS:
        return _FIELDS[whole]
    plain = next(
        (name for name in (outside, whole.strip("0123456789"), outside.strip("0123456789")) if name in _FIELDS), None
    )
    if plain is None:
        return None
    field = _FIELDS[plain]
    named = {_FIELDS.get(each, "other" if each in _OTHERS else field) for each in inside}
    return field if named <= {field} else None


def nearest(heading: str) -> str | None:
    """Return the known heading most similar to an unknown one."""
    if len(heading) > MAX_HEADING:
        return None
    folded = fold(heading)
    if folded in _OTHERS or len(folded) < MIN_HEADINGS:
        return None
    near = get_close_matches(folded, _FIELDS, n=1, cutoff=0.75)
    if not near:
        return None
    return next(name for name in COLUMNS[_FIELDS[near[0]]] if fold(name) == near[0])


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of a table: first and last row (two where they are in two storeys), text and field by column."""

    first: int
    last: int
    texts: Mapping[int, str]
    fields: Mapping[int, str]

    @property
    def field_names(self) -> set[str]:
        """The fields that have a column."""
        return set(self.fields.values())


def locate(grid: Grid) -> Headings | None:
    """Return the headings of the row, or two rows, that name most fields, the mark among them; the first such row.

    Where no row names the mark, the row that names most is returned, so that a message can say what it lacks.
    """
    best: Headings | None = None
    rows = grid.rows()
    for number in islice(rows, MAX_ROWS_ABOVE):
        for headings in _candidates(rows, number):
            if headings.fields and (best is None or _rank(headings) > _rank(best)):
                best = headings
    return best


def stands_in_a_column(grid: Grid) -> int | None:
    """Return the column in which the headings of a table stand that was written sideways, or ``None``."""
    columns: dict[int, set[str]] = {}
    for (_, column), cell in grid.cells.items():
        field = field_of(squeezed(cell))
        if field:
            columns.setdefault(column, set()).add(field)
    sideways = [column for column, fields in columns.items() if "text" in fields and len(fields) > MIN_HEADINGS]
    return min(sideways, default=None)


def rank(grid: Grid) -> tuple[bool, int]:
    """Return how much a grid looks like a table of marks: whether its headings name the mark, and how many they are."""
    headings = locate(grid)
    return (False, 0) if headings is None else _rank(headings)


def _rank(headings: Headings) -> tuple[bool, int]:
    return "text" in headings.field_names and len(headings.field_names) >= MIN_HEADINGS, len(headings.field_names)


def _candidates(rows: Mapping[int, Mapping[int, Cell]], number: int) -> Iterable[Headings]:
    """Yield the row with the one below it where the two are headings in two storeys, and the row by itself."""
    upper = {column: squeezed(cell) for column, cell in rows[number].items()}
    lower = {column: squeezed(cell) for column, cell in rows.get(number + 1, {}).items()}
    single = _headings(number, number, upper)
    if lower and single.fields:
        joined = _joined(upper, lower)
        double = _headings(number, number + 1, joined)
        beneath = len(_headings(number + 1, number + 1, lower).field_names)
        grows = len(double.field_names) > max(len(single.field_names), beneath)
        leads = len(double.field_names) >= len(single.field_names) > max(beneath, 1)
        if (grows or leads) and all(column in double.fields or fold(joined[column]) in _OTHERS for column in lower):
            yield double
    yield single


def _joined(upper: Mapping[int, str], lower: Mapping[int, str]) -> dict[int, str]:
    """Return the heading of each column: the lower one, behind the upper one where both together are one."""
    joined: dict[int, str] = {}
    above = ""
    for column in sorted({*upper, *lower}):
        above = upper.get(column, above)
        if column not in lower:
            joined[column] = upper[column]
            continue
        both = f"{above}{lower[column]}"
        joined[column] = both if field_of(both) or fold(both) in _OTHERS else lower[column]
    return joined


def _headings(first: int, last: int, texts: Mapping[int, str]) -> Headings:
    fields = {column: field for column, text in texts.items() if (field := field_of(text))}
    sure = {field for column, field in fields.items() if fold(texts[column]) not in _SECOND}
    kept = {
        column: field for column, field in fields.items() if field not in sure or fold(texts[column]) not in _SECOND
    }
    return Headings(first, last, texts, kept)


def squeezed(cell: Cell) -> str:
    """Return a heading on one line."""
    return " ".join(part for part in str(cell).split() if is_filled(part))
