"""``ipwatch db``: the schema of the database that ``IPWATCH_DATABASE_URL`` names."""

from __future__ import annotations

import os

import click

from ipwatch.bootstrap import PRIVATE_UMASK, close_to_others
from ipwatch.errors import StoreError
from ipwatch.settings import Settings
from ipwatch.store import schema
from ipwatch.store.damage import damage


@click.group()
def db() -> None:
    """Set up and check the database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the database to the schema of this version, creating it where there is none."""
    url = settings.url_of_database
    os.umask(PRIVATE_UMASK)
    if settings.data_dir.is_dir():
        close_to_others(settings.data_dir)
    if not schema.pending(url):
        click.echo(f"{schema.shown(url)} is at schema {schema.head()}; nothing to do", err=True)
        return
    schema.upgrade(url)
    click.echo(f"{schema.shown(url)} is now at schema {schema.head()}", err=True)


@db.command()
@click.option("--full", is_flag=True)
@click.pass_obj
def check(settings: Settings, *, full: bool) -> None:
    """Check that the database is whole, at the schema of this version, and has not drifted from it."""
    url = settings.url_of_database
    schema.require_at_head(url)
    broken = damage(url, full=full)
    if broken:
        advice = (
            "end every process that uses it and restore the newest backup: ipwatch restore BACKUP --check, then "
            "ipwatch restore BACKUP --to DIR"
        )
        raise StoreError("\n".join([f"{schema.shown(url)} is damaged; {advice}", *broken]))
    differences = schema.drift(url)
    if differences:
        raise StoreError("\n".join([f"{schema.shown(url)} differs from what this version expects:", *differences]))
    click.echo(f"{schema.shown(url)} is whole, at schema {schema.head()}, without drift", err=True)
    for warning in schema.warnings(url):
        click.echo(f"warning: {warning}", err=True)
