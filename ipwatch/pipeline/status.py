"""The state of a source after a run, with a sentence for people, so that no data never passes for no hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from statistics import median

import structlog

from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import FailureReason
from ipwatch.store import runs, sources
from ipwatch.store.runs import RunReport
from ipwatch.store.session import Session
from ipwatch.terms import message

log = structlog.get_logger("ipwatch.collect")

# A source with less than this share of its usual number of records is degraded, whatever it answers.
COVERAGE_FLOOR = 0.5
USUAL_RUNS = 7
# A source with more than this share, and more than this number, of unreadable records counts as only partly read.
REFUSED_SHARE = 0.01
REFUSED_COUNT = 3


def conclude(
    workspace: Workspace, run_id: int, *, source: str, blocked: Mapping[str, str], hosts: AbstractSet[str]
) -> RunReport:
    """End the run, set the state of its source (see ``judge``), and return the run's report."""

    def end(session: Session) -> tuple[RunReport, str]:
        report = runs.run_report(session, run_id)
        usual = runs.usual_parsed(session, source, before=run_id, limit=USUAL_RUNS)
        state, reason, why = judge(report, usual=usual, blocked=blocked, hosts=hosts)
        run_state = {"ok": "done", "degraded": "partial"}.get(state, "failed")
        finished = runs.finish_run(session, run_id, state=run_state, now=workspace.now(), message=why)
        sources.set_state(session, source, state, reason=reason, message=why, run_id=run_id, now=workspace.now())
        # The message is stored in English; who began the run may read it in another language.
        return replace(finished, message=why), state

    finished, state = workspace.database.write(end)
    log.info(
        "run_finished",
        source=source,
        run=run_id,
        state=state,
        message=finished.message,
        fetched=finished.fetched,
        unchanged=finished.unchanged,
        failed=finished.failed,
        parsed=finished.parsed,
        refused=finished.refused,
    )
    return finished


def judge(
    report: RunReport, *, usual: Sequence[int], blocked: Mapping[str, str], hosts: AbstractSet[str]
) -> tuple[str, FailureReason | None, str | None]:
    """Return the state of a source after a run, the main reason, and a sentence for people.

    ``usual`` are the record counts of earlier complete runs, ``blocked`` the hosts that refuse to be read with their
    messages, ``hosts`` those that were asked for records, not only for pictures. Blocked outweighs failed, failed
    outweighs degraded.
    """
    closed_sites = blocked.keys() & hosts
    if closed_sites:
        sentence = message("cycle.closed", refusal=_refusal_of(closed_sites, blocked))
        if closed_sites == hosts:
            return "blocked", FailureReason.BLOCKED, message("cycle.sentence", sentence=sentence)
        return "degraded", FailureReason.BLOCKED, message("cycle.others_read", sentence=sentence)
    main = max(report.failures, key=lambda reason: report.failures[reason], default=None)
    counted = ", ".join(f"{count} x {reason}" for reason, count in sorted(report.failures.items()))
    if report.failed and not report.parsed:
        return "failed", main, message("cycle.nothing_read", counted=counted)
    if report.failed > report.failures.get(FailureReason.ROBOTS, 0):
        missing = message("cycle.requests_failed", failed=report.failed, planned=report.planned, counted=counted)
        return (
            "degraded",
            main,
            message("cycle.pictures_missing", refusal=_refusal_of(blocked.keys(), blocked), missing=missing)
            if blocked
            else missing,
        )
    if usual and report.parsed < COVERAGE_FLOOR * median(usual):
        return "degraded", None, message("cycle.few_records", parsed=report.parsed, usual=median(usual))
    return _of_what_was_read(report)


def _refusal_of(hosts: AbstractSet[str], blocked: Mapping[str, str]) -> str:
    """Return which hosts refuse to be read, with the message of the first one."""
    first = min(hosts)
    if len(hosts) > 1:
        return message("cycle.hosts_refuse", host=first, more=len(hosts) - 1, why=blocked[first])
    return message("cycle.host_refuses", host=first, why=blocked[first])


def _of_what_was_read(report: RunReport) -> tuple[str, FailureReason | None, str | None]:
    """Judge a source without failed requests: records may be unreadable, or pages closed to crawlers."""
    if report.refused:
        unreadable = message("cycle.unreadable", refused=report.refused)
        partly = report.refused > max(REFUSED_COUNT, REFUSED_SHARE * (report.parsed + report.refused))
        return "degraded" if partly else "ok", FailureReason.UNREADABLE, unreadable
    closed = report.failures.get(FailureReason.ROBOTS, 0)
    if closed:
        # Pages closed by robots.txt are not to be read: nothing failed, but the message reports them.
        return "ok", FailureReason.ROBOTS, message("cycle.robots", closed=closed)
    return "ok", None, None


def plain(report: RunReport) -> dict[str, object]:
    """Return the report of a run as plain data, for JSON."""
    counts = (*runs.COUNTS, "left")
    return {
        "run": report.id,
        "state": report.state,
        **{name: getattr(report, name) for name in counts},
        "failures": {reason.value: count for reason, count in sorted(report.failures.items())},
        "message": report.message,
    }
