"""HTML trees with bounded depth and text, against hostile pages."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ipwatch.terms import message

# Browsers stop at 512 levels. Parsing time is quadratic in the depth: 100,000 levels took 18 s.
MAX_DEPTH = 1_500
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE)
# Void elements, and those that the next one of their kind closes: neither adds a level.
_FLAT = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup",
        "path", "circle", "rect", "line", "use", "polygon", "stop", "ellipse",
    }
)  # fmt: skip
_NODES_PER_CHARACTER = 4


class TooDeepError(ValueError):
    """A page nests deeper than ``MAX_DEPTH``."""


def parse_html(text: str) -> LexborHTMLParser:
    """Return the tree of a page; raises ``TooDeepError`` where it nests deeper than ``MAX_DEPTH``."""
    depth = 0
    for match in _TAG.finditer(text):
        if match[2].lower() not in _FLAT:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > MAX_DEPTH:
                raise TooDeepError(message("reading.page_deep", most=MAX_DEPTH))
    return LexborHTMLParser(text)


def text_of(node: LexborNode, limit: int) -> str:
    """Return the text below a node, separated by spaces, cut a little after ``limit`` characters."""
    parts: list[str] = []
    length = 0
    for count, inner in enumerate(node.traverse(include_text=True)):
        if inner.is_text_node and (text := (inner.text_content or "").strip()):
            parts.append(text)
            length += len(text) + 1
        if length > limit or count > limit * _NODES_PER_CHARACTER:
            break
    return " ".join(parts)
