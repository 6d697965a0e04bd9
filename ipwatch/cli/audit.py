"""``ipwatch audit``: who did what, and whether the record of it is whole."""

from __future__ import annotations

import json
import re

import click

from ipwatch.cli.console import utc_now
from ipwatch.errors import ConfigError
from ipwatch.pipeline.audit import verify_audit
from ipwatch.settings import Settings
from ipwatch.store.audit_checks import MAX_PROBLEMS
from ipwatch.store.session import Database

_HASH = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


@click.group()
def audit() -> None:
    """The audit trail (監査記録): who did what, and when."""


@audit.command()
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="HASH",
)
@click.pass_obj
def verify(settings: Settings, heads: tuple[str, ...]) -> None:
    """Verify that no event was changed, removed, added or moved, and record the result."""
    for head in heads:
        if not _HASH.fullmatch(head):
            raise ConfigError(f"--head {head}: this is no hash; write the 64 digits of the head as they were printed")
    database = Database(settings.url_of_database)
    try:
        database.require_current()
        check = verify_audit(database, at=utc_now(), heads={head.lower() for head in heads})
    finally:
        database.dispose()
    click.echo(
        json.dumps(
            {
                "ok": check.ok,
                "events": check.events,
                "last_event": check.last_event,
                "head": check.head,
                "problems": check.problems,
                "checked_at": check.checked_at.isoformat(),
            }
        )
    )
    for problem in check.first:
        click.echo(f"ipwatch: {problem}", err=True)
    if check.problems > MAX_PROBLEMS:
        click.echo(f"ipwatch: and {check.problems - MAX_PROBLEMS} more", err=True)
    if not check.ok:
        click.echo(
            "ipwatch: restore the database from a backup in which the trail verifies, and find out who", err=True
        )
        raise SystemExit(1)
    click.echo(f"ipwatch: the audit trail is whole up to event {check.last_event or 0}", err=True)
