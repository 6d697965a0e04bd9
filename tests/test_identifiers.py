from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipwatch.identifiers import check_digit, is_model, model_key, number_of, right_digit


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4901234567894", "4901234567894"),
        ("49 0123-4567894", "4901234567894"),
        ("４９０１２３４５６７８９４", "4901234567894"),
        ("49123456", "49123456"),
        ("978-4-08-872509-3", "9784088725093"),
        ("4-08-872509-3", "9784088725093"),
        ("0-8044-2957-X", "9780804429573"),
        ("080442957x", "9780804429573"),
        ("ISBN978-4-08-872509-3", "9784088725093"),
        ("ISBN-13: 978-4-08-872509-3", "9784088725093"),
        ("isbn10：4-08-872509-3", "9784088725093"),
        ("JANコード 4901234567894", "4901234567894"),
        ("JAN 4901234567894 と 49123456", None),
        ("036000291452", "0036000291452"),
        ("00036000291452", "0036000291452"),
        ("4901234567890", None),
        ("4088725090", None),
        ("14901234567891", None),
        ("490123456789", None),
        ("", None),
        ("WH-1000XM5", None),
        ("4901234567894個", None),
        ("٤٩٠١٢٣٤٥٦٧٨٩٤", None),
        ("²²²²²²²²", None),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, number: str | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize("code", ["4006381333931", "9783161484100", "73513537"])
def test_known_codes_end_in_their_check_digit(code: str) -> None:
    assert check_digit(code[:-1]) == code[-1]


@given(st.text(st.sampled_from("0123456789"), min_size=12, max_size=12))
def test_one_digit_in_ten_is_the_check_digit(body: str) -> None:
    valid = [digit for digit in "0123456789" if number_of(body + digit)]
    assert valid == [check_digit(body)] == [right_digit(f"{body}0")]


@given(st.text(st.sampled_from("0123456789"), min_size=9, max_size=9))
def test_an_isbn_of_ten_digits_is_that_of_thirteen(body: str) -> None:
    last = right_digit(f"{body}0")
    assert last is not None
    number = number_of(body + last)
    assert number is not None
    assert number.startswith(f"978{body}")
    assert number_of(number) == number


@given(st.text(max_size=20))
def test_no_text_is_an_error(text: str) -> None:
    number = number_of(text)
    assert number is None or number_of(number) == number
    right_digit(text)
    model_key(text)


@pytest.mark.parametrize(
    ("one_way", "another"),
    [("WH-1000XM5", "ｗｈ　１０００ｘｍ５"), ("RX-78-2 Ver.3.0", "RX782VER30"), ("978-4-08-*", "978408*")],
)
def test_a_model_number_is_the_same_however_it_is_written(one_way: str, another: str) -> None:
    assert model_key(one_way) == model_key(another) != ""


@pytest.mark.parametrize(
    ("text", "whole", "start"),
    [
        ("WH-1000XM5", True, True),
        ("RX-78-2 Ver.3.0", True, True),
        ("WH-", False, True),
        ("SHX", False, True),
        ("12345", False, False),
        ("タオル1", False, False),
        ("A・1", False, False),
        ("-A1", False, False),
    ],
)
def test_a_model_number_has_letters_and_digits(text: str, whole: bool, start: bool) -> None:
    assert (is_model(text), is_model(text, is_start=True)) == (whole, start)
