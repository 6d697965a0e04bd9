from __future__ import annotations

import contextlib
import io
import json
import random
import time
from datetime import date
from pathlib import Path

import pytest
from corpus import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from register_documents import SAMPLES, document, split, zipped

from ipwatch.errors import ConfigError, ContractChanged, ParseError
from ipwatch.records import Document, MarkRecord, ParseIssue, PublicationKind, RequestKind, SourceOptions
from ipwatch.sources import uspto
from ipwatch.sources.uspto import splitter

DAILY = SAMPLES / "uspto/daily/apc261116.xml"
DAMAGED = SAMPLES / "uspto/damaged/apc261117.xml"
ENTITIES = SAMPLES / "uspto/entities/apc261118.xml"
NO_DATA = SAMPLES / "uspto/no-data/apc261115.xml"
LISTING = SAMPLES / "uspto/listing/products.json"
OPTIONS = SourceOptions(credentials={"api_key": "invented-key"})
LISTING_URL = "https://api.uspto.gov/api/v1/datasets/products/TRTDXFAP?includeFiles=true&latest=true"

HEAD = b"<trademark-applications-daily><application-information><file-segments><action-keys>"
TAIL = b"</action-keys></file-segments></application-information></trademark-applications-daily>"


def case_file(serial: str, inside: str = "") -> bytes:
    return f"<case-file><serial-number>{serial}</serial-number>{inside}</case-file>".encode()


def read(*case_files: bytes) -> tuple[dict[str, MarkRecord], list[ParseIssue]]:
    return split(uspto.parse(document(HEAD + b"".join(case_files) + TAIL, source="uspto")))


def read_one(inside: str) -> tuple[MarkRecord, list[ParseIssue]]:
    records, issues = read(case_file("99000001", inside))
    return records["99000001"], issues


def listing(body: bytes | None = None, url: str = LISTING_URL) -> Document:
    return document(body or LISTING.read_bytes(), source="uspto", kind=RequestKind.API, url=url)


# --- the record ------------------------------------------------------------------------------------------------------


def test_a_new_application_is_read_whole() -> None:
    source = document(DAILY, source="uspto")
    records, _ = split(uspto.parse(source))
    assert records["99700101"] == MarkRecord(
        office="US",
        application_number="99700101",
        mark_text="潮風織 SHIOKAZE",
        readings=("シオカゼオリ",),
        applicants=("Invented Textile Trading LLC",),
        representatives=("Ada N. Example",),
        filing_date=date(2026, 11, 13),
        nice_classes=(24,),
        goods=("Towels", "bath linen", "textile fabrics for home & interior furnishings"),
        status="630 NEW APPLICATION - RECORD INITIALIZED NOT ASSIGNED TO EXAMINER",
        status_date=date(2026, 11, 16),
        source_url=(
            "https://tsdr.uspto.gov/#caseNumber=99700101&caseSearchType=US_APPLICATION"
            "&caseType=DEFAULT&searchType=statusSearch"
        ),
        document_sha256=source.sha256,
    )


def test_records_keep_the_order_of_the_file() -> None:
    records, _ = split(uspto.parse(document(DAILY, source="uspto")))
    assert list(records) == ["98450202", "72000303", "99700101", "60000404"]


def test_the_latest_publication_event_opens_the_opposition_period_not_the_header_or_the_status() -> None:
    record = split(uspto.parse(document(DAILY, source="uspto")))[0]["98450202"]
    assert record.publication_date == record.opposition_start == date(2026, 11, 10)
    assert record.publication_kind is PublicationKind.OPPOSITION
    assert record.opposition_until == date(2026, 12, 10)
    assert record.status_date == date(2026, 11, 12)


def test_a_header_date_alone_opens_no_period() -> None:
    record, issues = read_one(
        "<case-file-header><status-code>686</status-code><status-date>20240925</status-date>"
        "<published-for-opposition-date>20240220</published-for-opposition-date></case-file-header>"
    )
    assert (record.publication_date, record.opposition_start, record.opposition_until) == (None, None, None)
    assert issues == []


def test_applicants_are_the_original_ones_in_order_of_entry() -> None:
    record = split(uspto.parse(document(DAILY, source="uspto")))[0]["98450202"]
    assert record.applicants == ("First Applicant K.K.", "Second Applicant K.K.")
    assert record.representatives == ("Bo Example", "Cy Example")


def test_overflow_of_the_mark_is_added_to_its_text() -> None:
    record = split(uspto.parse(document(DAILY, source="uspto")))[0]["98450202"]
    assert record.mark_text == "GINRINDO CONFECTIONERS SINCE 1868"


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("Tea; [ coffee; ] cocoa", ("Tea", "cocoa")),
        ("Tea [ ; sweets [ in jars ] ]; cocoa", ("Tea", "cocoa")),
        ("[ PRIMES ] * PRIMER * AND COATINGS.", ("PRIMER AND COATINGS",)),
        ("Tea; ((coffee)); cocoa", ("Tea", "coffee", "cocoa")),
        ("Tea [ unclosed", ("Tea [ unclosed",)),
        ("", ()),
    ],
)
def test_goods_lose_what_was_deleted_and_the_marks_of_amendment(text: str, goods: tuple[str, ...]) -> None:
    statement = f"<case-file-statement><type-code>GS0301</type-code><text>{text}</text></case-file-statement>"
    record, _ = read_one(f"<case-file-statements>{statement}</case-file-statements>")
    assert record.goods == goods


def test_absent_groups_are_unknown_and_empty_groups_are_empty() -> None:
    absent, _ = read_one("")
    assert (absent.nice_classes, absent.goods) == (None, None)
    empty, _ = read_one("<case-file-statements/><classifications/>")
    assert (empty.nice_classes, empty.goods) == ((), ())


def test_certification_and_membership_classes_are_no_nice_classes_and_no_fault() -> None:
    codes = "".join(f"<international-code>{code}</international-code>" for code in ("A  ", "B", "200", "009", "000"))
    record, issues = read_one(f"<classifications><classification>{codes}</classification></classifications>")
    assert record.nice_classes == (9,)
    assert issues == []


def test_zeros_are_no_registration_number() -> None:
    records, _ = split(uspto.parse(document(DAILY, source="uspto")))
    assert records["99700101"].registration_number is None
    assert records["60000404"].registration_number == "0000404"


def test_a_sparse_record_is_kept() -> None:
    record = split(uspto.parse(document(DAILY, source="uspto")))[0]["60000404"]
    assert record.status == "626 REGISTERED - BACKFILE CANCELLED OR EXPIRED"
    assert (record.mark_text, record.applicants, record.nice_classes, record.goods) == (None, (), None, None)


def test_values_that_cannot_be_used_are_reported_and_the_record_kept() -> None:
    records, issues = split(uspto.parse(document(DAILY, source="uspto")))
    record = records["72000303"]
    assert (record.filing_date, record.nice_classes, record.status) == (None, (9,), "999")
    assert {issue.field for issue in issues} == {
        "mark-drawing-code",
        "filing-date",
        "international-code",
        "status-code",
    }
    assert all("serial number 72000303" in issue.where for issue in issues)


def test_an_unknown_status_code_is_reported_once_for_a_file() -> None:
    header = "<case-file-header><status-code>999</status-code></case-file-header>"
    records, issues = read(case_file("99000001", header), case_file("99000002", header))
    assert [record.status for record in records.values()] == ["999", "999"]
    assert len(issues) == 1


@pytest.mark.parametrize("code", ["0", "4", "4000", "5"])
def test_the_drawing_code_is_read_by_its_first_digit(code: str) -> None:
    _, issues = read_one(f"<case-file-header><mark-drawing-code>{code}</mark-drawing-code></case-file-header>")
    assert issues == []


@pytest.mark.parametrize(
    ("kind", "text", "readings"),
    [
        ("TLIT00", 'The non-Latin characters in the mark transliterate to "NISHIJIN ORI".', ("ニシジンオリ",)),
        ("TLIT00", 'The characters transliterate to "Tōkyō" and this means "eastern capital".', ("トウキョウ",)),
        ("TLIT00", 'The characters transliterate to "MATCHA" and "MATTYA".', ("マッチャ",)),
        ("TLIT00", 'The characters transliterate to "GUANGZHOU".', ()),
        ("TLIT00", "The characters have no transliteration.", ()),
        ("TR0000", 'The English translation of "SAKURA" is "cherry".', ()),
        ("PM0001", '"SHIO KAZE"', ()),
    ],
)
def test_only_a_japanese_transliteration_is_a_reading(kind: str, text: str, readings: tuple[str, ...]) -> None:
    statement = f"<case-file-statement><type-code>{kind}</type-code><text>{text}</text></case-file-statement>"
    record, _ = read_one(f"<case-file-statements>{statement}</case-file-statements>")
    assert record.readings == readings


# --- broken files ----------------------------------------------------------------------------------------------------


def test_good_case_files_around_broken_ones_are_kept_and_each_fault_is_located() -> None:
    records, issues = split(uspto.parse(document(DAMAGED, source="uspto")))
    assert list(records) == ["99800001", "99800003", "99800005", "99800007", "99800010"]
    body = DAMAGED.read_bytes()
    offsets = [int(issue.where.removeprefix("byte ").partition(",")[0]) for issue in issues]
    assert len(issues) == 5
    for serial, offset in zip((2, 4, 6, 8, 9), offsets, strict=True):
        assert body.find(b"<serial-number>9980000" + str(serial).encode()[-1:], offset, offset + 60) >= 0 or serial == 9
    assert [issue.where.rpartition(" ")[2] for issue in issues[:4]] == ["99800002", "99800004", "99800006", "99800008"]
    assert issues[4].field == "serial-number"


def test_declared_entities_are_refused() -> None:
    with pytest.raises(ParseError, match="declares entities"):
        list(uspto.parse(document(ENTITIES, source="uspto")))


def test_entities_in_a_case_file_without_a_declaration_cost_that_case_file_only() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "KITE">]>&b;'
    records, issues = read(case_file("99000001"), case_file("99000002", bomb), case_file("99000003", "&b;"))
    assert list(records) == ["99000001"]
    assert len(issues) == 2


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("treasure")
    doctype = f'<!DOCTYPE trademark-applications-daily [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    with pytest.raises(ParseError):
        list(uspto.parse(document(doctype + HEAD + case_file("99000001", "&x;") + TAIL, source="uspto")))


def test_an_external_dtd_is_stepped_over() -> None:
    doctype = b'<?xml version="1.0"?><!DOCTYPE trademark-applications-daily SYSTEM "http://127.0.0.1:9/x.dtd">'
    records, issues = split(uspto.parse(document(doctype + HEAD + case_file("99000001") + TAIL, source="uspto")))
    assert list(records) == ["99000001"]
    assert issues == []


def test_a_truncated_file_says_so_and_keeps_what_came_before() -> None:
    body = HEAD + case_file("99000001") + case_file("99000002")[:-5]
    records, issues = split(uspto.parse(document(body, source="uspto")))
    assert list(records) == ["99000001"]
    assert [issue.message.partition(":")[0] for issue in issues] == [
        "the file ends inside this case-file",
        "the file ends without </trademark-applications-daily>",
    ]


def test_a_case_file_longer_than_the_bound_is_left_out() -> None:
    long = case_file("99000002", "<text>" + "x" * (splitter.MAX_CASE_FILE + 2**20) + "</text>")
    records, issues = read(case_file("99000001"), long, case_file("99000003"))
    assert list(records) == ["99000001", "99000003"]
    assert len(issues) == 1
    assert "longer than" in issues[0].message


@pytest.mark.parametrize(
    "body",
    [
        b"<!--" * 200_000,
        b"<!DOCTYPE a [" + b"<!--" * 200_000,
        b"<!DOCTYPE a [" + b'"' * 200_001,
        HEAD + b"<case-file>" * 50_000,
        HEAD + case_file("99000001", "<a>" * 200_000) + TAIL,
        HEAD
        + case_file(
            "99000001",
            "<case-file-statements><case-file-statement><type-code>GS0301</type-code><text>"
            + "[" * 200_000
            + "]" * 200_000
            + "</text></case-file-statement></case-file-statements>",
        )
        + TAIL,
        HEAD
        + case_file(
            "99000001",
            "<case-file-statements><case-file-statement><type-code>TLIT00</type-code><text>"
            + f'"{"ttsa" * 24}!" "{"a" * 98}!"' * 1000
            + "</text></case-file-statement></case-file-statements>",
        )
        + TAIL,
    ],
    ids=["comments", "dtd-comments", "quotes", "starts", "depth", "brackets", "romaji"],
)
def test_a_file_made_to_cost_time_costs_little(body: bytes) -> None:
    begin = time.process_time()
    with contextlib.suppress(ParseError):
        list(uspto.parse(document(body, source="uspto")))
    assert time.process_time() - begin < 5


def test_a_day_without_data_has_no_records_and_no_fault() -> None:
    assert list(uspto.parse(document(NO_DATA, source="uspto"))) == []


@pytest.mark.parametrize("body", [b"", b"\x00" * 50, b"<html></html>", b"plain text", HEAD.decode().encode("utf-16")])
def test_what_is_no_daily_file_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        list(uspto.parse(document(body, source="uspto")))


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_chunk_boundaries_lose_nothing(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [*splitter.split_case_files(io.BytesIO(DAMAGED.read_bytes()))]
    monkeypatch.setattr(splitter, "_CHUNK", size)
    body = DAMAGED.read_bytes()
    prolog = body.index(b"<trademark-applications-daily>\n") + 1
    monkeypatch.setattr(splitter, "_MAX_PROLOG", prolog + 40)
    assert [*splitter.split_case_files(io.BytesIO(body))] == whole


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_no_mutation_of_the_bytes_raises_anything_but_parse_error(seed: int, changes: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    body = bytearray(DAILY.read_bytes())
    for _ in range(changes):
        offset = chance.randrange(len(body))
        body[offset : offset + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    try:
        for item in uspto.parse(document(bytes(body), source="uspto")):
            assert isinstance(item, MarkRecord | ParseIssue)
    except ParseError:
        pass


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.sampled_from([TAIL, HEAD, b"<case-file>", b"</case-file>", b"<![CDATA[", b"<!--"]))
def test_whatever_a_case_file_holds_its_neighbours_are_kept(junk: bytes) -> None:
    records, _ = read(case_file("99000001"), b"<case-file>" + junk + b"</case-file>", case_file("99000003"))
    assert {"99000001", "99000003"} <= set(records)


# --- archives --------------------------------------------------------------------------------------------------------


def test_a_zip_is_read_by_its_magic_bytes() -> None:
    plain, _ = split(uspto.parse(document(DAILY, source="uspto")))
    packed, issues = split(uspto.parse(document(zipped({"apc261116.xml": DAILY.read_bytes()}), source="uspto")))
    assert list(packed) == list(plain)
    assert all(issue.where.startswith("apc261116.xml, byte ") for issue in issues)


def test_a_zip_without_xml_is_refused() -> None:
    with pytest.raises(ParseError, match=r"no \.xml"):
        list(uspto.parse(document(zipped({"readme.txt": b"hello"}), source="uspto")))


def test_a_damaged_zip_keeps_the_records_before_the_damage() -> None:
    chance = random.Random(1)  # noqa: S311 - filler that does not compress
    filler = [case_file(f"{90000000 + n}", f"<x>{chance.randbytes(2000).hex()}</x>") for n in range(3000)]
    packed = bytearray(zipped({"apc261116.xml": HEAD + b"".join(filler) + TAIL}))
    middle = len(packed) // 2
    packed[middle : middle + 4000] = bytes(4000)
    records, issues = split(uspto.parse(document(bytes(packed), source="uspto")))
    assert "90000000" in records
    assert "what follows is missing" in issues[-1].message


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_no_mutation_of_a_zip_raises_anything_but_parse_error(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    packed = bytearray(zipped({"apc261116.xml": DAILY.read_bytes()}))
    for _ in range(chance.randrange(1, 6)):
        packed[chance.randrange(len(packed))] = chance.randrange(256)
    with contextlib.suppress(ParseError):
        list(uspto.parse(document(bytes(packed), source="uspto")))


# --- requests --------------------------------------------------------------------------------------------------------


def test_the_plan_asks_for_the_latest_file_with_the_key_as_a_secret() -> None:
    (request,) = uspto.plan((), OPTIONS)
    assert request.url == LISTING_URL
    assert request.kind is RequestKind.API
    assert request.headers == ()
    assert request.secret_headers == (("X-API-KEY", "invented-key"),)


def test_the_plan_asks_for_a_range_of_days_at_the_configured_address() -> None:
    options = SourceOptions(
        base_urls=("http://127.0.0.1:8001/",),
        credentials={"api_key": "invented-key"},
        extra={"from": "2026-11-01", "to": "2026-11-16"},
    )
    (request,) = uspto.plan((), options)
    assert request.url == (
        "http://127.0.0.1:8001/api/v1/datasets/products/TRTDXFAP?includeFiles=true"
        "&fileDataFromDate=2026-11-01&fileDataToDate=2026-11-16&offset=0&limit=100"
    )


@pytest.mark.parametrize(
    "options", [SourceOptions(), SourceOptions(credentials={"api_key": "k"}, extra={"from": "1 Nov 2026"})]
)
def test_what_is_not_configured_is_named(options: SourceOptions) -> None:
    with pytest.raises(ConfigError, match="uspto"):
        list(uspto.plan((), options))


def test_a_listing_leads_to_its_daily_files_oldest_first() -> None:
    requests = list(uspto.follow(listing(), OPTIONS))
    assert [request.url.rpartition("/")[2] for request in requests] == ["apc261115.zip", "apc261116.zip"]
    assert {request.kind for request in requests} == {RequestKind.BULK}
    assert all(request.secret_headers for request in requests)
    assert list(uspto.parse(listing())) == []


def test_a_full_page_leads_to_the_next() -> None:
    answer = json.loads(LISTING.read_text())
    file = answer["bulkDataProductBag"][0]["productFileBag"]["fileDataBag"][0]
    answer["bulkDataProductBag"][0]["productFileBag"]["fileDataBag"] = [
        {**file, "fileName": f"apc{260000 + n}.zip"} for n in range(100)
    ]
    url = "https://api.uspto.gov/api/v1/datasets/products/TRTDXFAP?includeFiles=true&offset=100&limit=100"
    last = list(uspto.follow(listing(json.dumps(answer).encode(), url), OPTIONS))[-1]
    assert last.kind is RequestKind.API
    assert last.url.endswith("offset=200&limit=100")


def test_the_key_is_sent_to_no_other_host() -> None:
    body = LISTING.read_bytes().replace(b"https://api.uspto.gov", b"https://elsewhere.example")
    with pytest.raises(ContractChanged, match="another host"):
        list(uspto.follow(listing(body), OPTIONS))


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"bulkDataProductBag": [1]}', b'{"bulkDataProductBag": 7}'])
def test_a_listing_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="listing"):
        list(uspto.parse(listing(body)))


def test_a_daily_file_leads_nowhere() -> None:
    assert list(uspto.follow(document(DAILY, source="uspto"), OPTIONS)) == []


# --- the office's own files ------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_every_real_case_file_is_read_without_a_fault() -> None:
    path = shared("registers/us-uspto/tdxf_seed_11_casefiles_with_dtd_2018.xml")
    records, issues = split(uspto.parse(document(path, source="uspto")))
    assert issues == []
    assert len(records) == 11
    assert records["87310367"].opposition_until == date(2017, 12, 28)
    assert records["87310367"].nice_classes == (9, 12, 39, 42)
    assert records["71112081"].applicants == ("NORTHAM WARREN CORPORATION",)
    assert not any("PRIMES" in item for item in records["72244547"].goods or ())
    assert any("PRIMER" in item for item in records["72244547"].goods or ())


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "serial", "text"),
    [
        ("tdxf_NA_new_application_98763166.xml", "98763166", "SUVENEER"),
        ("tdxf_status_only_60000001.xml", "60000001", None),
    ],
)
def test_a_real_case_file_cut_from_its_file_is_read(name: str, serial: str, text: str | None) -> None:
    records, issues = read(shared(f"registers/us-uspto/{name}").read_bytes())
    assert issues == []
    assert records[serial].mark_text == text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"products": []}, "the field bulkDataProductBag is missing"),
        ({"bulkDataProductBag": {}}, "a list was expected in bulkDataProductBag, not a dict"),
        ({"bulkDataProductBag": [{}]}, "the field productFileBag is missing"),
        ({"bulkDataProductBag": [7]}, "the field productFileBag was looked for in a int, not an object"),
        ({"bulkDataProductBag": [{"productFileBag": {}}]}, "the field fileDataBag is missing"),
        (
            {"bulkDataProductBag": [{"productFileBag": {"fileDataBag": [{"fileName": "a.zip"}]}}]},
            "the field fileDownloadURI is missing",
        ),
    ],
)
def test_a_listing_of_another_shape_is_refused_by_its_field(answer: object, text: str) -> None:
    with pytest.raises(ParseError, match=text) as refused:
        list(uspto.parse(listing(json.dumps(answer).encode())))
    assert "Error(" not in str(refused.value)


def test_a_case_file_taken_out_of_its_daily_file_is_refused_with_the_fix() -> None:
    with pytest.raises(ParseError, match="give the daily file whole"):
        list(uspto.parse(document(case_file("97000001"), source="uspto")))
