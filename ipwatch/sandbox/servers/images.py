"""The picture host."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.servers.state import State, conditional


def application(state: State) -> Starlette:
    """Return the virtual host: ``/p/<name>``, and eBay's ``/images/g/<stem>/s-l<size>.<extension>`` for the same."""

    def plain(request: Request) -> Response:
        return picture(request, request.path_params["name"])

    def sized(request: Request) -> Response:
        extension = request.path_params["size"].rpartition(".")[2]
        return picture(request, f"{request.path_params['stem']}.{extension}")

    def picture(request: Request, name: str) -> Response:
        body = state.picture(name)
        if body is None:
            return PlainTextResponse("not found", status_code=404)
        return conditional(request, body, state.world.pictures[name].media_type, state.moment(0))

    return Starlette(routes=[Route("/p/{name}", plain), Route("/images/g/{stem}/{size}", sized)])
