"""Schema of a watchlist file: strict pydantic models of the tables, each rule with its fix.

Every rule is a validator of one field, so that one pass over a file finds every error in it. Messages have the form
``what is wrong; fix``; the position is added by ``ipwatch.watchlists.diagnostics``.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ipwatch.identifiers import ANY_ENDING, MAX_DIGITS, is_model, model_key, number_of, right_digit, squeezed_digits
from ipwatch.records import Depth, HolderKind, RightKind, SecondHand
from ipwatch.terms import message

MAX_MARKS = 500
MAX_TEXT = 200
PICTURE_SUFFIXES = (".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_MARKETPLACE = re.compile(r"[a-z0-9][a-z0-9._-]*")
_OFFICE = re.compile(r"[A-Z]{2}")
_PREFECTURE = re.compile(r"JP-(?:0[1-9]|[1-3][0-9]|4[0-7])")
_VIENNA = re.compile(r"(?:0?[1-9]|1[0-9]|2[0-9])(?:\.(?!00?(?:\.|$))[0-9]{1,2}){1,2}", re.ASCII)
_KATAKANA = re.compile(r"[ァ-ヺ][ァ-ヺー・]*")
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
# Joiners are part of the spelling of words in Persian and the Indic scripts; every other format character hides text.
_JOINERS = "\u200c\u200d"


@dataclass
class FileContext:
    """The context of a rule: the file's name, its directory, and the mark ids read so far."""

    stem: str
    directory: Path
    mark_ids: set[str] = field(default_factory=set)


def as_katakana(text: str) -> str:
    """Return the text with half-width kana widened and hiragana turned into katakana."""
    return unicodedata.normalize("NFKC", text).translate(_HIRAGANA_TO_KATAKANA)


def as_form(text: str) -> str:
    """Return the comparison key of a spelling: NFKC, so that full and half width are equal."""
    return unicodedata.normalize("NFKC", text)


def product_key(pattern: str) -> tuple[str, bool]:
    """Return what tells two patterns of products apart."""
    return model_key(pattern), pattern.endswith(ANY_ENDING)


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError(message("watchlists.text_empty"))
    if value != value.strip():
        raise ValueError(message("watchlists.text_space", value=value))
    for character in value:
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Co"} and character not in _JOINERS:
            raise ValueError(message("watchlists.text_control", name=f"U+{ord(character):04X}"))
    if not unicodedata.is_normalized("NFC", value):
        raise ValueError(message("watchlists.text_nfc", fixed=unicodedata.normalize("NFC", value)))
    if len(value) > MAX_TEXT:
        raise ValueError(message("watchlists.text_long", count=len(value), most=MAX_TEXT))
    return value


def _id(value: str) -> str:
    if not _ID.fullmatch(value) or len(value) > MAX_TEXT:
        raise ValueError(message("watchlists.id", value=value))
    return value


def _reading(value: str) -> str:
    if _KATAKANA.fullmatch(value):
        return value
    fixed = as_katakana(value)
    shown = fixed if _KATAKANA.fullmatch(fixed) else "イマバリタオル"
    raise ValueError(message("watchlists.reading", value=value, shown=shown))


def _prefecture(value: str) -> str:
    if not _PREFECTURE.fullmatch(value):
        raise ValueError(message("watchlists.prefecture", value=value))
    return value


def _office(value: str) -> str:
    if not _OFFICE.fullmatch(value):
        raise ValueError(message("watchlists.office", value=value))
    return value


def _marketplace(value: str) -> str:
    if not _MARKETPLACE.fullmatch(value):
        raise ValueError(message("watchlists.marketplace", value=value))
    return value


def _vienna(value: str) -> str:
    if not _VIENNA.fullmatch(value):
        raise ValueError(message("watchlists.vienna", value=value))
    return ".".join(level.lstrip("0") for level in value.split("."))


def _picture(value: str, info: ValidationInfo) -> str:
    path = PurePosixPath(value)
    if "\\" in value or "\0" in value or path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", value):
        raise ValueError(message("watchlists.picture_outside", value=value))
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise ValueError(message("watchlists.picture_kind", value=value))
    directory = _context(info).directory
    target = directory / path
    if not Path(os.path.realpath(target)).is_relative_to(os.path.realpath(directory)):
        raise ValueError(message("watchlists.picture_link", value=value))
    if not target.is_file():
        raise ValueError(message("watchlists.picture_missing", value=value, directory=directory))
    return value


def _forms(values: list[str]) -> list[str]:
    earlier: dict[str, str] = {}
    for value in values:
        form = as_form(value)
        if form in earlier:
            raise ValueError(message("watchlists.same_twice", value=value, other=earlier[form]))
        earlier[form] = value
    return values


def _classes(values: list[int]) -> list[int]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(message("watchlists.class_twice", number=twice[0]))
    return values


def _product(value: str) -> str:
    """Return a number as its digits alone, a model number in half width, and of either the beginning with a ``*``."""
    plain = as_form(value)
    body, star, rest = plain.partition(ANY_ENDING)
    body = body.strip()
    if rest.strip():
        raise ValueError(message("watchlists.product_star", value=value))
    if not model_key(body):
        raise ValueError(message("watchlists.product_empty" if star else "watchlists.product_model", value=value))
    digits = squeezed_digits(body)
    if re.fullmatch(r"[0-9]+", digits) or (re.fullmatch(r"[0-9]{9}X", digits) and not star):
        return _product_prefix(value, digits) if star else _product_number(value, digits)
    if not is_model(body, is_start=bool(star)):
        raise ValueError(message("watchlists.product_model", value=value))
    return f"{body}{star}"


def _product_prefix(value: str, digits: str) -> str:
    if len(digits) >= MAX_DIGITS:
        raise ValueError(message("watchlists.product_whole", value=value))
    return f"{digits}{ANY_ENDING}"


def _product_number(value: str, digits: str) -> str:
    right = right_digit(digits)
    if right is None:
        raise ValueError(message("watchlists.product_length", value=value, count=len(digits)))
    number = number_of(digits)
    if number is None:
        raise ValueError(message("watchlists.product_check_digit", value=value, observed=digits[-1], right=right))
    return number


def _products(values: list[str]) -> list[str]:
    earlier: dict[tuple[str, bool], str] = {}
    for value in values:
        key = product_key(value)
        if key in earlier:
            raise ValueError(message("watchlists.same_twice", value=value, other=earlier[key]))
        earlier[key] = value
    return values


def _accounts(values: list[AccountTable]) -> list[AccountTable]:
    known: set[tuple[str, str]] = set()
    for value in values:
        account = value.marketplace, value.id
        if account in known:
            raise ValueError(message("watchlists.seller_twice", marketplace=value.marketplace, seller=value.id))
        known.add(account)
    return values


def _context(info: ValidationInfo) -> FileContext:
    return cast("FileContext", info.context)


Text = Annotated[str, AfterValidator(_text)]
Id = Annotated[str, AfterValidator(_id)]
Reading = Annotated[str, AfterValidator(_text), AfterValidator(_reading)]
Picture = Annotated[str, AfterValidator(_text), AfterValidator(_picture)]
ViennaCode = Annotated[str, AfterValidator(_vienna)]
Product = Annotated[str, AfterValidator(_text), AfterValidator(_product)]
Yen = Annotated[int, Field(ge=0)]
NiceClass = Annotated[int, Field(ge=1, le=45)]


class Table(BaseModel):
    """A TOML table: unknown keys are refused and no value is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class AccountTable(Table):
    """One element of ``official_sellers`` or ``deny_sellers``."""

    marketplace: Annotated[str, AfterValidator(_marketplace)]
    id: Text


class TradeTable(Table):
    """What a holder may say of lawful trade and of what to be shown: for one mark, or in ``[holder]`` for all."""

    licensees: Annotated[list[Text], Field(max_length=200), AfterValidator(_forms)] = []
    own_products: Annotated[list[Product], Field(max_length=1000), AfterValidator(_products)] = []
    unlicensed_goods: Annotated[list[Text], Field(max_length=200), AfterValidator(_forms)] = []
    official_sellers: Annotated[list[AccountTable], Field(max_length=1000), AfterValidator(_accounts)] = []
    deny_sellers: Annotated[list[AccountTable], Field(max_length=1000), AfterValidator(_accounts)] = []
    second_hand: Annotated[SecondHand, Field(strict=False)] | None = None
    depth: Annotated[Depth, Field(strict=False)] | None = None


class HolderTable(TradeTable):
    """``[holder]``; its trade keys hold for every mark: lists are joined, and a mark's own word replaces another."""

    id: Id
    name_ja: Text
    name_en: Text
    kind: Annotated[HolderKind, Field(strict=False)]
    prefecture: Annotated[str, AfterValidator(_prefecture)] | None = None

    @field_validator("id")
    @classmethod
    def _id_is_file_name(cls, value: str, info: ValidationInfo) -> str:
        stem = _context(info).stem
        if value != stem:
            raise ValueError(message("watchlists.id_not_file_name", value=value, stem=stem))
        return value


class RightTable(Table):
    """One element of ``rights``."""

    office: Annotated[str, AfterValidator(_office)]
    kind: Annotated[RightKind, Field(strict=False)]
    number: Text | None = None
    expires: date | None = None


class SellerTable(AccountTable):
    """One element of ``authorised_sellers``."""

    until: date | None = None


class PriceTable(Table):
    """``genuine_price_jpy``."""

    min: Yen | None = None
    max: Yen | None = None

    @field_validator("max")
    @classmethod
    def _not_below_min(cls, value: int | None, info: ValidationInfo) -> int | None:
        low = info.data.get("min")
        if value is not None and low is not None and value < low:
            raise ValueError(message("watchlists.price_order", value=value, low=low))
        return value


class MarkTable(TradeTable):
    """One ``[[marks]]``."""

    id: Id
    text: Text
    kind: Annotated[RightKind, Field(strict=False)]
    readings: Annotated[list[Reading], Field(max_length=20), AfterValidator(_forms)] = []
    variants: Annotated[list[Text], Field(max_length=100), AfterValidator(_forms)] = []
    nice_classes: Annotated[list[NiceClass], AfterValidator(_classes)] = []
    images: Annotated[list[Picture], Field(max_length=50), AfterValidator(_forms)] = []
    exclude_images: Annotated[list[Picture], Field(max_length=50), AfterValidator(_forms)] = []
    vienna_codes: Annotated[list[ViennaCode], Field(max_length=50), AfterValidator(_forms)] = []
    goods_terms: Annotated[list[Text], Field(max_length=200), AfterValidator(_forms)] = []
    exclude_terms: Annotated[list[Text], Field(max_length=200), AfterValidator(_forms)] = []
    genuine_price_jpy: PriceTable | None = None
    rights: Annotated[list[RightTable], Field(max_length=100)] = []
    authorised_sellers: Annotated[list[SellerTable], Field(max_length=1000)] = []
    threshold: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None

    @field_validator("id")
    @classmethod
    def _id_is_new(cls, value: str, info: ValidationInfo) -> str:
        known = _context(info).mark_ids
        if value in known:
            raise ValueError(message("watchlists.id_again", value=value))
        known.add(value)
        return value

    @field_validator("variants")
    @classmethod
    def _variants_differ_from_text(cls, values: list[str], info: ValidationInfo) -> list[str]:
        text = info.data.get("text")
        if text is not None and as_form(text) in map(as_form, values):
            raise ValueError(message("watchlists.variant_is_text", text=text))
        return values

    @field_validator("exclude_images")
    @classmethod
    def _own_pictures_are_not_excluded(cls, values: list[str], info: ValidationInfo) -> list[str]:
        own = {PurePosixPath(path) for path in info.data.get("images", ())}
        twice = next((value for value in values if PurePosixPath(value) in own), None)
        if twice is not None:
            raise ValueError(message("watchlists.picture_in_both", value=twice))
        return values

    @field_validator("exclude_terms")
    @classmethod
    def _mark_is_not_excluded(cls, values: list[str], info: ValidationInfo) -> list[str]:
        text = info.data.get("text")
        if text is not None and as_form(text) in map(as_form, values):
            raise ValueError(message("watchlists.excludes_itself", text=text))
        return values


class WatchlistTable(Table):
    """The whole file."""

    schema_version: Annotated[Literal[1], Field(alias="schema")]
    holder: HolderTable
    marks: Annotated[list[MarkTable], Field(min_length=1, max_length=MAX_MARKS)]
