"""``ipwatch backup`` and ``ipwatch restore``: backup of everything that cannot be regenerated, and its verification."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from ipwatch.bootstrap import PRIVATE_UMASK
from ipwatch.cli.console import progress_bars, utc_now
from ipwatch.cli.language import say, tell
from ipwatch.errors import ConfigError
from ipwatch.pipeline.backup import back_up
from ipwatch.pipeline.restore import check_backup
from ipwatch.pipeline.restore import restore as restore_backup
from ipwatch.settings import Settings
from ipwatch.terms import Message, message

EXIT_FAILURE = 1


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def backup(settings: Settings, directory: Path) -> None:
    """Make a backup below DIRECTORY, while everything goes on working, and print what it holds as JSON."""
    os.umask(PRIVATE_UMASK)
    with progress_bars() as report:
        done = back_up(
            directory,
            database_url=settings.url_of_database,
            data_dir=settings.data_dir,
            watchlist_dir=settings.watchlist_dir,
            now=utc_now(),
            report=report,
        )
    shown = {
        "backup": str(done.path),
        "database": done.database,
        "bodies": done.bodies,
        "copied": done.copied,
        "copied_bytes": done.copied_bytes,
    }
    click.echo(json.dumps(shown, ensure_ascii=False))
    if done.missing is not None:
        tell(message("cli.backup.no_database", missing=done.missing))
        raise SystemExit(EXIT_FAILURE)


@click.command()
@click.argument("backup", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--to", "target", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True)
def restore(backup: Path, target: Path | None, *, check: bool) -> None:
    """Restore BACKUP, or the newest one below it, and check it: every file, database, audit trail and evidence."""
    if check == (target is not None):
        raise ConfigError(message("cli.restore.either"))
    os.umask(PRIVATE_UMASK)
    with progress_bars() as report:
        done = check_backup(backup, report=report) if target is None else restore_backup(backup, target, report=report)
    shown = {
        "ok": not done.problems,
        "backup": str(done.backup),
        "made_at": done.made_at,
        "database": done.database,
        "schema": done.schema,
        "rows": done.rows,
        "captures": done.captures,
        "bodies": done.bodies,
        "problems": list(done.problems),
    }
    click.echo(json.dumps(shown, ensure_ascii=False))
    for problem in done.problems:
        tell(problem)
    if done.problems:
        raise SystemExit(EXIT_FAILURE)
    if target is not None:
        say(_next_steps(done.database, target))


def _next_steps(database: str | None, target: Path) -> Message:
    kind = database if database in {"sqlite", "postgresql"} else "evidence"
    return message(f"cli.restore.{kind}", target=target)
