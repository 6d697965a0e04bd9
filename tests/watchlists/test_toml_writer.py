from __future__ import annotations

import tomllib
from datetime import date
from typing import Any, cast

import pytest

from ipwatch.watchlists.toml_writer import emit_toml


def test_a_watchlist_reads_as_people_would_write_it() -> None:
    document: dict[str, Any] = {
        "schema": 1,
        "holder": {"id": "kasumi", "name_ja": "霞"},
        "marks": [
            {"text": "霞", "rights": [{"office": "JP", "number": "0123", "expires": date(2027, 7, 6)}]},
            {"text": "雲", "threshold": 0.5},
        ],
    }
    assert emit_toml(document) == (
        "schema = 1\n\n"
        '[holder]\nid = "kasumi"\nname_ja = "霞"\n\n'
        '[[marks]]\ntext = "霞"\nrights = [{office = "JP", number = "0123", expires = 2027-07-06}]\n\n'
        '[[marks]]\ntext = "雲"\nthreshold = 0.5\n'
    )


def test_long_lists_stand_on_lines_of_their_own() -> None:
    document = {"goods_terms": [f"goods number {number}" for number in range(40)]}
    text = emit_toml(document)
    assert tomllib.loads(text) == document
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("text", ['"', "\\", "a\nb", "\x00", "\x7f", "\x1f", "'''", "\t", "😀", "\u2028", "\x85"])
def test_no_text_escapes_its_quotes(text: str) -> None:
    document: dict[str, Any] = {"key": text, text or "k": [text], "table": {"inner": {text: text}}}
    assert tomllib.loads(emit_toml(document)) == document


def test_what_toml_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        emit_toml(cast("dict[str, Any]", {"key": None}))
