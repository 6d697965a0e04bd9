"""The items of a page in JSON-LD, microdata, RDFa and OpenGraph, all as JSON-LD objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ipwatch.sources.toolkit.json_fields import read_json
from ipwatch.sources.webshop.dom import text_of
from ipwatch.terms import message

_OPENING = re.compile(r"<!--|(?://|/\*)?\s*+<!\[CDATA\[\s*+(?:\*/)?")
_CLOSING = re.compile(r"(?:-->|(?://|/\*)?\s*+\]\]>\s*+(?:\*/)?)\s*+;?$")
# Strings are matched first, so that comments and commas inside them stay. Both patterns match unterminated constructs
# and are possessive, against catastrophic backtracking.
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*+"?)|//[^\n]*+|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+"?)|,\s*+(?=[}\]])', re.DOTALL)
_DEEPEST = 256
_MAX_TITLE_LENGTH = 1_000
_CLOSING_WINDOW = 200
_URL_TAGS = {
    "a": "href", "area": "href", "link": "href", "audio": "src", "embed": "src", "iframe": "src", "img": "src",
    "source": "src", "track": "src", "video": "src", "object": "data", "data": "value", "meter": "value",
    "time": "datetime",
}  # fmt: skip
_MAX_VALUE_LENGTH = 20_000
_MAX_TEXT_LENGTH = 1_000_000


def json_ld(tree: LexborHTMLParser) -> tuple[list[Any], list[str]]:
    """Return the values of every JSON-LD script, repaired where they can be, and a sentence for each that cannot."""
    items: list[Any] = []
    errors: list[str] = []
    for index, script in enumerate(tree.css("script[type*='ld+json' i]")):
        text = script.text(deep=True).strip().lstrip("\ufeff")
        if not text:
            continue
        try:
            items.append(_lenient(text))
        except RecursionError:
            errors.append(message("reading.json_ld_deep", number=index + 1))
        except ValueError as error:
            errors.append(message("reading.json_ld", number=index + 1, error=error))
    return items, errors


def _lenient(text: str) -> Any:
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, max(0, len(text) - _CLOSING_WINDOW))
    unwrapped = text[opening.end() if opening else 0 : closing.start() if closing else len(text)]
    without_comments = _COMMENT.sub(lambda match: match[1] or "", unwrapped)
    repaired = _TRAILING_COMMA.sub(lambda match: match[1] or "", without_comments)
    attempts = (text, unwrapped, without_comments, repaired, unescape(repaired))
    fault: ValueError | None = None
    for attempt in dict.fromkeys(attempts):
        try:
            return read_json(attempt.rstrip().rstrip(";"), strict=False)
        except ValueError as error:
            fault = fault or error
    raise fault or ValueError("empty")


def microdata(tree: LexborHTMLParser) -> list[dict[str, Any]]:
    """Return the top items of the page's microdata (HTML Standard §5), nested as in JSON-LD."""
    return _Annotations(scope="itemscope", kind="itemtype", name="itemprop").read(tree)


def rdfa(tree: LexborHTMLParser) -> list[dict[str, Any]]:
    """Return the top items of the page's RDFa Lite that carry a type."""
    return _Annotations(scope="typeof", kind="typeof", name="property").read(tree)


class _Annotations:
    """Parses items in attributes of elements; microdata and RDFa Lite differ in the attributes' names only."""

    def __init__(self, *, scope: str, kind: str, name: str) -> None:
        self._scope, self._kind, self._name = scope, kind, name
        self._items: dict[int, dict[str, Any]] = {}

    def read(self, tree: LexborHTMLParser) -> list[dict[str, Any]]:
        top = []
        left = _MAX_TEXT_LENGTH
        for node in tree.css(f"[{self._scope}], [{self._name}]"):
            attributes = node.attributes
            owner = self._owner(node)
            value: Any = None
            if self._scope in attributes:
                value = {"@type": (attributes.get(self._kind) or "").split()}
                self._items[node.mem_id] = value
                if owner is None or self._name not in attributes:
                    top.append(value)
            if owner is not None and self._name in attributes:
                if value is None:
                    value = _value(node, attributes, min(_MAX_VALUE_LENGTH, left))
                    left -= len(value or "")
                for name in (attributes[self._name] or "").split():
                    # RDFa writes schema:price or product:price; only the local name is compared.
                    owner.setdefault(name.rpartition(":")[2].rpartition("/")[2], []).append(value)
        return top

    def _owner(self, node: LexborNode) -> dict[str, Any] | None:
        parent = node.parent
        for _ in range(_DEEPEST):
            if parent is None:
                return None
            if (item := self._items.get(parent.mem_id)) is not None:
                return item
            parent = parent.parent
        return None


def _value(node: LexborNode, attributes: Mapping[str, str | None], max_length: int) -> str | None:
    if attributes.get("content") is not None:
        return attributes["content"]
    reference = attributes.get(_URL_TAGS.get(node.tag or "", ""))
    if reference is not None:
        return reference
    return text_of(node, max_length)


def meta(tree: LexborHTMLParser) -> dict[str, list[str]]:
    """Return the contents of the page's meta elements by property or name, in lower case."""
    contents: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        key = attributes.get("property") or attributes.get("name")
        content = attributes.get("content")
        if key and content and content.strip():
            contents.setdefault(key.strip().lower(), []).append(content.strip())
    return contents


def open_graph(properties: Mapping[str, list[str]]) -> dict[str, Any] | None:
    """Return OpenGraph and Twitter card properties as an item; ``None`` where they are not about a product."""

    def first(*names: str) -> str | None:
        return next((properties[name][0] for name in names if name in properties), None)

    price = first("product:price:amount", "og:price:amount", "product:sale_price:amount")
    kind = (first("og:type") or "").lower()
    if price is None and "product" not in kind and not any(name.startswith("product:") for name in properties):
        return None
    sale = first("product:sale_price:amount", "og:sale_price:amount")
    return {
        "@type": "Product",
        "name": first("og:title", "twitter:title"),
        "description": first("og:description", "description"),
        "image": [image for name in ("og:image:secure_url", "og:image") for image in properties.get(name, [])],
        "brand": first("product:brand", "og:brand"),
        "url": first("og:url"),
        "offers": {
            "price": sale or price,
            "priceCurrency": first("product:price:currency", "og:price:currency", "product:sale_price:currency"),
            "availability": first("product:availability", "og:availability"),
            "itemCondition": first("product:condition"),
        },
    }


def pictures_and_prose(properties: Mapping[str, list[str]]) -> tuple[list[str], str | None]:
    """Return the pictures and the description of a page's sharing metadata, whatever it is about."""
    images = [
        image for name in ("og:image:secure_url", "og:image", "twitter:image") for image in properties.get(name, [])
    ]
    description = next((properties[name][0] for name in ("og:description", "description") if name in properties), None)
    return images, description


def titles(tree: LexborHTMLParser, properties: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the titles of the page: its headings, its shared title, its title."""
    for node in tree.css("h1"):
        text = text_of(node, _MAX_TITLE_LENGTH)
        if text:
            yield text
    yield from properties.get("og:title", [])
    title = tree.css_first("title")
    if title is not None and (text := title.text(strip=True)):
        yield text
