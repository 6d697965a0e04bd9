"""The page on the architecture shows the layers that the import contracts hold, and names files that are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from import_layers import PAGE, ROOT, drawn, picture

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRIBUTORS = [ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMED = re.compile(
    r"`(?:python3? |\.venv/bin/python |\$ )?((?:ipwatch|flows|tests|benchmarks|docs)(?:/[\w.-]+)+/?)(?![\w*/.-])"
)


def test_the_picture_is_that_of_the_contracts() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == drawn(page, PROJECT), "run .venv/bin/python tests/import_layers.py --write"


def test_the_picture_has_every_package() -> None:
    packages = {path.parent.name for path in (ROOT / "ipwatch").glob("*/__init__.py")}
    assert packages <= set(re.findall(r"\w+", picture(PROJECT)))


def test_another_contract_is_another_picture() -> None:
    layers = {"name": "x", "type": "layers", "containers": ["a"], "layers": ["b", "c | d"]}
    shown = picture({"tool": {"importlinter": {"contracts": [layers]}}})
    assert shown == "```text\na\n┌───────┐\n│ b     │\n├───────┤\n│ c · d │\n└───────┘\n```\n"


@pytest.mark.parametrize("page", CONTRIBUTORS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = {name for name in NAMED.findall(page.read_text(encoding="utf-8")) if not re.search(r"\b[A-Z]{4}", name)}
    assert not {name for name in named if not (ROOT / name).exists()}


@pytest.mark.parametrize("name", ["__main__.py", "order.py"])
def test_the_files_that_are_left_out_of_the_fast_tests_or_come_first_are_there(name: str) -> None:
    named = re.findall(r'^ +"(tests/[^"]+)",$', (ROOT / "tests" / name).read_text("utf-8"), re.MULTILINE)
    assert len(named) > 10
    assert not [path for path in named if not (ROOT / path).exists()]
