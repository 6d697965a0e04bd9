"""Parses query strings, and writes the queue's filter and order as one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import QueryParams

from ipwatch.cases import CaseKind, CaseState
from ipwatch.records import ListingKind, RightKind
from ipwatch.store.review import Band, Cursor, MentionFilter, MentionSort, QueueFilter, Sort
from ipwatch.web.failures import Problem
from ipwatch.web.language import LANGUAGES
from ipwatch.web.show import shortened

MAX_TEXT_LENGTH = 200
ANY_STATE = ANY_KIND = "all"
MAX_QUERY = 8192
"""Maximum bytes of a query string."""
MAX_FIELDS = 40
MAX_CURSOR = 64
MAX_NUMBER = 2**31 - 1
"""The largest row id, in PostgreSQL."""
_MAX_DIGITS = 10

Choice = TypeVar("Choice", bound=StrEnum)


def problem_in(asked: bytes) -> Problem | None:
    """Return what is wrong with a query string: too long, unreadable, repeated names, or control characters."""
    if len(asked) > MAX_QUERY:
        return Problem(400, "problem.query_long", most=MAX_QUERY)
    try:
        pairs = parse_qsl(asked.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        return Problem(400, "problem.query_unreadable")
    names = [name for name, _ in pairs]
    for name, value in pairs:
        if names.count(name) > 1:
            return Problem(400, "problem.repeated", name=shortened(name))
        if any(unicodedata.category(character) == "Cc" and character not in "\t\r\n" for character in name + value):
            return Problem(400, "problem.control", name=shortened(name))
    lang = dict(pairs).get("lang")
    if lang is not None and lang not in LANGUAGES:
        return _no_choice("lang", lang, LANGUAGES)
    return None


def read_number(text: str | None) -> int | None:
    """Return a positive number up to ``MAX_NUMBER``, or ``None``."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS:
        return None
    return number if (number := int(text)) <= MAX_NUMBER else None


def number_in(params: QueryParams, name: str) -> int | None:
    """Return the number of that parameter, ``None`` where it is missing; raises ``Problem`` where it is no number."""
    value = params.get(name)
    if not value:
        return None
    number = read_number(value)
    if number is None:
        raise Problem(400, "problem.number", name=name, value=shortened(value))
    return number


def read_filter(params: QueryParams) -> QueueFilter:
    """Return the filter in a query string; raises ``Problem`` for an unknown value."""
    state = params.get("state") or CaseState.OPEN.value
    return QueueFilter(
        state=None if state == ANY_STATE else _choice(CaseState, "state", state),
        kind=None if params.get("kind") == ANY_KIND else _optional(CaseKind, params, "kind"),
        mentions=params.get("kind") == ANY_KIND,
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
    """Return the order in a query string, by score by default."""
    return _choice(Sort, "sort", params.get("sort") or Sort.SCORE.value)


def read_mention_filter(params: QueryParams) -> MentionFilter:
    """Return the filter of mentions in a query string; raises ``Problem`` for an unknown value."""
    return MentionFilter(
        holder=_text(params, "holder"),
        mark=_text(params, "mark"),
        kind=_optional(ListingKind, params, "kind"),
        text=_text(params, "q"),
    )


def read_mention_sort(params: QueryParams) -> MentionSort:
    """Return the order of mentions in a query string, newest first by default."""
    return _choice(MentionSort, "sort", params.get("sort") or MentionSort.NEWEST.value)


def write_mentions(chosen: MentionFilter, sort: MentionSort, **further: str | None) -> str:
    """Return the query string of a filter and order of mentions, with ``further`` values."""
    pairs = {
        "holder": chosen.holder,
        "mark": chosen.mark,
        "kind": chosen.kind,
        "q": chosen.text,
        "sort": None if sort is MentionSort.NEWEST else sort,
        **further,
    }
    return urlencode({key: str(value) for key, value in pairs.items() if value is not None})


def read_cursor(params: QueryParams, name: str) -> Cursor | None:
    """Return the cursor of that name; raises ``Problem`` where it is none."""
    value = params.get(name)
    if not value:
        return None
    sort_value, separator, number = value.rpartition("~")
    case_id = read_number(number)
    if not separator or case_id is None or len(sort_value) > MAX_CURSOR:
        raise Problem(400, "problem.cursor", name=name, value=shortened(value))
    return Cursor(sort_value, case_id)


def write(chosen: QueueFilter, sort: Sort, **further: str | int | None) -> str:
    """Return the query string of a filter and order, with ``further`` values."""
    pairs = {**parameters(chosen, sort), **further}
    return urlencode({key: str(value) for key, value in pairs.items() if value is not None})


def parameters(chosen: QueueFilter, sort: Sort) -> Mapping[str, str | None]:
    """Return filter and order as parameters, without defaults."""
    state = ANY_STATE if chosen.state is None else str(chosen.state)
    return {
        "q": chosen.text,
        "state": None if state == CaseState.OPEN else state,
        "kind": ANY_KIND if chosen.mentions else chosen.kind,
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
    """Return the filter with one choice added, or removed where it was set."""
    taken_back = getattr(chosen, name) == value
    if name == "state":
        return replace(chosen, state=None if taken_back else CaseState(value))
    if name == "kind":
        return replace(chosen, kind=None if taken_back else CaseKind(value), mentions=False)
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
        raise _no_choice(name, value, kind) from None


def _no_choice(name: str, value: str, choices: Iterable[str]) -> Problem:
    return Problem(400, "problem.choice", name=name, value=shortened(value), choices=", ".join(choices))


def _optional(kind: type[Choice], params: QueryParams, name: str) -> Choice | None:
    value = params.get(name)
    return _choice(kind, name, value) if value else None


def _text(params: QueryParams, name: str) -> str | None:
    value = params.get(name, "").strip()
    if len(value) > MAX_TEXT_LENGTH:
        raise Problem(400, "problem.long", name=name, most=MAX_TEXT_LENGTH)
    return value or None
