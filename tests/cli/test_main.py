from __future__ import annotations

import inspect
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from cli.command import PROGRAM, clean_environment, ipwatch
from cli.every_command import commands
from click.testing import CliRunner

from ipwatch import __version__, errors
from ipwatch.cli import EXIT_FAILURE, EXIT_INPUT, EXIT_OUTSIDE, exit_code, main

WATCHLISTS = Path(__file__).resolve().parents[2] / "watchlists"
NOT_UTF_8 = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}


EVERY = {" ".join(path): command for path, command in commands() if path}


# --- exit codes ------------------------------------------------------------------------------------------------------


def test_the_exit_code_says_who_has_to_act() -> None:
    fetching = {"url": "https://shop.example/", "reason": "timeout"}
    expected = {
        errors.ConfigError("x"): EXIT_INPUT,
        errors.WatchlistError(("x",)): EXIT_INPUT,
        errors.RetryLater("x", **fetching): EXIT_OUTSIDE,
        errors.Blocked("x", **fetching): EXIT_OUTSIDE,
        errors.NotAllowed("x", **fetching): EXIT_OUTSIDE,
        errors.Refused("x", **fetching): EXIT_OUTSIDE,
        errors.ContractChanged("x", **fetching): EXIT_OUTSIDE,
        errors.ParseError("x", source="rakuten"): EXIT_FAILURE,
        errors.ImageError("x", reason="broken"): EXIT_FAILURE,
        errors.EvidenceError("x"): EXIT_FAILURE,
        errors.StoreError("x"): EXIT_FAILURE,
        errors.InstallationError("x"): EXIT_INPUT,
        errors.TransitionError("x"): EXIT_FAILURE,
    }
    assert {type(error).__name__: exit_code(error) for error in expected} == {
        type(error).__name__: code for error, code in expected.items()
    }
    concrete = {
        name
        for name, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, errors.IpwatchError) and member not in {errors.IpwatchError, errors.FetchError}
    }
    assert concrete == {type(error).__name__ for error in expected}


def test_an_error_is_one_message_on_stderr_and_its_exit_code(tmp_path: Path) -> None:
    missing = ipwatch("report", "build", "--from", "2026-10-01", "--to", "2026-10-31", "--out", "o", cwd=tmp_path)
    assert (missing.code, missing.out) == (1, "")
    assert "run: ipwatch db upgrade" in missing.err
    wrong = ipwatch("deadline", "--office", "XX", "--published", "2026-01-05", cwd=tmp_path)
    assert (wrong.code, wrong.out) == (2, "")
    assert "known offices" in wrong.err


@pytest.mark.parametrize(
    "args", [("nosuch",), ("run", "--nosuch"), ("screen",), ("db",), ("--log-level", "LOUD", "db")]
)
def test_a_wrong_command_line_ends_with_2(args: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_a_mistyped_command_is_answered_with_a_similar_one() -> None:
    result = CliRunner().invoke(main, ["scren"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'screen'" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "fix"),
    [
        ("IPWATCH_WEB_PORT", "abc", "IPWATCH_WEB_PORT"),
        ("IPWATCH_LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
        ("IPWATCH_DATABASE_URL", "oracle://x", "sqlite:////path/to/ipwatch.db"),
        ("IPWATCH_SOURCES__RAKUTEN__PACE", "3", "IPWATCH_SOURCES__RAKUTEN__PACE"),
    ],
)
def test_a_wrong_setting_is_named_with_its_fix(tmp_path: Path, name: str, value: str, fix: str) -> None:
    environment = {"IPWATCH_DATA_DIR": str(tmp_path), name: value}
    result = CliRunner().invoke(main, ["db", "upgrade"], env=environment)
    assert (result.exit_code, result.stdout) == (2, "")
    assert fix in result.stderr


def test_the_level_of_the_log_may_be_written_in_small_letters(tmp_path: Path) -> None:
    environment = {"IPWATCH_DATA_DIR": str(tmp_path), "IPWATCH_LOG_LEVEL": "warning"}
    assert CliRunner().invoke(main, ["--log-level", "debug", "db", "upgrade"], env=environment).exit_code == 0
    assert CliRunner().invoke(main, ["db", "check"], env=environment).exit_code == 0


# --- start -----------------------------------------------------------------------------------------------------------

SERVERS = {"ipwatch.sandbox", "ipwatch.web", "starlette", "uvicorn"}
DATABASES = {"alembic", "ipwatch.store", "psycopg", "sqlalchemy"}
NETWORK = {"httpcore", "httpx", "ipwatch.fetch"}
DECODERS = {"PIL", "cv2", "imagehash", "ipwatch.images", "onnxruntime", "resvg_py"}
MATCHING = {"ipwatch.matching.screener", "numba", "numpy", "rapidfuzz", "sudachipy"}
NEVER = {"prefect", "scipy", "sklearn"}
"""A command starts Prefect as other processes; the others are for benchmarks."""


@pytest.mark.parametrize(
    ("args", "heavy"),
    [
        (("--version",), SERVERS | DATABASES | NETWORK | DECODERS | MATCHING),
        (("--help",), SERVERS | DATABASES | NETWORK | DECODERS | MATCHING),
        (("watchlist", "check", str(WATCHLISTS)), SERVERS | DATABASES | NETWORK | DECODERS | MATCHING | {"openpyxl"}),
        (("deadline", "--office", "JP", "--published", "2026-01-05"), SERVERS | DATABASES | NETWORK | DECODERS),
        (("screen", "--help"), SERVERS | DATABASES | NETWORK | DECODERS),
        (("explain", "風見タオル", "かざみ"), SERVERS | DATABASES | NETWORK | DECODERS),
        (("doctor", "--help"), SERVERS | {"alembic", "psycopg"} | NETWORK | DECODERS | {"ipwatch.matching.screener"}),
        (("serve", "--help"), {"alembic", "psycopg", "ipwatch.sandbox", "ipwatch.matching.screener"} | NETWORK),
        (("run", "--help"), SERVERS | {"alembic", "psycopg"}),
    ],
)
def test_a_command_does_not_wait_for_what_it_does_not_use(args: tuple[str, ...], heavy: set[str]) -> None:
    program = "import sys; from ipwatch.cli import main; main(standalone_mode=False); print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, *args],
        capture_output=True,
        env=clean_environment(),
        text=True,
        timeout=120,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "ipwatch.cli" in loaded
    assert loaded & (heavy | NEVER) == set()


# --- streams ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [("explain", "ヤクルト", "Yakuruto"), ("--help",)])
def test_a_terminal_that_is_not_utf_8_shows_japanese_all_the_same(tmp_path: Path, args: tuple[str, ...]) -> None:
    result = ipwatch(*args, cwd=tmp_path, environment=NOT_UTF_8)
    assert result.code == 0, result.err
    assert re.search("[ぁ-んァ-ヶ一-龠]", result.out)


def test_a_reader_that_went_away_ends_the_command_quietly(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text(
        "".join(
            json.dumps({"marketplace": "rakuten", "listing_id": str(number), "title": f"今治タオル {number}"}) + "\n"
            for number in range(2000)
        )
    )
    command = f"'{PROGRAM}' screen --watchlist '{WATCHLISTS / 'imabari-towel.toml'}' many.jsonl | head -1"
    done = subprocess.run(  # noqa: S602 - the pipe of a shell is what is tested
        command,
        shell=True,
        capture_output=True,
        cwd=tmp_path,
        env=clean_environment(),
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout)["mark"] == "imabari-towel/imabari-towel"
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_reported_in_one_line(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(  # noqa: S603 - our own program
            [PROGRAM, "explain", "ヤクルト", "Yakuruto"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=clean_environment(),
            timeout=120,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "ipwatch: no space is left to write to; free some, then run the command again"
    ]


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_interrupted_says_so_and_ends_with_130(tmp_path: Path, stop_signal: signal.Signals) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "screen", "--watchlist", WATCHLISTS / "imabari-towel.toml", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=clean_environment(),
    )
    try:
        assert process.stdin is not None
        deadline = time.monotonic() + 60
        while not _waits_for_input(process.pid):
            assert time.monotonic() < deadline, "it never came to read its input"
            time.sleep(0.1)
        process.send_signal(stop_signal)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out) == (130, b"")
    assert err.decode().splitlines() == ["ipwatch: interrupted; nothing is lost, the next run continues from here"]


def _waits_for_input(pid: int) -> bool:
    """Whether the process has done all it does before it reads: it sleeps, and its signals are handled (Linux)."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    handled = int(status["SigCgt"], 16) >> (signal.SIGTERM - 1) & 1
    return bool(handled) and status["State"].split()[0] == "S"


# --- help ------------------------------------------------------------------------------------------------------------


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"ipwatch, version {__version__}\n"


@pytest.mark.parametrize("name", EVERY)
def test_every_command_explains_itself_and_each_of_its_options(name: str) -> None:
    result = CliRunner().invoke(main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert "`" not in result.stdout, "help is read on a terminal, not on a page"
    assert "%" not in result.stdout, "a date is written YYYY-MM-DD"
    command = EVERY[name]
    assert command.help
    assert command.get_short_help_str(200).endswith(".")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.opts[0]} of {name} says nothing"
            assert len(parameter.help.split()) > 1, f"{parameter.opts[0]} of {name} says only {parameter.help!r}"


def test_help_is_given_by_both_names() -> None:
    assert CliRunner().invoke(main, ["-h"]).stdout == CliRunner().invoke(main, ["--help"]).stdout
