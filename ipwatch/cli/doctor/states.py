"""The state of every finding; its texts are in the section ``doctor`` of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from ipwatch import terms
from ipwatch.cli.doctor.findings import Finding, State

_KEYS = {
    State.OK: (
        "up.running",
        "next_run.ok",
        "server_log.ok",
        "server_log.none",
        "server_log.old",
        "zombies.ok",
        "slots.ok",
        "orphans.ok",
        "second_server.ok",
        "sources.well",
        "database.ok",
        "database.nothing_yet",
        "schema.ok",
        "audit.ok",
        "sqlite.ok",
        "sqlite.not_used",
        "backup.ok",
        "disk.ok",
        "modes.ok",
        "clock.ok",
        "secrets.none",
        "secrets.ok",
        "ports.web_any",
        "ports.web_free",
        "ports.web_ours",
        "ports.prefect_free",
        "ports.prefect_ours",
        "versions.ok",
        "extras.ok",
        "fonts.ok",
        "browser.ok",
    ),
    State.WRONG: (
        "up.ended",
        "up.silent",
        "up.refused",
        "next_run.no_deployment",
        "next_run.paused",
        "next_run.no_schedule",
        "next_run.none",
        "server_log.scheduler",
        "zombies.dead",
        "slots.held",
        "orphans.left",
        "second_server.found",
        "sources.overdue",
        "sources.cut_off",
        "sources.blocked",
        "sources.paused",
        "sources.failed",
        "sources.wrong_settings",
        "sources.unscheduled",
        "database.damaged",
        "database.unusable",
        "schema.differs",
        "audit.broken",
        "disk.full",
        "modes.open",
        "clock.ahead",
        "clock.behind",
        "secrets.open",
        "ports.web_taken",
        "ports.prefect_taken",
        "versions.missing",
        "versions.outside",
        "unchecked",
    ),
    State.NOTE: (
        "up.never",
        "next_run.nothing_configured",
        "server_log.errors",
        "sources.degraded",
        "sources.never",
        "sources.not_configured",
        "sources.switched_off",
        "database.none",
        "sqlite.may_lose_its_log",
        "backup.old",
        "backup.none",
        "backup.unreadable",
        "clock.unknown",
        "versions.untested",
        "extras.absent",
        "fonts.none",
        "browser.none",
    ),
    State.NOT_RUNNING: ("up.not_running",),
}
STATES: Mapping[str, State] = {key: state for state, keys in _KEYS.items() for key in keys}


def render(finding: Finding, lang: str) -> tuple[State, str, str | None]:
    """Return state, line and fix of a finding in one language; raises ``KeyError`` for an unknown key."""
    key, fix = f"doctor.{finding.key}", f"doctor.{finding.key}.fix"
    state = STATES[finding.key]
    return (
        state,
        terms.render(key, lang, **finding.arguments),
        terms.render(fix, lang, **finding.arguments) if fix in terms.KEYS else None,
    )
