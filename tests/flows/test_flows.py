from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from orchestration import Installation, PrefectServer
from secret_search import leaks_of
from sqlalchemy import func, select, text

from ipwatch.sandbox import Fault, FaultKind, Sandbox
from ipwatch.store import audit, runs, sources
from ipwatch.store.runs import RunReport
from ipwatch.store.tables import FilingRow, FindingRow, ListingRow, MaintenanceRow

pytestmark = pytest.mark.flow


def reports(installation: Installation) -> list[RunReport]:
    with installation.database.read_session() as session:
        return runs.recent_runs(session, 20)


def count(installation: Installation, table: type) -> int:
    with installation.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_collect_fills_our_database_with_a_task_for_each_batch(
    installation: Installation, prefect_server: PrefectServer
) -> None:
    ended = installation.flow("collect", source="rakuten")
    assert ended.returncode == 0, ended.stderr
    (report,) = reports(installation)
    assert (report.kind, report.source, report.state, report.left) == ("collect", "rakuten", "done", 0)
    assert report.adds_up
    assert report.new == count(installation, ListingRow) > 0
    assert report.fetched > 100

    run = prefect_server.flow_runs("collect")[0]
    assert run["name"] == "collect rakuten"
    assert run["state"]["type"] == "COMPLETED"
    tasks = prefect_server.task_runs(run["id"], min_count=2)
    assert {task["state_type"] for task in tasks} == {"COMPLETED"}
    # Searches in one batch, their pictures in the next: never one for each of the requests.
    assert 2 <= len(tasks) <= 5
    logged = prefect_server.ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert any("run_finished" in line["message"] for line in logged)


def test_a_blocked_source_fails_its_flow_and_says_why(
    installation: Installation, prefect_server: PrefectServer, market: Sandbox
) -> None:
    market.set_faults([Fault(host="rakuten.localhost", kind=FaultKind.CHALLENGE)])
    ended = installation.flow("collect", source="rakuten")
    assert ended.returncode == 1
    state = prefect_server.flow_runs("collect")[0]["state"]
    assert state["type"] == "FAILED"
    assert "A person must look at it" in state["message"]
    assert "A person must look at it" in ended.stderr
    with installation.database.read_session() as session:
        (stands,) = sources.states(session)
    assert (stands.source, stands.state) == ("rakuten", "blocked")
    assert stands.message == state["message"]


def test_a_source_that_is_switched_off_is_left_alone(installation: Installation, prefect_server: PrefectServer) -> None:
    off = {"IPWATCH_SOURCES__EBAY__ENABLED": "false"}
    ended = replace(installation, environment={**installation.environment, **off}).flow("collect", source="ebay")
    assert ended.returncode == 0, ended.stderr
    assert reports(installation) == []
    assert "switched off" in prefect_server.flow_runs("collect")[0]["state"]["message"]


@pytest.mark.parametrize(("flow", "source"), [("collect", "rakuten"), ("register", "jpo")])
def test_a_source_that_nobody_configured_is_no_failure_anywhere(
    installation: Installation, prefect_server: PrefectServer, flow: str, source: str
) -> None:
    known = json.loads(installation.environment["IPWATCH_SOURCES"])
    without = {"IPWATCH_SOURCES": json.dumps({name: known[name] for name in known.keys() - {source}})}
    ended = replace(installation, environment={**installation.environment, **without}).flow(flow, source=source)
    assert ended.returncode == 0, ended.stderr
    assert reports(installation) == []
    state = prefect_server.flow_runs(flow)[0]["state"]
    assert state["type"] == "COMPLETED"
    assert state["message"].startswith(f"not configured: {source} is read once IPWATCH_SOURCES__{source.upper()}__")
    with installation.database.read_session() as session:
        assert sources.states(session) == []


def test_register_screen_and_report_follow_one_another(
    installation: Installation, prefect_server: PrefectServer
) -> None:
    assert installation.flow("register", source="jpo").returncode == 0
    assert prefect_server.flow_runs("register")[0]["name"] == "register jpo"
    (report,) = reports(installation)
    assert (report.kind, report.state) == ("register", "done")
    assert report.new == count(installation, FilingRow) > 0

    assert installation.flow("screen").returncode == 0
    screened = reports(installation)[0]
    assert (screened.kind, screened.state) == ("screen", "done")
    assert screened.screened == count(installation, FilingRow)
    assert screened.found == count(installation, FindingRow) > 0
    run = prefect_server.flow_runs("screen")[0]
    assert run["state"]["type"] == "COMPLETED"
    # One batch, and one that finds nothing left.
    assert len(prefect_server.task_runs(run["id"], min_count=2)) == 2

    assert installation.flow("report", first_day="2020-01-01", last_day="2100-12-31").returncode == 0
    written = sorted(path.name for path in (installation.settings.data_dir / "reports").iterdir())
    assert written == [f"ipwatch-2020-01-01-2100-12-31{ending}" for ending in (".csv", ".en.html", ".ja.html")]


def test_the_cycle_runs_every_flow_and_one_bad_source_does_not_end_it(
    installation: Installation, prefect_server: PrefectServer, market: Sandbox
) -> None:
    market.set_faults([Fault(host="ebay.localhost", kind=FaultKind.CHALLENGE)])
    known = json.loads(installation.environment["IPWATCH_SOURCES"])
    chosen = {"IPWATCH_SOURCES": json.dumps({name: known[name] for name in ("ebay", "shopify", "uspto")})}
    small = replace(installation, environment={**installation.environment, **chosen})
    ended = small.python("import runpy; runpy.run_module('flows', run_name='__main__', alter_sys=True)")
    assert ended.returncode == 0, ended.stderr
    by_source = {report.source: report.state for report in reports(installation)}
    assert by_source == {"ebay": "failed", "shopify": "done", "uspto": "done", None: "done"}
    assert count(installation, ListingRow) > 0
    assert count(installation, FilingRow) > 0
    assert count(installation, FindingRow) > 0
    assert list((installation.settings.data_dir / "reports").glob("*.ja.html"))
    assert prefect_server.flow_runs("cycle")[0]["state"]["type"] == "COMPLETED"


def test_maintenance_says_what_it_did_and_fails_where_it_finds_damage(
    installation: Installation, prefect_server: PrefectServer
) -> None:
    assert installation.flow("maintenance").returncode == 0
    run = prefect_server.flow_runs("maintenance")[0]
    assert run["state"]["type"] == "COMPLETED"
    assert "requests" in run["state"]["message"]
    assert count(installation, MaintenanceRow) == 1
    with installation.database.write_session() as session:
        audit.append(session, actor="hanako", action="decided", target="case 1", detail={}, now=datetime.now(UTC))
        session.execute(text("DROP TRIGGER audit_event_update_refused"))
        session.execute(text("UPDATE audit_event SET actor = 'taro'"))
    assert installation.flow("maintenance").returncode == 1
    assert "audit event 1" in prefect_server.flow_runs("maintenance")[0]["state"]["message"]


def test_a_flow_leaves_no_credential_with_prefect_either(
    installation: Installation, prefect_server: PrefectServer
) -> None:
    loud = {"IPWATCH_LOG_LEVEL": "DEBUG", "PREFECT_LOGGING_LEVEL": "DEBUG"}
    debug = replace(installation, environment={**installation.environment, **loud})
    output = ""
    for source in ("rakuten", "ebay"):
        ended = debug.flow("collect", fresh=True, source=source)
        assert ended.returncode == 0, ended.stderr
        output += ended.stdout + ended.stderr
    secrets = tuple(
        secret.get_secret_value()
        for source in installation.settings.sources.values()
        for secret in source.credentials.values()
    )
    assert len(secrets) == 5
    assert leaks_of(installation.settings.data_dir, output, secrets) == []
    assert leaks_of(Path(prefect_server.environment["PREFECT_HOME"]), "", secrets) == []
