"""Pictures out of a register's own file: kept, described, and with their filing whichever of the two comes first."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from installations import for_one_mark
from PIL import Image
from pipeline.conftest import NOW, TODAY
from sqlalchemy import select, update

from ipwatch.bootstrap import open_installation
from ipwatch.fetch import Fetched
from ipwatch.matching.images.features import FEATURES_VERSION
from ipwatch.pipeline import parse_answers
from ipwatch.pipeline.collect import LEASE
from ipwatch.pipeline.feature_extraction import FeatureExtractor
from ipwatch.pipeline.filing_images import EXTRACT_OF, keep_filed
from ipwatch.pipeline.ingest import Ingest
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import (
    Document,
    FiledImage,
    ImageRefusal,
    MarkRecord,
    Marks,
    Request,
    RequestKind,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from ipwatch.sandbox import World
from ipwatch.sandbox.truth import Kind
from ipwatch.sources import Parsed
from ipwatch.store import captures, filing_images, issues, pictures, runs
from ipwatch.store import frontier as waiting
from ipwatch.store.reporting import suspicions
from ipwatch.store.tables import CaptureRow, FilingPictureRow, FindingRow, PictureRow

Opened = Callable[..., AbstractContextManager[Workspace]]

INFO = SourceInfo(
    name="register", title_ja="登録", title_en="Register", kind=SourceKind.REGISTER, country="JP", interval=1.0
)


def emblem(number: int) -> bytes:
    """Draw a picture of coloured rectangles like no other."""
    chance = np.random.default_rng(number)
    pixels = np.full((240, 320, 3), 235, dtype=np.uint8)
    for _ in range(40):
        top, left = chance.integers(0, 200), chance.integers(0, 280)
        height, width = chance.integers(10, 60, 2)
        pixels[top : top + height, left : left + width] = chance.integers(0, 256, 3)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def key(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class Register:
    """A source with the given documents."""

    INFO = INFO

    def __init__(self, *parsed: Parsed) -> None:
        self._parsed = parsed

    def plan(self, marks: Marks, options: SourceOptions) -> list[Request]:  # noqa: ARG002 - as sources are asked
        return []

    def parse(self, document: Document) -> Iterator[Parsed]:  # noqa: ARG002 - as sources are asked
        yield from self._parsed

    def follow(self, document: Document, options: SourceOptions) -> list[Request]:  # noqa: ARG002 - as sources are asked
        return []


def filed(data: bytes, number: str = "1", page: int = 1, refusal: ImageRefusal | None = None) -> FiledImage:
    return FiledImage(office="JP", application_number=number, page=page, data=data, refusal=refusal)


def filing(number: str = "1") -> MarkRecord:
    return MarkRecord(office="JP", application_number=number, mark_text="ミナモ")


def read(workspace: Workspace, name: str, *parsed: Parsed) -> None:
    """Take in a set of that name that holds these, as one run does."""
    url, body = f"https://files.example/{name}.zip", name.encode()
    request = Request(source=INFO.name, url=url, kind=RequestKind.BULK)
    document = Document(
        source=INFO.name,
        kind=RequestKind.BULK,
        url=url,
        final_url=url,
        status=200,
        headers=(),
        fetched_at=NOW,
        sha256=key(body),
        size=len(body),
        content=body,
    )
    answer = Fetched(
        request=request,
        document=document,
        error=None,
        attempts=1,
        elapsed=0.0,
        request_headers=(),
        remote_address=None,
    )
    with workspace.database.write_session() as session:
        run_id = runs.start_run(session, kind="register", source=INFO.name, now=NOW)
        waiting.push(session, run_id, [request])
        (taken,) = waiting.take(session, run_id, limit=1, owner="o", now=NOW, lease=LEASE)
    with FeatureExtractor(processes=1) as extractor:
        ingest = Ingest(INFO.name, workspace, Register(*parsed), SourceOptions(), run_id=run_id, extractor=extractor)
        ingest.write([(taken.id, answer)])
    with workspace.database.write_session() as session:
        runs.finish_run(session, run_id, state="done", now=NOW)


@pytest.fixture
def opened(tmp_path: Path, remembered: None) -> Opened:  # noqa: ARG001 - for as long as the test runs
    """Open an installation that watches for the first emblem."""
    settings = for_one_mark(tmp_path, images={"logo.png": emblem(1)})
    return lambda **options: open_installation(settings, now=lambda: NOW, **options)


def shown(workspace: Workspace) -> list[tuple[str, int, str | None]]:
    with workspace.database.read_session() as session:
        columns = (FilingPictureRow.url, FilingPictureRow.position, FilingPictureRow.sha256)
        return [
            (url, position, sha256) for url, position, sha256 in session.execute(select(*columns).order_by(columns[0]))
        ]


def suspected(workspace: Workspace) -> set[str]:
    screen(workspace, on=TODAY)
    with workspace.database.read_session() as session:
        return set(session.scalars(select(FindingRow.subject)))


def reported(workspace: Workspace) -> list[tuple[str, str]]:
    with workspace.database.read_session() as session:
        return [(noted.issue.where, noted.issue.message) for noted in issues.recent_issues(session, INFO.name, 9)]


ORDERS: dict[str, Sequence[Sequence[Parsed]]] = {
    "one set": [[filed(emblem(1)), filing()]],
    "one set, filing first": [[filing(), filed(emblem(1))]],
    "picture in a later set": [[filing()], [filed(emblem(1))]],
    "filing in a later set": [[filed(emblem(1))], [filing()]],
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_filing_shows_its_picture_whichever_comes_first(opened: Opened, order: str) -> None:
    with opened() as workspace:
        for number, parsed in enumerate(ORDERS[order]):
            read(workspace, f"set-{number}", *parsed, filed(emblem(2), "2"), filing("2"))
        assert shown(workspace) == [
            ("filing:JP:1#1", 0, key(emblem(1))),
            ("filing:JP:2#1", 0, key(emblem(2))),
        ]
        assert suspected(workspace) == {"JP:1"}


def test_the_picture_is_evidence_of_its_own_that_names_its_set(opened: Opened) -> None:
    with opened() as workspace:
        read(workspace, "week", filed(emblem(1), page=2), filing())
        assert workspace.evidence.read(key(emblem(1))) == emblem(1)
        (capture,) = workspace.evidence.captures(key(emblem(1)))
        assert capture.response_headers == ((EXTRACT_OF, key(b"week")),)
        assert capture.final_url == "https://files.example/week.zip#1/2"
        assert (capture.kind, capture.url) == ("image", "filing:JP:1#2")
        assert workspace.evidence.verify().problems == ()
        with workspace.database.read_session() as session:
            (stored,) = captures.captures_of(session, key(emblem(1)))
        assert (stored.url, stored.final_url) == (capture.url, capture.final_url)


def test_a_picture_that_is_known_is_not_captured_again(opened: Opened) -> None:
    with opened() as workspace:
        for name in ("first", "second"):
            read(workspace, name, filed(emblem(1)), filing())
        assert len(workspace.evidence.captures(key(emblem(1)))) == 1


def test_a_newer_picture_takes_the_place_of_the_older_one(opened: Opened) -> None:
    with opened() as workspace:
        read(workspace, "first", filed(emblem(1)), filed(emblem(3), page=2), filing())
        read(workspace, "second", filed(emblem(2)))
        assert [sha256 for _, _, sha256 in shown(workspace)] == [key(emblem(2)), key(emblem(3))]
        assert suspected(workspace) == set()
        read(workspace, "third", filed(emblem(1)))
        assert suspected(workspace) == {"JP:1"}


def test_what_is_not_read_is_kept_refused_and_reported(opened: Opened) -> None:
    mmr, text = b"II*\0 as the register has it", b"<html>no picture</html>"
    with opened() as workspace:
        read(workspace, "week", filed(mmr, refusal=ImageRefusal.FORMAT), filed(text, page=2), filing())
        with workspace.database.read_session() as session:
            known = pictures.known(session, [key(mmr), key(text)])
            report = runs.run_report(session, 1)
        assert known == {key(mmr): ImageRefusal.FORMAT, key(text): ImageRefusal.NOT_A_PICTURE}
        assert sorted(reported(workspace)) == [
            ("application 1 page 1", "the picture cannot be used: format"),
            ("application 1 page 2", "the picture cannot be used: not_a_picture"),
        ]
        assert report.refused == 2
        assert workspace.evidence.read(key(mmr)) == mmr
        assert len(shown(workspace)) == 2


def test_a_picture_of_an_older_version_is_processed_again_from_the_evidence(opened: Opened) -> None:
    with opened() as workspace:
        read(workspace, "week", filed(emblem(1)), filing())
        with workspace.database.write_session() as session:
            session.execute(update(PictureRow).values(features_version=FEATURES_VERSION - 1, features=b"older"))
        assert suspected(workspace) == {"JP:1"}
        assert reported(workspace) == []


def test_pictures_are_stored_a_few_bytes_at_a_time(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_answers, "MAX_CHUNK_BYTES", len(emblem(1)))
    sizes: list[int] = []
    keep = keep_filed

    def counting(*arguments: object, **named: object) -> object:
        sizes.append(len(arguments[3]))  # type: ignore[arg-type]  # the pictures, as keep_filed takes them
        return keep(*arguments, **named)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr("ipwatch.pipeline.parse_answers.keep_filed", counting)
    with opened() as workspace:
        read(workspace, "week", *(filed(emblem(1), str(number)) for number in range(4)), filing("3"))
        assert sizes == [1, 1, 1, 1]
        assert [url for url, _, _ in shown(workspace)] == ["filing:JP:3#1"]


def test_many_filings_are_linked_at_once(opened: Opened) -> None:
    numbers = [str(number) for number in range(1200)]
    with opened() as workspace:
        read(workspace, "filings", *map(filing, numbers))
        read(workspace, "pictures", *(filed(emblem(1), number) for number in numbers))
        assert len(shown(workspace)) == 1200
        with workspace.database.read_session() as session:
            assert filing_images.newest(session, ["filing:JP:7#1", "filing:JP:7#2"]) == {
                "filing:JP:7#1": key(emblem(1))
            }
            assert len(session.scalars(select(CaptureRow.id)).all()) == 1202


def test_figurative_filings_of_the_sandbox_are_suspected_and_the_holders_own_are_not(
    screened: Workspace, small_world: World
) -> None:
    filed = [invented for invented in small_world.filings if invented.office == "JP" and invented.figure is not None]
    imitating = {
        (invented.subject, invented.figure) for invented in filed if invented.truth.kind == Kind.SIMILAR_FIGURE
    }
    own = {(invented.subject, invented.figure) for invented in filed if invented.truth.kind == Kind.OWN_FILING}
    with screened.database.read_session() as session:
        flagged = suspicions(session)
    assert len(imitating) == 16
    assert imitating <= flagged
    assert own
    assert not own & flagged
    assert screened.evidence.verify().ok
