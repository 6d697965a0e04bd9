"""The queue's filter and order as an address, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException

from ipwatch.cases import CaseState
from ipwatch.records import RightKind
from ipwatch.store.review import Band, Cursor, QueueFilter, Sort

LONGEST_TEXT = 200
ANY_STATE = "all"

Choice = TypeVar("Choice", bound=StrEnum)


def read_filter(params: QueryParams) -> QueueFilter:
    """Return the filter an address names; raises HTTP 400 naming the value that is none of the known ones."""
    state = params.get("state") or CaseState.OPEN.value
    return QueueFilter(
        state=None if state == ANY_STATE else _choice(CaseState, "state", state),
        source=_text(params, "source"),
        holder=_text(params, "holder"),
        mark=_text(params, "mark"),
        right_kind=_optional(RightKind, params, "right_kind"),
        country=_text(params, "country"),
        band=_optional(Band, params, "band"),
        signal=_text(params, "signal"),
        text=_text(params, "q"),
    )


def read_sort(params: QueryParams) -> Sort:
    """Return the order an address names, best first where it names none."""
    return _choice(Sort, "sort", params.get("sort") or Sort.SCORE.value)


def read_cursor(params: QueryParams, name: str) -> Cursor | None:
    """Return the cursor of that name; raises HTTP 400 where it is none."""
    value = params.get(name)
    if not value:
        return None
    try:
        return Cursor.decode(value)
    except ValueError:
        raise HTTPException(400, f"{name}: no place in the queue: {value[:LONGEST_TEXT]}") from None


def write(chosen: QueueFilter, sort: Sort, **further: str | int | None) -> str:
    """Return the query string that leads back to this filter and order, with ``further`` values."""
    pairs = {**parameters(chosen, sort), **further}
    return urlencode({key: str(value) for key, value in pairs.items() if value is not None})


def parameters(chosen: QueueFilter, sort: Sort) -> Mapping[str, str | None]:
    """Return filter and order as parameters; what is as usual is left out."""
    state = ANY_STATE if chosen.state is None else str(chosen.state)
    return {
        "q": chosen.text,
        "state": None if state == CaseState.OPEN else state,
        "source": chosen.source,
        "holder": chosen.holder,
        "mark": chosen.mark,
        "right_kind": chosen.right_kind,
        "country": chosen.country,
        "band": chosen.band,
        "signal": chosen.signal,
        "sort": None if sort is Sort.SCORE else sort,
    }


def toggled(chosen: QueueFilter, name: str, value: str) -> QueueFilter:
    """Return the filter with one choice made, or taken back where it was made already."""
    taken_back = getattr(chosen, name) == value
    if name == "state":
        return replace(chosen, state=None if taken_back else CaseState(value))
    if name == "right_kind":
        return replace(chosen, right_kind=None if taken_back else RightKind(value))
    if name == "band":
        return replace(chosen, band=None if taken_back else Band(value))
    free_text: dict[str, Any] = {name: None if taken_back else value}
    return replace(chosen, **free_text)


def _choice(kind: type[Choice], name: str, value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise HTTPException(400, f"{name}: {value[:LONGEST_TEXT]!r} is none of {', '.join(kind)}") from None


def _optional(kind: type[Choice], params: QueryParams, name: str) -> Choice | None:
    value = params.get(name)
    return _choice(kind, name, value) if value else None


def _text(params: QueryParams, name: str) -> str | None:
    value = params.get(name, "").strip().replace("\x00", "")
    if len(value) > LONGEST_TEXT:
        raise HTTPException(400, f"{name}: longer than {LONGEST_TEXT} characters")
    return value or None
