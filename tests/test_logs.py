from __future__ import annotations

import json

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
