from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from ipwatch.matching.names import appearance, phonetic, reasons
from ipwatch.matching.score import (
    DEFAULT_THRESHOLD,
    DETAILS,
    MAIN_WEIGHTS,
    QUALIFIERS,
    REASONS,
    WEIGHTS,
    combine,
    contribution,
    counted,
    detail,
    points,
    qualifier,
)
from ipwatch.records import Signal

TABLE = tomllib.loads(files("ipwatch.matching").joinpath("weights.toml").read_text(encoding="utf-8"))


def main_signal(axis: str, score: float = 1.0) -> Signal:
    return Signal(name=axis, score=score, term="name_exact", compared=("a", "a"))


def test_every_row_says_where_it_comes_from_and_every_hand_set_row_why() -> None:
    rows = [(kind, term, row) for kind in WEIGHTS for term, row in TABLE[kind].items()]
    assert {row["origin"] for _, _, row in rows} == {"fitted", "hand", "world"}
    assert [(kind, term) for kind, term, row in rows if row["origin"] == "hand" and not row.get("reason")] == []
    assert "benchmarks.training.fit_score" in TABLE["fitted"]
    assert "benchmarks.training.fit_qualifiers" in TABLE["worlds"]


def test_a_fitted_qualifier_stays_near_the_value_set_by_hand() -> None:
    for row in TABLE["qualifier"].values():
        assert 0.5 <= row["points"] / row.get("hand", row["points"] or 1) <= 2 or row["points"] == 0


def test_every_reason_that_the_code_gives_has_a_row_and_every_row_a_reason() -> None:
    source = "".join(
        Path(module.__file__ or "").read_text(encoding="utf-8") for module in (reasons, appearance, phonetic)
    )
    named = set(re.findall(r'"([a-z_]+)"', source))
    kinds = ("alphabetic", "kana", "other")
    by_kind = re.findall(r'f"([a-z_]*)\{(?:occurrence\.)?kind[a-z_()]*\}([a-z_]*)"', source)
    named |= {f"{before}{kind}{after}" for before, after in by_kind for kind in kinds}
    assert set(REASONS) <= named
    with pytest.raises(KeyError):
        points("no_such_reason")


def test_no_edit_and_no_ordinary_word_raises_a_score() -> None:
    raising = {term for term, added in REASONS.items() if added > 0}
    assert raising <= {"disguised_spelling", "edit_doubled", "edit_swap", "edit_vowel", "runs_on_goods", "in_brand"}
    assert MAIN_WEIGHTS["name"] > DEFAULT_THRESHOLD
    assert all(-1.0 <= added <= 1.0 for added in (*REASONS.values(), *QUALIFIERS.values()))


def test_a_score_is_the_sum_of_what_counts() -> None:
    signals = [
        main_signal("name"),
        detail("name", "edits", 1, ("a", "b")),
        main_signal("sound", 0.5),
        detail("sound", "word_instead", 1, ("a", "b")),
        qualifier("goods", "goods_named", ("a", "b")),
    ]
    counting = counted(signals)
    assert [signal.name for signal in counting] == ["name", "spelling", "goods"]
    assert combine(signals) == pytest.approx(sum(map(contribution, counting)), abs=1e-4)
    assert set(DETAILS.values()) <= set(MAIN_WEIGHTS)


def test_the_reasons_decide_which_main_signal_counts() -> None:
    spoilt = [main_signal("name"), detail("name", "surface_frequent", 2, ("a", "b")), main_signal("sound", 0.96)]
    assert counted(spoilt)[0].name == "sound"
    assert combine(spoilt) > combine(spoilt[:2])


def test_reasons_and_qualifiers_alone_are_nothing() -> None:
    assert combine([detail("name", "edit_swap", 1, ("a", "b")), qualifier("price", "price_far_below", ("a", "b"))]) == 0
    assert combine([]) == 0.0
    assert counted([]) == ()
