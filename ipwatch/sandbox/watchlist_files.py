"""Writes the watchlists of the invented holders, in the users' format, with their pictures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ipwatch.records import RightKind
from ipwatch.sandbox.catalogue import Brand, load_catalogue
from ipwatch.sandbox.chance import generator
from ipwatch.sandbox.drafts import GENUINE_PHOTOS
from ipwatch.sandbox.drawing import draw_file
from ipwatch.sandbox.market.goods import licensees_of, unlicensed_terms_of
from ipwatch.sandbox.market.sellers import denied
from ipwatch.sandbox.markets import authorised
from ipwatch.sandbox.pictures import emblem_of, genuine_photo
from ipwatch.watchlists.toml_writer import Plain, emit_toml

_TERM_YEARS = 7


def write_watchlists(directory: Path, *, seed: int, today: date, statements: bool) -> tuple[Path, ...]:
    """Return the files ``<holder>.toml`` written into ``directory``, with their pictures in ``<holder>/``.

    With ``statements`` the holders also say who makes, sells and offends, as far as watchlists have keys for that.
    """
    directory.mkdir(parents=True, exist_ok=True)
    by_holder: dict[str, list[Brand]] = {}
    for brand in load_catalogue().brands:
        by_holder.setdefault(brand.holder.id, []).append(brand)
    return tuple(_write_holder(directory, brands, seed, today, statements=statements) for brands in by_holder.values())


def _write_holder(directory: Path, brands: list[Brand], seed: int, today: date, *, statements: bool) -> Path:
    holder = brands[0].holder
    table: dict[str, Plain] = {
        "id": holder.id,
        "name_ja": holder.name_ja,
        "name_en": holder.name_en,
        "kind": holder.kind.value,
    }
    if holder.prefecture:
        table["prefecture"] = holder.prefecture
    marks = [
        _mark(brand, _write_pictures(directory, brand, seed), today) | (_statements(brand) if statements else {})
        for brand in brands
    ]
    path = directory / f"{holder.id}.toml"
    path.write_text(emit_toml({"schema": 1, "holder": table, "marks": marks}), encoding="utf-8")
    return path


def _write_pictures(directory: Path, brand: Brand, seed: int) -> list[str]:
    shape = load_catalogue().goods[brand.category].shape
    pictures = {"emblem": emblem_of(brand.key)}
    for number in range(GENUINE_PHOTOS):
        pictures[f"photo-{number + 1}"] = genuine_photo(brand.key, shape, number, character=brand.has_character)
    folder = directory / brand.holder.id
    folder.mkdir(exist_ok=True)
    names = []
    for name, picture in pictures.items():
        path = folder / f"{brand.id}-{name}.png"
        path.write_bytes(draw_file(picture, seed))
        names.append(f"{brand.holder.id}/{path.name}")
    return names


def _mark(brand: Brand, images: list[str], today: date) -> dict[str, Plain]:
    low, high = brand.price
    official, abroad = authorised(brand)
    return {
        "id": brand.id,
        "text": brand.text,
        "readings": brand.readings,
        "variants": brand.variants,
        "kind": brand.kind.value,
        "nice_classes": brand.nice_classes,
        "images": images,
        "goods_terms": brand.goods_terms,
        "exclude_terms": brand.exclude_terms,
        "genuine_price_jpy": {"min": low, "max": high},
        "rights": [_right(brand, today)],
        "authorised_sellers": [
            {"marketplace": "rakuten", "id": official.id},
            {"marketplace": "ebay", "id": abroad.id},
        ],
    }


def _statements(brand: Brand) -> dict[str, Plain]:
    """Return what the holder states of the mark beyond its right."""
    official, abroad = authorised(brand)
    known, known_abroad = denied(brand.holder.id)
    stated: dict[str, Plain] = {
        "licensees": licensees_of(brand),
        "own_products": brand.own_products,
        "unlicensed_goods": unlicensed_terms_of(brand),
        "official_sellers": [
            {"marketplace": "rakuten", "id": official.id},
            {"marketplace": "ebay", "id": abroad.id},
        ],
        "deny_sellers": [
            {"marketplace": "rakuten", "id": known.id},
            {"marketplace": "ebay", "id": known_abroad.id},
        ],
    }
    return {key: value for key, value in stated.items() if value}


def _right(brand: Brand, today: date) -> dict[str, Plain]:
    """Return an invented right; geographical indications have no term (地理的表示法)."""
    rng = generator("right", brand.key)
    if brand.kind is RightKind.GEOGRAPHICAL_INDICATION:
        return {"office": "JP", "kind": brand.kind.value, "number": f"第9{rng.randint(10, 99)}号"}
    expires = date(today.year + _TERM_YEARS, rng.randint(1, 12), rng.randint(1, 28))
    return {"office": "JP", "kind": brand.kind.value, "number": f"99{rng.randint(10_000, 99_999)}", "expires": expires}
