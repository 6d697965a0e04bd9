from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from decimal import Decimal
from pathlib import Path

import pytest
from sources.documents import SAMPLES

from ipwatch.errors import ConfigError
from ipwatch.records import Listing, SourceInfo, SourceKind, SourceOptions
from ipwatch.sources import Source, TokenSource, get_source, load_sources
from ipwatch.sources.contract import check_expected, check_info, check_samples, missing_settings, write_expected

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(load_sources()))
def test_every_source_keeps_its_promises_about_itself(name: str) -> None:
    assert list(check_info(name, get_source(name))) == []


@pytest.mark.parametrize("name", sorted(load_sources()))
def test_every_source_keeps_the_contract_on_its_samples(name: str) -> None:
    assert list(check_samples(get_source(name), SAMPLES / name)) == []


@pytest.mark.parametrize("name", sorted(load_sources()))
def test_the_samples_of_every_source_give_what_stands_beside_them(name: str) -> None:
    assert list(check_expected(get_source(name), SAMPLES / name)) == []


@pytest.mark.parametrize("name", sorted(load_sources()))
def test_every_source_has_a_sample_with_records_and_one_that_cannot_be_read(name: str) -> None:
    texts = [path.read_text("utf-8") for path in (SAMPLES / name).glob("*/expected.jsonl")]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    assert any({"listing", "filing"} & line.keys() for line in lines)
    assert any({"issue", "raises"} & line.keys() for line in lines)


def test_only_ebay_wants_a_token() -> None:
    assert [name for name, adapter in load_sources().items() if isinstance(adapter, TokenSource)] == ["ebay"]


def mypy(program: str, directory: Path) -> str:
    if os.environ.get("CI", "").lower() not in {"1", "true"}:
        pytest.importorskip("mypy", reason="mypy is installed with the group dev")
    (directory / "held.py").write_text(program, "utf-8")
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "mypy", "--config-file", str(PROJECT / "pyproject.toml"), str(directory / "held.py")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return done.stdout


def test_mypy_holds_every_source_against_the_protocol(tmp_path: Path) -> None:
    names = sorted(load_sources())
    held = "".join(f"from ipwatch.sources import Source, {name}\n_{name}: Source = {name}\n" for name in names)
    assert mypy(held, tmp_path).startswith("Success")


def test_mypy_refuses_what_is_no_source_and_a_word_of_no_set(tmp_path: Path) -> None:
    program = (
        "from ipwatch.records import Listing\nfrom ipwatch.sources import Source, toolkit\n_0: Source = toolkit\n"
        "_1 = Listing(marketplace='a', listing_id='1', status='on sale', condition='used')\n"
    )
    output = mypy(program, tmp_path)
    assert "held.py:3: error" in output
    assert "held.py:4: error" in output
    assert output.count("error: Argument") == 1


def _careless(**overrides: object) -> Source:
    adapter = types.SimpleNamespace(
        INFO=SourceInfo(
            name="careless", title_ja="雑", title_en="Careless", kind=SourceKind.SHOP, country=None, interval=1.0
        ),
        plan=lambda _marks, _options: [],
        follow=lambda _document, _options: [],
        parse=lambda document: iter([Listing(marketplace="careless", listing_id="1", document_sha256=document.sha256)]),
    )
    adapter.__dict__.update(overrides)
    return adapter  # type: ignore[return-value]  # a namespace stands in for a module


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"marketplace": "other"}, "is not known by careless"),
        ({"url": "/item/1"}, "no absolute address"),
        ({"images": ("a.jpg",)}, "no absolute address"),
        ({"currency": "XXX"}, "no currency"),
        ({"title": ""}, "title is empty"),
        ({"status": "active"}, "no status; write one of in_stock"),
        ({"condition": "Used"}, "no condition; write one of for_parts"),
        ({"document_sha256": None}, "SHA-256"),
    ],
)
def test_a_careless_adapter_is_caught(tmp_path: Path, fields: dict[str, object], complaint: str) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "page.html").write_text("x")

    def parse(document: object) -> object:
        values = {"marketplace": "careless", "listing_id": "1", "document_sha256": document.sha256} | fields  # type: ignore[attr-defined]  # a Document
        return iter([Listing(**values)])

    problems = list(check_samples(_careless(parse=parse), tmp_path))
    assert len(problems) == 1
    assert complaint in problems[0]


def test_an_adapter_that_changes_its_mind_is_caught(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "page.html").write_text("x")
    ids = iter("12")

    def parse(document: object) -> object:
        sha256 = document.sha256  # type: ignore[attr-defined]  # a Document
        return iter([Listing(marketplace="careless", listing_id=next(ids), document_sha256=sha256)])

    assert any("second time" in problem for problem in check_samples(_careless(parse=parse), tmp_path))


def test_an_error_that_was_not_promised_is_caught(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    (case / "page.html").write_text("x")
    (case / "meta.json").write_text(json.dumps({"raises": "Blocked"}))
    assert list(check_samples(_careless(), tmp_path)) == ["case/page.html: reading ended in None, not in Blocked"]


@pytest.mark.parametrize("meta", ["{", "[]", '{"colour": 1}'])
def test_a_meta_file_that_cannot_be_used_names_itself(tmp_path: Path, meta: str) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "meta.json").write_text(meta)
    with pytest.raises(ConfigError, match=r"meta\.json"):
        list(check_samples(_careless(), tmp_path))


def test_each_field_that_changed_is_named(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    for name in ("a.html", "b.html"):
        (case / name).write_text(name)
    assert list(check_expected(_careless(), tmp_path)) == [
        "case: there is no expected.jsonl; look at what the bodies give, then write it with --write"
    ]
    assert write_expected(_careless(), tmp_path) == [case / "expected.jsonl"]
    assert write_expected(_careless(), tmp_path) == []
    assert list(check_expected(_careless(), tmp_path)) == []

    def parse(document: object) -> object:
        values = {"marketplace": "careless", "document_sha256": document.sha256}  # type: ignore[attr-defined]  # a Document
        yield Listing(**values, listing_id="1", price=Decimal("1.50"))
        if document.read() == b"b.html":  # type: ignore[attr-defined]
            yield Listing(**values, listing_id="2")

    added = '{"body": "b.html", "listing": {"marketplace": "careless", "listing_id": "2", "images": []}}'
    assert list(check_expected(_careless(parse=parse), tmp_path)) == [
        'case: a.html: listing 1: price: expected null, found "1.50"',
        'case: b.html: listing 1: price: expected null, found "1.50"',
        f"case: found, not expected: {added}",
    ]
    write_expected(_careless(parse=parse), tmp_path)
    gone = list(check_expected(_careless(parse=lambda _document: iter(())), tmp_path))
    assert [line.partition(": {")[0] for line in gone] == ["case: expected, not found"] * 3


def test_missing_settings_are_named_as_environment_variables() -> None:
    assert missing_settings(get_source("rakuten").INFO, SourceOptions(credentials={"access_key": "x"})) == (
        "IPWATCH_SOURCES__RAKUTEN__CREDENTIALS__APPLICATION_ID",
        "IPWATCH_SOURCES__RAKUTEN__EXTRA__WEBSITE",
    )
    assert missing_settings(get_source("webshop").INFO, SourceOptions()) == ("IPWATCH_SOURCES__WEBSHOP__BASE_URLS",)
    assert missing_settings(get_source("webshop").INFO, SourceOptions(base_urls=("https://a.example",))) == ()
