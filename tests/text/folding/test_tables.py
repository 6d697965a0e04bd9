from __future__ import annotations

import string
import unicodedata

import pytest

from ipwatch.text.folding.confusables import (
    HAN_LOOKALIKES,
    HAN_VARIANTS,
    LATIN_LOOKALIKES,
    LETTER_LOOKALIKES,
    UTS39_LOOKALIKES,
    WIDER_LOOKALIKES,
)
from ipwatch.text.folding.skeleton import skeleton
from ipwatch.text.folding.tables import HAN, LATIN, UTS39, read_table


@pytest.mark.parametrize("name", [UTS39, LATIN, HAN])
def test_the_tables_in_the_package_are_what_the_generator_writes(name: str) -> None:
    reason = "the generator's packages (dependency group tables) are not installed"
    pytest.importorskip("opencc", reason=reason)
    pytest.importorskip("confusable_homoglyphs", reason=reason)
    generate = pytest.importorskip("ipwatch.text.folding.tables.generate")
    assert generate.tables()[name] == generate.written(name)


@pytest.mark.parametrize("name", [UTS39, LATIN, HAN])
def test_a_table_is_sorted_and_sends_no_character_on_twice(name: str) -> None:
    table = read_table(name)
    assert len(table) > 300
    assert list(table) == sorted(table)
    assert not table.keys() & set(table.values())
    assert all(unicodedata.is_normalized("NFKC", target) for target in table.values())


def test_letters_are_taken_for_small_latin_letters_and_digits() -> None:
    assert set("".join(LETTER_LOOKALIKES.values())) <= set(string.ascii_lowercase + string.digits)


def test_the_wider_table_repeats_no_other() -> None:
    assert not WIDER_LOOKALIKES.keys() & (UTS39_LOOKALIKES.keys() | LATIN_LOOKALIKES.keys())
    assert not LATIN_LOOKALIKES.keys() & UTS39_LOOKALIKES.keys()


def test_han_spellings_and_lookalikes_do_not_run_into_each_other() -> None:
    assert not HAN_VARIANTS.keys() & set(HAN_VARIANTS.values())
    assert not set(HAN_VARIANTS.values()) & HAN_LOOKALIKES.keys()
    assert skeleton("乾").text == skeleton("幹").text != skeleton("干").text


def test_only_these_letters_pass_for_another_one_as_capitals() -> None:
    apart = {
        char
        for char in map(chr, range(0x1000))
        if char.isalpha() and len(char.upper()) == 1 and skeleton(char).text != skeleton(char.upper()).text
    }
    assert apart == set("ʋησςνυ")


@pytest.mark.parametrize(
    "words",
    [
        "أحذية رياضية أصلية",
        "נעליים חדשות",
        "รองเท้าผ้าใบ",
        "जूते",
        "ເກີບ",
        "ရှူးဖိနပ်",
        "ფეხსაცმელი",
    ],
)
def test_words_of_scripts_apart_from_latin_keep_their_letters(words: str) -> None:
    scripts = {unicodedata.name(char).split()[0] for char in skeleton(words).text}
    assert scripts == {unicodedata.name(words[0]).split()[0]}
