"""How often a source is to be read follows from prefect.yaml, without Prefect."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from ipwatch.errors import ConfigError
from ipwatch.records import SourceKind
from ipwatch.schedules import cron_interval, deployments_file, find_schedules, read_deployments, read_schedules
from ipwatch.sources import load_sources

PROJECT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("expression", "interval"),
    [
        ("10 1 * * *", timedelta(days=1)),
        ("5 * * * *", timedelta(hours=1)),
        ("0 3,15 * * *", timedelta(hours=12)),
        ("10 1 * * 1-5", timedelta(days=3)),
        ("*/5 9-17 * * 1", timedelta(days=6, hours=15, minutes=5)),
        ("30 6 1 * *", timedelta(days=31)),
        ("* * * * *", timedelta(minutes=1)),
    ],
)
def test_the_interval_is_the_maximum_regular_time_between_two_runs(expression: str, interval: timedelta) -> None:
    assert cron_interval(expression) == interval


@pytest.mark.parametrize("expression", ["", "daily", "61 1 * * *", "0 0 31 2 *"])
def test_what_is_no_schedule_is_refused_by_name(expression: str) -> None:
    with pytest.raises(ConfigError, match="is no cron expression"):
        cron_interval(expression)


def test_every_source_has_a_daily_schedule_in_this_project() -> None:
    path = find_schedules(PROJECT)
    assert path is not None
    schedules = read_schedules(path)
    assert {name: schedules[name].interval for name in load_sources()} == dict.fromkeys(
        load_sources(), timedelta(days=1)
    )


def without(tmp_path: Path, *sources: str) -> Path:
    """Our prefect.yaml without the deployments of these sources."""
    content = yaml.safe_load((PROJECT / "prefect.yaml").read_text("utf-8"))
    content["deployments"] = [
        deployment
        for deployment in content["deployments"]
        if deployment.get("parameters", {}).get("source") not in sources
    ]
    path = tmp_path / "prefect.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


def test_a_source_that_the_file_does_not_name_gets_a_deployment_of_its_kind(tmp_path: Path) -> None:
    ours = {deployment["name"]: deployment for deployment in read_deployments(PROJECT / "prefect.yaml")}
    path = without(tmp_path, *load_sources())
    made = {
        deployment["parameters"]["source"]: deployment
        for deployment in read_deployments(path)
        if "parameters" in deployment
    }
    assert made.keys() == load_sources().keys()
    for name, deployment in made.items():
        flow = "register" if load_sources()[name].INFO.kind is SourceKind.REGISTER else "collect"
        assert (deployment["name"], deployment["entrypoint"]) == (name, f"flows/{flow}.py:{flow}")
        assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
        assert deployment["work_pool"] == ours[name]["work_pool"]
    begun = {deployment["schedules"][0]["cron"].split()[0] for deployment in made.values()}
    assert len(begun) == len(made)
    assert all(schedule.interval == timedelta(days=1) for schedule in read_schedules(path).values())


def test_a_deployment_of_its_own_goes_before_the_template(tmp_path: Path) -> None:
    path = without(tmp_path, "webshop")
    crons = {deployment["name"]: deployment["schedules"][0]["cron"] for deployment in read_deployments(path)}
    assert crons["rakuten"] == "10 1 * * *"
    assert crons["webshop"].endswith(" 4 * * *")
    assert sorted(crons) == sorted(deployment["name"] for deployment in read_deployments(PROJECT / "prefect.yaml"))


def test_the_complete_file_says_the_same_without_templates(tmp_path: Path) -> None:
    path = without(tmp_path, "webshop", "uspto")
    complete = tmp_path / "complete.yaml"
    complete.write_text(deployments_file(path), "utf-8")
    assert "definitions" not in yaml.safe_load(complete.read_text("utf-8"))
    assert read_deployments(complete) == read_deployments(path)


def test_inactive_and_missing_schedules_are_distinguished_from_active_ones(tmp_path: Path) -> None:
    (tmp_path / "prefect.yaml").write_text(
        """
        name: ipwatch
        deployments:
          - {name: a, parameters: {source: ebay}, schedules: [{cron: "0 1 * * *", active: false}]}
          - {name: b, parameters: {source: jpo}}
          - {name: c, parameters: {source: uspto}, schedules: [{cron: "0 1 * * 1"}, {interval: 7200, active: true}]}
          - {name: screen, schedules: [{cron: "0 * * * *"}]}
        """
    )
    path = find_schedules(tmp_path)
    assert path == tmp_path / "prefect.yaml"
    schedules = read_schedules(path)
    assert {name: schedule.interval for name, schedule in schedules.items()} == {
        "ebay": None,
        "jpo": None,
        "uspto": timedelta(hours=2),
    }


def test_the_file_of_another_project_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "prefect.yaml").write_text("name: somebody-else\n")
    assert find_schedules(tmp_path) == PROJECT / "prefect.yaml"


@pytest.mark.parametrize(
    "content",
    [
        "name: ipwatch\ndeployments: [1]\n",
        "name: ipwatch\ndeployments: {a: [}\n",
        "name: ipwatch\ndeployments: [{parameters: {source: jpo}, schedules: [{cron: daily}]}]\n",
        "- name: ipwatch\n",
        "name: ipwatch\ndefinitions: {sources: [1]}\n",
        "name: ipwatch\ndefinitions: {sources: {bazaar: {}}}\n",
        "name: ipwatch\ndefinitions: {sources: {shop: {schedules: [{cron: '{hour} 1 * * *'}]}}}\n",
    ],
)
def test_a_broken_file_is_named_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "prefect.yaml"
    path.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_schedules(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_prefect_is_not_imported_for_it() -> None:
    program = "import sys, ipwatch.schedules; print(any(name.startswith('prefect') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    assert done.stdout.strip() == "False"
