"""The JPO's pictures of filed marks: rows put together, and what is wrong with those that cannot be."""

from __future__ import annotations

import io
import random
from base64 import b64encode
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from register_documents import SAMPLES, document, folder, tarred, zipped

from ipwatch.errors import ParseError
from ipwatch.records import FiledImage, ImageRefusal, MarkRecord, ParseIssue
from ipwatch.sources import jpo
from ipwatch.sources.jpo import mark_images
from ipwatch.sources.jpo.tables import COLUMNS, Table

SAMPLE = (SAMPLES / "jpo/pictures/upd_t_sample.tsv").read_bytes()
WEEK = folder(SAMPLES / "jpo/week")
MARK = "2026101002"
Row = dict[str, str]


def rows(data: bytes, *, number: str = MARK, page: int = 1, cut: int = 30, **other: str) -> list[Row]:
    """Return the rows of one page, ``cut`` bytes each."""
    parts = [data[begin : begin + cut] for begin in range(0, len(data), cut)]
    return [
        {
            "doc_num": number[-8:],
            "year_issu_cd": "5",
            "app_num": number,
            "page_num": f"{page:04d}",
            "rec_seq_num": f"{part:02d}",
            "final_rec_seq_num": f"{len(parts):02d}",
            "comp_frmlchk": "JP",
            "image_data": b64encode(text).decode(),
            **other,
        }
        for part, text in enumerate(parts, start=1)
    ]


def noise(seed: int) -> bytes:
    return random.Random(seed).randbytes(900)  # noqa: S311 - what no archive makes smaller, the same every time


def table(lines: Iterable[Row]) -> bytes:
    columns = COLUMNS[Table.MARK_IMAGE]
    return "\n".join(["\t".join(columns), *("\t".join(row[name] for name in columns) for row in lines), ""]).encode()


def read(body: bytes) -> tuple[dict[tuple[str, int], FiledImage], list[ParseIssue]]:
    """Return the pictures by application and page, and the issues."""
    source = document(body, source="jpo")
    pictures: dict[tuple[str, int], FiledImage] = {}
    issues = []
    for record in jpo.parse(source):
        if isinstance(record, FiledImage):
            assert record.office == "JP"
            assert record.document_sha256 == source.sha256
            assert pictures.setdefault((record.application_number, record.page), record) is record
        elif isinstance(record, ParseIssue):
            issues.append(record)
    return pictures, issues


def only_issues(lines: Sequence[Row]) -> list[tuple[str, str | None]]:
    """Return where and in which column the only thing wrong with the rows is."""
    pictures, issues = read(table(lines))
    assert not pictures
    return [(issue.where, issue.field) for issue in issues]


def test_the_parts_of_each_page_are_a_picture() -> None:
    pictures, issues = read(SAMPLE)
    assert issues == []
    assert list(pictures) == [(MARK, 1), (MARK, 2), ("2025098765", 1)]
    for page in (1, 2):
        picture = pictures[MARK, page]
        assert picture.subject == f"JP:{MARK}"
        assert picture.refusal is None
        with Image.open(io.BytesIO(picture.data)) as image:
            image.load()
            assert (image.format, image.size) == ("JPEG", (64, 64))


def test_mmr_is_reported_as_a_format_that_is_not_read() -> None:
    pictures, _ = read(SAMPLE)
    refused = pictures["2025098765", 1]
    assert refused.refusal is ImageRefusal.FORMAT
    assert refused.data.startswith(b"II*\0")


def test_a_row_of_nothing_but_ones_is_no_picture() -> None:
    assert read(table(rows(b"\xff" * 90))) == ({}, [])


def test_pictures_and_filings_may_come_in_one_set() -> None:
    records = list(jpo.parse(document(zipped({**WEEK, "upd_t_sample.tsv": SAMPLE}), source="jpo")))
    assert {record.application_number for record in records if isinstance(record, FiledImage)} == {MARK, "2025098765"}
    assert len([record for record in records if isinstance(record, MarkRecord)]) == 5
    alone = list(jpo.parse(document(SAMPLE, source="jpo")))
    assert {type(record) for record in alone} == {FiledImage}


@given(seed=st.integers(0, 1000), sizes=st.lists(st.integers(1, 400), min_size=1, max_size=5), cut=st.integers(1, 50))
def test_rows_in_any_order_give_the_same_pictures(seed: int, sizes: list[int], cut: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - pictures that are the same every time
    wanted = {(f"20260000{n:02d}", 1 + n % 3): b"\x01" + chance.randbytes(size) for n, size in enumerate(sizes, 1)}
    cut = max(cut, 5)
    lines = [row for (number, page), data in wanted.items() for row in rows(data, number=number, page=page, cut=cut)]
    chance.shuffle(lines)
    pictures, issues = read(table(lines))
    assert issues == []
    assert {key: picture.data for key, picture in pictures.items()} == wanted


def test_base64_cut_anywhere_is_joined_before_it_is_read() -> None:
    (whole,) = rows(b"a picture cut in three", cut=100)
    text = whole["image_data"]
    cut = [{**whole, "image_data": part} for part in (text[:5], text[5:13], text[13:])]
    parts = [{**row, "rec_seq_num": f"{n:02d}", "final_rec_seq_num": "03"} for n, row in enumerate(cut, 1)]
    assert [picture.data for picture in read(table(parts))[0].values()] == [b"a picture cut in three"]


def test_a_missing_part_is_reported_where_its_page_begins() -> None:
    whole = rows(b"\x01" * 100)
    pictures, issues = read(table([*rows(b"\x02", page=2), whole[0], whole[3]]))
    assert list(pictures) == [(MARK, 2)]
    (issue,) = issues
    assert (issue.where, issue.field) == ("t_sample line 3", "rec_seq_num")
    assert issue.message == f"page 1 of application {MARK} is left out: of 4 parts are missing 2, 3"


def test_a_doubled_part_is_reported_and_the_first_kept() -> None:
    first, second = rows(b"\x01" * 40)
    pictures, issues = read(table([first, {**first, "image_data": "AAAA"}, second, second]))
    assert [picture.data for picture in pictures.values()] == [b"\x01" * 40]
    assert [(issue.where, issue.field) for issue in issues] == [(f"t_sample line {n}", "rec_seq_num") for n in (3, 5)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("app_num", "0000000000"),
        ("app_num", "20261"),
        ("page_num", "0000"),
        ("page_num", "12345"),
        ("page_num", "0009"),
        ("rec_seq_num", "02"),
        ("rec_seq_num", "x"),
        ("final_rec_seq_num", "00"),
        ("final_rec_seq_num", "100"),
        ("comp_frmlchk", "GI"),
        ("image_data", "no base64!"),
        ("image_data", "AAA"),
        ("image_data", "AA==AA=="),
    ],
)
def test_a_value_that_cannot_be_used_is_reported_by_row_and_column(column: str, value: str) -> None:
    (row,) = rows(b"\x01")
    assert only_issues([{**row, column: value}])[0] == ("t_sample line 2", column)


def test_pages_beyond_those_that_are_read_are_reported_once_for_each_application() -> None:
    lines = [
        row
        for number in (MARK, "2026101003")
        for page in range(1, 13)
        for row in rows(b"\x01", number=number, page=page)
    ]
    pictures, issues = read(table(lines))
    assert {page for _, page in pictures} == set(range(1, 9))
    assert [(issue.where, issue.field) for issue in issues] == [(f"t_sample line {n}", "page_num") for n in (10, 22)]


def test_parts_that_do_not_agree_on_their_number_are_reported() -> None:
    first, second = rows(b"\x01" * 40)
    where = [("t_sample line 3", "final_rec_seq_num"), ("t_sample line 2", "rec_seq_num")]
    assert only_issues([first, {**second, "final_rec_seq_num": "03"}]) == where


def test_a_page_that_is_too_large_is_left_out_and_its_rows_are_not_kept() -> None:
    parts = rows(bytes(99 * 60_000), cut=60_000)
    pictures, issues = read(table([*parts, *rows(b"\x01", page=2)]))
    assert list(pictures) == [(MARK, 2)]
    assert issues[0].field == "image_data"
    assert "larger than 4194304 bytes" in issues[0].message


def test_what_waits_for_its_other_parts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mark_images, "MAX_WAITING", 20_000)
    begun = [rows(b"\x01" * 60, number=f"20261010{n:02d}")[0] for n in range(40)]
    ended = [rows(b"\x01" * 60, number=f"20261010{n:02d}")[1] for n in range(40)]
    pictures, issues = read(table([*begun, *ended]))
    assert 0 < len(pictures) < 20
    assert {number for number, _ in pictures} == {f"20261010{n:02d}" for n in range(40 - len(pictures), 40)}
    given_up = [issue for issue in issues if "is left out" in issue.message]
    assert len(given_up) == 40 - len(pictures)


def test_a_cut_archive_gives_the_pictures_before_the_cut() -> None:
    lines = [row for n in range(60) for row in rows(noise(n), number=f"20261010{n:02d}", cut=900)]
    whole = tarred({"upd_t_sample.tsv": table(lines)})
    pictures, issues = read(whole[: len(whole) * 2 // 3])
    assert 0 < len(pictures) < 60
    assert issues[0].where == "archive"


def test_too_many_applications_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipwatch.sources.jpo.source.MAX_APPLICATIONS", 3)
    lines = [row for n in range(5) for row in rows(b"\x01", number=f"202610100{n}")]
    with pytest.raises(ParseError, match="more than 3 applications"):
        read(table(lines))


VALUES = st.sampled_from(["", "1", "01", "2", "99", "JP", "M2", "AAAA", MARK, "/" * 8])


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS[Table.MARK_IMAGE], VALUES)), max_size=12))
def test_any_rows_are_reported_or_returned(lines: list[Row]) -> None:
    pictures, issues = read(table(lines))
    assert len(pictures) + len(issues) <= 2 * len(lines)
