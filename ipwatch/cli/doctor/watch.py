"""Checks of the watch: whether it runs, its next runs, and what an earlier watch left behind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from ipwatch.bootstrap import locks_of
from ipwatch.cli.doctor.findings import Finding, Inspected, in_japan
from ipwatch.cli.doctor.processes import RUN_VARIABLE
from ipwatch.cli.doctor.stored import database_is_there
from ipwatch.cli.prefect_api import FlowRun, PrefectApi, ServerSilent
from ipwatch.errors import IpwatchError
from ipwatch.pipeline.health import assess_sources, judge_source
from ipwatch.records import SourceCondition, SourceHealth
from ipwatch.store.session import Database
from ipwatch.store.sources import SourceRecord

NOTES = frozenset({SourceCondition.DEGRADED, SourceCondition.NEVER})
"""Faults of a source that cost no exit code: the next run may succeed without anybody."""

# A run says within seconds that it has a process; one that waits for it may take a minute or two on a slow machine.
_BORN_AFTER = timedelta(minutes=3)
_LOG_TAIL = 1024 * 1024
_LOG_RECENT = timedelta(days=1)
_ERROR_LINE = re.compile(r"\| (ERROR|CRITICAL) +\||^(ERROR|CRITICAL)\b")
_BANNER = "Configure Prefect to communicate with the server"
_BLOCK = 400
_MAX_SHOWN = 200


def look_at_up(inspected: Inspected) -> Iterator[Finding]:
    """Whether ``ipwatch up`` runs for this data directory."""
    if inspected.watched_by is not None:
        yield Finding("up.running", {"pid": inspected.watched_by, "port": inspected.prefect_port})
    elif (inspected.prefect_home / "api-password").is_file() and inspected.expected:
        yield Finding("up.ended")
    else:
        yield Finding("up.never")


def look_at_next_runs(inspected: Inspected) -> Iterator[Finding]:
    """Whether the scheduler has scheduled the next run of each configured source."""
    if not inspected.expected:
        yield Finding("next_run.nothing_configured")
        return
    api, reason = _answering(inspected)
    if api is None:
        yield reason
        return
    deployments = {
        deployment.source: deployment
        for deployment in api.deployments(now=inspected.now)
        if deployment.source is not None
    }
    due = []
    for name in inspected.expected:
        deployment = deployments.get(name)
        if deployment is None:
            yield Finding("next_run.no_deployment", {"source": name})
        elif deployment.paused:
            yield Finding("next_run.paused", {"source": name})
        elif not deployment.has_schedule:
            yield Finding("next_run.no_schedule", {"source": name})
        elif deployment.next_run is None:
            yield Finding("next_run.none", {"source": name})
        else:
            due.append((deployment.next_run, name))
    if due:
        first, name = min(due)
        yield Finding("next_run.ok", {"count": len(due), "source": name, "at": in_japan(first)})


def look_at_server_log(inspected: Inspected) -> Iterator[Finding]:
    """Whether the Prefect server has logged errors since yesterday, those of its scheduler first."""
    log = inspected.settings.data_dir / "logs" / "prefect-server.log"
    if not log.is_file():
        yield Finding("server_log.none")
        return
    if inspected.now.timestamp() - log.stat().st_mtime > _LOG_RECENT.total_seconds():
        yield Finding("server_log.old", {"log": log})
        return
    errors = _errors(log)
    of_scheduler = [first for first, block in errors if "schedul" in block.lower()]
    if of_scheduler:
        yield Finding(
            "server_log.scheduler", {"count": len(of_scheduler), "log": log, "line": of_scheduler[-1][:_MAX_SHOWN]}
        )
    elif errors:
        yield Finding("server_log.errors", {"count": len(errors), "log": log, "line": errors[-1][0][:_MAX_SHOWN]})
    else:
        yield Finding("server_log.ok")


def _errors(log: Path) -> list[tuple[str, str]]:
    """Return each line since the server's last start that names an error, and the lines that belong to it."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_TAIL))
        lines = file.read().decode(errors="replace").splitlines()
    banners = [number for number, line in enumerate(lines) if _BANNER in line]
    lines = lines[banners[-1] :] if banners else lines
    starts = [number for number, line in enumerate(lines) if _ERROR_LINE.search(line)]
    ends = [*starts[1:], len(lines)]
    return [
        (lines[start].strip(), "\n".join(lines[start : min(end, start + _BLOCK)]))
        for start, end in zip(starts, ends, strict=False)
    ]


def look_at_zombies(inspected: Inspected) -> Iterator[Finding]:
    """Whether each run in the state running has a live process."""
    api, reason = _answering(inspected)
    if api is None:
        yield reason
        return
    dead = [run for run in api.flow_runs() if _should_live(run, inspected) and run.id not in _living(inspected)]
    for run in dead:
        yield Finding("zombies.dead", {"run": run.name, "state": run.state_name, "since": _since(run)})
    if not dead:
        yield Finding("zombies.ok")


def look_at_slots(inspected: Inspected) -> Iterator[Finding]:
    """Whether each concurrency slot in use belongs to a run."""
    api, reason = _answering(inspected)
    if api is None:
        yield reason
        return
    alive = Counter(run.deployment_id for run in api.flow_runs())
    held = [
        deployment for deployment in api.deployments(now=inspected.now) if deployment.slots_held > alive[deployment.id]
    ]
    for deployment in held:
        yield Finding(
            "slots.held", {"deployment": f"{deployment.flow}/{deployment.name}", "held": deployment.slots_held}
        )
    if not held:
        yield Finding("slots.ok")


def look_at_orphans(inspected: Inspected) -> Iterator[Finding]:
    """Whether processes of an earlier ``ipwatch up`` are left on this data directory."""
    left = [process for process in inspected.processes if process.is_orphan]
    for process in left:
        yield Finding("orphans.left", {"pid": process.id, "role": process.role})
    if not left:
        yield Finding("orphans.ok")


def look_at_second_server(inspected: Inspected) -> Iterator[Finding]:
    """Whether more than one Prefect server writes to this data directory."""
    if len(inspected.servers) > 1:
        yield Finding("second_server.found", {"pids": ", ".join(str(server.id) for server in inspected.servers)})
    else:
        yield Finding("second_server.ok")


def look_at_sources(inspected: Inspected) -> Iterator[Finding]:
    """The conditions of each source, such as overdue, cut off, unscheduled, paused or not configured."""
    health = _health(inspected)
    expected = [source for source in health.values() if source.expected]
    for source in expected:
        yield from _of_source(source)
    well = sum(source.well for source in expected)
    if well:
        yield Finding("sources.well", {"count": well})
    for condition in (SourceCondition.NOT_CONFIGURED, SourceCondition.SWITCHED_OFF):
        names = [name for name, source in health.items() if source.condition is condition]
        if names:
            yield Finding(f"sources.{condition.value}", {"sources": ", ".join(names)})


def _health(inspected: Inspected) -> dict[str, SourceHealth]:
    """Return the health of every source; without a database none was ever read."""
    if not database_is_there(inspected):
        return {
            name: judge_source(setup, SourceRecord(source=name), now=inspected.now, held=None)
            for name, setup in inspected.setups.items()
        }
    database = Database(inspected.settings.url_of_database)
    try:
        return assess_sources(database, inspected.setups, now=inspected.now, locks=locks_of(inspected.settings))
    finally:
        database.dispose()


def _of_source(health: SourceHealth) -> Iterator[Finding]:
    read = in_japan(health.last_read) if health.last_read is not None else "–"
    for condition in health.conditions:
        if condition is SourceCondition.OK:
            continue
        arguments = {"source": health.name, "read": read, "message": health.message or "–"}
        if condition is SourceCondition.CUT_OFF and health.quiet_since is not None:
            arguments["quiet"] = in_japan(health.quiet_since)
        if condition is SourceCondition.BLOCKED and health.paused_until is not None:
            yield Finding("sources.paused", arguments | {"until": in_japan(health.paused_until)})
            continue
        yield Finding(f"sources.{condition.value}", arguments)


def _answering(inspected: Inspected) -> tuple[PrefectApi | None, Finding]:
    """Return the API of the server if it answers, else a finding: silence of a running server is an error."""
    silent = Finding("up.silent", {"port": inspected.prefect_port})
    if inspected.api is None:
        return None, Finding("up.not_running")
    try:
        inspected.api.version()
    except ServerSilent:
        return None, silent if inspected.servers else Finding("up.not_running")
    except IpwatchError as error:
        return None, Finding("up.refused", {"reason": error}) if inspected.servers else Finding("up.not_running")
    return inspected.api, silent


def _should_live(run: FlowRun, inspected: Inspected) -> bool:
    """Whether the worker must have started a process for the run by now."""
    if run.deployment_id is None:
        return False
    return run.since is None or inspected.now - run.since > _BORN_AFTER


def _living(inspected: Inspected) -> set[str]:
    return {process.environment[RUN_VARIABLE] for process in inspected.processes if RUN_VARIABLE in process.environment}


def _since(run: FlowRun) -> str:
    return in_japan(run.since) if run.since is not None else "–"
