"""The watch that really runs: by itself on its schedule, and again after the end of any of its processes.

A small round of ``benchmarks/system/ends.py``, on one installation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from orchestration import begin_with
from watched import SOURCE, Watch, round_of, slow_shop

from ipwatch.sources import load_sources

pytestmark = [
    pytest.mark.flow,
    pytest.mark.skipif(sys.platform != "linux", reason="children end with their parent on Linux only"),
]

MARKED_WITHIN, NEXT_WITHIN = 180, 360


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory, prefect_database: Path) -> Iterator[Watch]:
    with slow_shop(8, 0.5) as shop:
        watch = Watch(tmp_path_factory.mktemp("watch"), shop, seconds=15)
        begin_with(prefect_database, watch.settings.data_dir)
        watch.start()
        yield watch
        watch.stop()


def test_three_automatic_runs_complete_by_themselves(watch: Watch) -> None:
    watch.wait("three runs", lambda: sum(entry.automatic for entry in watch.flow_runs("COMPLETED")) >= 3, 300, pause=1)
    done = [entry for entry in watch.our_runs() if entry.state == "done"]
    assert len(done) >= 3
    assert all(entry.source == SOURCE and entry.adds_up for entry in done)
    assert watch.lost() == 0
    # What nobody configured is neither scheduled nor a failure.
    assert {entry.source for entry in watch.api.deployments()} == {None, SOURCE}
    others = ", ".join(sorted(load_sources().keys() - {SOURCE}))
    assert f"Not configured, so not scheduled: {others}\n" in watch.text
    assert f"  {SOURCE}: 20" in watch.text


@pytest.mark.parametrize(
    ("process", "how"),
    [("engine", "kill"), ("worker", "kill"), ("server", "kill"), ("up", "term"), ("up", "kill"), ("all", "kill")],
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
