"""Identifiers are plain technical terms: the words below are refused as names of what the code defines.

Each of them has meant several things at once. A name that is stored (a column, a key of JSON, an argument of a message)
stays as it is, and is listed with where it is defined.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("ipwatch", "flows", "benchmarks", "tests")

REFUSED_PARTS = frozenset(
    {"seen", "told", "said", "heard", "mine", "mend", "mends", "mended", "anew", "alike"}
    | {"longest", "shortest", "largest", "smallest"}
)
"""Refused as any part of a name: ``seen_text`` as well as ``seen``."""

REFUSED_WHOLE = frozenset({"at", "found", "one", "of_one", "beside", "place", "places", "most", "least"})
"""Refused as a whole name; ``fetched_at``, ``not_found`` and ``one_line`` say what they are."""

REFUSED_LIMITS = frozenset({"most", "least"})
"""Refused in constants, where a limit is ``MAX_`` or ``MIN_``."""

KEPT = {
    # Columns, and the fields of JSON that findings are stored with.
    "ipwatch/records/collected.py": {"seen_sha256"},
    "ipwatch/records/watched.py": {"seen"},
    "ipwatch/store/tables/collection.py": {"found"},
    "ipwatch/store/tables/review.py": {"at"},
    "ipwatch/store/tables/subjects.py": {"seen_at", "first_seen_at", "last_seen_at"},
    # What rows are read into, by the names of the columns.
    "ipwatch/store/audit.py": {"at"},
    "ipwatch/store/review/cases.py": {"seen_at", "first_seen_at", "last_seen_at"},
    "ipwatch/store/runs.py": {"found"},
    # The argument SEEN of the command.
    "ipwatch/cli/explain.py": {"seen"},
    # Geography: the place that a regional name comes from.
    "ipwatch/sandbox/catalogue.py": {"place"},
}
"""Names that stay, by the file that defines them."""


def definitions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name that a module defines: functions, classes, parameters, variables and attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.ExceptHandler(name=str()):
                yield str(node.name), node.lineno


def is_refused(name: str) -> bool:
    """Whether the name holds a word that is refused."""
    parts = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    return (
        name.lower().strip("_") in REFUSED_WHOLE
        or not REFUSED_PARTS.isdisjoint(parts)
        or (name.isupper() and not REFUSED_LIMITS.isdisjoint(parts))
    )


def refused(folder: str) -> Iterator[str]:
    """Yield where in a folder a name is refused; the name of a test is a sentence, and refused nothing."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        relative = path.relative_to(ROOT).as_posix()
        for name, line in definitions(ast.parse(path.read_text(encoding="utf-8"))):
            if is_refused(name) and name not in KEPT.get(relative, ()) and not name.startswith("test_"):
                yield f"{relative}:{line}: {name}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_name_holds_a_word_that_is_refused(folder: str) -> None:
    assert list(refused(folder)) == []


def test_no_name_is_kept_that_is_not_there() -> None:
    for relative, names in KEPT.items():
        defined = {name for name, _ in definitions(ast.parse((ROOT / relative).read_text(encoding="utf-8")))}
        assert names <= defined, relative


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("seen", True),
        ("SeenText", True),
        ("_told", True),
        ("at", True),
        ("MOST_ROWS", True),
        ("LONGEST", True),
        ("fetched_at", False),
        ("not_found", False),
        ("MAX_ROWS", False),
        ("almost", False),
    ],
)
def test_a_word_is_refused_as_a_part_or_as_a_whole(name: str, *, expected: bool) -> None:
    assert is_refused(name) is expected


def test_every_kind_of_definition_is_looked_at() -> None:
    source = """class A:
    b: int
    def c(self, d):
        self.e = f = 1
try: ...
except E as g: ...
for h in i: ...
"""
    assert {name for name, _ in definitions(ast.parse(source))} == {*"Abcdefgh", "self"}
