from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from scenes import observed_scene, scene_reference

from ipwatch.jsonlines import (
    MAX_LINE_BYTES,
    RecordProblem,
    dump_hit,
    dump_image_hit,
    dump_record,
    read_records,
)
from ipwatch.matching.images.match import ImageMatch
from ipwatch.records import (
    Category,
    Finding,
    HostName,
    Listing,
    MarkRecord,
    MatchKind,
    PublicationKind,
    Record,
    Seller,
    Signal,
)

LISTING = Listing(
    marketplace="rakuten",
    listing_id="shop:001",
    title="今治タオル 🎌",
    price=Decimal("1980.50"),
    currency="JPY",
    images=("a/1.jpg", "https://example.com/2.jpg"),
    seller=Seller(id="0042", name="店", feedback_pct=99.5, feedback_count=12),
    category=Category(id="7", path="家 > タオル"),
    quantity=3,
    posted_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
)
FILING = MarkRecord(
    office="JP",
    application_number="0123456789",
    mark_text="ノリマ",
    readings=("ノリマ",),
    filing_date=date(2026, 1, 5),
    publication_kind=PublicationKind.APPLICATION,
    nice_classes=(9, 14),
    goods=("時計",),
)


def read(*lines: object) -> list[Record | RecordProblem]:
    raw = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines
    )
    return list(read_records(io.BytesIO(raw), "in.jsonl"))


@pytest.mark.parametrize(
    "record",
    [LISTING, FILING, Listing(marketplace="m", listing_id="1"), HostName(host="任天堂.jp", document_sha256="0")],
)
def test_what_is_written_is_read_back(record: Record) -> None:
    line = dump_record(record)
    assert "\n" not in line
    assert read(line.encode()) == [record]


def test_prices_and_numbers_keep_their_digits() -> None:
    table = json.loads(dump_record(LISTING))
    assert (table["price"], table["seller"]["id"], table["description"]) == ("1980.50", "0042", None)
    assert json.loads(dump_record(FILING))["application_number"] == "0123456789"
    assert json.loads(dump_record(Listing(marketplace="m", listing_id="1", price=Decimal("1E+3"))))["price"] == "1000"


def test_missing_keys_and_null_are_the_same() -> None:
    nulls = {"marketplace": "m", "listing_id": "1", "images": None, "seller": {"id": "a", "name": None}, "price": None}
    (record,) = read(nulls)
    assert record == Listing(marketplace="m", listing_id="1", seller=Seller(id="a"))


def test_times_become_utc() -> None:
    (record,) = read({"marketplace": "m", "listing_id": "1", "posted_at": "2026-01-31T09:00:00+09:00"})
    assert isinstance(record, Listing)
    assert record.posted_at == datetime(2026, 1, 31, tzinfo=UTC)
    assert record.posted_at.tzinfo is UTC


def test_blank_lines_and_a_byte_order_mark_are_passed_over() -> None:
    assert read(b"\xef\xbb\xbf" + dump_record(LISTING).encode(), b"", b"  \r") == [LISTING]
    assert read() == []


BAD = {
    "not json": (b"{", None, "not JSON"),
    "no object": (b"[1]", None, "not an object"),
    "neither": ({"title": "x"}, None, "exactly one"),
    "host and listing": ({"marketplace": "m", "listing_id": "1", "host": "a.com"}, None, "exactly one"),
    "host and domain": ({"host": "a.com", "domain": "a.com"}, None, "exactly one"),
    "host no text": ({"host": 1}, "host", "not a text"),
    "host null": ({"domain": None}, "domain", "not a text"),
    "no host name": ({"host": "a b.com"}, "host", "' ' is not allowed"),
    "document no text": ({"host": "a.com", "document_sha256": 1}, "document_sha256", "null"),
    "string without a dot": (b'"nothing"', "host", "a dot"),
    "word": (b"nothing", None, "neither JSON nor a host name"),
    "table": (b"a.com,2026-11-22", None, "the column of host names alone"),
    "long host": (b"a" * 10_000 + b".com", None, "longer than"),
    "both": ({"marketplace": "m", "office": "JP"}, None, "exactly one"),
    "no id": ({"marketplace": "m"}, "listing_id", "missing"),
    "empty id": ({"marketplace": "m", "listing_id": " "}, "listing_id", "empty"),
    "number for id": ({"marketplace": "m", "listing_id": 1}, "listing_id", "string"),
    "number for price": ({"marketplace": "m", "listing_id": "1", "price": 1980}, "price", '"1980"'),
    "price in words": ({"marketplace": "m", "listing_id": "1", "price": "1,980円"}, "price", "decimal string"),
    "endless price": ({"marketplace": "m", "listing_id": "1", "price": "1e999999"}, "price", "decimal string"),
    "nan price": ({"marketplace": "m", "listing_id": "1", "price": "NaN"}, "price", "decimal string"),
    "negative price": ({"marketplace": "m", "listing_id": "1", "price": "-1"}, "price", "decimal string"),
    "currency": ({"marketplace": "m", "listing_id": "1", "currency": "円"}, "currency", "ISO 4217"),
    "images no list": ({"marketplace": "m", "listing_id": "1", "images": "a.jpg"}, "images", "null"),
    "image no text": ({"marketplace": "m", "listing_id": "1", "images": [1]}, "images.0", "string"),
    "seller no object": ({"marketplace": "m", "listing_id": "1", "seller": "x"}, "seller", "null"),
    "time without zone": (
        {"marketplace": "m", "listing_id": "1", "posted_at": "2026-01-31T09:00:00"},
        "posted_at",
        "zone",
    ),
    "time before the year 1": (
        {"marketplace": "m", "listing_id": "1", "posted_at": "0001-01-01T00:00:00+14:00"},
        "posted_at",
        "years 1 to 9999",
    ),
    "no date": ({"office": "JP", "application_number": "1", "filing_date": "31.1.2026"}, "filing_date", "2026-01-31"),
    "no class": ({"office": "JP", "application_number": "1", "nice_classes": [46]}, "nice_classes", "1 to 45"),
    "class as text": ({"office": "JP", "application_number": "1", "nice_classes": ["9"]}, "nice_classes.0", "integer"),
    "no office": ({"office": "Japan", "application_number": "1"}, "office", "ST.3"),
    "unknown kind": ({"office": "JP", "application_number": "1", "publication_kind": "x"}, "publication_kind", "null"),
    "nan": (b'{"marketplace":"m","listing_id":"1","seller":{"feedback_pct":NaN}}', None, "NaN"),
    "infinite": (
        b'{"marketplace":"m","listing_id":"1","seller":{"feedback_pct":1e999}}',
        None,
        "1e999",
    ),
    "twice": (b'{"marketplace":"m","listing_id":"1","listing_id":"2"}', None, "twice"),
    "not utf-8": ("タオル".encode("shift_jis"), None, "UTF-8"),
    "deep within a record": (
        b'{"marketplace":"m","listing_id":"1","x":' + b"[" * 900 + b"]" * 900 + b"}",
        None,
        "too deeply",
    ),
    "deep": (b'{"marketplace":' + b"[" * 100_000, None, ""),
    "huge number": (b'{"marketplace":"m","listing_id":"1","quantity":' + b"9" * 5_000 + b"}", None, ""),
    "too long": (b'{"title":"' + b"x" * MAX_LINE_BYTES, None, "longer"),
    "far too long": (b'{"title":"' + b"x" * (3 * MAX_LINE_BYTES), None, "longer"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_named_and_the_good_ones_are_kept(name: str) -> None:
    line, field, words = BAD[name]
    good = dump_record(LISTING).encode()
    before, problem, after = read(good, line, good)
    assert before == after == LISTING
    assert isinstance(problem, RecordProblem)
    assert (problem.file, problem.line, problem.field, problem.kept) == ("in.jsonl", 2, field, False)
    assert words in problem.message
    assert str(problem).startswith("in.jsonl: line 2: ")
    assert len(str(problem)) < 1000


def test_a_lone_surrogate_is_replaced_in_place_and_reported() -> None:
    *problems, record = read(
        b'{"marketplace":"m","listing_id":"1","title":"a\\ud83d NORIMA",'
        b'"seller":{"name":"\\udc00"},"images":["\\ud800"]}'
    )
    assert record == Listing(
        marketplace="m", listing_id="1", title="a\ufffd NORIMA", seller=Seller(name="\ufffd"), images=("\ufffd",)
    )
    assert [(each.field, each.kept) for each in problems if isinstance(each, RecordProblem)] == [
        ("title", True),
        ("seller.name", True),
        ("images", True),
    ]
    assert all("repaired" in str(each) for each in problems)


def test_a_whole_surrogate_pair_is_a_character_and_no_damage() -> None:
    assert read(b'{"marketplace":"m","listing_id":"1","title":"\\ud83c\\udf8c"}') == [
        Listing(marketplace="m", listing_id="1", title="\U0001f38c")
    ]


def test_host_names_are_read_in_every_dress_beside_other_records() -> None:
    assert read(
        b"# new names",
        b"*.Example.com.",
        b'"https://shop.example.jp/a"',
        {"host": "EXAMPLE.net"},
        {"domain": "xn--wgv71a119e.jp", "document_sha256": "ab"},
        dump_record(FILING).encode(),
        "任天堂.jp # 新しい".encode(),
        b"+example.org.\t3600\tIN\tNS\ta.example.net.",
    ) == [
        HostName(host="example.com"),
        HostName(host="shop.example.jp"),
        HostName(host="example.net"),
        HostName(host="xn--wgv71a119e.jp", document_sha256="ab"),
        FILING,
        HostName(host="任天堂.jp"),
        HostName(host="example.org"),
    ]


def test_an_unknown_key_of_a_host_is_reported_once() -> None:
    results = read({"host": "a.com", "seen": "2026"}, {"domain": "b.com", "seen": "2026"})
    assert [each.field for each in results if isinstance(each, RecordProblem)] == ["seen"]
    assert [each.host for each in results if isinstance(each, HostName)] == ["a.com", "b.com"]


def test_a_compressed_stream_is_called_so_once() -> None:
    raw = gzip.compress(b"\n".join([dump_record(LISTING).encode()] * 500))
    (problem,) = read_records(io.BytesIO(raw), "in.jsonl.gz")
    assert isinstance(problem, RecordProblem)
    assert (problem.line, problem.kept) == (1, False)
    assert "gzip -d" in problem.message


def test_an_unknown_key_is_reported_once_and_the_record_kept() -> None:
    table = {"marketplace": "m", "listing_id": "1", "colour": "red", "seller": {"id": "a", "age": 3}}
    results = read(table, table)
    problems = [each for each in results if isinstance(each, RecordProblem)]
    assert [(each.field, each.kept) for each in problems] == [("colour", True), ("seller.age", True)]
    assert len(results) == 4


def test_a_hit_has_the_shape_that_scripts_rely_on() -> None:
    signal = Signal(
        name="name", score=1.0, term="name_exact", compared=("ノリマ", "のりま"), field="title", span=(0, 3)
    )
    finding = Finding(
        subject="rakuten:1", mark="w/m", score=0.85, signals=(signal,), threshold=0.7, matcher_version="0"
    )
    assert json.loads(dump_hit(finding)) == {
        "subject": "rakuten:1",
        "mark": "w/m",
        "score": 0.85,
        "signals": [
            {
                "name": "name",
                "score": 1.0,
                "term": "name_exact",
                "compared": ["ノリマ", "のりま"],
                "field": "title",
                "span": [0, 3],
                "differences": [],
                "picture": None,
            }
        ],
    }


def test_an_image_hit_has_the_shape_that_scripts_rely_on() -> None:
    match = ImageMatch(
        reference=scene_reference(1, mark="w/m", path="r.png"),
        observed=observed_scene(1),
        kind=MatchKind.FLIP,
        rate=1e-8,
        distance=3,
        outline=((10.0, 20.0), (110.0, 20.0), (110.0, 80.5), (10.0, 80.5)),
    )
    assert json.loads(dump_image_hit("a.jpg", match)) == {
        "image": "a.jpg",
        "reference": "r.png",
        "score": 0.9,
        "kind": "flip",
        "distance": 3,
        "inliers": None,
        "region": [10, 20, 100, 61],
        "false_match_rate": 1e-8,
    }


def test_texts_that_are_no_text_can_be_written() -> None:
    line = dump_record(Listing(marketplace="m", listing_id="1", title="bad \ud800 title\u2028"))
    line.encode("utf-8")
    assert json.loads(line)["title"] == "bad \ud800 title\u2028"
