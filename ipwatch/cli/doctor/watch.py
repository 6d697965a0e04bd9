"""Checks of the watch: whether it runs, whether it will go on, and whether anything of an earlier one is in its way."""

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
"""Faults of a source that cost no exit code: the next run may mend them by itself."""

# A run says within seconds that it has a process; one that waits for it may take a minute or two on a slow machine.
_BORN_AFTER = timedelta(minutes=3)
_LOG_TAIL = 1024 * 1024
_LOG_RECENT = timedelta(days=1)
_ERROR_LINE = re.compile(r"\| (ERROR|CRITICAL) +\||^(ERROR|CRITICAL)\b")
_BANNER = "Configure Prefect to communicate with the server"
_BLOCK = 400
_MAX_SHOWN = 200


def look_at_up(seen: Inspected) -> Iterator[Finding]:
    """Whether ``ipwatch up`` runs for this data directory."""
    if seen.watched_by is not None:
        yield Finding("up.running", {"pid": seen.watched_by, "port": seen.prefect_port})
    elif (seen.prefect_home / "api-password").is_file() and seen.expected:
        yield Finding("up.ended")
    else:
        yield Finding("up.never")


def look_at_next_runs(seen: Inspected) -> Iterator[Finding]:
    """Whether the scheduler has made a next automatic run of each configured source."""
    if not seen.expected:
        yield Finding("next_run.nothing_configured")
        return
    api, reason = _answering(seen)
    if api is None:
        yield reason
        return
    deployments = {one.source: one for one in api.deployments(now=seen.now) if one.source is not None}
    due = []
    for name in seen.expected:
        one = deployments.get(name)
        if one is None:
            yield Finding("next_run.no_deployment", {"source": name})
        elif one.paused:
            yield Finding("next_run.paused", {"source": name})
        elif not one.has_schedule:
            yield Finding("next_run.no_schedule", {"source": name})
        elif one.next_run is None:
            yield Finding("next_run.none", {"source": name})
        else:
            due.append((one.next_run, name))
    if due:
        first, name = min(due)
        yield Finding("next_run.ok", {"count": len(due), "source": name, "at": in_japan(first)})


def look_at_server_log(seen: Inspected) -> Iterator[Finding]:
    """Whether the Prefect server has written of errors since yesterday, those of its scheduler above all."""
    log = seen.settings.data_dir / "logs" / "prefect-server.log"
    if not log.is_file():
        yield Finding("server_log.none")
        return
    if seen.now.timestamp() - log.stat().st_mtime > _LOG_RECENT.total_seconds():
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


def look_at_zombies(seen: Inspected) -> Iterator[Finding]:
    """Whether a process lives for each run that stands as running."""
    api, reason = _answering(seen)
    if api is None:
        yield reason
        return
    dead = [run for run in api.flow_runs() if _should_live(run, seen) and run.id not in _living(seen)]
    for run in dead:
        yield Finding("zombies.dead", {"run": run.name, "state": run.state_name, "since": _since(run)})
    if not dead:
        yield Finding("zombies.ok")


def look_at_slots(seen: Inspected) -> Iterator[Finding]:
    """Whether a run is there for each place for simultaneous runs that is taken."""
    api, reason = _answering(seen)
    if api is None:
        yield reason
        return
    alive = Counter(run.deployment_id for run in api.flow_runs())
    held = [one for one in api.deployments(now=seen.now) if one.slots_held > alive[one.id]]
    for one in held:
        yield Finding("slots.held", {"deployment": f"{one.flow}/{one.name}", "held": one.slots_held})
    if not held:
        yield Finding("slots.ok")


def look_at_orphans(seen: Inspected) -> Iterator[Finding]:
    """Whether processes of an earlier ``ipwatch up`` are left on this data directory."""
    left = [one for one in seen.processes if one.is_orphan]
    for one in left:
        yield Finding("orphans.left", {"pid": one.id, "role": one.role})
    if not left:
        yield Finding("orphans.ok")


def look_at_second_server(seen: Inspected) -> Iterator[Finding]:
    """Whether more than one Prefect server writes to this data directory."""
    if len(seen.servers) > 1:
        yield Finding("second_server.found", {"pids": ", ".join(str(one.id) for one in seen.servers)})
    else:
        yield Finding("second_server.ok")


def look_at_sources(seen: Inspected) -> Iterator[Finding]:
    """How each source stands: overdue, cut off, without schedule, wrongly set, paused, not configured, switched off."""
    health = _health(seen)
    expected = [one for one in health.values() if one.expected]
    for one in expected:
        yield from _of_source(one)
    well = sum(one.well for one in expected)
    if well:
        yield Finding("sources.well", {"count": well})
    for condition in (SourceCondition.NOT_CONFIGURED, SourceCondition.SWITCHED_OFF):
        names = [name for name, one in health.items() if one.condition is condition]
        if names:
            yield Finding(f"sources.{condition.value}", {"sources": ", ".join(names)})


def _health(seen: Inspected) -> dict[str, SourceHealth]:
    """Return how every source stands; where there is no database yet none was ever read."""
    if not database_is_there(seen):
        return {
            name: judge_source(setup, SourceRecord(source=name), now=seen.now, held=None)
            for name, setup in seen.setups.items()
        }
    database = Database(seen.settings.url_of_database)
    try:
        return assess_sources(database, seen.setups, now=seen.now, locks=locks_of(seen.settings))
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


def _answering(seen: Inspected) -> tuple[PrefectApi | None, Finding]:
    """Return the interface of the server where it answers us, else what to say: silence of one that runs is a fault."""
    silent = Finding("up.silent", {"port": seen.prefect_port})
    if seen.api is None:
        return None, Finding("up.not_running")
    try:
        seen.api.version()
    except ServerSilent:
        return None, silent if seen.servers else Finding("up.not_running")
    except IpwatchError as error:
        return None, Finding("up.refused", {"reason": error}) if seen.servers else Finding("up.not_running")
    return seen.api, silent


def _should_live(run: FlowRun, seen: Inspected) -> bool:
    """Whether the worker must have started a process for the run by now."""
    if run.deployment_id is None:
        return False
    return run.since is None or seen.now - run.since > _BORN_AFTER


def _living(seen: Inspected) -> set[str]:
    return {one.environment[RUN_VARIABLE] for one in seen.processes if RUN_VARIABLE in one.environment}


def _since(run: FlowRun) -> str:
    return in_japan(run.since) if run.since is not None else "–"
