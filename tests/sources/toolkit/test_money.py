from __future__ import annotations

import json
from decimal import Decimal

import pytest
from corpus import shared

from ipwatch.sources.toolkit.money import (
    ISO_4217,
    currency_code,
    currency_in,
    has_currency_sign,
    read_amount,
    read_price,
)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,280円", "1280"),
        ("１，２８０円", "1280"),
        ("￥12,800", "12800"),
        ("¥12,800-", "12800"),
        ("1万2,000円", "12000"),
        ("１.５万円", "15000"),
        ("3千円", "3000"),
        ("2億円", "200000000"),
        ("12万円", "120000"),
        ("5,980円～9,800円", "5980"),
        ("5,980円〜9,800円(税込)", "5980"),
        ("価格:2,480円(税込)", "2480"),
        ("1,000円(税抜) 1,100円(税込)", "1100"),
        ("税抜1,000円 税込1,100円", "1100"),
        ("本体価格1,000円(税込1,100円)", "1100"),
        ("税込 3,300円 送料 550円", "3300"),
        ("送料550円 3,300円", "3300"),
        ("送料無料 3,300円", "3300"),
        ("128ポイント 12,800円", "12800"),
        ("12,800円 128pt", "12800"),
        ("10%OFF 900円", "900"),
        ("JPY 3,500", "3500"),
        ("3500 JPY", "3500"),
        ("特価 980 円", "980"),
        ("一点 1.280円", "1280"),
    ],
)
def test_japanese_prices_are_read(text: str, amount: str) -> None:
    money = read_price(text, country="JP")
    assert money is not None
    assert (money.amount, money.currency) == (Decimal(amount), "JPY")


@pytest.mark.parametrize(
    ("text", "country", "amount", "currency"),
    [
        ("€ 1.234,56", None, "1234.56", "EUR"),
        ("19,99 €", None, "19.99", "EUR"),
        ("$1,299.00", "US", "1299.00", "USD"),
        ("US$ 12.50", None, "12.50", "USD"),
        ("NT$ 2,320", None, "2320", "TWD"),
        ("$24.990", "CL", "24990", "CLP"),
        ("37,400원", None, "37400", "KRW"),
        ("Rp 150.000", None, "150000", "IDR"),
        ("1 234,50 Kč", None, "1234.50", "CZK"),
        ("£5", None, "5", "GBP"),
        ("88元", "CN", "88", "CNY"),
        ("R$ 689,99", None, "689.99", "BRL"),
        ("1'299.00 CHF", None, "1299.00", "CHF"),
    ],
)
def test_prices_of_other_countries_are_read(text: str, country: str | None, amount: str, currency: str) -> None:
    money = read_price(text, country=country)
    assert money is not None
    assert (money.amount, money.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    "text", ["送料無料", "128ポイント", "お問い合わせください", "SOLD OUT", "", "10%OFF", "送料 550円"]
)
def test_what_only_looks_like_a_price_is_none(text: str) -> None:
    assert read_price(text, country="JP") is None


@pytest.mark.parametrize("text", ["$5", "¥5", "5 kr", "元 5"])
def test_a_shared_sign_is_not_guessed(text: str) -> None:
    assert currency_in(text) is None
    assert has_currency_sign(text)


@pytest.mark.parametrize("text", ["TOP 10 brands", "ALL items", "try it", "5 stars", "GOLD 5"])
def test_words_are_no_currencies(text: str) -> None:
    assert currency_in(text) in {None, "TOP"}
    assert currency_in(text.lower()) is None


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("34.000", "CLP", "34000"),
        ("34.000", "KWD", "34.000"),
        ("1,980", "JPY", "1980"),
        ("1980.00", "JPY", "1980.00"),
        ("19.9900", "EUR", "19.9900"),
        ("19,99", "EUR", "19.99"),
        ("１９８０", "JPY", "1980"),
    ],
)
def test_stated_amounts_are_read(text: str, currency: str, amount: str) -> None:
    assert read_amount(text, currency) == Decimal(amount)


def test_only_active_currencies_of_iso_4217_are_known() -> None:
    assert currency_code("jpy ") == "JPY"
    assert currency_code("DEM") is None
    assert all(len(code) == 3 and code.isupper() for code in ISO_4217)
    assert len(ISO_4217) > 150


@pytest.mark.corpus
def test_real_price_strings_are_read() -> None:
    lines = shared("marketplaces/price_strings/price_parser_examples.jsonl").read_text(encoding="utf-8").splitlines()
    right = judged = 0
    for line in lines:
        example = json.loads(line)
        if example.get("amount_float") is None or not example.get("price_raw"):
            continue
        judged += 1
        currency = currency_code(example["currency"]) if example.get("currency") else None
        money = read_price(example["price_raw"], currency=currency)
        right += money is not None and abs(float(money.amount) - example["amount_float"]) < 0.005
    assert judged > 300
    assert right / judged > 0.9
