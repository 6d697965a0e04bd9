"""All commands of the program, from the tree that the command line itself uses."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ipwatch.cli import main


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every group and command below a group, itself first, with the names on the way to it."""
    yield path, group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command
