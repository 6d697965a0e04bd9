"""Prefect's own history does not grow for ever: a real server with our settings, rows made old in its database."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from orchestration import PATIENCE, PrefectServer, begin_with

from ipwatch.cli.children import alone
from ipwatch.cli.orchestrator import EVENTS, HISTORY, free_port, prefect_environment, prefect_server

pytestmark = pytest.mark.flow

# Prefect's defaults are an hour and a day.
SOON = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ORPHAN_CLEANUP_LOOP_SECONDS": "1",
}
RUN_OF = {"flow_run": "id", "task_run": "flow_run_id", "log": "flow_run_id"}
"""The column that names the run, in each table."""


def test_runs_tasks_logs_and_events_go_after_their_time(tmp_path: Path, prefect_database: Path) -> None:
    begin_with(prefect_database, tmp_path)
    environment = prefect_environment(tmp_path, port=free_port()) | SOON
    processes = tmp_path / "processes"
    with (
        alone(processes, "go away"),
        prefect_server(environment, processes=processes, logs=tmp_path / "logs", say=print) as (_, api),
    ):
        server = PrefectServer(port=0, environment=environment, directory=tmp_path)
        database = tmp_path / "prefect" / "prefect.db"
        flow = api._ask("POST", "/flows/", {"name": "old"})["id"]
        runs = {age: finished_run(server, flow) for age in ("old", "young")}
        wait_for("events are written down", lambda: rows(database, "SELECT count(*) FROM events") >= 2)
        age_run(database, runs["old"], HISTORY + timedelta(days=1))
        age_run(database, runs["young"], HISTORY - timedelta(days=1))
        change(database, "UPDATE events SET occurred = ?, received = ?", *2 * [ago(EVENTS + timedelta(days=1))])
        change(database, "UPDATE event_resources SET occurred = ?", ago(EVENTS + timedelta(days=1)))
        for table in RUN_OF:
            wait_for(table, lambda table=table: rows(database, *of_run(table, runs["old"])) == 0)
        too_old = "SELECT count(*) FROM events WHERE occurred < ?"
        wait_for("events", lambda: rows(database, too_old, ago(EVENTS)) == 0)
        for table in RUN_OF:
            assert rows(database, *of_run(table, runs["young"])) == 1, table


def finished_run(server: PrefectServer, flow: str) -> str:
    """Return a completed run with one task and one line of its log."""
    api = server.api
    run: str = api._ask("POST", "/flow_runs/", {"flow_id": flow, "state": {"type": "RUNNING"}})["id"]
    task = {"flow_run_id": run, "task_key": "one", "dynamic_key": "0", "state": {"type": "COMPLETED"}}
    api._ask("POST", "/task_runs/", task)
    line = {"name": "x", "level": 20, "message": "said", "timestamp": datetime.now(UTC).isoformat(), "flow_run_id": run}
    api._ask("POST", "/logs/", [line])
    api.set_state(run, "COMPLETED", "")
    return run


def age_run(database: Path, run: str, age: timedelta) -> None:
    sql = "UPDATE flow_run SET start_time = ?, end_time = ? WHERE replace(id, '-', '') = ?"
    change(database, sql, ago(age), ago(age), run.replace("-", ""))


def ago(age: timedelta) -> str:
    return (datetime.now(UTC) - age).strftime("%Y-%m-%d %H:%M:%S.%f")


def change(database: Path, sql: str, *values: str) -> None:
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        assert connection.execute(sql, values).rowcount > 0


def of_run(table: str, run: str) -> tuple[str, str]:
    return f"SELECT count(*) FROM {table} WHERE replace({RUN_OF[table]}, '-', '') = ?", run.replace("-", "")  # noqa: S608


def rows(database: Path, question: str, *values: str) -> int:
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        return int(connection.execute(question, values).fetchone()[0])


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
