from __future__ import annotations

import ast
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from ipwatch.text.folding.skeleton import plain
from ipwatch.text.lexicon.roles import alternatives, phrases, words

LANGUAGES = {
    *("ja", "en", "zh", "ko", "de", "fr", "es", "it", "pt", "ro", "pl", "cs", "sk", "sl", "ru", "fi", "et"),
    *("id", "vi", "th"),
    *("mixed", "romanised", "zh_ko"),
}
READ_WHOLE = ("goods_noun",)
"""Roles whose groups are data of one reader."""

FOLDER = Path(str(files("ipwatch.text.lexicon")))
PACKAGE = FOLDER.parents[1]
ROLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
GROUPS = [(role, group) for role, groups in ROLES.items() for group in groups]


@pytest.mark.parametrize(("role", "group"), GROUPS)
def test_every_group_is_words_or_patterns_by_language_each_once(role: str, group: str) -> None:
    listed = ROLES[role][group]
    assert listed
    assert set(listed) <= LANGUAGES
    for text in listed.values():
        given = text.split() if isinstance(text, str) else text
        assert given
        assert len(given) == len(set(given))
    if all(isinstance(text, str) for text in listed.values()):
        assert words(role, group) == tuple(dict.fromkeys(" ".join(listed.values()).split()))
    else:
        assert all(isinstance(text, list) for text in listed.values())
        assert re.compile(alternatives(role, group))


def test_groups_are_joined_in_order_and_each_word_is_given_once() -> None:
    joined = words("legal_form", "common", "full")
    assert joined == (*words("legal_form", "common"), *words("legal_form", "full"))
    assert words("legal_form", "common", "common") == words("legal_form", "common")
    with pytest.raises(KeyError):
        words("legal_form", "nothing")


def test_every_group_is_used() -> None:
    strings: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        strings.update(
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
    assert {group for role, group in GROUPS if role not in READ_WHOLE} <= strings
    assert {role for role, _ in GROUPS} <= strings


def test_no_phrase_of_a_role_that_is_read_whole_stands_in_two_groups_or_is_written_otherwise_than_it_is_read() -> None:
    for role in READ_WHOLE:
        listed = [plain(phrase) for _, phrase in phrases(role)]
        assert len(listed) == len(set(listed))
        assert [phrase for _, phrase in phrases(role)] == [re.escape(phrase).replace("\\", "") for phrase in listed]
