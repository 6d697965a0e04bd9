from __future__ import annotations

from ipwatch.sandbox.tally import tally
from ipwatch.sandbox.truth import Kind, Sign, Truth, truth_of

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


def market_truth() -> dict[str, Truth]:
    named = {"mention": True}
    return {
        "rakuten:1": truth_of(Kind.IMPOSSIBLE_PRICE, "towel/towel", further=[Sign.OWN_WORDS], **named),
        "rakuten:2": truth_of(Kind.OWN_WORDS, "towel/towel", **named),
        "rakuten:3": truth_of(Kind.NOT_VISIBLE, "towel/towel", **named),
        "rakuten:4": truth_of(Kind.NOT_VISIBLE, "towel/towel", **named),
        "rakuten:5": truth_of(Kind.GENUINE_RETAIL, "towel/towel", **named),
        "rakuten:6": truth_of(Kind.GENUINE_RETAIL, "towel/towel", **named),
        "rakuten:7": truth_of(Kind.UNRELATED, None),
        "JP:2026000001": truth_of(Kind.SIMILAR_SOUND, "towel/towel"),
        "JP:2026000002": truth_of(Kind.OTHER_CLASS, "towel/towel"),
    }


def test_what_is_not_visible_is_neither_found_nor_missed_nor_wrong() -> None:
    truth = market_truth()
    flags = [("rakuten:1", "towel/towel"), ("rakuten:3", "towel/towel"), ("rakuten:4", "beef/beef")]
    result = tally(truth, subjects_read=truth, flags=flags)
    assert (result.listings.detected, result.listings.missed, result.listings.wrong) == (1, 1, 1)
    assert result.not_visible == 2
    kind = next(each for each in result.kinds if each.not_visible)
    assert (kind.kind, kind.suspected, kind.subjects, kind.flagged) == ("not_visible", False, 2, 1)


def test_listings_and_filings_are_scored_apart_and_add_up() -> None:
    truth = market_truth()
    flags = [("rakuten:1", "towel/towel"), ("JP:2026000002", "towel/towel"), ("rakuten:99", "towel/towel")]
    result = tally(truth, subjects_read=[*truth][:-2], flags=flags)
    assert (result.listings.detected, result.listings.missed, result.listings.wrong) == (1, 1, 1)
    assert (result.filings.detected, result.filings.missed, result.filings.unread, result.filings.wrong) == (0, 1, 1, 1)
    assert (result.detected, result.missed, result.unread, result.wrong) == (1, 2, 1, 2)


def test_a_listing_counts_for_each_of_its_signs() -> None:
    truth = market_truth()
    result = tally(truth, subjects_read=["rakuten:1"], flags=[("rakuten:1", "towel/towel")])
    signs = {sign.sign: (sign.subjects, sign.read, sign.flagged) for sign in result.signs}
    assert signs == {"low_price": (1, 1, 1), "own_words": (2, 1, 1)}


def test_suspected_are_counted_per_1000_listings_that_name_or_show_a_mark() -> None:
    truth = market_truth()
    flags = [("rakuten:1", "towel/towel"), ("JP:2026000001", "towel/towel")]
    known = tally(truth, subjects_read=truth, flags=flags)
    assert (known.suspected, known.mentions) == (1, 6)
    mentions = [("rakuten:5", "towel/towel"), ("rakuten:5", "towel/logo"), ("rakuten:2", "towel/towel")]
    watched = tally(truth, subjects_read=truth, flags=flags, mentions=mentions)
    assert (watched.suspected, watched.mentions) == (1, 3)
    assert round(watched.suspected_per_1000_mentions, 1) == 333.3
    assert tally({}, subjects_read=(), flags=(), mentions=()).suspected_per_1000_mentions == 0.0
