"""One installation from the first cycle to the summary, as an operator meets it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli.command import PROGRAM, CommandResult, clean_environment, ipwatch
from click.testing import CliRunner, Result
from extracted_once import features_extracted_once, shared_by
from installations import market_of, small_world, write_watchlists
from made_once import memory_of

from ipwatch.cli import main
from ipwatch.pipeline.cycle import today_in_japan
from ipwatch.sandbox import Sandbox
from ipwatch.sandbox.installation import settings_for
from ipwatch.sources import load_sources
from ipwatch.store import runs, sources
from ipwatch.store.session import Database

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the command ipwatch is not installed beside this Python")

TODAY = today_in_japan(datetime.now(UTC))


@dataclass(frozen=True)
class Installation:
    root: Path
    sandbox: Sandbox
    first: CommandResult

    def environment(self, **more: str) -> dict[str, str]:
        settings = settings_for(self.sandbox, self.root / "data", self.root / "watchlists", sources=["shopify"])
        return {**settings.as_environment(), **more}

    def here(self, *args: object, **more: str) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args], env=self.environment(**more))


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    root = tmp_path_factory.mktemp("installation")
    world = small_world(TODAY)
    write_watchlists(world, root / "watchlists")
    memory = memory_of(tmp_path_factory)
    with market_of(world, memory) as sandbox, features_extracted_once(memory):
        empty = Installation(root, sandbox, CommandResult(-1, "", ""))
        environment = {**empty.environment(), **shared_by(memory)}
        yield Installation(root, sandbox, ipwatch("run", cwd=root, environment=environment))


def test_a_cycle_prints_its_counts_and_nothing_else(installation: Installation) -> None:
    first = installation.first
    assert first.code == 0, first.err
    (counts,) = first.rows
    assert set(counts) == {
        "sources",
        "not_read",
        "compared",
        "suspected",
        "listings",
        "attention",
        "not_configured",
        "switched_off",
    }
    assert counts["not_configured"] == sorted(load_sources().keys() - {"shopify"})
    assert counts["attention"] == {}
    assert "ebay" not in first.err
    assert set(counts["sources"]) == {"shopify"}
    assert counts["not_read"] == {}
    assert counts["compared"] > 0
    assert counts["suspected"] > 0
    assert "run_finished" in first.err


def test_a_second_cycle_doubles_nothing(installation: Installation) -> None:
    before = len(installation.here("watchlist", "try", *watchlist_files(installation)).stdout.splitlines())
    again = installation.here("run", "--source", "shopify")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["suspected"] == 0
    after = installation.here("watchlist", "try", *watchlist_files(installation))
    assert len(after.stdout.splitlines()) == before > 0


def watchlist_files(installation: Installation) -> list[Path]:
    return sorted((installation.root / "watchlists").glob("*.toml"))


def test_a_trial_prints_hits_best_first(installation: Installation) -> None:
    result = installation.here("watchlist", "try", *watchlist_files(installation))
    hits = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    strengths = [hit.get("suspicion", hit["score"]) for hit in hits]
    assert strengths == sorted(strengths, reverse=True)
    assert {hit["subject"].partition(":")[0] for hit in hits} == {"shopify"}
    suspected = sum(hit["kind"] == "suspected" for hit in hits)
    assert f"{len(hits)} listings name or show a mark, {suspected} of them suspected" in result.stderr


def test_a_trial_takes_the_id_of_a_holder_too(installation: Installation) -> None:
    file = watchlist_files(installation)[0]
    by_path, by_id = (installation.here("watchlist", "try", name) for name in (file, file.stem))
    assert (by_path.exit_code, by_path.stdout) == (by_id.exit_code, by_id.stdout)
    assert by_path.exit_code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("run", "--source", "nowhere"), "known sources"),
        (("run", "--watchlist", "nobody"), "no watchlist is called 'nobody'"),
        (("watchlist", "try", "nobody"), "no watchlist is called 'nobody'"),
        (("report", "build", "--from", "2026-10-31", "--to", "2026-10-01", "--out", "o"), "swap --from and --to"),
        (("user", "add", "--password", "short", "taro"), "12 to"),
    ],
)
def test_what_cannot_be_meant_is_refused(installation: Installation, args: tuple[str, ...], message: str) -> None:
    result = installation.here(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_named_source_that_is_not_configured_is_the_users_to_fix(installation: Installation) -> None:
    result = installation.here("run", "--source", "ebay")
    assert result.exit_code == 2
    assert "IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_ID" in json.loads(result.stdout)["not_read"]["ebay"]
    assert "IPWATCH_SOURCES__EBAY__CREDENTIALS__CLIENT_ID" in result.stderr


def test_where_nothing_is_configured_each_source_says_what_it_lacks(installation: Installation) -> None:
    result = installation.here("run", IPWATCH_SOURCES="{}")
    assert (result.exit_code, result.stdout) == (2, "")
    for name in ("EBAY", "JPO", "RAKUTEN", "SHOPIFY", "USPTO", "WEBSHOP"):
        assert f"IPWATCH_SOURCES__{name}__" in result.stderr


def test_a_source_that_is_switched_off_is_not_read_unless_named(installation: Installation) -> None:
    settings = json.loads(installation.environment()["IPWATCH_SOURCES"])
    settings["shopify"]["enabled"] = False
    off = installation.here("run", IPWATCH_SOURCES=json.dumps(settings))
    assert (off.exit_code, off.stdout) == (2, "")
    assert "switched off" in off.stderr
    named = installation.here("run", "--source", "shopify", IPWATCH_SOURCES=json.dumps(settings))
    assert set(json.loads(named.stdout)["sources"]) == {"shopify"}


def _with(installation: Installation, **more: object) -> dict[str, str]:
    return {"IPWATCH_SOURCES": json.dumps(json.loads(installation.environment()["IPWATCH_SOURCES"]) | more)}


def test_an_overdue_source_that_was_not_chosen_is_named_and_costs_no_exit_code(
    installation: Installation, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(installation.root / "data", data)
    database = Database(f"sqlite:///{data / 'ipwatch.db'}")
    last_read = datetime.now(UTC) - timedelta(days=3)
    with database.write_session() as session:
        run = runs.start_run(session, kind="collect", source="webshop", now=last_read)
        runs.finish_run(session, run, state="done", now=last_read)
        sources.set_state(session, "webshop", "ok", run_id=run, now=last_read)
        sources.set_state(session, "ebay", "failed", message="ebay: not configured; set …", now=last_read)
    database.dispose()
    chosen = _with(installation, webshop={"base_urls": ["http://127.0.0.1:9"]}, uspto={"enabled": False})
    result = installation.here("run", "--source", "shopify", IPWATCH_DATA_DIR=str(data), **chosen)
    assert result.exit_code == 0, result.stderr
    counts = json.loads(result.stdout)
    assert counts["attention"] == {"webshop": {"conditions": ["overdue"], "last_read": last_read.isoformat()}}
    assert counts["not_configured"] == sorted(load_sources().keys() - {"shopify", "webshop", "uspto"})
    assert counts["switched_off"] == ["uspto"]
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("ipwatch: webshop")]
    assert "not read for more than twice its interval; last read" in line
    assert "ebay" not in result.stderr


def test_a_source_with_wrong_settings_is_not_left_out_in_silence(installation: Installation) -> None:
    result = installation.here("run", **_with(installation, webshop={"base_urls": ["ftp://shop.example"]}))
    assert result.exit_code == 2
    counts = json.loads(result.stdout)
    assert set(counts["sources"]) == {"shopify"}
    assert "is no http(s) address" in counts["not_read"]["webshop"]
    assert "ipwatch: webshop was not read: " in result.stderr


def test_a_host_that_does_not_answer_ends_with_3(installation: Installation, tmp_path: Path) -> None:
    dead = {"shopify": {"base_urls": ["http://127.0.0.1:1"], "interval": 0}}
    environment = {
        "IPWATCH_SOURCES": json.dumps(dead),
        "IPWATCH_DATA_DIR": str(tmp_path),
        "IPWATCH_ALLOW_ADDRESSES": '["127.0.0.1:1"]',
    }
    result = installation.here("run", **environment)
    assert result.exit_code == 3, result.stderr
    (counts,) = json.loads(result.stdout)["sources"].values()
    assert counts["state"] != "ok"
    assert "ipwatch: shopify: " in result.stderr


def test_a_database_that_is_not_there_yet_says_what_to_run(installation: Installation, tmp_path: Path) -> None:
    for args in (
        ("watchlist", "try", watchlist_files(installation)[0]),
        ("report", "build", "--from", "2026-10-01", "--to", "2026-10-31", "--out", tmp_path / "o"),
    ):
        result = installation.here(*args, IPWATCH_DATA_DIR=str(tmp_path / "none"))
        assert (result.exit_code, result.stdout) == (1, "")
        assert "ipwatch db upgrade" in result.stderr
    assert not (tmp_path / "o").exists()


def test_a_summary_is_written_in_every_format(installation: Installation, tmp_path: Path) -> None:
    days = ("--from", (TODAY - timedelta(days=2)).isoformat(), "--to", (TODAY + timedelta(days=1)).isoformat())
    result = installation.here("report", "build", *days, "--out", tmp_path)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert {"".join(Path(row["path"]).suffixes[-2:]) for row in rows} >= {".ja.html", ".en.html"}
    assert any(row["path"].endswith(".csv") for row in rows)
    assert all(Path(row["path"]).stat().st_size for row in rows)
    assert {path.name for path in tmp_path.iterdir()} == {Path(row["path"]).name for row in rows}


def test_the_evidence_verifies_whole_and_by_file(installation: Installation) -> None:
    store = installation.root / "data" / "evidence"
    whole = installation.here("evidence", "verify", store)
    summary = json.loads(whole.stdout.splitlines()[-1])
    assert (whole.exit_code, summary["ok"], summary["problems"]) == (0, True, 0)
    assert summary["captures"] >= summary["bodies"] > 0
    captures = sorted((store / "captures").rglob("*.jsonl"))
    counted = 0
    for file in captures:
        result = installation.here("evidence", "verify", file)
        assert result.exit_code == 0
        counted += json.loads(result.stdout.splitlines()[-1])["captures"]
    assert counted == summary["captures"]


def test_one_changed_byte_of_evidence_is_found(installation: Installation, tmp_path: Path) -> None:
    store = tmp_path / "evidence"
    shutil.copytree(installation.root / "data" / "evidence", store)
    body = next(path for path in sorted((store / "blobs").rglob("*")) if path.is_file() and path.stat().st_size)
    body.chmod(0o644)
    content = bytearray(body.read_bytes())
    content[0] ^= 1
    body.write_bytes(content)
    result = installation.here("evidence", "verify", store)
    problem, summary = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 1
    assert body.name in problem["where"] + problem["message"]
    assert (problem["problem"], problem["harmless"], summary["ok"]) == ("changed", False, False)


@pytest.mark.parametrize("name", [".", "nosuch"])
def test_what_is_no_evidence_is_refused(installation: Installation, tmp_path: Path, name: str) -> None:
    result = installation.here("evidence", "verify", tmp_path / name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(tmp_path) in result.stderr


def test_an_account_is_added_once_and_its_password_may_be_typed(installation: Installation, tmp_path: Path) -> None:
    typed = "a long enough password\n"
    environment = installation.environment(IPWATCH_DATA_DIR=str(tmp_path))
    first, again = (
        CliRunner().invoke(main, ["user", "add", "taro", "--display-name", "太郎"], input=typed * 2, env=environment)
        for _ in range(2)
    )
    assert first.exit_code == 0, first.stderr
    assert "added taro (reviewer)" in first.stderr
    assert typed.strip() not in first.output
    assert again.exit_code == 2
    assert "already an account" in again.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("IPWATCH_WEB_HOST", "0.0.0.0"), ("IPWATCH_WEB_ORIGIN", "https://watch.example")],  # noqa: S104 - refused
)
def test_the_page_is_not_opened_to_a_network_without_accounts(
    installation: Installation, name: str, value: str
) -> None:
    result = installation.here("serve", IPWATCH_WEB_PORT="0", **{name: value})
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{name}={value}" in result.stderr
    assert "ipwatch user add" in result.stderr


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_the_page_answers_where_it_says_and_ends_on_a_signal(
    installation: Installation, stop_signal: signal.Signals
) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "serve"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=installation.root,
        env=clean_environment(**installation.environment(IPWATCH_WEB_PORT="0")),
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        address = line.split()[2]
        with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - loopback
            assert answer.status == 200
            assert b"<html" in answer.read(5000)
        started = time.monotonic()
        process.send_signal(stop_signal)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert time.monotonic() - started < 20


def test_a_taken_port_is_named_with_its_fix(installation: Installation) -> None:
    port = installation.sandbox.port
    result = installation.here("serve", IPWATCH_WEB_PORT=str(port))
    assert result.exit_code == 2
    assert f"127.0.0.1:{port}" in result.stderr
    assert "IPWATCH_WEB_PORT" in result.stderr
