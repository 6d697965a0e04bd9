"""Runs the sandbox alone: ``python -m ipwatch.sandbox --seed 1 --listings 3000 --port 8090``."""

from __future__ import annotations

import socket
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import click
import uvicorn

from ipwatch.sandbox.markets import SHOPS
from ipwatch.sandbox.servers.application import create_application
from ipwatch.sandbox.world import Composition, build_world


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same world.")
@click.option("--listings", type=click.IntRange(min=1), default=3000, show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0: any free port.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The date of day 0; today unless given.")
@click.option(
    "--day", type=click.IntRange(min=0), default=0, show_default=True, help="The day of the world to start on."
)
@click.option(
    "--composition",
    type=click.Choice([each.value for each in Composition]),
    default=Composition.MARKET.value,
    show_default=True,
    help="A market at its base rate, or a dense mix to test the matching on.",
)
@click.option("--watchlists", type=click.Path(path_type=Path, file_okay=False), help="Write the watchlists there.")
@click.option("--attached", is_flag=True, hidden=True, help="Say only the port, and end when standard input ends.")
def main(
    *,
    seed: int,
    listings: int,
    port: int,
    today: datetime | None,
    day: int,
    composition: str,
    watchlists: Path | None,
    attached: bool,
) -> None:
    """Serve an invented world of marketplaces, shops and registers on 127.0.0.1."""
    first_day = today.date() if today else datetime.now(UTC).date()
    world = build_world(seed, listings, first_day, Composition(composition)).advance(day)
    if watchlists is not None:
        world.write_watchlists(watchlists)
    # asyncio sets TCP_NODELAY only where the protocol is given; without it each answer waits 40 ms for an ACK.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used ({error}); choose another with --port") from error
    listener.listen(256)
    config = uvicorn.Config(
        create_application(world),
        http="h11",
        lifespan="off",
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    bound = listener.getsockname()[1]
    if attached:
        threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
        click.echo(bound)
    else:
        click.echo("\n".join(f"http://{shop.host}:{bound}/  {shop.title}" for shop in SHOPS))
    server.run(sockets=[listener])


def _end_with_input(server: uvicorn.Server) -> None:
    """Stop the server once standard input ends: its parent stopped it, or has ended."""
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
