"""The host by which tests and the demo control a running sandbox; it does not serve the ground truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ipwatch.sandbox.faults import read_faults
from ipwatch.sandbox.servers.state import State


def application(state: State) -> Starlette:
    """Return the virtual host."""

    def status(_: Request) -> Response:
        return JSONResponse(
            {
                "day": state.world.day,
                "today": state.world.today.isoformat(),
                "listings": len(state.world.offers),
                "requests": dict(state.requests),
                "faults": state.faults.tallies(),
            }
        )

    async def set_faults(request: Request) -> Response:
        try:
            body: Any = json.loads(await request.body())
            state.faults.set(read_faults(_list(body)))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"faults": state.faults.tallies()})

    async def advance(request: Request) -> Response:
        try:
            body: Any = json.loads(await request.body())
            if not isinstance(body, dict) or not isinstance(body.get("days"), int):
                raise ValueError('write {"days": 1}')  # noqa: TRY301, TRY004 - one answer for every bad body
            state.advance(body["days"])
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"day": state.world.day})

    return Starlette(
        routes=[
            Route("/_sandbox/status", status),
            Route("/_sandbox/faults", set_faults, methods=["POST"]),
            Route("/_sandbox/advance", advance, methods=["POST"]),
        ]
    )


def _list(body: Any) -> Sequence[dict[str, Any]]:
    entries = body if isinstance(body, list) else [body]
    if not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("write one fault as an object, or a list of them")
    return entries
