from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ipwatch.watchlists.toml_positions import KeyPath, locate
from ipwatch.watchlists.toml_writer import emit_toml

TRICKY = '''\
# a comment with [brackets] and = signs
a = "text with # and ] and \\" in it"
"quoted key" = 'literal # ["]'
b.c.d = 1

[t]  # [not.this]
long = """
first ] line
x = "no key" """
raw = \'\'\'
y = 1\'\'\'\'
list = [
  1,  # one, two
  [2, "3]"], {p = 1, q = [4]},
]

[[t.rows]]
name = "first"
[t.rows.sub]
deep = true
[[t.rows]]
name = "second"
'''


def test_lines_are_those_of_the_keys_whatever_strings_and_comments_hold() -> None:
    tomllib.loads(TRICKY)
    lines = locate(TRICKY)
    expected: dict[KeyPath, int] = {
        ("a",): 2,
        ("quoted key",): 3,
        ("b", "c", "d"): 4,
        ("t",): 6,
        ("t", "long"): 7,
        ("t", "raw"): 10,
        ("t", "list"): 12,
        ("t", "list", 0): 13,
        ("t", "list", 1): 14,
        ("t", "list", 1, 1): 14,
        ("t", "list", 2, "q", 0): 14,
        ("t", "rows", 0): 17,
        ("t", "rows", 0, "name"): 18,
        ("t", "rows", 0, "sub", "deep"): 20,
        ("t", "rows", 1): 21,
        ("t", "rows", 1, "name"): 22,
    }
    assert {path: lines.get(path) for path in expected} == expected


def test_windows_line_ends_count_once() -> None:
    assert locate("a = 1\r\n\r\nb = 2\r\n") == {("a",): 1, ("b",): 3}


keys = st.text(min_size=1, max_size=8)
scalars = st.one_of(
    st.text(max_size=20), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.dates(), st.floats(allow_nan=False)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)
documents = st.dictionaries(keys, values, max_size=5)


def paths_of(value: Any, path: KeyPath = ()) -> set[KeyPath]:
    parts: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    paths = {path} if path else set()
    return paths.union(*(paths_of(each, (*path, name)) for name, each in parts))


@given(documents)
def test_everything_in_a_document_has_a_line_and_nothing_else_has(document: dict[str, Any]) -> None:
    text = emit_toml(document)
    lines = locate(text)
    assert set(lines) == paths_of(tomllib.loads(text))
    assert all(1 <= line <= text.count("\n") for line in lines.values())


@given(documents)
def test_what_is_written_is_read_back_unchanged(document: dict[str, Any]) -> None:
    assert tomllib.loads(emit_toml(document)) == document
