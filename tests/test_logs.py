from __future__ import annotations

import contextvars
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import structlog

from ipwatch import logs


def test_secrets_and_people_are_removed(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=True)
    structlog.get_logger("ipwatch.test").info(
        "fetched",
        url="https://api.example/search?keyword=towel&accessKey=pk_invented&page=2",
        access_token="invented",
        seller_name="Hanako",
        page=2,
    )
    event = json.loads(capsys.readouterr().err)
    assert event["event"] == "fetched"
    assert event["url"] == "https://api.example/search?keyword=towel&accessKey=[removed]&page=2"
    assert event["access_token"] == "[removed]"
    assert event["seller_name"] == "[removed]"
    assert event["page"] == 2


def test_quieter_events_are_left_out_and_stdout_stays_for_data(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING")
    structlog.get_logger("ipwatch.test").info("too_quiet")
    structlog.get_logger("ipwatch.test").warning("loud_enough")
    out, err = capsys.readouterr()
    assert out == ""
    assert "loud_enough" in err
    assert "too_quiet" not in err


CANARY = "canary-\"'\\三日月"

_PROGRAM = """
import logging, sys, threading, warnings
import structlog
from ipwatch import logs

CANARY = sys.argv[1]
logs.configure("DEBUG", as_json=sys.argv[2] == "json", secrets=[CANARY])
log = structlog.get_logger("ipwatch.test")

def fail(secret):
    kept = secret
    try:
        {}[secret]
    except KeyError as error:
        error.add_note(kept)
        raise ValueError(f"no {kept}") from error

def in_vain():
    try:
        fail(CANARY)
    except ValueError as error:
        log.error("failed", exc_info=error, error=error, deep={"a": [CANARY, {"password": "x", CANARY: CANARY}]})
        log.exception("failed_again")
        logging.getLogger("uvicorn.error").error("Exception in %s", CANARY, exc_info=error)
        logging.getLogger("library").warning("%d", CANARY, extra={"token": CANARY})
    try:
        raise ExceptionGroup("many " + CANARY, [ValueError(CANARY), KeyError(CANARY)])
    except ExceptionGroup:
        logging.getLogger("library").exception("a group")

class Careless:
    def __del__(self):
        raise ValueError(CANARY)

in_vain()
thread = threading.Thread(target=fail, args=(CANARY,), name="a thread")
thread.start()
thread.join()
Careless()
warnings.warn("a warning of " + CANARY)
fail(CANARY)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_where_and_what_but_no_variable_wherever_it_ends(form: str) -> None:
    ended = subprocess.run(  # noqa: S603 - this Python, and the program above
        [sys.executable, "-W", "default", "-c", _PROGRAM, CANARY, form], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    log = ended.stderr
    assert "canary" not in log
    assert "三日月" not in log
    assert "u4e09" not in log
    for event in ("failed", "failed_again", "Exception in [removed]", "thread_failed", "failed_in_passing", "a group",
                  "a warning of [removed]", "failed_unexpectedly"):  # fmt: skip
        assert event in log
    assert log.count("ValueError: no [removed]") >= 5
    assert log.count("KeyError: ") >= 5
    assert "in fail" in log
    if form == "json":
        assert all(json.loads(line)["timestamp"] for line in log.splitlines())


def test_what_a_task_hides_is_hidden_in_it_alone(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=True)
    log = structlog.get_logger("ipwatch.test")

    def of_request(value: str) -> None:
        logs.hide([value], only=True)
        log.info("asked", what=f"?q={value}", event_name="asked")

    for value in ("first-value", "asked"):
        contextvars.copy_context().run(of_request, value)
    log.info("afterwards", what="first-value")
    first, second, third = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert first["what"] == "?q=[removed]"
    # What a stranger sends does not take away the name of an event.
    assert second["event"] == "asked"
    assert second["what"] == "?q=[removed]"
    assert third["what"] == "first-value"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("postgresql+psycopg://watch:pa:ss@db.example/x", "postgresql+psycopg://watch:[removed]@db.example/x"),
        ("Cookie: session=abc; other=def", "Cookie: [removed]"),
        ("{'Authorization': 'Bearer abc'}", "{'Authorization': [removed]"),
        ("password='abc def' name='x'", "password=[removed] name='x'"),
        ('{"client_secret": "abc", "page": 2}', '{"client_secret": [removed], "page": 2}'),
        ("failed [parameters: {'hash': 'abc'}] (see manual)", "failed [parameters: [removed]] (see manual)"),
        ("https://h.example/?applicationId=abc&page=2", "https://h.example/?applicationId=[removed]&page=2"),
        ("the token was refused", "the token was refused"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out_of_a_text(text: str, scrubbed: str) -> None:
    assert logs.scrubbed(text) == scrubbed


@pytest.mark.parametrize("text", ["token" * 40_000, "cookie=" * 30_000, "a://" * 40_000, "?key=" * 40_000])
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    start = time.thread_time()
    logs.scrubbed(text)
    assert time.thread_time() - start < 2


def test_a_long_chain_of_errors_gives_a_bounded_log() -> None:
    def deeper(left: int) -> None:
        if left:
            deeper(left - 1)
        raise ValueError("x" * 100_000)

    with pytest.raises(ValueError, match="x") as caught:
        deeper(500)
    text = logs.described(caught.value)
    assert len(text) < 10_000
    assert text.count("in deeper") == logs.MAX_FRAMES


_FLOW = """
import logging, sys
from prefect.logging.configuration import setup_logging
from prefect.logging.loggers import get_logger
from ipwatch import logs

CANARY = sys.argv[1]
setup_logging()
logs.configure("DEBUG", secrets=[CANARY])

def fail(secret):
    raise ValueError(f"no {secret}")

try:
    fail(CANARY)
except ValueError:
    get_logger("engine").exception("Encountered exception during execution: %s", CANARY)
    logging.getLogger("httpx").warning("GET https://h.example/?token=%s", CANARY)
"""


def test_what_prefect_logs_of_a_flow_is_scrubbed_in_its_own_form(tmp_path: Path) -> None:
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path), "PREFECT_LOGGING_TO_API_ENABLED": "false"}
    ended = subprocess.run(  # noqa: S603 - this Python, and the program above
        [sys.executable, "-c", _FLOW, CANARY], capture_output=True, text=True, check=True, env=environment
    )
    assert "canary" not in ended.stdout + ended.stderr
    assert "Encountered exception during execution: [removed]" in ended.stderr
    assert "ValueError: no [removed]" in ended.stderr
    assert "in fail" in ended.stderr
    assert "token=[removed]" in ended.stderr
