"""``ipwatch db``: the schema of the database that ``IPWATCH_DATABASE_URL`` names."""

from __future__ import annotations

import os

import click

from ipwatch.bootstrap import PRIVATE_UMASK, close_to_others
from ipwatch.cli.language import say
from ipwatch.errors import StoreError
from ipwatch.settings import Settings
from ipwatch.store import schema
from ipwatch.store.damage import damage
from ipwatch.terms import Joined, message


@click.group()
def db() -> None:
    """Set up and check the database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Migrate the database to the schema of this version; a missing one is created."""
    url = settings.url_of_database
    os.umask(PRIVATE_UMASK)
    if settings.data_dir.is_dir():
        close_to_others(settings.data_dir)
    if not schema.pending(url):
        say(message("cli.db.nothing_to_do", database=schema.shown(url), schema=schema.head()))
        return
    schema.upgrade(url)
    say(message("cli.db.upgraded", database=schema.shown(url), schema=schema.head()))


@db.command()
@click.option("--full", is_flag=True)
@click.pass_obj
def check(settings: Settings, *, full: bool) -> None:
    """Check the integrity of the database, and that its schema is that of this version."""
    url = settings.url_of_database
    schema.require_at_head(url)
    broken = damage(url, full=full)
    if broken:
        raise StoreError(Joined([message("cli.db.damaged", database=schema.shown(url)), *broken]))
    differences = schema.drift(url)
    if differences:
        raise StoreError(Joined([message("cli.db.differs", database=schema.shown(url)), *differences]))
    say(message("cli.db.whole", database=schema.shown(url), schema=schema.head()))
    for warning in schema.warnings(url):
        say(message("cli.warning", text=warning))
