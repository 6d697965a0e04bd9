"""The template on the page for who adds a source passes the contract check with the sample next to it."""

from __future__ import annotations

import re
import types
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from ipwatch.records import RightKind, SourceOptions, WatchedMark
from ipwatch.sources import Source
from ipwatch.sources.contract import check_expected, check_info, check_samples, sample_document, write_expected

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "internals" / "writing-a-source.md").read_text(encoding="utf-8")
MARK = WatchedMark(watchlist="kasumi", id="towel", text="霞タオル", kind=RightKind.TRADEMARK)
OPTIONS = SourceOptions(credentials={"api_key": "k-123456789"})


def block(kind: str) -> str:
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return text


@pytest.fixture
def template() -> Source:
    module = types.ModuleType("market")
    exec(compile(block("python"), "writing-a-source.md", "exec"), module.__dict__)  # noqa: S102 - our own page
    return cast("Source", module)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "search.json").write_text(block("json"), encoding="utf-8")
    return tmp_path


def test_the_template_keeps_the_contract(template: Source, samples: Path) -> None:
    assert list(check_info("market", template)) == []
    assert list(check_samples(template, samples)) == []
    assert write_expected(template, samples)
    assert list(check_expected(template, samples)) == []


def test_the_template_reads_the_sample_whole(template: Source, samples: Path) -> None:
    (listing,) = template.parse(sample_document(template.INFO, samples / "happy" / "search.json"))
    missing = {"url", "title", "description", "price", "currency", "seller", "posted_at"} - {
        name for name in dir(listing) if getattr(listing, name, None) is not None
    }
    assert not missing


def test_the_template_asks_page_by_page_and_keeps_its_key_secret(template: Source, samples: Path) -> None:
    (first,) = template.plan((MARK,), OPTIONS)
    full = '{"items": [' + ", ".join(['{"id": 1}'] * 100) + "]}"
    answer = sample_document(template.INFO, samples / "happy" / "search.json", full.encode())
    (second,) = template.follow(replace(answer, context=first.context), OPTIONS)
    assert "page=2" in second.url
    assert OPTIONS.credentials["api_key"] not in f"{second.url}{second.headers}{second.context}"


def test_every_module_of_the_toolkit_is_on_the_page() -> None:
    modules = {path.stem for path in (ROOT / "ipwatch" / "sources" / "toolkit").glob("*.py")} - {"__init__"}
    table = PAGE.partition("## The toolkit")[2].partition("## What to raise")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == modules
