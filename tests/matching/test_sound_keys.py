from __future__ import annotations

import pytest

from ipwatch.matching.forms import SeenText, form_of
from ipwatch.matching.sound import SoundIndex


@pytest.mark.parametrize(
    ("mark", "title", "surface"),
    [
        ("ソニー", "new sony radio", "sony"),
        ("Panasonic", "新品 パナソニック 電池", "パナソニック"),
        ("ポケットモンスター", "pocket monster card", "pocket monster"),
        ("イマバリタオル", "Imabari taoru 3p", "Imabari taoru"),
        ("ニッサン", "ｎｉｓｓａｎ", "ｎｉｓｓａｎ"),
    ],
)
def test_names_are_found_by_sound_in_the_other_script(mark: str, title: str, surface: str) -> None:
    form = form_of(mark)
    assert form is not None
    places = SoundIndex([form]).find(SeenText.of("title", title))
    assert title[slice(*places[0])] == surface


@pytest.mark.parametrize(("mark", "title"), [("キャノン", "I can on Sunday"), ("今治", "imabari"), ("ソニー", "sonic")])
def test_names_are_not_found_by_sound_in_other_words(mark: str, title: str) -> None:
    form = form_of(mark)
    assert form is not None
    assert SoundIndex([form]).find(SeenText.of("title", title)) == {}
