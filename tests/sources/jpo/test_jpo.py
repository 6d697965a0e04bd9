from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import re
import tarfile
import unicodedata
from collections.abc import Callable
from datetime import date

import pytest
from corpus import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from register_documents import SAMPLES, document, folder, split, tarred, zipped

from ipwatch.errors import ConfigError, ContractChanged, ParseError
from ipwatch.records import Document, MarkRecord, ParseIssue, PublicationKind, RequestKind, SourceOptions
from ipwatch.sources import jpo
from ipwatch.sources.jpo.record import split_similar_groups
from ipwatch.sources.jpo.tables import COLUMNS, MAX_LINE, Table, identify

WEEK = folder(SAMPLES / "jpo/week")
DAMAGED = (SAMPLES / "jpo/damaged/upd_t_dsgnt_art.tsv").read_bytes()
INDEX = SAMPLES / "jpo/index/index.json"
INDEX_URL = "http://127.0.0.1:8002/bulk/index.json"
NO_SPLIT = "0" * 31


def read(body: bytes) -> tuple[dict[str, MarkRecord], list[ParseIssue]]:
    return split(jpo.parse(document(body, source="jpo")))


def table(name: Table, *rows: dict[str, str]) -> bytes:
    """Return a table with the columns that are read, split number and law filled in."""
    fixed = {"split_num": NO_SPLIT, "add_del_id": "0", "yonpo_code": "4"}
    columns = COLUMNS[name]
    lines = ["\t".join(columns)] + ["\t".join({**fixed, **row}.get(column, "") for column in columns) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def index(body: bytes | None = None) -> Document:
    return document(body or INDEX.read_bytes(), source="jpo", kind=RequestKind.API, url=INDEX_URL)


# --- a set of tables -------------------------------------------------------------------------------------------------


def test_a_set_is_joined_by_application_number() -> None:
    source = document(zipped(WEEK), source="jpo")
    records, _ = split(jpo.parse(source))
    assert records["2026101001"] == MarkRecord(
        office="JP",
        application_number="2026101001",
        mark_text="しおかぜ織",
        readings=("シオカゼオリ",),
        applicants=("しおかぜ織協同組合",),
        representatives=("汐見\u3000花子",),
        filing_date=date(2026, 9, 15),
        publication_date=date(2026, 9, 29),
        publication_kind=PublicationKind.APPLICATION,
        nice_classes=(24, 25),
        goods=(
            "織物",
            "タオル",
            "ハンカチ",
            "布製身の回り品（織物製のもの，編物製のものを含む。）",
            "ふとん",
            "被服",
            "マフラー",
        ),
        similar_group_codes=("16A01", "16B01", "17A01", "17A02", "17A04"),
        document_sha256=source.sha256,
    )


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, "w:gz")])
def test_archives_of_every_kind_give_the_same(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    records, issues = read(pack(WEEK))
    assert set(records) == {"2026101001", "2026101002", "2025098765", "2026101004", "2024000321"}
    assert len(issues) == 2


def test_the_order_of_the_tables_does_not_matter() -> None:
    forwards, _ = split(jpo.parse(document(tarred(WEEK), source="jpo")))
    backwards, _ = split(jpo.parse(document(tarred(dict(reversed(WEEK.items()))), source="jpo")))
    assert {number: record.goods for number, record in forwards.items()} == {
        number: record.goods for number, record in backwards.items()
    }


def test_the_gazette_of_the_registration_opens_the_opposition_period() -> None:
    record = read(zipped(WEEK))[0]["2025098765"]
    assert (record.publication_date, record.publication_kind) == (date(2026, 9, 14), PublicationKind.REGISTRATION)
    assert record.opposition_start == date(2026, 9, 14)
    assert record.opposition_until == date(2026, 11, 16)  # 14 November 2026 is a Saturday
    assert record.registration_number == "6912345"
    assert (record.status, record.status_date) == ("A01 登録", date(2026, 8, 28))


def test_a_registration_published_under_the_former_procedure_opens_no_period() -> None:
    row = {"shutugan_no": "1990012345", "raz_kohohakko_bi": "19970331"}
    record = read(table(Table.CASE, row))[0]["1990012345"]
    assert (record.publication_date, record.opposition_until) == (date(1997, 3, 31), None)


def test_line_and_part_marks_of_the_display_text_become_line_breaks_and_width_is_kept() -> None:
    record = read(zipped(WEEK))[0]["2026101002"]
    assert record.mark_text == "Ｍｉｎａｔｏｕｒａ\nみなと浦\nひもの"


def test_search_text_is_the_last_resort_and_loses_its_control_marks() -> None:
    assert read(zipped(WEEK))[0]["2026101004"].mark_text == "星空工房\nほしぞら工房"


def test_standard_characters_go_before_display_and_search_text() -> None:
    number = {"app_num": "2026101001"}
    files = {
        "a.tsv": table(Table.SEARCH_TEXT, {**number, "search_use_t_seq": "1", "search_use_t": "検索"}),
        "b.tsv": table(Table.DISPLAY_TEXT, {**number, "indct_use_t": "表示"}),
        "c.tsv": table(Table.STANDARD_CHARACTERS, {**number, "standard_char_t": "標準＼∞"}),
    }
    assert read(zipped(files))[0]["2026101001"].mark_text == "標準＼∞"
    del files["c.tsv"]
    assert read(zipped(files))[0]["2026101001"].mark_text == "表示"


def test_readings_keep_the_order_of_their_numbers() -> None:
    assert read(zipped(WEEK))[0]["2026101002"].readings == ("ミナトウラヒモノ", "ミナトウラ", "ヒモノ")


def test_vienna_codes_have_no_leading_zeros_and_no_empty_level() -> None:
    assert read(zipped(WEEK))[0]["2026101002"].vienna_codes == ("26.1.1", "1.17.11.1")


def test_a_party_without_a_name_goes_by_its_code_and_addresses_are_not_read() -> None:
    records, _ = read(zipped(WEEK))
    assert records["2025098765"].applicants == ("900000037",)
    assert "架空県" not in repr(records)


def test_classes_and_goods_are_unknown_where_no_table_speaks_of_them() -> None:
    record = read(WEEK["upd_t_dsgnt_art.tsv"])[0]["2026101001"]
    assert (record.nice_classes, record.goods, record.readings) == (None, None, ("シオカゼオリ",))


def test_values_that_cannot_be_used_are_reported_and_the_record_kept() -> None:
    records, issues = read(zipped(WEEK))
    assert (records["2026101004"].filing_date, records["2026101004"].status) == (None, "B77")
    assert {(issue.where, issue.field) for issue in issues} == {
        ("application 2026101004", "app_dt"),
        ("application 2026101004", "final_dspst_cd"),
    }


def test_a_deleted_basic_item_is_a_record_that_says_so() -> None:
    assert read(zipped(WEEK))[0]["2024000321"].status == "deleted"


def test_an_item_deleted_and_added_again_is_alive() -> None:
    old = {"mgt_num": "1", "app_num": "2026101001", "add_del_id": "1"}
    new = {"mgt_num": "2", "app_num": "2026101001", "app_dt": "20260915"}
    record = read(table(Table.BASIC, old, new))[0]["2026101001"]
    assert (record.status, record.filing_date) == (None, date(2026, 9, 15))


def test_a_later_line_replaces_or_deletes_an_earlier_one() -> None:
    first = {"app_num": "2026101001", "dsgnt_seq": "1", "dsgnt": "アサ"}
    second = {"app_num": "2026101001", "dsgnt_seq": "2", "dsgnt": "ヒル"}
    body = table(Table.READING, first, second, {**first, "dsgnt": "ヨル"}, {**second, "add_del_id": "1"})
    assert read(body)[0]["2026101001"].readings == ("ヨル",)


def test_an_application_of_which_only_a_detail_was_deleted_gives_no_record() -> None:
    gone = {"app_num": "2026101001", "dsgnt_seq": "1", "dsgnt": "アサ", "add_del_id": "1"}
    assert read(table(Table.READING, gone)) == ({}, [])


def test_a_disposition_not_in_the_table_is_reported_once_for_a_file() -> None:
    rows = [{"mgt_num": str(n), "app_num": f"202610100{n}", "final_dspst_cd": "B77"} for n in range(3)]
    records, issues = read(table(Table.BASIC, *rows))
    assert [record.status for record in records.values()] == ["B77"] * 3
    assert len(issues) == 1


def test_rows_of_another_law_are_reported() -> None:
    records, issues = read(table(Table.CASE, {"yonpo_code": "1", "shutugan_no": "2026101001"}))
    assert records == {}
    assert issues[0].field == "yonpo_code"


# --- similar groups --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "codes", "rest"),
    [
        ("30A0131A0332F03", ("30A01", "31A03", "32F03"), ""),
        ("３０Ａ０１", ("30A01",), ""),
        ("30A01 31A03", ("30A01", "31A03"), ""),
        ("30A01X31A0332", ("30A01",), "X31A0332"),
        ("", (), ""),
    ],
)
def test_similar_groups_are_split_by_five(run: str, codes: tuple[str, ...], rest: str) -> None:
    assert split_similar_groups(run) == (codes, rest)


@given(st.lists(st.from_regex(r"[0-9]{2}[A-Z][0-9]{2}", fullmatch=True)))
def test_any_run_of_codes_is_split_back(codes: list[str]) -> None:
    assert split_similar_groups("".join(codes)) == (tuple(codes), "")


@given(st.text())
def test_nothing_but_codes_comes_out_and_nothing_is_lost(run: str) -> None:
    codes, rest = split_similar_groups(run)
    assert all(re.fullmatch(r"[0-9]{2}[A-Z][0-9]{2}", code) for code in codes)
    assert sorted("".join(codes) + rest) == sorted(unicodedata.normalize("NFKC", run).replace(" ", ""))


def test_a_broken_run_is_reported_and_the_good_codes_kept() -> None:
    row = {"app_num": "2026101001", "knd": "30", "smlr_dsgn_group_cd": "30A0131A"}
    records, issues = read(table(Table.CLASS, row))
    assert records["2026101001"].similar_group_codes == ("30A01",)
    assert issues[0].field == "smlr_dsgn_group_cd"


# --- broken files ----------------------------------------------------------------------------------------------------


def test_good_lines_around_broken_ones_are_kept_and_each_fault_is_located() -> None:
    records, issues = read(DAMAGED)
    assert list(records) == ["2026101001", "2026101009"]
    assert [(issue.where, issue.field) for issue in issues] == [
        ("t_dsgnt_art line 3", None),
        ("t_dsgnt_art line 4", "app_num"),
        ("t_dsgnt_art line 5", "add_del_id"),
        ("t_dsgnt_art line 6", "dsgnt"),
        ("t_dsgnt_art line 7", "dsgnt"),
    ]


def test_a_line_of_any_length_costs_that_line_only() -> None:
    rows = WEEK["upd_t_dsgnt_art.tsv"].splitlines(keepends=True)
    records, issues = read(b"".join([*rows[:2], b"x" * (3 * MAX_LINE) + b"\n", *rows[2:]]))
    assert set(records) == {"2026101001", "2026101002", "2025098765"}
    assert [issue.where for issue in issues] == ["t_dsgnt_art line 3"]


def test_byte_order_mark_carriage_returns_and_a_missing_last_line_end_are_no_fault() -> None:
    body = b"\xef\xbb\xbf" + WEEK["upd_t_dsgnt_art.tsv"].replace(b"\n", b"\r\n").rstrip()
    assert read(body)[1] == []
    assert len(read(body)[0]) == 3


def test_a_table_without_a_column_is_left_out_with_a_report() -> None:
    changed = WEEK["upd_t_dsgnt_art.tsv"].replace(b"dsgnt_seq", b"sequence")
    records, issues = read(zipped({**WEEK, "upd_t_dsgnt_art.tsv": changed}))
    assert records["2026101001"].readings == ()
    assert ["dsgnt_seq" in issue.message for issue in issues if issue.where == "t_dsgnt_art line 1"] == [True]


def test_other_tables_of_a_set_are_stepped_over() -> None:
    other = {"upd_t_add_info.tsv": b"app_num\tcolor_trademark\n1\t2\n"}
    records, issues = read(zipped({**other, **WEEK}))
    assert len(records) == 5
    assert len(issues) == 2


@pytest.mark.parametrize("body", [b"", b"a\tb\n1\t2\n", b"\x00\x01", zipped({"x.tsv": b"a\tb\n"}), tarred({"x": b"y"})])
def test_what_holds_no_table_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read(body)


def test_a_cut_archive_says_so_and_keeps_what_came_before() -> None:
    chance = random.Random(1)  # noqa: S311 - filler that does not compress
    rows = [{"app_num": f"20{n:08d}", "dsgnt_seq": "1", "dsgnt": chance.randbytes(40).hex()} for n in range(5000)]
    packed = tarred({"a.tsv": table(Table.READING, *rows), **WEEK}, "w:gz")
    records, issues = read(packed[: len(packed) // 2])
    assert 2000 < len(records) < 3000
    assert any("what follows is missing" in issue.message for issue in issues)


def test_a_file_other_than_the_promised_one_is_refused() -> None:
    source = document(zipped(WEEK), source="jpo", context=(("sha256", "ab" * 32),))
    with pytest.raises(ParseError, match="SHA-256"):
        list(jpo.parse(source))


def test_an_oversized_tar_header_is_refused() -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 2**30
    body = gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + bytes(2**22))
    with pytest.raises(ParseError, match="too large"):
        read(body)


def test_a_set_beyond_the_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipwatch.sources.jpo.source.MAX_APPLICATIONS", 2)
    with pytest.raises(ParseError, match="more than 2 applications"):
        read(zipped(WEEK))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(sorted(WEEK)))
def test_no_mutation_of_a_table_raises_anything_but_parse_error(seed: int, name: str) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    body = bytearray(WEEK[name])
    for _ in range(chance.randrange(1, 10)):
        offset = chance.randrange(len(body))
        body[offset : offset + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    with contextlib.suppress(ParseError):
        read(bytes(body))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_a_line_holds_its_neighbours_are_kept(junk: bytes) -> None:
    rows = WEEK["upd_t_dsgnt_art.tsv"].splitlines(keepends=True)
    records, _ = read(b"".join([rows[0], rows[1], junk + b"\n", *rows[2:]]))
    assert records["2026101001"].readings == ("シオカゼオリ",)
    assert records["2025098765"].readings == ("ギンリンドー", "ギンリン")


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["w", "w:gz"]))
def test_no_mutation_of_a_tar_raises_anything_but_parse_error(seed: int, mode: str) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    packed = bytearray(tarred(WEEK, "w:gz" if mode == "w:gz" else "w"))
    for _ in range(chance.randrange(1, 6)):
        packed[chance.randrange(len(packed))] = chance.randrange(256)
    with contextlib.suppress(ParseError):
        read(bytes(packed))


# --- requests --------------------------------------------------------------------------------------------------------


def test_the_plan_asks_each_copy_for_its_index() -> None:
    options = SourceOptions(base_urls=("http://127.0.0.1:8002/", "http://127.0.0.1:8003"))
    requests = list(jpo.plan((), options))
    assert [request.url for request in requests] == [INDEX_URL, "http://127.0.0.1:8003/bulk/index.json"]
    assert {request.kind for request in requests} == {RequestKind.API}


@pytest.mark.parametrize(
    "options", [SourceOptions(), SourceOptions(base_urls=("http://127.0.0.1",), extra={"from": "yesterday"})]
)
def test_what_is_not_configured_is_named(options: SourceOptions) -> None:
    with pytest.raises(ConfigError, match="jpo"):
        list(jpo.plan((), options))


def test_an_index_leads_to_its_sets_oldest_first() -> None:
    requests = list(jpo.follow(index(), SourceOptions()))
    assert [request.url for request in requests] == [
        "http://127.0.0.1:8002/bulk/JPWAT_20261109.zip",
        "http://127.0.0.1:8002/bulk/JPWAT_20261116.zip",
    ]
    assert requests[1].kind is RequestKind.BULK
    assert dict(requests[1].context)["sha256"] == "ab" * 32
    assert list(jpo.parse(index())) == []


def test_sets_before_the_wanted_day_are_left_alone() -> None:
    requests = list(jpo.follow(index(), SourceOptions(extra={"from": "2026-11-16"})))
    assert [dict(request.context)["file"] for request in requests] == ["JPWAT_20261116.zip"]


def test_a_set_on_another_host_is_refused() -> None:
    entry = {"name": "a", "url": "http://elsewhere.example/a", "date": "2026-11-16", "sha256": "ab" * 32}
    with pytest.raises(ContractChanged, match="another host"):
        list(jpo.follow(index(json.dumps({"files": [entry]}).encode()), SourceOptions()))


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"files": [1]}', b'{"files": [{"name": "a"}]}', b'{"files": 7}'])
def test_an_index_of_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="index"):
        list(jpo.parse(index(body)))


def test_a_set_leads_nowhere() -> None:
    assert list(jpo.follow(document(zipped(WEEK), source="jpo"), SourceOptions())) == []


# --- the office's own specification ----------------------------------------------------------------------------------


@pytest.mark.corpus
def test_each_table_is_distinguished_from_all_others_of_the_specification() -> None:
    dictionary = json.loads(shared("registers/jp-jpo-bulk/jpo_standard_data_v1.13_columns.json").read_text())
    read_tables = {}
    for file, specification in dictionary.items():
        header = "\t".join(column["column"] for column in specification["columns"])
        identified = identify(header.encode())
        if identified is not None:
            read_tables[file.removesuffix(".tsv")] = identified[0].value
    assert read_tables == {table.value: table.value for table in Table}


@pytest.mark.corpus
def test_the_samples_have_the_columns_of_the_specification() -> None:
    dictionary = json.loads(shared("registers/jp-jpo-bulk/jpo_standard_data_v1.13_columns.json").read_text())
    for name, body in WEEK.items():
        columns = [column["column"] for column in dictionary[name.removeprefix("upd_")]["columns"]]
        assert io.BytesIO(body).readline().decode().rstrip("\n").split("\t") == columns
