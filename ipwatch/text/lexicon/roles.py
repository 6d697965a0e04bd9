"""Words by role and language, read from the TOML files next to this module.

A file is a role (goods, trade, legal_form, context …); its tables are groups of words that are used together, and the
keys of a table are languages: two letters of ISO 639-1, ``mixed`` where a list is of many, ``romanised`` for Japanese,
Chinese and Korean in Latin letters. A word in a language is one edit. A string holds words separated by spaces; a list
holds regular expressions, matched against text folded by ``plain``, or case-insensitively against a page; in a role
that is read by ``phrases`` they are literal.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files


@cache
def words(role: str, *groups: str) -> tuple[str, ...]:
    """Return the words of a role's groups in every language, in the order of the file, each once.

    Raises ``KeyError`` for a group that the file does not have.
    """
    return tuple(dict.fromkeys(word for group in groups for text in _texts(role, group) for word in text.split()))


@cache
def alternatives(role: str, group: str) -> str:
    """Return the regular expressions of a group in all languages as one alternation, without an enclosing group."""
    return "|".join(pattern for patterns in _table(role)[group].values() for pattern in patterns)


@cache
def phrases(role: str) -> tuple[tuple[str, str], ...]:
    """Return the literal phrases of a role as pairs of group and phrase, in the order of the file."""
    return tuple((group, phrase) for group, table in _table(role).items() for each in table.values() for phrase in each)


@cache
def first_phrases(role: str, language: str) -> Mapping[str, str]:
    """Return by group the first phrase of a language, where the group has one."""
    return {group: table[language][0] for group, table in _table(role).items() if language in table}


def _texts(role: str, group: str) -> Iterator[str]:
    return (text for text in _table(role)[group].values() if isinstance(text, str))


@cache
def _table(role: str) -> Mapping[str, Mapping[str, str | list[str]]]:
    return tomllib.loads(files(__package__).joinpath(f"{role}.toml").read_text(encoding="utf-8"))
