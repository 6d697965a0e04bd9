"""Prices as shops write them: amounts, currencies, and texts that only look like prices.

Currencies are the active codes of ISO 4217. A sign that several currencies share (``$``, ``¥``, ``kr``) counts only
where the page itself names its country; otherwise the currency is unknown, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from price_parser import Price as ParsedPrice

ISO_4217 = frozenset(
    {
        "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF",
        "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY",
        "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD",
        "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR",
        "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW",
        "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK",
        "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
        "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF",
        "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP",
        "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU",
        "UZS", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
    }
)  # fmt: skip
# Currencies without a minor unit in use: a point or comma before three digits separates thousands.
_NO_MINOR_UNIT = frozenset(
    {
        "JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF", "RWF", "KMF", "GNF", "DJF",
        "BIF", "VUV", "IDR", "COP", "HUF", "ARS", "LAK",
    }
)  # fmt: skip
_SIGNS = {
    "円": "JPY", "JP¥": "JPY", "税込": "JPY", "税抜": "JPY", "CN¥": "CNY", "RMB": "CNY", "NT$": "TWD",
    "HK$": "HKD", "US$": "USD", "CA$": "CAD", "AU$": "AUD", "NZ$": "NZD", "MX$": "MXN", "R$": "BRL", "S$": "SGD",
    "€": "EUR", "EURO": "EUR", "£": "GBP", "₩": "KRW", "원": "KRW", "₽": "RUB", "РУБ": "RUB", "₴": "UAH", "ГРН": "UAH",
    "₹": "INR", "₫": "VND", "฿": "THB", "₱": "PHP", "₪": "ILS", "₺": "TRY", "ZŁ": "PLN", "KČ": "CZK",
    "FT": "HUF", "RP": "IDR", "RM": "MYR", "₦": "NGN", "₸": "KZT", "ر.س": "SAR", "د.إ": "AED",
}  # fmt: skip
# Signs that several currencies share, with the currency of each country that uses them.
_SHARED_SIGNS: dict[str, dict[str, str]] = {
    "$": {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "MX": "MXN", "AR": "ARS", "CL": "CLP", "CO": "COP",
          "TW": "TWD", "HK": "HKD", "SG": "SGD", "UY": "UYU"},
    "¥": {"JP": "JPY", "CN": "CNY"},
    "元": {"CN": "CNY", "TW": "TWD", "HK": "HKD"},
    "KR": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK"},
    "RS": {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR"},
    "LEI": {"RO": "RON", "MD": "MDL"},
    "LEU": {"RO": "RON", "MD": "MDL"},
}  # fmt: skip

_NUMBER = r"\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,4})?"
_AMOUNT = re.compile(_NUMBER)
_JAPANESE_UNIT = re.compile(
    r"(?:(\d[\d,.]*)\s*億)?\s*(?:(\d[\d,.]*)\s*万)?\s*(?:(\d[\d,.]*)\s*千)?\s*(\d[\d,.]*)?\s*円"
)
_MAX_LENGTH = 200
_UNITS = (Decimal(100_000_000), Decimal(10_000), Decimal(1_000), Decimal(1))
_NO_PRICE = re.compile(
    r"送料(?!無料|込|別)[^\n。、()]{0,12}?[\d,]+\s*円?|[\d,.]+\s*(?:ポイント|pt\b|point|%|%|件|点|個|円?(?:以上|割引|引き|OFF|off))"
    r"|(?:ポイント|クーポン|point)\s*[\d,]+",
    re.IGNORECASE,
)
_TAX_INCLUDED = re.compile(r"税込み?|内税|tax\s*incl", re.IGNORECASE)
_RANGE = re.compile(r"\s*[~～〜―–—]\s*|\s+-\s+|(?<=円)\s*-\s*")
# Signs of Latin letters count as whole words only: Rs, not cars.
_ANY_SIGN = re.compile(
    "|".join(
        rf"(?<![A-Z]){sign}(?![A-Z])" if sign.isalpha() and sign.isascii() else re.escape(sign)
        for sign in (*_SIGNS, *_SHARED_SIGNS)
    )
)
# A code counts next to a number only: TOP, ALL and TRY are codes as well as words.
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?=[\s.]*\d)|(?<=\d)\s?([A-Z]{3})(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as written. ``currency`` is ISO 4217, ``None`` where the text leaves it open."""

    amount: Decimal
    currency: str | None


def currency_code(value: str) -> str | None:
    """Return the ISO 4217 code of a declared currency, or ``None`` where it is no active currency."""
    code = value.strip().upper()
    return code if code in ISO_4217 else None


def currency_in(text: str, country: str | None = None) -> str | None:
    """Return the currency a text names; ``country`` (ISO 3166-1) resolves signs that several currencies share."""
    text = unicodedata.normalize("NFKC", text)
    for match in _CODE.finditer(text):
        if (code := match[1] or match[2]) in ISO_4217:
            return code
    text = text.upper()
    for sign, code in _SIGNS.items():
        if _holds_sign(text, sign):
            return code if code in ISO_4217 else None
    for sign, countries in _SHARED_SIGNS.items():
        if _holds_sign(text, sign):
            return countries.get(country or "")
    return None


def has_currency_sign(text: str) -> bool:
    """Return whether a text names any currency, also an ambiguous one."""
    text = unicodedata.normalize("NFKC", text)
    if any((match[1] or match[2]) in ISO_4217 for match in _CODE.finditer(text)):
        return True
    return _ANY_SIGN.search(text.upper()) is not None


def read_amount(value: str, currency: str | None = None) -> Decimal | None:
    """Return the amount a machine-readable price states; ``None`` where it states none.

    A point is the decimal separator (schema.org/price), except before exactly three digits in a currency without a
    minor unit, where shops print their thousands separator into the markup.
    """
    text = unicodedata.normalize("NFKC", value[:_MAX_LENGTH]).strip()
    if text.startswith("-"):
        return None
    if re.fullmatch(r"\d{1,15}(\.\d{1,10})?", text):
        whole, _, fraction = text.partition(".")
        if len(fraction) == 3 and currency in _NO_MINOR_UNIT:  # noqa: PLR2004 - a group of thousands
            return Decimal(whole + fraction)
        return _amount(text)
    money = read_price(text, currency=currency)
    return money.amount if money else None


def read_price(text: str, *, currency: str | None = None, country: str | None = None) -> Money | None:
    """Return the price in a text for people: the lowest of a range, the one with tax where both are given.

    Shipping, points, coupons and counts are not prices. Full-width digits and 万 or 千 are read.
    """
    text = _NO_PRICE.sub(" ", unicodedata.normalize("NFKC", text[:_MAX_LENGTH]))
    text = _tax_included(text)
    currency = currency or currency_in(text, country)
    first = next((part for part in _RANGE.split(text) if _AMOUNT.search(part)), text)
    amount = _japanese_amount(first) if "円" in text else None
    if amount is None:
        match = _AMOUNT.search(first)
        if match is None:
            return None
        amount = _grouped(match[0], currency)
    return Money(amount, currency) if amount is not None else None


def _tax_included(text: str) -> str:
    """Return the part with the tax-inclusive price, where a text has both."""
    if "税抜" not in text and "税別" not in text and "本体" not in text:
        return text
    match = _TAX_INCLUDED.search(text)
    if match is None:
        return text
    # 税込 is before its amount (税込 1,100円) or after it (1,100円(税込)); a bracket opens the clause before.
    after = re.match(rf"[\s::]*[¥]?\s*({_NUMBER})\s*円?", text[match.end() :])
    if after:
        return after[0]
    before = re.split(r"税抜き?|税別|本体価格?", text[: match.start()])[-1]
    amounts = list(re.finditer(rf"¥?\s*(?:{_NUMBER})\s*円?", before))
    return amounts[-1][0] if amounts else text


def _japanese_amount(text: str) -> Decimal | None:
    for match in _JAPANESE_UNIT.finditer(text if "円" in text else f"{text}円"):
        if any(match.groups()):
            parts = [_amount(_ungrouped(digits or "0")) for digits in match.groups()]
            if all(part is not None for part in parts):
                return sum((part * unit for part, unit in zip(parts, _UNITS, strict=True) if part), Decimal(0))
    return None


def _ungrouped(digits: str) -> str:
    """Return the digits of an amount in yen without separators of thousands; a point before three digits is one."""
    return re.sub(r"[.](?=\d{3}(?!\d))", "", digits.replace(",", "")).rstrip(".")


def _grouped(digits: str, currency: str | None) -> Decimal | None:
    separator = None
    if currency in _NO_MINOR_UNIT and re.search(r"[.,]\d{3}(?!\d)", digits):
        separator = "," if re.search(r"\.\d{3}", digits) else "."
    parsed = ParsedPrice.fromstring(digits, decimal_separator=separator)
    return parsed.amount if parsed.amount is not None and parsed.amount.is_finite() else None


def _amount(digits: str) -> Decimal | None:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def _holds_sign(text: str, sign: str) -> bool:
    if not sign.isalpha() or not sign.isascii():
        return sign in text
    return re.search(rf"(?<![A-Z]){sign}(?![A-Z])", text) is not None
