"""What is written as TOML is read back as the same marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.errors import WatchlistError
from ipwatch.identifiers import check_digit
from ipwatch.records import Depth, SecondHand, SellerAccount, WatchedMark
from ipwatch.watchlists import load_watchlist
from ipwatch.watchlists.toml_writer import emit_toml

LISTS = ("licensees", "own_products", "unlicensed_goods")
ACCOUNTS = ("official_sellers", "deny_sellers")
HOLDER = {"id": "kasumi", "name_ja": "霞", "name_en": "Kasumi", "kind": "content"}
MARK = {"id": "kasumi", "text": "霞物語", "kind": "copyright_work"}


def identity(account: dict[str, str]) -> tuple[str, str]:
    return account["marketplace"], account["id"]


texts = st.text("霞雲カスミabC019 .-'\"\\#=[]{}😀", min_size=1, max_size=8).filter(lambda text: text == text.strip())
numbers = st.text("0123456789", min_size=12, max_size=12).map(lambda body: body + check_digit(body))
prefixes = st.text("0123456789", min_size=1, max_size=12).map(lambda digits: f"{digits}*")
models = st.from_regex(r"[A-Z]{1,4}-[0-9]{1,5}[A-Z]{0,2}[*]?", fullmatch=True)
accounts = st.fixed_dictionaries({"marketplace": st.sampled_from(["rakuten", "ebay", "domain"]), "id": texts})
statements = st.fixed_dictionaries(
    {},
    optional={
        "licensees": st.lists(texts, unique=True, max_size=4),
        "own_products": st.lists(
            st.one_of(numbers, prefixes, models), max_size=4, unique_by=lambda each: each.replace("-", "")
        ),
        "unlicensed_goods": st.lists(texts, unique=True, max_size=4),
        "official_sellers": st.lists(accounts, max_size=3, unique_by=identity),
        "deny_sellers": st.lists(accounts, max_size=3, unique_by=identity),
        "second_hand": st.sampled_from([each.value for each in SecondHand]),
        "depth": st.sampled_from([each.value for each in Depth]),
    },
)


def loaded(directory: Path, holder: dict[str, Any], mark: dict[str, Any]) -> WatchedMark:
    path = directory / "kasumi.toml"
    text = emit_toml({"schema": 1, "holder": {**HOLDER, **holder}, "marks": [{**MARK, **mark}]})
    path.write_text(text, encoding="utf-8")
    return load_watchlist(path).marks[0]


def as_table(mark: WatchedMark) -> dict[str, Any]:
    """Return what a mark says of lawful trade as the table that is written."""
    table: dict[str, Any] = {name: list(getattr(mark, name)) for name in LISTS}
    for name in ACCOUNTS:
        table[name] = [{"marketplace": each.marketplace, "id": each.id} for each in getattr(mark, name)]
    for name in ("second_hand", "depth"):
        value = getattr(mark, name)
        if value is not None:
            table[name] = value.value
    return table


@given(statements)
def test_a_mark_says_what_was_written(tmp_path_factory: pytest.TempPathFactory, written: dict[str, Any]) -> None:
    mark = loaded(tmp_path_factory.mktemp("list"), {}, written)
    assert as_table(mark) == {**{name: [] for name in (*LISTS, *ACCOUNTS)}, **written}


@given(statements, statements)
def test_what_is_joined_stays_the_same_when_it_is_written_for_the_mark(
    tmp_path_factory: pytest.TempPathFactory, common: dict[str, Any], own: dict[str, Any]
) -> None:
    directory = tmp_path_factory.mktemp("list")
    mark = loaded(directory, common, own)
    assert loaded(directory, {}, as_table(mark)) == mark
    assert loaded(directory, as_table(mark), {}) == mark
    for name in LISTS:
        assert set(own.get(name, [])) <= set(getattr(mark, name)) <= {*own.get(name, []), *common.get(name, [])}
    for name in ACCOUNTS:
        everyone = {SellerAccount(**each) for each in (*own.get(name, []), *common.get(name, []))}
        assert set(getattr(mark, name)) == everyone
    for name in ("second_hand", "depth"):
        assert getattr(mark, name) == own.get(name, common.get(name))


values = st.recursive(
    st.one_of(st.text(max_size=6), st.integers(-9, 10**13), st.booleans(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)


@given(st.sampled_from((*LISTS, *ACCOUNTS, "second_hand", "depth")), values, st.booleans())
def test_no_value_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any, in_holder: bool
) -> None:
    directory = tmp_path_factory.mktemp("list")
    statement = {key: value}
    try:
        loaded(directory, statement if in_holder else {}, {} if in_holder else statement)
    except WatchlistError as error:
        assert all(str(directory / "kasumi.toml") in problem for problem in error.problems)  # noqa: PT017
