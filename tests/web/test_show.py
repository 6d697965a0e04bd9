from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ipwatch.web.show import (
    Segment,
    age,
    days_left,
    file_size,
    jst,
    number,
    plain,
    safe_url,
    segments,
    shortened,
    signed,
)

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


def test_spans_are_cut_out_even_where_they_overlap_or_lie_outside() -> None:
    assert segments("風見タオル屋", [(0, 3), (2, 5), (90, 99), (-4, 0)]) == (
        Segment("風見タオル", matched=True),
        Segment("屋"),
    )
    assert segments("", [(0, 3)]) == ()


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\x00", "\x1b", "\u061c", "\U000e0041", "\u2028"]
)
def test_hidden_characters_are_named(character: str) -> None:
    first, control, last = segments(f"a{character}b", [(0, 3)])
    assert (first.text, last.text) == ("a", "b")
    assert control.control is not None
    assert control.text == f"U+{ord(character):04X}"
    assert character not in plain(f"a{character}b")


def test_emoji_and_line_ends_stay_as_they_are() -> None:
    assert segments("👨‍👩‍👧\n✔️") == (Segment("👨‍👩‍👧\n✔️"),)


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:x", "/x",
     "data:text/html,x", "//evil.example", "ftp://a.example", "http://", "http://user:pw@a.example",
     "http://a.example\\@b.example", "http://a b.example", "http://[::1", "http://a:99999/"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_no_link(url: str | None) -> None:
    assert safe_url(url) is None


def test_a_host_in_another_script_is_also_shown_in_ascii() -> None:
    link = safe_url("https://раураl.example/x?a=1")
    assert link is not None
    assert link.ascii_host is not None
    assert link.ascii_host.startswith("xn--")
    plain_link = safe_url("http://shop.example:8080/a")
    assert plain_link is not None
    assert plain_link.ascii_host is None


def test_times_are_those_of_japan() -> None:
    assert jst(NOW) == "2026-11-23 00:30 JST"
    assert days_left(date(2026, 11, 23), NOW) == 0
    assert days_left(date(2026, 11, 22), NOW) == -1
    assert age(datetime(2026, 11, 22, 15, 10, tzinfo=UTC), NOW) == ("minutes", 20)
    assert age(datetime(2026, 11, 21, tzinfo=UTC), NOW) == ("hours", 39)
    assert age(datetime(2026, 11, 1, tzinfo=UTC), NOW) == ("days", 21)


@pytest.mark.parametrize(
    ("value", "shown"), [("1980.50", "1,980.5"), (1234567, "1,234,567"), ("x", "x"), ("1E+3", "1,000"), ("NaN", "NaN")]
)
def test_numbers(value: str | int, shown: str) -> None:
    assert number(value) == shown


def test_signs_sizes_and_brief_values() -> None:
    assert signed(-0.15) == "−0.150"
    assert signed(0.8) == "+0.800"
    assert [file_size(size) for size in (12, 1500, 5_000_000, 2_000_000_000)] == ["12 B", "1.5 kB", "5.0 MB", "2.0 GB"]
    assert shortened("https://shop.example/img/1.png?a=b#c") == "1.png"
    assert shortened("長" * 100) == "長" * 60 + "…"
