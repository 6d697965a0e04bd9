from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from corpus import shared
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.text import domains
from ipwatch.matching.hosts import HostScreener, host_of_line, read_host
from ipwatch.matching.hosts.judge import LabelText, edit_reason, judge
from ipwatch.matching.hosts.names import decode_host, two_for_one
from ipwatch.matching.hosts.points import decade_points
from ipwatch.matching.hosts.split import Segmentation
from ipwatch.matching.hosts.terms import TermKind, terms_of
from ipwatch.matching.score import HOSTS
from ipwatch.matching.variants import VariantOrigin, variants_of
from ipwatch.records import AuthorisedSeller, Finding, HostName, RightKind, SellerAccount, WatchedMark
from ipwatch.terms import REASON_KEYS, render

ON = date(2026, 11, 22)


def mark(text: str, *variants: str, goods: Sequence[str] = (), sellers: Sequence[AuthorisedSeller] = ()) -> WatchedMark:
    return WatchedMark(
        watchlist="w",
        id=text,
        text=text,
        variants=variants,
        kind=RightKind.TRADEMARK,
        goods_terms=tuple(goods),
        authorised_sellers=tuple(sellers),
    )


MARKS = (
    mark("NORIMA", goods=("clock",)),
    mark("任天堂", "Nintendo"),
    mark("CANON"),
    mark("ROTHY’S"),
    mark("GUESS?"),
    mark("RANGE ROVER"),
    mark("SHEARMAN & STERLING"),
    mark("SAND"),
    mark("APPLE"),
    mark("THE VELMORA HOUSE"),
    mark("METV"),
    mark("velto.com"),
    mark("Pokémon"),
    mark("ABB"),
)


@functools.cache
def _screener() -> HostScreener:
    return HostScreener(MARKS, on=ON, min_score=0.4)


def screen(*hosts: str, marks: Sequence[WatchedMark] = MARKS, min_score: float | None = None) -> list[Finding]:
    return list(HostScreener(marks, on=ON, min_score=min_score).screen([HostName(host=host) for host in hosts]))


# --- parsing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.com", "example.com"),
        (" EXAMPLE.Com. ", "example.com"),
        ("*.example.com", "example.com"),
        ("*.*.example.com", "example.com"),
        (".example.com", "example.com"),
        ("example.com:8443", "example.com"),
        ("https://user:pass@www.example.com:443/a?b=c#d", "www.example.com"),
        ("example.com/a,b", "example.com"),
        ("hxxps://example[.]com/x", "example.com"),
        ("<https://example.com>", "example.com"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("任天堂。jp", "任天堂.jp"),
        ("MORGÅN.com", "morgån.com"),
        ("xn--orcle-ucc.com", "xn--orcle-ucc.com"),
        ("a" * 63 + ".com", "a" * 63 + ".com"),
    ],
)
def test_a_host_is_read_however_it_is_dressed(text: str, host: str) -> None:
    assert read_host(text) == host


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no host name"),
        ("https://", "no host name"),
        ("localhost", "a dot"),
        ("1.2.3.4", "address in numbers"),
        ("[2001:db8::1]", "address in numbers"),
        ("a..com", "two dots"),
        ("a b.com", "is not allowed"),
        ("a\u3000b.com", "is not allowed"),
        ("a\ud800.com", "is not allowed"),
        ("a\0.com", "is not allowed"),
        ("a" * 64 + ".com", "too long"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 63))) + ".com", "too long"),
        (".".join(["abcdefg"] * 40) + ".com", "too long"),
        ("*." * 1_000_000 + "com", "longer than"),
    ],
)
def test_what_is_no_host_is_refused_with_its_fix(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_host(text)


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("", None),
        ("# a list of new names", None),
        ("; zone", None),
        ("example.com # seen today", "example.com"),
        ("example.com.\t3600\tIN\tNS\ta.example.net.", "example.com"),
        ("example.com. NS a.example.net.", "example.com"),
        ("+example.com", "example.com"),
        ("> example.com.", "example.com"),
    ],
)
def test_a_line_of_a_list_is_read(line: str, host: str | None) -> None:
    assert host_of_line(line) == host


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("example.com,2026-11-22", "column of host names"),
        ("example.com;1", "column of host names"),
        ("example.com other.com", "column of host names"),
        ("-example.com", "taken out"),
        ("< example.com", "taken out"),
        ("nothing", "a dot"),
        ("x" * 9_000 + ".com", "longer than"),
    ],
)
def test_tables_and_removed_names_are_not_guessed_at(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        host_of_line(line)


@settings(deadline=None)  # the first call reads the word lists
@given(st.text(max_size=300))
def test_any_line_gives_a_host_or_a_reason(line: str) -> None:
    try:
        host = host_of_line(line)
    except ValueError:
        return
    if host is not None:
        assert read_host(host) == host
        assert [label.text for label in decode_host(host).labels()]
        list(_screener().screen([HostName(host=host)]))


# --- decoding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "text", "suffix", "labels"),
    [
        ("a.b.example.co.jp", "a.b.example.co.jp", "co.jp", ["example", "b", "a"]),
        ("sony-shop.myshopify.com", "sony-shop.myshopify.com", "myshopify.com", ["sony-shop"]),
        ("www.brand.github.io", "www.brand.github.io", "github.io", ["brand", "www"]),
        ("xn--wgv71a119e.jp", "日本語.jp", "jp", ["日本語"]),
        ("xn--85x722f.xn--55qx5d.cn", "食狮.公司.cn", "公司.cn", ["食狮"]),
        ("xn--zzzzzzzzzzzzzzzzzzzzz.com", "xn--zzzzzzzzzzzzzzzzzzzzz.com", "com", ["xn--zzzzzzzzzzzzzzzzzzzzz"]),
        ("brand.kobe.jp", "brand.kobe.jp", "kobe.jp", ["brand"]),
        ("brand.unknown-ending", "brand.unknown-ending", "unknown-ending", ["brand"]),
    ],
)
def test_a_host_is_decoded_and_cut_at_its_public_suffix(host: str, text: str, suffix: str, labels: list[str]) -> None:
    decoded = decode_host(host)
    assert (decoded.text, decoded.suffix, [label.text for label in decoded.labels()]) == (text, suffix, labels)
    assert all(text[label.start :].startswith(label.text) for label in decoded.labels())


def test_pairs_that_look_like_one_letter_lead_back_to_their_offsets() -> None:
    (first, offsets), *_ = two_for_one("yarnaha")
    assert (first, offsets) == ("yamaha", (0, 1, 2, 4, 5, 6, 7))
    assert len(list(two_for_one("corn-vvin"))) == 3
    assert list(two_for_one("plain")) == []


# --- kinds -----------------------------------------------------------------------------------------------------------

KINDS = {
    "norima.com": "host_same",
    "nor-ima.com": "host_same",
    "rothys.com": "host_same",
    "rangerover.de": "host_same",
    "pokemon.tokyo": "host_same",
    "velmorahouse.com": "host_same",
    "velto.net": "host_same",
    "shearmanandsterling.com": "host_same",
    "buynorimashop.com": "host_added_words",
    "my-norima-outlet-jp.com": "host_added_words",
    "rothysdeutschland.com": "host_added_words",
    "guess-factory-sale.com": "host_added_words",
    "任天堂公式.jp": "host_added_words",
    "norima2026.com": "host_added_digits",
    "norimaxqv.com": "host_contained",
    "n0rima.com": "host_lookalike",
    "norirna.com": "host_lookalike",
    "nor1ma-support.com": "host_lookalike",
    "xn--nrima-jua.com": "host_lookalike",
    "nintedo.com": "host_omitted",
    "nintenndo.com": "host_repeated",
    "nitnendo.com": "host_swapped",
    "nimtendo.com": "host_replaced",
    "nintehndo.com": "host_inserted",
    "nintendu.com": "host_vowel",
    "shearman-stirlink.com": "host_several_edits",
    "shearmanlawshop.com": "host_in_part",
    "me.tv": "host_across_dot",
}


@pytest.mark.parametrize("host", KINDS)
def test_each_kind_of_lookalike_is_found_under_its_name(host: str) -> None:
    (finding,) = screen(host)
    assert finding.signals[0].term == KINDS[host]
    assert finding.subject == f"domain:{host}"


INNOCENT = [
    "canonical.com",
    "cannonball.com",
    "personal.com",
    "applepie.com",
    "snapple-tree.com",
    "sandstone.com",
    "thousandislands.com",
    "rabbithole.com",
    "abbey.org",
    "house.com",
    "sterling.com",
    "guesthouse.jp",
    "orange-lover.com",
    "harpoon488.de",
    "example.com",
]


@pytest.mark.parametrize("host", INNOCENT)
def test_a_mark_within_other_words_is_not_taken_for_it(host: str) -> None:
    assert screen(host) == []


def test_edits_are_named_and_usual_ones_cost_less() -> None:
    assert edit_reason("epson", "epsons", 1)[0] == "host_plural"
    assert edit_reason("epson", "epsson", 1)[0] == "host_repeated"
    near, far = edit_reason("epson", "epdon", 1), edit_reason("epson", "epzon", 1)
    assert near[0] == far[0] == "host_replaced"
    assert near[1] <= far[1] < edit_reason("epson", "tpson", 1)[1] + 1
    assert edit_reason("epson", "apson", 1)[1] > edit_reason("epson", "epsan", 1)[1]
    assert edit_reason("shearman", "shaermen", 2)[0] == "host_several_edits"


def test_a_number_is_not_read_as_letters() -> None:
    assert screen("shop488.com", "abc1488x.com", marks=[mark("ABB")], min_score=0.3) == []


def test_generated_spellings_are_looked_for_too() -> None:
    for finding in screen("norimasha-shop.com", "norimasha.jp", marks=[mark("ノリマシャ")]):
        assert finding.signals[0].term == "host_other_spelling"
        assert finding.signals[0].compared[1] == "norimasha"
    assert len(screen("norimasha-shop.com", "norimasha.jp", marks=[mark("ノリマシャ")])) == 2


def test_hosts_are_not_looked_for_under_masked_spellings() -> None:
    masked = {variant.text for variant in variants_of(mark("NRMA"))[0] if variant.origin is VariantOrigin.MASKED}
    assert masked
    assert not masked & {term.text for term in terms_of(0, mark("NRMA"))}


# --- the hit ---------------------------------------------------------------------------------------------------------


def test_a_hit_says_what_was_compared_and_where() -> None:
    (finding,) = screen("www.buynorimaclock.co.jp")
    main, standing_out, *others = finding.signals
    assert (main.name, main.field, main.compared) == ("host", "host", ("NORIMA", "norima"))
    assert main.span is not None
    assert "www.buynorimaclock.co.jp"[slice(*main.span)] == "norima"
    assert (standing_out.term, standing_out.compared[1]) == ("host_stands_out", "buy|norima|clock")
    assert {signal.term for signal in others} == {"host_goods", "host_trade_words"}
    assert finding.score == pytest.approx(min(1.0, sum(signal.score for signal in finding.signals)))


def test_a_decoded_host_is_shown_and_the_span_counts_in_it() -> None:
    (finding,) = screen("shop.xn--nrima-jua.com")
    decoded = next(signal for signal in finding.signals if signal.term == "host_decoded")
    assert decoded.compared == ("shop.xn--nrima-jua.com", "shop.nörima.com")
    span = finding.signals[0].span
    assert span is not None
    assert decoded.compared[1][slice(*span)] == "nörima"
    assert [each.term for each in finding.signals[0].differences] == ["spelling_accent_added"]


def test_a_mark_below_anothers_domain_weighs_less() -> None:
    own, below, shop = (screen(host)[0] for host in ("norima.com", "norima.example-shop.com", "norima.myshopify.com"))
    assert below.score < own.score == shop.score
    assert "host_subdomain" in {signal.term for signal in below.signals}


def test_the_holders_own_domains_are_left_alone_until_their_day() -> None:
    sellers = (
        AuthorisedSeller(marketplace="domain", id="norima.co.jp"),
        AuthorisedSeller(marketplace="domain", id="xn--nrima-jua.com"),
        AuthorisedSeller(marketplace="domain", id="norima-partner.com", until=date(2026, 11, 21)),
        AuthorisedSeller(marketplace="domain", id="norima-today.com", until=ON),
        AuthorisedSeller(marketplace="rakuten", id="norima.net"),
    )
    own = ["norima.co.jp", "shop.norima.co.jp", "nörima.com", "norima-today.com"]
    others = ["norima-partner.com", "norima.net", "mynorima.co.jp", "norima.co.jp.example.com"]
    findings = {finding.subject: finding for finding in screen(*own, *others, marks=[mark("NORIMA", sellers=sellers)])}
    assert set(findings) == {f"domain:{host}" for host in others}
    ended = findings["domain:norima-partner.com"].signals[-1]
    assert (ended.term, ended.compared) == ("host_authorisation_expired", ("2026-11-21", "norima-partner.com"))


def test_a_domain_among_the_holders_own_accounts_is_left_alone() -> None:
    accounts = (
        SellerAccount(marketplace="domain", id="norima.co.jp"),
        SellerAccount(marketplace="ebay", id="norima.net"),
    )
    # What a contract said of the domain before makes no difference.
    ended = (AuthorisedSeller(marketplace="domain", id="norima.co.jp", until=date(2026, 11, 21)),)
    watched = replace(mark("NORIMA", sellers=ended), official_sellers=accounts)
    hosts = ["norima.co.jp", "shop.norima.co.jp", "norima.net", "mynorima.co.jp"]
    assert {finding.subject for finding in screen(*hosts, marks=[watched])} == {f"domain:{host}" for host in hosts[2:]}


def test_thresholds_are_the_marks_own_unless_one_is_given() -> None:
    strict = WatchedMark(watchlist="w", id="n", text="NORIMA", kind=RightKind.TRADEMARK, threshold=0.95)
    assert screen("norimashop.com", marks=[strict]) == []
    (finding,) = screen("norimashop.com", marks=[strict], min_score=0.5)
    assert finding.threshold == 0.5


def test_best_mark_first_and_hosts_in_turn() -> None:
    findings = screen("guess-norima.com", "canon.com", "norima.com")
    assert [finding.subject for finding in findings] == ["domain:guess-norima.com"] * (len(findings) - 2) + [
        "domain:canon.com",
        "domain:norima.com",
    ]
    scores = [finding.score for finding in findings[:-2]]
    assert scores == sorted(scores, reverse=True)


def test_every_reason_has_its_words_and_its_points() -> None:
    keys = {key for key in REASON_KEYS if key.startswith("host_")}
    assert keys == HOSTS.keys() | {"host_stands_out", "host_inside_words"}
    for key in keys:
        assert all(render(key, language, watched="W", seen="S") for language in ("ja", "en"))
    assert decade_points(100) > 0 > decade_points(-100)


# --- the index and the segmentation ----------------------------------------------------------------------------------


@settings(deadline=None)  # the first call reads the word lists
@given(st.lists(st.text("norimacl10d-snv任堂", min_size=1, max_size=20), min_size=1, max_size=5))
def test_the_index_finds_what_every_term_would(labels: list[str]) -> None:
    hosts = list(dict.fromkeys(f"{label}.com" for label in labels))
    records = [HostName(host=host) for host in hosts]
    pairs = {(finding.subject, finding.mark) for finding in _screener().screen(records)}
    for host, (number, each) in itertools.product(hosts, enumerate(MARKS)):
        label = LabelText(host.removesuffix(".com"))
        judged = (
            judge(label, term, frozenset(), -3.0) for term in terms_of(number, each) if term.kind is TermKind.WHOLE
        )
        if any(judgement is not None and judgement.decades > 2 for judgement in judged):
            assert (f"domain:{host}", each.key) in pairs


@given(st.text("abcdehiknoprstuy013-ショップ店", max_size=25))
def test_a_segmentation_costs_the_same_from_either_end(label: str) -> None:
    segmentation = Segmentation(label)
    assert segmentation.upto[-1] == pytest.approx(segmentation.beyond[0])
    assert segmentation.upto[0] == segmentation.beyond[-1] == 0
    assert segmentation.upto[-1] <= segmentation.ordinary + 1e-9
    for cut in range(len(label) + 1):
        assert segmentation.upto[cut] + segmentation.beyond[cut] >= segmentation.upto[-1] - 1e-9
    assert "".join(piece.text for piece in segmentation.pieces(0, len(label))) == label.replace("-", "")


def test_words_of_trade_are_read_in_several_tongues() -> None:
    for label, pieces in {
        "onlineshop": ["online", "shop"],
        "chaussuresfrance": ["chaussures", "france"],
        "tsuhanhonten": ["tsuhan", "honten"],
        "公式通販": ["公式", "通販"],
        "スーパーコピー専門店": ["スーパーコピー", "専門店"],
    }.items():
        assert [piece.text for piece in Segmentation(label).pieces(0, len(label))] == pieces


# --- bad input -------------------------------------------------------------------------------------------------------


def test_hostile_hosts_and_marks_take_bounded_time() -> None:
    long_host = ".".join(["norima" * 10 + "abc"] * 3) + "." + "n" * 55 + ".com"
    hosts = [
        long_host,
        ".".join("n" * 120) + ".com",
        "-.--.com",
        "xn--.com",
        "💩💩💩.la",
        "n" + "\u0301" * 40 + ".com",
    ]
    many = WatchedMark(
        watchlist="w",
        id="many",
        text="NORIMA",
        variants=tuple(f"norima{number}" for number in range(2_000)),
        kind=RightKind.TRADEMARK,
    )
    began = time.process_time()
    assert {finding.subject for finding in screen(*hosts, marks=[many])} <= {f"domain:{host}" for host in hosts}
    assert time.process_time() - began < 20


def test_marks_that_cannot_be_looked_for_find_nothing() -> None:
    assert screen("norima.com", marks=[mark("鶴"), mark("…"), mark("x" * 300)]) == []
    assert screen(marks=[]) == []
    assert screen("norima.com", marks=[]) == []


# --- decided disputes ------------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_nearly_every_decided_domain_that_is_near_its_mark_is_found() -> None:
    rows, left_out = domains.disputes(shared("labelled/udrp_domain_vs_mark.csv"))
    marks = domains.marks_of(rows)
    keys = {(each.text, *each.variants): each.key for each in marks}
    pairs = {(finding.subject, finding.mark) for finding in screen(*{row.host for row in rows}, marks=marks)}
    near = [row for row in rows if domains.nearness(row)]
    hit = sum((f"domain:{row.host}", keys[row.spellings]) in pairs for row in near)
    assert hit / len(near) >= 0.95
    assert len(near) + sum(left_out.values()) > 300
