"""Shared state of the servers: the world of the day, drawn pictures, active faults, request counts."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from ipwatch.sandbox.drawing import draw_file
from ipwatch.sandbox.faults import FaultBook
from ipwatch.sandbox.offers import Offer, by_shop
from ipwatch.sandbox.world import World

_PICTURES_KEPT = 4000


class State:
    """The mutable state of a running sandbox."""

    def __init__(self, world: World) -> None:
        self.faults = FaultBook()
        self.requests: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._set(world)

    def _set(self, world: World) -> None:
        self.world = world
        self._by_shop: Mapping[str, tuple[Offer, ...]] = by_shop(world.offers)

    def advance(self, days: int) -> None:
        """Advance the world by some days."""
        self._set(self.world.advance(days))

    def offers(self, shop: str) -> tuple[Offer, ...]:
        """Return the offers of a marketplace or shop today."""
        return self._by_shop.get(shop, ())

    def offer(self, number: int) -> Offer | None:
        """Return the offer of that number, where it is for sale today."""
        if not 0 <= number < len(self.world.all_offers):
            return None
        offer = self.world.all_offers[number]
        return offer if offer.lives(self.world.day) else None

    def picture(self, name: str) -> bytes | None:
        """Return the file of a picture, drawn on its first request, or ``None`` where there is none of that name."""
        with self._lock:
            if name in self._pictures:
                self._pictures.move_to_end(name)
                return self._pictures[name]
        picture = self.world.pictures.get(name)
        if picture is None:
            return None
        body = draw_file(picture, self.world.seed)
        with self._lock:
            self._pictures[name] = body
            if len(self._pictures) > _PICTURES_KEPT:
                self._pictures.popitem(last=False)
        return body

    def moment(self, day: int) -> datetime:
        """Return the time of all changes on a day of the world, 03:00 UTC."""
        return datetime.combine(self.world.first_day, time(3), UTC) + timedelta(days=day)


def origin(request: Request, host: str) -> str:
    """Return scheme, host and port of another virtual host of the same sandbox."""
    port = request.url.port
    return f"http://{host}" if port is None else f"http://{host}:{port}"


def picture_url(request: Request, name: str) -> str:
    """Return the URL of a picture."""
    return f"{origin(request, 'img.localhost')}/p/{name}"


def conditional(request: Request, body: bytes, media_type: str, changed_at: datetime) -> Response:
    """Return the body with ``ETag`` and ``Last-Modified``, or 304 where the client has it (RFC 9110 §13)."""
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Last-Modified": format_datetime(changed_at, usegmt=True), "Cache-Control": "max-age=0"}
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        held = tag in [each.strip().removeprefix("W/") for each in wanted.split(",")]
    else:
        held = request.headers.get("if-modified-since") == headers["Last-Modified"]
    if held:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
