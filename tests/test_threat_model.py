"""The threat model names tests and modules that are there, and each of its controls has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODEL = (ROOT / "docs" / "internals" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in MODEL.partition("## Ways in")[2].partition("## Not covered")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| threat |", "| limit |", "| one "))
]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", MODEL)))
MODULES = sorted(set(re.findall(r"`((?:ipwatch|flows)(?:/[\w.]+)+)`", MODEL)))


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_named_test_is_there(file: str, name: str) -> None:
    assert re.search(rf"^(?:async )?def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("module", MODULES)
def test_a_named_module_is_there(module: str) -> None:
    assert (ROOT / module).exists()


def test_every_control_has_a_place_and_a_test() -> None:
    assert len(ROWS) > 40
    for row in ROWS:
        assert len(row) == 4, row
        assert "`" in row[2], row
        assert "::" in row[3] or "lint-imports" in row[3], row


def test_every_way_in_and_everybody_is_spoken_of() -> None:
    ways = re.findall(r"^### (.+)$", MODEL, re.MULTILINE)
    for word in ("Review page", "Signing in", "Fetching", "archives", "office files", "Prefect", "Command line"):
        assert any(word in way for way in ways), word
    for who in re.findall(r"^\| (W\d) \|", MODEL, re.MULTILINE):
        assert any(who in way for way in ways), who


def test_security_says_where_to_report_and_leads_to_the_model() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for word in ("Report a vulnerability", "Supported versions", "What to expect", "Scope", "threat-model.md"):
        assert word in text
