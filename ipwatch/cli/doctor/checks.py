"""The closed list of checks, in the order in which they are printed."""

from __future__ import annotations

from collections.abc import Iterator

from ipwatch.cli.doctor import machine, software, stored, watch
from ipwatch.cli.doctor.findings import Check, Finding, Inspected
from ipwatch.errors import IpwatchError
from ipwatch.terms import text_of

CHECKS = (
    Check("up", watch.look_at_up),
    Check("next_run", watch.look_at_next_runs),
    Check("server_log", watch.look_at_server_log),
    Check("zombies", watch.look_at_zombies),
    Check("slots", watch.look_at_slots),
    Check("orphans", watch.look_at_orphans),
    Check("second_server", watch.look_at_second_server),
    Check("sources", watch.look_at_sources),
    Check("database", stored.look_at_database),
    Check("schema", stored.look_at_schema),
    Check("audit", stored.look_at_audit),
    Check("sqlite", stored.look_at_sqlite),
    Check("backup", stored.look_at_backup),
    Check("disk", machine.look_at_disk),
    Check("modes", machine.look_at_modes),
    Check("secrets", machine.look_at_secrets),
    Check("clock", machine.look_at_clock),
    Check("ports", machine.look_at_ports),
    Check("versions", software.look_at_versions),
    Check("extras", software.look_at_extras),
    Check("fonts", software.look_at_fonts),
    Check("browser", software.look_at_browser),
)


def inspect(inspected: Inspected) -> Iterator[tuple[str, Finding]]:
    """Yield every finding with the name of its check; a check that failed yields its error instead."""
    for check in CHECKS:
        try:
            for finding in check.look(inspected):
                yield check.name, finding
        except (IpwatchError, OSError) as error:
            reason = text_of(error)
            yield check.name, Finding("unchecked", {"reason": " ".join(reason.split()) if "\n" in reason else reason})
