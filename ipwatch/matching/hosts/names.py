"""Host names, decoded and split at the public suffix (Public Suffix List)."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList

ENCODED = "xn--"
"""Prefix of a label that holds letters beyond ASCII as Punycode, RFC 5890 §2.3.2.1."""


def never_in_a_name(char: str) -> bool:
    """Whether the character is a space, a control character or unassigned, beyond ASCII: no label holds it."""
    return char > "\x7f" and unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cc", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a decoded host: its text, and where it begins in the decoded host.

    ``depth`` is 0 for the label that its registrant chose, 1 and more for those below it.
    """

    text: str
    start: int
    depth: int


@dataclass(frozen=True, slots=True)
class DecodedHost:
    """A host with its ``xn--`` labels written out, and where its public suffix (effective top-level domain) begins."""

    given: str
    text: str
    suffix_start: int

    @property
    def is_decoded(self) -> bool:
        """Whether the host was given in encoded form."""
        return self.given != self.text

    @property
    def suffix(self) -> str:
        """The public suffix, decoded, such as co.jp or myshopify.com; empty where there is none."""
        return self.text[self.suffix_start :]

    def labels(self) -> Iterator[Label]:
        """Yield the labels to the left of the public suffix, the chosen one first."""
        end = self.suffix_start - 1
        depth = 0
        while end > 0:
            start = self.text.rfind(".", 0, end) + 1
            yield Label(self.text[start:end], start, depth)
            depth += 1
            end = start - 1


def decode_host(host: str) -> DecodedHost:
    """Return the host decoded and cut at its public suffix, private ones (myshopify.com, github.io) included.

    A label that is no valid Punycode, or decodes to invalid characters, stays as it is. Labels that IDNA 2008 (RFC
    5891) does not allow are decoded all the same: look-alikes are among them. A host that is a suffix itself is cut
    after its first label.
    """
    suffix = _suffixes().publicsuffix(host) or ""
    text = ".".join(map(_decoded, host.split("."))) if ENCODED in host else host
    parts = text.count(".") + 1
    of_suffix = suffix.count(".") + 1 if suffix else 0
    if of_suffix == parts:
        of_suffix -= 1
    dot = len(text)
    for _ in range(of_suffix):
        dot = text.rfind(".", 0, dot)
    return DecodedHost(host, text, dot + 1)


def _decoded(label: str) -> str:
    if not label.startswith(ENCODED):
        return label
    try:
        text = label[len(ENCODED) :].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    return label if not text or "." in text or any(never_in_a_name(char) for char in text) else text.lower()


@functools.cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def is_below(host: DecodedHost, domain: str) -> bool:
    """Whether the host is the domain or a subdomain of it, encoded or not."""
    name = unicodedata.normalize("NFKC", domain.strip().strip(".").lower())
    name = ".".join(map(_decoded, name.split(".")))
    own = unicodedata.normalize("NFKC", host.text)
    return bool(name) and (own == name or own.endswith(f".{name}"))


def two_for_one(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the text with pairs of letters read as the one they look like (rn as m, vv as w, cl as d).

    Each comes with the index in ``text`` of each of its letters, and one for its end.
    """
    present = [pair for pair in _PAIRS if pair in text]
    choices: list[tuple[str, ...]] = [(pair,) for pair in present]
    if len(present) > 1:
        choices.append(tuple(present))
    for chosen in choices:
        yield _read_pairs(text, chosen)


_PAIRS = {"rn": "m", "vv": "w", "cl": "d"}


def _read_pairs(text: str, chosen: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    letters = []
    offsets: list[int] = []
    index = 0
    while index < len(text):
        pair = text[index : index + 2]
        offsets.append(index)
        letters.append(_PAIRS[pair] if pair in chosen else text[index])
        index += 2 if pair in chosen else 1
    return "".join(letters), (*offsets, len(text))
