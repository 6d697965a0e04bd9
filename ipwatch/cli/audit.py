"""``ipwatch audit``: verification of the audit trail."""

from __future__ import annotations

import json
import re

import click

from ipwatch.cli.console import utc_now
from ipwatch.cli.language import tell
from ipwatch.errors import ConfigError
from ipwatch.pipeline.audit import verify_audit
from ipwatch.settings import Settings
from ipwatch.store.audit_checks import MAX_PROBLEMS
from ipwatch.store.session import Database
from ipwatch.terms import message

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
            raise ConfigError(message("cli.audit.no_hash", head=head))
    database = Database(settings.url_of_database)
    try:
        database.require_current()
        check = verify_audit(database, now=utc_now(), heads={head.lower() for head in heads})
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
        tell(problem.sentence())
    if check.problems > MAX_PROBLEMS:
        tell(message("cli.audit.more", count=check.problems - MAX_PROBLEMS))
    if not check.ok:
        tell(message("cli.audit.restore"))
        raise SystemExit(1)
    tell(message("cli.audit.whole", event=check.last_event or 0))
