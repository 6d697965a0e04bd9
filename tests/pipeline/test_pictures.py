"""Pictures through the pipeline: described once by each version, and compared with everything added later."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from installations import for_one_mark, write_watchlist
from PIL import Image
from pipeline.conftest import NOW, TODAY
from sqlalchemy import select, update

from ipwatch.bootstrap import open_installation
from ipwatch.fetch import Fetched
from ipwatch.images import Purpose, extract_features
from ipwatch.matching.images.features import FEATURES_VERSION
from ipwatch.pipeline import reextract
from ipwatch.pipeline.collect import LEASE
from ipwatch.pipeline.dry_run import try_watchlists
from ipwatch.pipeline.feature_extraction import FeatureExtractor
from ipwatch.pipeline.ingest import Ingest
from ipwatch.pipeline.progress import Progress
from ipwatch.pipeline.references import read_references
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import (
    Document,
    Finding,
    ImageRefusal,
    Listing,
    MarkRecord,
    Marks,
    Request,
    RequestKind,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources import Parsed
from ipwatch.store import filings, frontier, issues, listings, pictures, runs
from ipwatch.store.review.stored_json import read_signals
from ipwatch.store.tables import FilingPictureRow, FindingRow, PictureRow, ReferencePictureRow

Opened = Callable[..., AbstractContextManager[Workspace]]

INFO = SourceInfo(
    name="register", title_ja="登録", title_en="Register", kind=SourceKind.REGISTER, country="JP", interval=1.0
)


def picture(number: int, **options: object) -> bytes:
    """Draw a picture of coloured rectangles like no other."""
    chance = np.random.default_rng(number)
    pixels = np.full((360, 480, 3), 235, dtype=np.uint8)
    for _ in range(60):
        top, left = chance.integers(0, 320), chance.integers(0, 430)
        height, width = chance.integers(10, 90, 2)
        pixels[top : top + height, left : left + width] = chance.integers(0, 256, 3)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, str(options.pop("format", "PNG")), **options)
    return out.getvalue()


def document(url: str, body: bytes, kind: RequestKind = RequestKind.IMAGE) -> Document:
    sha256 = hashlib.sha256(body).hexdigest()
    return Document(
        source=INFO.name,
        kind=kind,
        url=url,
        final_url=url,
        status=200,
        headers=(),
        fetched_at=NOW,
        sha256=sha256,
        size=len(body),
        content=body,
    )


def fetched(url: str, body: bytes, kind: RequestKind = RequestKind.IMAGE) -> Fetched:
    return Fetched(
        request=Request(source=INFO.name, url=url, kind=kind),
        document=document(url, body, kind),
        error=None,
        attempts=1,
        elapsed=0.0,
        request_headers=(),
        remote_address=None,
    )


@pytest.fixture
def opened(tmp_path: Path, remembered: None) -> Opened:  # noqa: ARG001 - for as long as the test runs
    """Open the installation of this test, with the current watchlist of the folder."""
    settings = for_one_mark(tmp_path)
    return lambda **options: open_installation(settings, now=lambda: NOW, **options)


@pytest.fixture
def watch(tmp_path: Path) -> Callable[..., None]:
    """Write the watchlist again with these pictures by name, references and excluded ones."""

    def write(images: dict[str, bytes], excluded: dict[str, bytes] | None = None) -> None:
        write_watchlist(tmp_path / "watchlists", images=images, exclude_images=excluded or {})

    return write


def keep(workspace: Workspace, offers: dict[str, Sequence[bytes]]) -> None:
    """Store listings with pictures as a collection does: bodies as evidence, features in the database."""
    with workspace.database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="shop", now=NOW)
        for name, bodies in offers.items():
            urls = tuple(f"https://shop.example/{name}/{number}.png" for number in range(len(bodies)))
            offer = Listing(marketplace="shop", listing_id=name, url=None, title=f"Tasse {name}", images=urls)
            listings.upsert(session, offer, run_id=run_id, now=NOW)
            for url, body in zip(urls, bodies, strict=True):
                captured = fetched(url, body).document
                assert captured is not None
                workspace.evidence.put(
                    captured, request=fetched(url, body).request, request_headers=(), remote_address=None
                )
                pictures.add_features(session, pictures.packed(extract_features(body, Purpose.OBSERVED)), NOW)
                pictures.record(session, url=url, sha256=captured.sha256)


def stored_findings(workspace: Workspace) -> list[Finding]:
    with workspace.database.read_session() as session:
        return [
            Finding(
                subject=row.subject,
                mark=row.mark,
                score=row.score,
                signals=read_signals(row.signals),
                threshold=row.threshold,
                matcher_version=row.matcher_version,
            )
            for row in session.scalars(select(FindingRow).order_by(FindingRow.id))
        ]


def key(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def age(workspace: Workspace, *bodies: bytes) -> None:
    """Let an older version have described these files."""
    with workspace.database.write_session() as session:
        aged = update(PictureRow).where(PictureRow.sha256.in_(map(key, bodies)))
        session.execute(aged.values(features_version=FEATURES_VERSION - 1, features=b"of an older version"))


def known(workspace: Workspace, *bodies: bytes) -> dict[str, ImageRefusal | None]:
    with workspace.database.read_session() as session:
        return pictures.known(session, map(key, bodies))


def test_a_picture_added_to_a_mark_finds_what_was_collected_before_without_fetching_or_decoding(
    opened: Opened, watch: Callable[..., None]
) -> None:
    stolen = picture(1)
    with opened() as workspace:
        keep(workspace, {"thief": [picture(2), stolen], "other": [picture(3)], "bare": []})
        report = screen(workspace, on=TODAY)
        assert (report.screened, report.found) == (3, 0)
        for body in workspace.evidence.root.rglob("*"):
            if body.is_file():
                body.unlink()
    watch({"logo.png": stolen})
    with opened() as workspace:
        assert [finding.subject for finding in try_watchlists(workspace, on=TODAY)] == ["shop:thief"]
        again = screen(workspace, on=TODAY)
        # A listing without pictures has nothing to do with a picture of a mark.
        assert (again.screened, again.found) == (2, 1)
        (finding,) = stored_findings(workspace)
        assert finding.subject == "shop:thief"
        (signal,) = [signal for signal in finding.signals if signal.name == "image"]
        assert signal.compared == ("logo.png", "https://shop.example/thief/1.png")
        assert signal.picture is not None
        assert (signal.picture.reference_sha256, signal.picture.seen_sha256) == (key(stolen), key(stolen))
        assert screen(workspace, on=TODAY).screened == 0


def test_a_picture_that_is_everybodys_is_no_evidence(opened: Opened, watch: Callable[..., None]) -> None:
    with opened() as workspace:
        keep(workspace, {"shop": [picture(1)]})
    watch({"logo.png": picture(1)}, {"soon.png": picture(1, format="BMP")})
    with opened() as workspace:
        assert screen(workspace, on=TODAY).found == 0
        with workspace.database.read_session() as session:
            rows = session.execute(select(ReferencePictureRow.path, ReferencePictureRow.excluded)).all()
        assert sorted(map(tuple, rows)) == [("logo.png", False), ("soon.png", True)]
    watch({"logo.png": picture(1)}, {"soon.png": picture(9)})
    with opened() as workspace:
        assert screen(workspace, on=TODAY).found == 1


def test_a_picture_of_a_mark_is_described_once(
    opened: Opened, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><circle cx="40" cy="30" r="25"/></svg>'
    watch({"logo.png": picture(1), "same.png": picture(1), "seal.svg": drawn})
    with opened() as workspace:
        first = read_references(workspace)
        assert [picture_of_mark.reference.path for picture_of_mark in first] == ["logo.png", "same.png", "seal.svg"]
        assert {picture_of_mark.reference.features.sha256 for picture_of_mark in first} == {key(picture(1)), key(drawn)}
        assert all(picture_of_mark.thumbnail.startswith(b"\x89PNG") for picture_of_mark in first)
        screen(workspace, on=TODAY)
        monkeypatch.setattr("ipwatch.pipeline.references.BoundedWorkers", None)
        monkeypatch.setattr("ipwatch.pipeline.references.extract_features", None)
        again = read_references(workspace)
    assert [picture_of_mark.reference.path for picture_of_mark in again] == [
        picture_of_mark.reference.path for picture_of_mark in first
    ]


def test_pictures_of_an_older_version_are_processed_again_and_a_missing_body_is_reported(
    opened: Opened, watch: Callable[..., None]
) -> None:
    stolen, lost, page = picture(1), picture(2), b"<html>not here</html>"
    watch({"logo.png": stolen})
    with opened() as workspace:
        keep(workspace, {"thief": [stolen], "gone": [lost]})
        with workspace.database.write_session() as session:
            pictures.add_refusal(session, key(page), ImageRefusal.NOT_A_PICTURE, NOW)
        workspace.evidence.put(
            document("https://shop.example/x", page),
            request=fetched("https://shop.example/x", page).request,
            request_headers=(),
            remote_address=None,
        )
        age(workspace, stolen, lost, page)
        workspace.evidence.path(key(lost)).unlink()
        report = screen(workspace, on=TODAY)
        assert (report.found, report.refused) == (1, 2)
        assert known(workspace, stolen, lost, page) == {key(stolen): None, key(page): ImageRefusal.NOT_A_PICTURE}
        with workspace.database.read_session() as session:
            messages = {
                noted.issue.document_sha256: noted.issue.message
                for noted in issues.recent_issues(session, "pictures", 9)
            }
        assert "cannot be described anew and is not compared" in messages[key(lost)]
        assert messages[key(page)] == "the picture cannot be used: not_a_picture"
        assert screen(workspace, on=TODAY).refused == 1


def test_an_interrupted_refresh_goes_on_where_it_was(
    opened: Opened, watch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reextract, "BATCH", 2)
    bodies = [picture(number) for number in range(5)]
    shown: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        shown.append(progress)
        if progress.stage == "refresh pictures":
            raise KeyboardInterrupt

    watch({"logo.png": bodies[4]})
    with opened(report=interrupt) as workspace:
        keep(workspace, {str(number): [body] for number, body in enumerate(bodies)})
        age(workspace, *bodies)
        with pytest.raises(KeyboardInterrupt):
            screen(workspace, on=TODAY)
        assert len(known(workspace, *bodies)) == 2
    begun: list[str] = []

    class Counting(FeatureExtractor):
        def begin(self, sha256: str, data: bytes) -> None:
            begun.append(sha256)
            super().begin(sha256, data)

    monkeypatch.setattr(reextract, "FeatureExtractor", Counting)
    with opened(report=shown.append) as workspace:
        report = screen(workspace, on=TODAY)
        assert len(begun) == 3
        assert len(known(workspace, *bodies)) == 5
        assert (report.screened, report.found) == (5, 1)
    assert [(step.done, step.total) for step in shown if step.stage == "refresh pictures"] == [(2, 5), (2, 3), (3, 3)]


class Register:
    """A source whose documents hold one filing each, by its number, with an address of its picture."""

    INFO = INFO

    def plan(self, marks: Marks, options: SourceOptions) -> list[Request]:  # noqa: ARG002 - as sources are asked
        return []

    def parse(self, document: Document) -> Iterator[Parsed]:
        number = document.read().decode()
        yield MarkRecord(
            office="JP",
            application_number=number,
            image=f"https://register.example/{number}.png",
            document_sha256=document.sha256,
        )

    def follow(self, document: Document, options: SourceOptions) -> list[Request]:  # noqa: ARG002 - as sources are asked
        return []


class CountingHasher(FeatureExtractor):
    """A extractor that notes what it was given."""

    def __init__(self) -> None:
        super().__init__(processes=1)
        self.begun: list[str] = []

    def begin(self, sha256: str, data: bytes) -> None:
        self.begun.append(sha256)
        super().begin(sha256, data)


def write(workspace: Workspace, extractor: FeatureExtractor, *answers: Fetched) -> None:
    """Take in answers as one run does."""
    with workspace.database.write_session() as session:
        run_id, _ = runs.resume_or_start(session, kind="register", source=INFO.name, now=NOW)
        frontier.release(session, run_id)
        frontier.push(session, run_id, [answer.request for answer in answers])
        taken = frontier.take(session, run_id, limit=50, owner="o", now=NOW, lease=LEASE)
    ids = {leased.request.url: leased.id for leased in taken}
    ingest = Ingest(INFO.name, workspace, Register(), SourceOptions(), run_id=run_id, extractor=extractor)
    for answer in answers:
        ingest.announce(answer)
    ingest.write([(ids[answer.request.url], answer) for answer in answers])


def test_the_picture_of_a_filing_is_fetched_described_once_and_screened(
    opened: Opened, watch: Callable[..., None]
) -> None:
    watch({"logo.png": picture(1)})
    with opened() as workspace, CountingHasher() as extractor:
        register = [fetched(f"https://register.example/{n}", str(n).encode(), RequestKind.API) for n in (1, 2)]
        write(workspace, extractor, *register)
        with workspace.database.read_session() as session:
            wanted = session.scalars(select(FilingPictureRow.url)).all()
        assert sorted(wanted) == ["https://register.example/1.png", "https://register.example/2.png"]
        write(workspace, extractor, fetched(wanted[0], picture(1)))
        write(workspace, extractor, fetched(wanted[1], picture(1)))
        assert extractor.begun == [key(picture(1))]
        report = screen(workspace, on=TODAY)
        assert (report.screened, report.found) == (2, 2)
        assert {finding.subject for finding in stored_findings(workspace)} == {"JP:1", "JP:2"}
        with workspace.database.read_session() as session:
            assert filings.get(session, "JP", "1") is not None


def test_a_file_that_was_refused_before_is_reported_again_and_not_opened_again(opened: Opened) -> None:
    page = b"<html>no picture here</html>"
    with opened() as workspace, CountingHasher() as extractor:
        for number in (1, 2):
            register = fetched(f"https://register.example/{number}", str(number).encode(), RequestKind.API)
            write(workspace, extractor, register)
            write(workspace, extractor, fetched(f"https://register.example/{number}.png", page))
        assert extractor.begun == [key(page)]
        with workspace.database.read_session() as session:
            reported = [noted.issue for noted in issues.recent_issues(session, INFO.name, 9)]
    assert sorted(issue.where for issue in reported) == [f"https://register.example/{number}.png" for number in (1, 2)]
    assert {issue.message for issue in reported} == {"the picture cannot be used: not_a_picture"}
