"""Titles and descriptions in the style of sellers, by language."""

from __future__ import annotations

from random import Random

from ipwatch.sandbox.catalogue import Catalogue, Goods, Language

_DESCRIPTIONS: dict[str, tuple[str, ...]] = {
    "ja": (
        "{noun}です。普段使いにも贈り物にもおすすめです。",
        "サイズや色味は画面と多少異なる場合がございます。ご了承ください。",
        "ご注文から2〜4営業日で発送いたします。",
        "返品は到着後7日以内にご連絡ください。",
        "カラー：{colour}。お手入れ方法は同梱の説明書をご覧ください。",
    ),
    "en": (
        "{noun} for everyday use.",
        "Ships within 2-4 business days with tracking.",
        "Colour: {colour}. Actual colour may vary slightly from the pictures.",
        "Please contact us within 14 days if you are not satisfied.",
        "Great as a gift for family and friends.",
    ),
    "zh": ("{noun}，适合日常使用。", "颜色：{colour}。", "48小时内发货，支持七天退换。", "图片仅供参考，以实物为准。"),
    "ko": (
        "{noun} 상품입니다.",
        "색상: {colour}.",
        "주문 후 2~4일 이내 발송됩니다.",
        "단순 변심 반품은 7일 이내 가능합니다.",
    ),
    "other": ("{noun}.", "Envío en 48 horas.", "Versand innerhalb von 3 Tagen.", "Pengiriman cepat dan aman."),
}


def title_of(catalogue: Catalogue, goods: Goods, language: Language, rng: Random, mark: str | None = None) -> str:
    """Return a title for goods of that category, with ``mark`` in the usual position of a brand."""
    noun = rng.choice(goods.nouns[language])
    first, second, third = rng.sample(catalogue.traits[language], k=3)
    colour = third if goods.colourless else rng.choice(catalogue.colours[language])
    named = f"{mark} {noun}" if mark else noun
    if language == "ja":
        return rng.choice(
            (
                f"【{first}】{named} {colour} {second}",
                f"{named} {colour} {first} {second}",
                f"{first} {named} {second}",
                f"{named} ({colour}) {first}",
            )
        )
    if language in {"zh", "ko"}:
        return rng.choice((f"{named} {colour} {first}", f"{first} {named} {colour}", f"【{first}】{named}"))
    return rng.choice(
        (f"{named} {colour} {first}", f"{first} {named} - {colour}", f"{named}, {colour}, {first} {second}")
    )


def describe(catalogue: Catalogue, goods: Goods, language: Language, rng: Random, mark: str | None = None) -> str:
    """Return two sentences about goods of that category."""
    usable = [sentence for sentence in _DESCRIPTIONS[language] if not (goods.colourless and "{colour}" in sentence)]
    sentences = rng.sample(usable, k=2)
    noun = rng.choice(goods.nouns[language])
    text = "" if language in {"ja", "zh"} else " "
    return text.join(sentences).format(
        noun=f"{mark} {noun}" if mark else noun, colour=rng.choice(catalogue.colours[language])
    )


HOSTILE = (
    "<script>alert('x')</script> {title}",
    '{title} "><img src=x onerror=alert(1)>',
    "{title} {{{{7*7}}}} ${{7*7}} <%= 7*7 %>",
    "\u202e{title}\u202c \u2066cod.exe\u2069",
    "{title} 🎌🗡️👹 👨‍👩‍👧‍👦 Z̸̧̛a̴l̶g̵o̷ ☠️",
    "{title}'; DROP TABLE listings;-- ",
    "{title} </title></textarea><svg onload=alert(2)>",
    '=HYPERLINK("http://evil.example","{title}")',
)
_MAX_TITLE_LENGTH = 5000


def hostile(title: str, number: int) -> str:
    """Return the title with markup and control characters, against injection; every ninth is very long."""
    kind = number % (len(HOSTILE) + 1)
    if kind == len(HOSTILE):
        return (f"{title} ★激安★ " * (_MAX_TITLE_LENGTH // len(title)))[:_MAX_TITLE_LENGTH]
    return HOSTILE[kind].format(title=title)
