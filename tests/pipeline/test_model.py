"""An operator's model through the pipeline: pictures are embedded by it, and again when it changes."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from installations import for_one_mark
from pipeline.conftest import NOW, TODAY
from sqlalchemy import select
from tiny_model import BLUE, CALIBRATED, DESCRIPTION, MATRIX, RED, model, tinted

from ipwatch.bootstrap import open_installation
from ipwatch.errors import ConfigError
from ipwatch.images import Purpose, embedding, extract_features, load_embedder
from ipwatch.matching.images.features import pack
from ipwatch.pipeline.cycle import open_source
from ipwatch.pipeline.dry_run import try_watchlists
from ipwatch.pipeline.feature_extraction import FeatureExtractor
from ipwatch.pipeline.references import read_references
from ipwatch.pipeline.screen import screen
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Document, ImageRefusal, Listing, Request, RequestKind
from ipwatch.settings import load_settings
from ipwatch.store import listings, pictures, runs
from ipwatch.store.pictures import PackedImage
from ipwatch.store.review.stored_json import read_signals
from ipwatch.store.tables import FindingRow, IssueRow, PictureRow, ReferencePictureRow

Opened = Callable[[Path | None], AbstractContextManager[Workspace]]

SEAL = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><circle cx="40" cy="30" r="25"/></svg>'
OBSERVED = {"red": tinted(RED, 2), "blue": tinted(BLUE, 3)}
RECALIBRATED = CALIBRATED.replace("1e-8", "1e-9")


def key(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Open the installation of this test with a model or without."""
    settings = for_one_mark(tmp_path, images={"red.png": tinted(RED, 1), "seal.svg": SEAL})
    return lambda model: open_installation(settings.model_copy(update={"embedding_model": model}), now=lambda: NOW)


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return model(tmp_path / "first.onnx", description=CALIBRATED)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return model(tmp_path / "second.onnx", MATRIX * 2, description=CALIBRATED)


def keep(workspace: Workspace) -> None:
    """Store a listing for each picture as a collection does that has the workspace's model."""
    with workspace.database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="shop", now=NOW)
        for name, body in OBSERVED.items():
            url = f"https://shop.example/{name}.png"
            offer = Listing(marketplace="shop", listing_id=name, url=None, title="x", images=(url,))
            listings.upsert(session, offer, run_id=run_id, now=NOW)
            document = Document(
                source="shop",
                kind=RequestKind.IMAGE,
                url=url,
                final_url=url,
                status=200,
                headers=(),
                fetched_at=NOW,
                sha256=key(body),
                size=len(body),
                content=body,
            )
            request = Request(source="shop", url=url, kind=RequestKind.IMAGE)
            workspace.evidence.put(document, request=request, request_headers=(), remote_address=None)
            pictures.add_features(
                session, pictures.packed(extract_features(body, Purpose.OBSERVED, workspace.embedder)), NOW
            )
            pictures.record(session, url=url, sha256=key(body))


def versions(workspace: Workspace) -> set[str | None]:
    """The models that embedded what is stored, observed pictures and references."""
    with workspace.database.read_session() as session:
        rows = (select(PictureRow.embedding_version), select(ReferencePictureRow.embedding_version))
        return {version for query in rows for version in session.scalars(query)}


def due(workspace: Workspace) -> int:
    with workspace.database.read_session() as session:
        return pictures.count_outdated(session, embedding_version=workspace.embedding_version)


def test_a_picture_that_only_the_model_links_is_found_and_a_new_model_is_used_again(
    opened: Opened, first: Path, second: Path
) -> None:
    with opened(None) as workspace:
        keep(workspace)
        assert screen(workspace, on=TODAY).found == 0
        assert versions(workspace) == {None}
    for path, new_findings in ((first, 1), (second, 0)):
        with opened(path) as workspace:
            assert due(workspace) == 2
            report = screen(workspace, on=TODAY)
            # The second model finds the same as the first: the finding is known.
            assert (report.screened, report.found) == (2, new_findings)
            assert versions(workspace) == {workspace.embedding_version}
            assert due(workspace) == 0
            assert screen(workspace, on=TODAY).screened == 0
            (finding,) = try_watchlists(workspace, on=TODAY)
            assert finding.subject == "shop:red"
            with workspace.database.read_session() as session:
                (row,) = session.scalars(select(FindingRow))
            (signal,) = read_signals(row.signals)
            assert (signal.term, signal.compared) == ("image_embedding", ("red.png", "https://shop.example/red.png"))
            assert signal.picture is not None
            assert signal.picture.false_match_rate == pytest.approx(2e-8)


def test_a_new_calibration_compares_again_and_describes_nothing(
    opened: Opened, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(first) as workspace:
        keep(workspace)
        assert screen(workspace, on=TODAY).screened == 2
    first.with_suffix(".toml").write_text(RECALIBRATED)
    monkeypatch.setattr("ipwatch.pipeline.references.BoundedWorkers", None)
    monkeypatch.setattr("ipwatch.pipeline.reextract.FeatureExtractor", None)
    with opened(first) as workspace:
        assert screen(workspace, on=TODAY).screened == 2


def test_without_a_model_nothing_that_was_embedded_is_out_of_date(
    opened: Opened, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(first) as workspace:
        keep(workspace)
        screen(workspace, on=TODAY)
    monkeypatch.setattr("ipwatch.pipeline.references.BoundedWorkers", None)
    monkeypatch.setattr("ipwatch.pipeline.reextract.FeatureExtractor", None)
    with opened(None) as workspace:
        assert due(workspace) == 0
        assert list(try_watchlists(workspace, on=TODAY)) == []
        assert screen(workspace, on=TODAY).screened == 2


def test_a_picture_whose_body_is_gone_is_compared_without_the_model_and_reported(opened: Opened, first: Path) -> None:
    with opened(None) as workspace:
        keep(workspace)
    with opened(first) as workspace:
        workspace.evidence.path(key(OBSERVED["red"])).unlink()
        report = screen(workspace, on=TODAY)
        assert (report.screened, report.found) == (2, 0)
        assert due(workspace) == 1
        with workspace.database.read_session() as session:
            messages = list(session.scalars(select(IssueRow.message)))
        assert any("cannot be described anew and is compared without the model" in message for message in messages)
        assert "pictures without an embedding by the present model: 1; they were compared otherwise" in messages


def test_what_was_refused_is_tried_again_with_another_model_once(opened: Opened, first: Path) -> None:
    page = b"<html>not here</html>"
    with opened(first) as workspace, workspace.database.write_session() as session:
        pictures.add_refusal(session, key(page), ImageRefusal.MEMORY, NOW)
        version = workspace.embedding_version
        assert pictures.known(session, [key(page)]) == {key(page): ImageRefusal.MEMORY}
        assert pictures.known(session, [key(page)], embedding_version=version) == {}
        assert len(pictures.outdated(session, 9, embedding_version=version)) == 1
        pictures.add_refusal(session, key(page), ImageRefusal.NOT_A_PICTURE, NOW, embedding_version=version)
        known = pictures.known(session, [key(page)], embedding_version=version)
        assert known == {key(page): ImageRefusal.NOT_A_PICTURE}
        assert pictures.outdated(session, 9, embedding_version=version) == []


def test_the_model_is_read_by_the_processes_that_describe(first: Path) -> None:
    embedder = load_embedder(first, "here")
    with FeatureExtractor(embedder) as extractor:
        for name, body in OBSERVED.items():
            extractor.begin(name, body)
        for name, body in OBSERVED.items():
            extracted = extractor.take(name)
            assert isinstance(extracted, PackedImage)
            assert extracted.features == pack(extract_features(body, Purpose.OBSERVED, embedder))
            assert extracted.embedding_version is not None


def test_a_collection_describes_with_the_model(opened: Opened, first: Path) -> None:
    with opened(first) as workspace, open_source("webshop", workspace) as (_, extractor):
        extractor.begin("red", OBSERVED["red"])
        extracted = extractor.take("red")
    assert isinstance(extracted, PackedImage)
    assert extracted.embedding_version == workspace.embedding_version is not None


def test_a_model_that_fails_for_a_picture_ends_the_work_with_its_reason(tmp_path: Path, opened: Opened) -> None:
    steep = model(tmp_path / "steep.onnx", MATRIX * 2e38, description=CALIBRATED)
    with FeatureExtractor(load_embedder(steep, "here"), processes=1) as extractor:
        extractor.begin("bright", tinted((255, 255, 255), 1))
        with pytest.raises(ConfigError, match="not finite"):
            extractor.take("bright")
    (tmp_path / "watchlists" / "red.png").write_bytes(tinted((255, 255, 255), 1))
    with opened(steep) as workspace, pytest.raises(ConfigError, match="not finite"):
        read_references(workspace)


def test_a_model_that_cannot_be_used_is_refused_with_the_setting(
    opened: Opened, tmp_path: Path, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = model(tmp_path / "page.onnx", description=CALIBRATED)
    page.write_text("<html>")
    uncalibrated = model(tmp_path / "uncalibrated.onnx", description=DESCRIPTION)
    cases = {
        tmp_path / "none.onnx": "description next to it",
        page: "no ONNX model",
        uncalibrated: "there is no 'calibration'",
    }
    for path, words in cases.items():
        with pytest.raises(ConfigError, match=words) as caught, opened(path):
            pass
        assert str(caught.value).startswith(f"IPWATCH_EMBEDDING_MODEL: {tmp_path}")
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(embedding, "find_spec", lambda name: None if name == "onnxruntime" else find_spec(name))
    with pytest.raises(ConfigError, match=r"IPWATCH_EMBEDDING_MODEL: .*install ipwatch\[embed\]"), opened(first):
        pass


def test_the_setting_comes_from_the_environment_and_goes_to_children(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPWATCH_EMBEDDING_MODEL", "m.onnx")
    settings = load_settings()
    assert settings.embedding_model == Path("m.onnx")
    assert settings.as_environment()["IPWATCH_EMBEDDING_MODEL"] == str(tmp_path / "m.onnx")
