"""Records to JSON columns and back, without loss but for what no database can hold.

PostgreSQL refuses U+0000 in text and JSON, and UTF-8 has no lone surrogates: both are stored as U+FFFD. Decimals are
stored as strings and lose no digit; times keep their offset. What JSON cannot represent (a number that is not finite, a
time without a zone) is refused.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from ipwatch.errors import StoreError
from ipwatch.terms import message

Loaded = TypeVar("Loaded")

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return the text with NUL and lone surrogates replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def plain(value: Any) -> Any:  # noqa: PLR0911 - one return for each kind of value
    """Return the value in JSON's own types; raises ``StoreError`` for what JSON cannot represent."""
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {clean(str(name)): plain(item) for name, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return _word(value)


def dump(record: Any) -> dict[str, Any]:
    """Return a record as a JSON object, field by field; raises ``StoreError`` naming record and field."""
    stored: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        try:
            stored[field.name] = plain(getattr(record, field.name))
        except StoreError as error:
            name = getattr(record, "subject", type(record).__name__)
            raise StoreError(message("store.record_refused", name=name, field=field.name, error=error)) from None
    return stored


def load(kind: type[Loaded], data: Mapping[str, Any]) -> Loaded:
    """Return the record that ``dump`` stored; raises ``StoreError`` where the row no longer has its shape."""
    adapter: TypeAdapter[Loaded] | None = _ADAPTERS.get(kind)
    if adapter is None:
        adapter = _ADAPTERS.setdefault(kind, TypeAdapter(kind))
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        problem = error.errors()[0]
        path = ".".join(str(part) for part in problem["loc"])
        raise StoreError(
            message("store.record_unreadable", kind=kind.__name__, place=path, reason=problem["msg"])
        ) from None


def digest(*parts: Any) -> str:
    """Return the SHA-256 of the canonical JSON of the parts: keys sorted, no spaces, UTF-8."""
    return digest_plain(plain(parts))


def digest_plain(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value that is in JSON's own types already."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def text_sha256(text: str) -> str:
    """Return the SHA-256 of a text as it is stored; long text is indexed by it."""
    return hashlib.sha256(clean(text).encode()).hexdigest()


def _word(value: Any) -> float | str:
    if isinstance(value, float | Decimal):
        if not math.isfinite(value):
            raise StoreError(message("store.not_finite", value=value))
        return str(value) if isinstance(value, Decimal) else value
    if isinstance(value, date):
        if isinstance(value, datetime) and value.tzinfo is None:
            raise StoreError(message("store.no_time_zone", time=value.isoformat()))
        return value.isoformat()
    if isinstance(value, PurePath):
        return clean(value.as_posix())
    raise StoreError(message("store.not_json", kind=type(value).__name__))
