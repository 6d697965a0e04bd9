"""The interfaces that scripts rely on: commands with their options, and the keys of what they read and write."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from cli.command import PROGRAM
from click.testing import CliRunner
from PIL import Image, ImageDraw

from ipwatch.cli import main
from ipwatch.jsonlines import dump_record
from ipwatch.records import Category, Listing, MarkRecord, Seller

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "demo": {"--once", "--seed", "--listings"},
    "up": set(),
    "run": {"--source", "--watchlist"},
    "watchlist check": set(),
    "watchlist import": set(),
    "watchlist try": set(),
    "source list": set(),
    "source check": set(),
    "source parse": {"--source", "--url"},
    "screen": {"--watchlist", "--images", "--min-score"},
    "image match": {"--references", "--exclude", "--min-score"},
    "explain": set(),
    "deadline": {"--office", "--published"},
    "report build": {"--from", "--to", "--out"},
    "evidence verify": set(),
    "db upgrade": set(),
    "serve": set(),
    "user add": set(),
}
LISTING = {
    *("marketplace", "listing_id", "url", "title", "description", "brand", "price", "currency", "images", "seller"),
    *("ships_from", "category", "condition", "quantity", "sold", "posted_at", "updated_at", "status"),
}
FILING = {
    *("office", "application_number", "registration_number", "mark_text", "readings", "image", "applicants"),
    *("representatives", "filing_date", "publication_date", "publication_kind", "opposition_start"),
    *("opposition_until", "nice_classes", "goods", "similar_group_codes", "vienna_codes", "status", "status_date"),
    "source_url",
}
HIT = {"subject", "mark", "score", "signals"}
LISTING_HIT = HIT | {"kind", "suspicion", "signs"}
SIGN = {"term", "points", "strong", "compared", "field", "span"}
SIGNAL = {"name", "score", "term", "compared", "field", "span", "differences", "picture"}
IMAGE_HIT = {"image", "reference", "score", "kind", "distance", "inliers", "region", "false_match_rate"}
FULL_LISTING = Listing(
    marketplace="rakuten", listing_id="1", title="今治タオル", seller=Seller(id="a"), category=Category()
)
FULL_FILING = MarkRecord(office="JP", application_number="2026000001", mark_text="今治タオル")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_and_its_options_are_there(name: str) -> None:
    command: click.Command | None = main
    for word in name.split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    assert COMMANDS[name] <= {opt for parameter in command.params for opt in parameter.opts}


@pytest.mark.parametrize(
    ("record", "keys"), [(FULL_LISTING, LISTING), (FULL_FILING, FILING)], ids=["listing", "filing"]
)
def test_a_record_has_its_keys_and_null_for_what_is_missing(record: Listing | MarkRecord, keys: set[str]) -> None:
    printed = json.loads(dump_record(record))
    assert set(printed) - {"document_sha256"} == keys
    assert all(value != "" for value in printed.values())
    if isinstance(record, Listing):
        assert set(printed["seller"]) == {"id", "name", "country", "feedback_pct", "feedback_count"}
        assert set(printed["category"]) == {"id", "path"}
    assert printed["document_sha256"] is None


def test_the_document_of_records_names_every_key() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    rows = {
        kind: line for line in page.splitlines() for kind in ("listing", "filing") if line.startswith(f"| {kind} |")
    }
    for kind, record in (("listing", Listing), ("filing", MarkRecord)):
        for field in dataclasses.fields(record):
            assert re.search(rf"\b{field.name}\b", rows[kind]), f"{field.name} of a {kind}"


def test_what_is_screened_comes_out_as_hits() -> None:
    watchlist = ROOT / "watchlists" / "imabari-towel.toml"
    lines = "\n".join(dump_record(record) for record in (FULL_LISTING, FULL_FILING))
    result = CliRunner().invoke(main, ["screen", "--watchlist", str(watchlist), "-"], input=lines)
    hits = [json.loads(line) for line in result.stdout.splitlines()]
    assert {hit["subject"] for hit in hits} == {"rakuten:1", "JP:2026000001"}
    for hit in hits:
        assert set(hit) == (LISTING_HIT if hit["subject"].startswith("rakuten:") else HIT)
        assert all(set(sign) == SIGN for sign in hit.get("signs", ()))
        assert hit.get("kind", "mention") == "mention"
        assert hit["mark"] == "imabari-towel/imabari-towel"
        assert 0 <= hit["score"] <= 1
        for signal in hit["signals"]:
            assert set(signal) == SIGNAL
            assert len(signal["compared"]) == 2
            assert signal["span"] is None or len(signal["span"]) == 2


def test_what_a_source_parses_can_be_screened_as_it_is(tmp_path: Path) -> None:
    sample = ROOT / "tests" / "samples" / "rakuten" / "happy" / "items.json"
    parsed = CliRunner().invoke(main, ["source", "parse", "--source", "rakuten", str(sample)])
    records = [json.loads(line) for line in parsed.stdout.splitlines()]
    watchlist = tmp_path / "kaisei.toml"
    watchlist.write_text(
        'schema = 1\n[holder]\nid = "kaisei"\nname_ja = "海晴"\nname_en = "Kaisei"\nkind = "regional"\n'
        '[[marks]]\nid = "towel"\ntext = "海晴タオル"\nkind = "regional_collective_mark"\n',
        encoding="utf-8",
    )
    screened = CliRunner().invoke(main, ["screen", "--watchlist", str(watchlist), "-"], input=parsed.stdout)
    assert (parsed.exit_code, screened.exit_code, screened.stderr) == (0, 0, "")
    hits = {json.loads(line)["subject"] for line in screened.stdout.splitlines()}
    assert hits == {f"rakuten:{record['listing_id']}" for record in records} != set()


def test_a_picture_that_matches_comes_out_as_an_image_hit(tmp_path: Path) -> None:
    (tmp_path / "references").mkdir()
    picture = Image.new("RGB", (320, 240), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 20, 150, 200), fill="crimson")
    draw.rectangle((170, 60, 300, 120), fill="navy")
    for path in (tmp_path / "references" / "logo.png", tmp_path / "seen.png"):
        picture.save(path)
    (tmp_path / "bad.png").write_bytes(b"<html>")
    arguments = ["image", "match", "--references", str(tmp_path / "references")]
    result = CliRunner().invoke(main, [*arguments, str(tmp_path / "seen.png"), str(tmp_path / "bad.png")])
    hit, bad = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 2
    assert set(hit) == IMAGE_HIT
    assert (hit["kind"], hit["score"]) == ("copy", 1.0)
    assert set(bad) == {"image", "error"}


def test_a_shells_process_substitution_is_read(tmp_path: Path) -> None:
    listing = json.dumps({"marketplace": "m", "listing_id": "1", "title": "Imabari Towel タオル 2枚"})
    (tmp_path / "records.jsonl").write_text(listing + "\n", encoding="utf-8")
    watchlist = Path(__file__).resolve().parents[2] / "watchlists" / "imabari-towel.toml"
    script = f'"{PROGRAM}" screen --watchlist "{watchlist}" <(cat records.jsonl)'
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash on this machine")
    done = subprocess.run([bash, "-c", script], cwd=tmp_path, capture_output=True, check=True, timeout=60)  # noqa: S603
    assert json.loads(done.stdout)["mark"] == "imabari-towel/imabari-towel"
