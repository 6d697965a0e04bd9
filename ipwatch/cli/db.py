"""``ipwatch db``: the schema of the database that ``IPWATCH_DATABASE_URL`` names."""

from __future__ import annotations

import click

from ipwatch.errors import StoreError
from ipwatch.settings import Settings
from ipwatch.store import schema


@click.group()
def db() -> None:
    """Set up and check the database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the database to the schema of this version, creating it where there is none."""
    url = settings.url_of_database
    if not schema.pending(url):
        click.echo(f"{schema.shown(url)} is at schema {schema.head()}; nothing to do", err=True)
        return
    schema.upgrade(url)
    click.echo(f"{schema.shown(url)} is now at schema {schema.head()}", err=True)


@db.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Check that the database is at the schema of this version and has not drifted from it."""
    url = settings.url_of_database
    differences = schema.drift(url)
    if differences:
        raise StoreError("\n".join([f"{schema.shown(url)} differs from what this version expects:", *differences]))
    click.echo(f"{schema.shown(url)} is at schema {schema.head()}, without drift", err=True)
    for warning in schema.warnings(url):
        click.echo(f"warning: {warning}", err=True)
