"""One ASGI application for the whole sandbox, dispatched by the ``Host`` header."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ipwatch.sandbox.markets import EBAY, PAGES, RAKUTEN, SHOPIFY
from ipwatch.sandbox.servers import control, ebay, images, jpo, pages, rakuten, shopify, uspto
from ipwatch.sandbox.servers.misbehaviour import Misbehaviour, host_of
from ipwatch.sandbox.servers.state import State
from ipwatch.sandbox.world import World


def create_application(world: World) -> ASGIApp:
    """Return the sandbox as an ASGI application, on the day of that world."""
    state = State(world)
    hosts: dict[str, ASGIApp] = {
        RAKUTEN.host: rakuten.application(state),
        EBAY.host: ebay.application(state),
        "jpo.localhost": jpo.application(state),
        "uspto.localhost": uspto.application(state),
        "img.localhost": images.application(state),
        "control.localhost": control.application(state),
    }
    hosts |= {shop.host: shopify.application(state, shop) for shop in SHOPIFY}
    hosts |= {shop.host: pages.application(state, shop) for shop in PAGES}
    return Misbehaviour(_ByHost(hosts), state)


class _ByHost:
    def __init__(self, hosts: Mapping[str, ASGIApp]) -> None:
        self._hosts = hosts
        self._unknown = _unknown_host(tuple(hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._hosts.get(host_of(scope), self._unknown) if scope["type"] == "http" else self._unknown
        await app(scope, receive, send)


def _unknown_host(names: tuple[str, ...]) -> Starlette:
    def answer(request: Request) -> Response:
        port = request.url.port
        lines = [f"http://{name}:{port}/" for name in names if name != "control.localhost"]
        return PlainTextResponse("This is the ipwatch sandbox. Its hosts:\n" + "\n".join(lines) + "\n", status_code=404)

    return Starlette(routes=[Route("/{path:path}", answer)])
