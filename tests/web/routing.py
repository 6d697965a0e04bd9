"""Every route of the review page with an address that exists, from the application's own route table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from ipwatch.store.session import Database
from ipwatch.store.tables import CaptureRow, FindingRow, PictureRow, ReferencePictureRow


@dataclass(frozen=True)
class Address:
    """A route, a method it takes, and a path in which every parameter has a value that exists."""

    route: str
    method: str
    path: str


def addresses(app: Starlette, database: Database) -> list[Address]:
    """Return the addresses of every route; a parameter that nothing here knows is a ``KeyError``."""
    known = _known(database)
    return [Address(path, method, _filled_in(path, known)) for path, method in routes(app)]


def _filled_in(path: str, known: _Known) -> str:
    values = known[path.rpartition("/")[0]]
    return re.sub(r"{(\w+)}", lambda match: values[match[1]], path)


def routes(app: Starlette) -> Iterator[tuple[str, str]]:
    """Yield path and method of every route."""
    for route in app.routes:
        if isinstance(route, Route):
            for method in sorted(route.methods or ()):
                if method != "HEAD":
                    yield route.path, method
        elif isinstance(route, Mount):
            yield f"{route.path}/app.css", "GET"
        else:
            raise TypeError(f"what is {route!r}?")


class _Known(dict[str, dict[str, str]]):
    """The values of the parameters, by the beginning of the path; ``""`` holds those that mean the same everywhere."""

    def __missing__(self, key: str) -> dict[str, str]:
        return self[""]


def _known(database: Database) -> _Known:
    with database.read_session() as session:
        body = session.scalars(select(CaptureRow.sha256).limit(1)).one()
        picture = session.scalars(select(PictureRow.sha256).where(PictureRow.refusal.is_(None)).limit(1)).one()
        reference = session.scalars(select(ReferencePictureRow.id).limit(1)).one()
        rows = session.execute(select(FindingRow.id, FindingRow.signals)).all()
    finding, number = next(
        (row.id, index) for row in rows for index, signal in enumerate(row.signals) if signal["name"] == "image"
    )
    known = _Known()
    known[""] = {
        "case_id": "1",
        "sha256": body,
        "reference_id": str(reference),
        "finding_id": str(finding),
        "number": str(number),
    }
    known["/pictures"] = {"sha256": picture}
    return known
