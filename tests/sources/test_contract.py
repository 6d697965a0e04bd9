from __future__ import annotations

import json
import types
from pathlib import Path

import pytest
from sources.documents import SAMPLES

from ipwatch.errors import ConfigError
from ipwatch.records import Listing, SourceInfo, SourceKind, SourceOptions
from ipwatch.sources import Source, TokenSource, get_source, load_sources
from ipwatch.sources import ebay as ebay_module
from ipwatch.sources import rakuten as rakuten_module
from ipwatch.sources import shopify as shopify_module
from ipwatch.sources import webshop as webshop_module
from ipwatch.sources.contract import check_info, check_samples, missing_settings

# mypy holds each module against the protocol.
MODULES: tuple[Source, ...] = (ebay_module, rakuten_module, shopify_module, webshop_module)


@pytest.mark.parametrize("name", sorted(load_sources()))
def test_every_source_keeps_its_promises_about_itself(name: str) -> None:
    assert list(check_info(name, get_source(name))) == []


@pytest.mark.parametrize("name", sorted(load_sources()))
def test_every_source_keeps_the_contract_on_its_samples(name: str) -> None:
    assert list(check_samples(get_source(name), SAMPLES / name)) == []


def test_only_ebay_wants_a_token() -> None:
    assert [module.INFO.name for module in MODULES if isinstance(module, TokenSource)] == ["ebay"]


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


def test_missing_settings_are_named_as_environment_variables() -> None:
    assert missing_settings(rakuten_module.INFO, SourceOptions(credentials={"access_key": "x"})) == (
        "IPWATCH_SOURCES__RAKUTEN__CREDENTIALS__APPLICATION_ID",
        "IPWATCH_SOURCES__RAKUTEN__EXTRA__WEBSITE",
    )
    assert missing_settings(webshop_module.INFO, SourceOptions()) == ("IPWATCH_SOURCES__WEBSHOP__BASE_URLS",)
    assert missing_settings(webshop_module.INFO, SourceOptions(base_urls=("https://a.example",))) == ()
