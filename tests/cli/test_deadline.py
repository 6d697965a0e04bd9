from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from ipwatch.cli.deadline import deadline
from ipwatch.errors import ConfigError


def test_one_line_of_json_is_printed() -> None:
    result = CliRunner().invoke(deadline, ["--office", "jp", "--published", "2026-01-05"])
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    printed = json.loads(result.stdout)
    assert (printed["office"], printed["start"], printed["until"]) == ("JP", "2026-01-05", "2026-03-05")
    assert printed["rule_id"] == "jp-2-months"
    assert "art. 43-2" in printed["source"]


def test_it_knows_designations() -> None:
    result = CliRunner().invoke(deadline, ["--office", "EM", "--published", "2026-01-05", "--route", "madrid"])
    assert json.loads(result.stdout)["start"] == "2026-02-05"


@pytest.mark.parametrize("day", ["2026-02-30", "5 January 2026", ""])
def test_a_day_that_is_none_is_a_usage_error(day: str) -> None:
    assert CliRunner().invoke(deadline, ["--office", "JP", "--published", day]).exit_code == 2


def test_an_unknown_office_is_left_to_the_entry_point_to_report() -> None:
    result = CliRunner().invoke(deadline, ["--office", "XX", "--published", "2026-01-05"])
    assert isinstance(result.exception, ConfigError)
