from __future__ import annotations

from ipwatch.sandbox.tally import tally
from ipwatch.sandbox.truth import Kind, Truth, truth_of

TRUTH: dict[str, Truth] = {
    "rakuten:1": truth_of(Kind.HOMOGLYPH, "towel/towel"),
    "rakuten:2": truth_of(Kind.HOMOGLYPH, "towel/towel"),
    "rakuten:3": truth_of(Kind.HOMOGLYPH, "towel/towel"),
    "rakuten:4": truth_of(Kind.ACCESSORY, "towel/towel"),
    "rakuten:5": truth_of(Kind.UNRELATED, None),
}


def test_true_missed_and_wrong_flags_are_distinguished() -> None:
    result = tally(
        TRUTH,
        subjects_read=["rakuten:1", "rakuten:2", "rakuten:4", "rakuten:5"],
        flags=[
            ("rakuten:1", "towel/towel"),
            ("rakuten:1", "towel/logo"),
            ("rakuten:2", "beef/beef"),
            ("rakuten:4", "towel/towel"),
            ("rakuten:9", "towel/towel"),
        ],
    )
    assert (result.detected, result.missed, result.unread, result.wrong) == (1, 2, 1, 3)
    assert result.precision == 1 / 4
    assert result.recall == 1 / 3


def test_kinds_add_up_to_the_world() -> None:
    result = tally(TRUTH, subjects_read=TRUTH, flags=[("rakuten:1", "towel/towel"), ("rakuten:5", "towel/towel")])
    kinds = {kind.kind: kind for kind in result.kinds}
    assert sum(kind.subjects for kind in result.kinds) == len(TRUTH)
    assert (kinds["homoglyph"].subjects, kinds["homoglyph"].flagged, kinds["homoglyph"].suspected) == (3, 1, True)
    assert (kinds["unrelated"].flagged, kinds["unrelated"].suspected) == (1, False)


def test_nothing_flagged_is_no_precision_and_no_recall() -> None:
    result = tally(TRUTH, subjects_read=(), flags=())
    assert (result.precision, result.recall, result.missed, result.unread) == (0.0, 0.0, 3, 3)
