from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.matching.block import FormIndex, candidates_reference, is_candidate

SMALL = st.text(alphabet="abc", min_size=1, max_size=14)


def by_index(forms: list[str], texts: list[str]) -> set[tuple[int, int]]:
    index = FormIndex(forms)
    return {(form, number) for number, text in enumerate(texts) for form in index.candidates(text)}


@settings(max_examples=600, deadline=None)
@given(st.lists(SMALL, max_size=8), st.lists(st.text(alphabet="abc", max_size=30), max_size=8))
def test_the_index_agrees_with_brute_force(forms: list[str], texts: list[str]) -> None:
    assert by_index(forms, texts) == candidates_reference(forms, texts)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_index_finds_every_damaged_form_that_brute_force_finds(data: st.DataObject) -> None:
    form = data.draw(st.text(alphabet="abcdefgh", min_size=5, max_size=24))
    text = list(form)
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, max(0, len(text) - 1)))
        text[at : at + data.draw(st.integers(0, 1))] = data.draw(st.text(alphabet="abcdefgh", max_size=1))
    seen = "hh" + "".join(text) + data.draw(st.text(alphabet="abcdefgh", max_size=10))
    assert by_index([form], [seen]) == candidates_reference([form], [seen])


def test_a_piece_of_the_form_is_not_the_form() -> None:
    assert not is_candidate("imabaritowel", "towel")
    assert not is_candidate("sony", "son")
    assert is_candidate("imabaritowel", "xximabaritowelxx")
    assert is_candidate("panasonic", "newpanasonikbattery")


def test_no_forms_and_no_text_have_no_candidates() -> None:
    assert FormIndex([]).candidates("abc") == []
    assert FormIndex(["abc"]).candidates("") == []
