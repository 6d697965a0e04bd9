"""The watch that really runs: from nothing, by itself on its schedule, and again after the end of any of its processes.

A small round of ``benchmarks/system/ends.py``, on one installation.
"""

from __future__ import annotations

import re
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from orchestration import deployments_of_prefect_yaml
from watched import SOURCE, Watch, round_of, slow_shop

from ipwatch.sources import load_sources

pytestmark = [
    pytest.mark.flow,
    pytest.mark.skipif(sys.platform != "linux", reason="children end with their parent on Linux only"),
]

MARKED_WITHIN, NEXT_WITHIN = 180, 360


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    with slow_shop(8, 0.5) as shop:
        # Each scheduled run takes seconds of computing.
        watch = Watch(tmp_path_factory.mktemp("watch"), shop, seconds=25)
        watch.start()
        yield watch
        watch.stop()


def test_it_comes_up_from_nothing_with_its_page_and_a_plan(watch: Watch) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{watch.settings.web_port}/", timeout=30) as page:
        assert page.status == 200
    deployments = watch.api.deployments()
    declared = [
        entry for entry in deployments_of_prefect_yaml() if entry.get("parameters", {}).get("source") in {None, SOURCE}
    ]
    assert sorted(deployment.name for deployment in deployments) == sorted(entry["name"] for entry in declared)
    plan = watch.text.partition("Next runs:\n")[2]
    for deployment in deployments:
        assert deployment.next_run is not None
        assert re.search(rf"^  {deployment.name}: 20\d\d-\d\d-\d\d \d\d:\d\d JST$", plan, re.MULTILINE), plan
    # What nobody configured is neither scheduled nor a failure.
    others = ", ".join(sorted(load_sources().keys() - {SOURCE}))
    assert f"Not configured, so not scheduled: {others}\n" in watch.text


def test_a_run_that_a_person_starts_completes(watch: Watch) -> None:
    (screen,) = (deployment for deployment in watch.api.deployments(next_runs=False) if deployment.flow == "screen")
    run = watch.api.start(screen.id)
    watch.wait("the screening", lambda: watch.api.flow_run(run).state == "COMPLETED", 300, pause=1)
    assert [report.state for report in watch.our_runs("screen")] == ["done"]


def test_three_automatic_runs_complete_by_themselves(watch: Watch) -> None:
    watch.wait("three runs", lambda: sum(entry.automatic for entry in watch.flow_runs("COMPLETED")) >= 3, 300, pause=1)
    done = [entry for entry in watch.our_runs() if entry.state == "done"]
    assert len(done) >= 3
    assert all(entry.source == SOURCE and entry.adds_up for entry in done)
    assert watch.lost() == 0


@pytest.mark.parametrize(
    ("process", "how"), [("engine", "kill"), ("worker", "kill"), ("server", "kill"), ("up", "term"), ("up", "kill")]
)
def test_after_any_end_the_runs_that_died_are_marked_and_the_next_one_completes(
    watch: Watch, process: str, how: str
) -> None:
    back = round_of(watch, process, "reading", how)
    assert back["left"] == 0
    assert int(str(back["marked"])) <= MARKED_WITHIN, back
    assert int(str(back["next"])) <= NEXT_WITHIN, back
    assert back["lost"] == 0
    assert back["adds_up"]
    assert "Traceback" not in watch.text
    assert watch.deployment().slots_held <= 1
    if (process, how) == ("up", "term"):
        assert back["code"] == 130
        assert float(str(back["ended"])) < 12, back
        assert not back["listens"]
