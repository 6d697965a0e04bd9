from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from ipwatch.cli.source import source
from ipwatch.cli.source_table import BEGIN, END
from ipwatch.settings import Settings, SourceSettings
from ipwatch.sources import load_sources

SAMPLES = Path(__file__).resolve().parents[1] / "samples"


def run(*arguments: str, data: bytes | None = None, settings: Settings | None = None) -> Result:
    return CliRunner().invoke(source, arguments, input=data, obj=settings or Settings())


def test_records_are_printed_as_json_lines() -> None:
    result = run("parse", "--source", "rakuten", str(SAMPLES / "rakuten/happy/items.json"))
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [record["listing_id"] for record in records] == ["minato-zakka:10000101", "yama-goods:2002"]
    assert records[0]["price"] == "1980"
    assert "2 records, 0 problems" in result.stderr


def test_stdin_and_an_address_may_be_given() -> None:
    body = (SAMPLES / "webshop/visible-only/page.html").read_bytes()
    result = run("parse", "--source", "webshop", "--url", "https://shop.example/p/1", "-", data=body)
    (record,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (record["listing_id"], record["currency"]) == ("shop.example/p/1", "JPY")


def test_a_page_saved_without_its_address_is_where_it_says_it_is(tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_text(
        '<link rel="canonical" href="https://shop.example/p/9"><h1>Tea</h1>'
        '<script type="application/ld+json">{"@type": "Product", "name": "Tea"}</script>'
    )
    (line,) = run("parse", "--source", "webshop", str(saved)).stdout.splitlines()
    assert json.loads(line)["listing_id"] == "shop.example/p/9"


def test_a_bad_record_is_named_with_file_place_and_field_and_ends_with_2() -> None:
    path = str(SAMPLES / "ebay/malformed-records/search.json")
    result = run("parse", "--source", "ebay", path)
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 4
    assert f"{path}: itemSummaries[1]: itemId: record left out" in result.stderr


def test_an_unreadable_file_does_not_keep_the_next_one_from_being_read() -> None:
    bad, good = SAMPLES / "rakuten/maintenance-page/page.html", SAMPLES / "rakuten/format-1/items.json"
    result = run("parse", "--source", "rakuten", str(bad), str(good))
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 1
    assert str(bad) in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--source", "nowhere", "x.json"), "known sources"),
        (("--source", "rakuten", "no-such-file.json"), "no-such-file.json"),
        (("--source", "rakuten", "--url", "https://a.example", "a", "b"), "one FILE"),
    ],
)
def test_wrong_input_is_refused_by_name(arguments: tuple[str, ...], message: str) -> None:
    result = run("parse", *arguments)
    assert message in str(result.exception)


def test_the_list_says_what_must_be_set() -> None:
    settings = Settings(sources={"webshop": SourceSettings(base_urls=("https://shop.example",))})
    plain = run("list", settings=settings).stdout
    rows = {row["name"]: row for row in map(json.loads, run("list", "--json", settings=settings).stdout.splitlines())}
    assert "楽天市場" in plain
    assert {"rakuten", "ebay", "shopify", "webshop"} <= rows.keys()
    assert rows["webshop"]["ready"] is True
    assert "IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_ID" in rows["ebay"]["missing"]


def test_check_reads_the_samples_of_each_source() -> None:
    result = run("check", "rakuten", "webshop", "--samples", str(SAMPLES))
    assert (result.exit_code, result.stdout) == (0, "rakuten: ok\nwebshop: ok\n")


def test_check_names_each_difference_and_write_takes_it_over(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "rakuten", tmp_path / "rakuten")
    body = tmp_path / "rakuten" / "happy" / "items.json"
    body.write_text(body.read_text("utf-8").replace("1980", "2980"), "utf-8")
    arguments = ("check", "rakuten", "--samples", str(tmp_path))
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "rakuten: 1 problems\n")
    assert result.stderr == ('happy: items.json: listing minato-zakka:10000101: price: expected "1980", found "2980"\n')
    assert run(*arguments, "--write").stderr == f"{tmp_path / 'rakuten/happy/expected.jsonl'}: written\n"
    assert run(*arguments).exit_code == 0
    assert "--samples" in str(run("check", "--write").exception)


def test_the_table_of_sources_is_printed_or_put_between_its_marks(tmp_path: Path) -> None:
    printed = run("table").stdout
    assert printed.count("\n") == 2 + len(load_sources())
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    assert run("table", "--write", str(page)).exit_code == 0
    assert page.read_text("utf-8") == f"before\n{BEGIN}\n\n{printed}\n{END}\nafter\n"
    page.write_text("no marks", "utf-8")
    assert "put them into the page" in str(run("table", "--write", str(page)).exception)


def test_check_without_samples_tells_what_is_not_configured() -> None:
    result = run("check", "ebay")
    assert result.exit_code == 1
    assert "IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_SECRET" in result.stderr


def test_check_finds_a_broken_promise(tmp_path: Path) -> None:
    case = tmp_path / "rakuten" / "case"
    case.mkdir(parents=True)
    (case / "items.json").write_text("{}")
    result = run("check", "rakuten", "--samples", str(tmp_path))
    assert result.exit_code == 1
    assert "case/items.json: reading ended in ContractChanged, not in None" in result.stderr


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    result = run("parse", "--source", "webshop", str(tmp_path / "pipe.json"))
    assert "no regular file; give a saved response, or - for stdin" in str(result.exception)


def test_a_response_of_another_source_is_no_empty_page() -> None:
    result = run("parse", "--source", "webshop", str(SAMPLES / "shopify/happy/products.json"))
    assert result.exit_code == 2
    assert "the body is JSON where a page was expected" in result.stderr


def test_each_source_says_what_is_arranged_for_it() -> None:
    settings = Settings(
        sources={
            "webshop": SourceSettings(base_urls=("https://shop.example",)),
            "shopify": SourceSettings(base_urls=("ftp://shop.example",)),
            "rakuten": SourceSettings(extra={"website": "https://shop.example"}),
            "jpo": SourceSettings(enabled=False),
        }
    )
    rows = [json.loads(line) for line in run("list", "--json", settings=settings).stdout.splitlines()]
    assert {row["name"]: row["state"] for row in rows} == dict.fromkeys(load_sources(), "not_configured") | {
        "jpo": "switched_off",
        "rakuten": "wrong_settings",
        "shopify": "wrong_settings",
        "webshop": "ready",
    }
    lines = run("list", settings=settings).stdout
    assert "not configured; set IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_ID" in lines
    assert "switched off" in lines
    assert "wrong settings; shopify: 'ftp://shop.example'" in lines


def test_a_deployment_for_every_source_is_printed_for_a_prefect_server_of_ones_own() -> None:
    project = Path(__file__).resolve().parents[2]
    result = run("deployments", "--project", str(project))
    printed = yaml.safe_load(result.stdout)["deployments"]
    assert sorted(deployment["parameters"]["source"] for deployment in printed if "parameters" in deployment) == sorted(
        load_sources()
    )
    assert "no prefect.yaml here" in str(run("deployments", "--project", str(SAMPLES)).exception)
