from __future__ import annotations

import pytest

from ipwatch.matching.forms import SeenText, form_of
from ipwatch.matching.heard import HeardText, heard_signal
from ipwatch.records import Signal


def heard_in(mark: str, title: str) -> Signal | None:
    form = form_of(mark)
    assert form is not None
    return heard_signal(form, HeardText(SeenText.of("title", title)), 0)


@pytest.mark.parametrize(
    ("mark", "title", "surface"),
    [
        ("Panasonic", "新品 パナソニック ラジオ", "パナソニック"),
        ("パナソニック", "new Panasonic radio", "Panasonic"),
        ("ロレックス", "Rolex watch", "Rolex"),
    ],
)
def test_a_name_is_heard_in_another_script(mark: str, title: str, surface: str) -> None:
    signal = heard_in(mark, title)
    assert signal is not None
    assert signal.span is not None
    assert title[slice(*signal.span)] == signal.compared[1] == surface
    assert signal.name == "sound"


@pytest.mark.parametrize("title", ["Panasonic radio", "ラジオ", ""])
def test_the_same_spelling_and_other_sounds_are_nothing(title: str) -> None:
    assert heard_in("Panasonic", title) is None
