"""Text: decoding bodies without mojibake, cleaning values, HTML fragments to plain text."""

from __future__ import annotations

import re
from html import unescape

from bs4 import BeautifulSoup
from charset_normalizer import from_bytes

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# What browsers read under these labels (WHATWG Encoding Standard §4.2), widened where Python knows a superset.
_LABELS = {
    "shift_jis": ("cp932",),
    "shift-jis": ("cp932",),
    "sjis": ("cp932",),
    "x-sjis": ("cp932",),
    "windows-31j": ("cp932",),
    "ms_kanji": ("cp932",),
    "cp932": ("cp932",),
    "euc-jp": ("euc_jp", "euc_jis_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "x-euc-jp": ("euc_jp", "euc_jis_2004"),
    "iso-2022-jp": ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "euc-kr": ("cp949",),
    "ks_c_5601-1987": ("cp949",),
    "iso-8859-1": ("cp1252", "latin-1"),
    "latin1": ("cp1252", "latin-1"),
    "us-ascii": ("cp1252", "latin-1"),
    "ascii": ("cp1252", "latin-1"),
}
_JAPANESE = frozenset({"cp932", "euc_jp", "euc_jis_2004"})
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_ISO_2022_JP = re.compile(rb"\x1b(\$[@B]|\(J|\(I)")
_META_WINDOW = 4096
_GUESS_WINDOW = 32_768
_TOLERATED_DAMAGE = 0.01
_ASCII = bytes(range(128))

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_LINE_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\s*\n\s*")
_FRAGMENT_LIMIT = 500_000


def decode_body(body: bytes, content_type: str | None) -> str:
    """Return the text of a page: byte order mark, HTTP charset, meta charset, UTF-8, cp932, EUC-JP, then a guess.

    A declared charset is used only where the bytes decode with it, so a wrong header gives no mojibake. Never raises:
    bytes that no encoding decodes become U+FFFD.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, errors="replace")
    candidates = _candidates(body, content_type)
    for encoding in candidates:
        text = _strict(body, encoding)
        if text is not None:
            return _japanese(body, text) if encoding in _JAPANESE else text
    damage = _damage(body)
    for encoding in candidates:
        text = body.decode(encoding, errors="replace")
        if text.count("\ufffd") <= max(2, damage):
            return text
    guess = from_bytes(body[:_GUESS_WINDOW]).best()
    return body.decode(guess.encoding if guess is not None else "utf-8", errors="replace")


def declared_charset(content_type: str | None) -> str | None:
    """Return the charset a Content-Type header names, in lower case."""
    match = _HEADER_CHARSET.search(content_type or "")
    return match[1].lower() if match else None


def _candidates(body: bytes, content_type: str | None) -> list[str]:
    head = body[:_META_WINDOW]
    meta = _XML_CHARSET.search(head) or _META_CHARSET.search(head)
    labels = [declared_charset(content_type), meta[1].decode("ascii").lower() if meta else None]
    declared = [encoding for label in labels if label for encoding in _LABELS.get(label, (label,))]
    order = ["iso2022_jp", "iso2022_jp_ext", "iso2022_jp_3"] if _ISO_2022_JP.search(body) else []
    # A one-byte encoding decodes any bytes, so encodings that can fail are tried first.
    order += [name for name in declared if not _one_byte(name)]
    order += ["utf-8", "cp932", "euc_jp", "euc_jis_2004"] if _looks_multibyte(body) else ["utf-8"]
    order += [name for name in declared if _one_byte(name)]
    order += ["cp932", "euc_jp", "euc_jis_2004"]
    known = [name for name in dict.fromkeys(order) if _known(name)]
    # UTF-16 without a byte order mark decodes nearly anything into nonsense; real pages have the mark.
    return [name for name in known if not name.startswith(("utf-16", "utf_16", "utf-32", "utf_32", "utf-7"))]


def _known(name: str) -> bool:
    try:
        return "".encode(name) == b""
    except (LookupError, ValueError):
        return False


def _one_byte(name: str) -> bool:
    return name.startswith(("cp125", "windows-125", "iso-8859", "iso8859", "latin", "koi8"))


def _strict(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except UnicodeError:
        return None


def _japanese(body: bytes, text: str) -> str:
    """Return the decoding that looks most like Japanese: EUC-JP bytes are valid cp932 and vice versa."""
    readings = [text]
    readings += [other for name in ("cp932", "euc_jp", "euc_jis_2004") if (other := _strict(body, name)) is not None]
    return max(readings, key=_japanese_score)


def _looks_multibyte(body: bytes) -> bool:
    """Return whether the bytes decode to Japanese as cp932 or EUC-JP rather than to a western text."""
    for name in ("cp932", "euc_jp"):
        text = _strict(body[: _scan_end(body)], name)
        if text is not None:
            kana = sum(1 for char in text if "\u3041" <= char <= "\u30ff")
            foreign = sum(1 for char in text if char > "\x7f")
            return foreign > 0 and kana * 5 >= foreign
    return False


def _scan_end(body: bytes) -> int:
    """Return where to cut without splitting a character: after the last line feed in the window."""
    if len(body) <= _GUESS_WINDOW:
        return len(body)
    return body.rfind(b"\n", 0, _GUESS_WINDOW) + 1 or len(body)


def _japanese_score(text: str) -> int:
    score = 0
    for char in text:
        if char <= "\x7f":
            continue
        if "\u3041" <= char <= "\u30ff" or "\u3000" <= char <= "\u301f":
            score += 3
        elif "\u4e00" <= char <= "\u9fff":
            score += 1
        elif "\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff":
            score -= 3
    return score


def _damage(body: bytes) -> int:
    return int(len(body.translate(None, _ASCII)) / 3 * _TOLERATED_DAMAGE)


def is_damaged(value: str) -> bool:
    """Return whether a value has a lone surrogate or a control character, which databases and terminals refuse."""
    return bool(_SURROGATES.search(value) or _CONTROLS.search(value))


def clean(value: str) -> str | None:
    """Return the value on one line without control characters, or ``None`` if empty; lone surrogates become U+FFFD.

    Nothing else is changed: matching needs what the seller wrote.
    """
    return _SPACES.sub(" ", _undamaged(value)).strip() or None


def clean_lines(value: str) -> str | None:
    """Return the value with its line breaks, otherwise as ``clean``."""
    return _BLANK_LINES.sub("\n", _LINE_SPACES.sub(" ", _undamaged(value))).strip() or None


def _undamaged(value: str) -> str:
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", value))


def html_to_text(fragment: str) -> str | None:
    """Return the visible text of an HTML fragment: a line for each block, no markup, no scripts."""
    fragment = _undamaged(fragment[:_FRAGMENT_LIMIT])
    if "<" not in fragment:
        return clean_lines(unescape(fragment))
    soup = BeautifulSoup(f"<div>{fragment}</div>", "lxml")
    for hidden in soup.find_all(["script", "style", "template", "noscript"]):
        hidden.decompose()
    for block in soup.find_all(["p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4", "dt", "dd"]):
        block.append("\n")
    return clean_lines(soup.get_text(" "))
