from __future__ import annotations

import importlib.util
import pickle
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from drawn import drawing, encoded
from onnx import TensorProto, helper
from tiny_model import CALIBRATED, DESCRIPTION, MATRIX, SIDE, model

from ipwatch.errors import ConfigError
from ipwatch.images import Embedder, Purpose, Raster, decode, embedding, extract_features, load_embedder
from ipwatch.matching.images.embeddings import Calibration
from ipwatch.matching.images.features import Ground


def raster(colour: npt.NDArray[np.uint8]) -> Raster:
    return Raster(frame=0, ground=Ground.WHITE, grey=colour[..., 0], colour=colour)


def plain(red: int, green: int, blue: int, size: tuple[int, int] = (20, 30)) -> Raster:
    return raster(np.full((*size, 3), (red, green, blue), np.uint8))


def test_a_model_runs_and_its_vectors_are_what_it_makes(tmp_path: Path) -> None:
    embedder = Embedder(model(tmp_path / "m.onnx"))
    assert embedder.dimensions == 4
    assert embedder.calibration is None
    pictures = [plain(255, 0, 51), plain(0, 102, 0, (3, 900))]
    expected = np.array([[1, 0, 0.2, 1.2], [0, 0.4, 0, 0.4]], np.float32)
    made = embedder.embed(pictures)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, expected, atol=1e-5)
    assert embedder.embed([]).shape == (0, 4)


def test_a_decoded_picture_is_averaged_to_the_input(tmp_path: Path) -> None:
    decoded = decode(encoded(drawing((400, 300))), 300).frames[0]
    made = Embedder(model(tmp_path / "m.onnx")).embed([decoded])
    np.testing.assert_allclose(made[0, :3], decoded.colour.mean(axis=(0, 1)) / 255, atol=0.01)


def test_mean_std_and_order_of_channels_are_the_descriptions(tmp_path: Path) -> None:
    description = DESCRIPTION + 'channels = "BGR"\nmean = [0.5, 0.25, 0]\nstd = [0.5, 1, 2]\n'
    made = Embedder(model(tmp_path / "m.onnx", description=description)).embed([plain(255, 0, 51)])
    np.testing.assert_allclose(made[0, :3], [(0.2 - 0.5) / 0.5, -0.25, 0.5], atol=1e-5)


def test_crop_looks_at_the_middle_and_stretch_at_all(tmp_path: Path) -> None:
    colour = np.zeros((40, 120, 3), np.uint8)
    colour[:, 40:80] = 255
    cut = Embedder(model(tmp_path / "cut.onnx", description=DESCRIPTION + 'resize = "crop"\n'))
    whole = Embedder(model(tmp_path / "whole.onnx"))
    closer = Embedder(model(tmp_path / "closer.onnx", description=DESCRIPTION + 'resize = "crop"\nshorter = 16\n'))
    np.testing.assert_allclose(cut.embed([raster(colour)])[0, :3], 1, atol=1e-5)
    np.testing.assert_allclose(whole.embed([raster(colour)])[0, :3], 1 / 3, atol=0.02)
    colour[:10] = colour[30:] = colour[:, 40:50] = colour[:, 70:80] = 0
    np.testing.assert_allclose(closer.embed([raster(colour)])[0, :3], 1, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (7, 9)])
@pytest.mark.parametrize("resize", ["crop", "stretch"])
def test_odd_shapes_are_embedded(tmp_path: Path, size: tuple[int, int], resize: str) -> None:
    embedder = Embedder(model(tmp_path / "m.onnx", description=DESCRIPTION + f'resize = "{resize}"\n'))
    np.testing.assert_allclose(embedder.embed([plain(255, 255, 255, size)])[0], [1, 1, 1, 3], atol=1e-5)


@pytest.mark.parametrize("batch", ["n", 1, 4])
def test_many_pictures_are_embedded_one_as_all(tmp_path: Path, batch: int | str) -> None:
    embedder = Embedder(model(tmp_path / "m.onnx", shape=(batch, 3, SIDE, SIDE)))
    pictures = [plain(level, 2 * level, 100) for level in range(0, 100, 3)]
    together = embedder.embed(pictures)
    assert together.shape == (34, 4)
    np.testing.assert_array_equal(together, np.concatenate([embedder.embed([picture]) for picture in pictures]))


def test_the_version_tells_the_model_and_how_pictures_are_brought_to_it(tmp_path: Path) -> None:
    versions = [
        Embedder(model(tmp_path / f"{number}.onnx", matrix, description=description)).version
        for number, (matrix, description) in enumerate(
            [
                (MATRIX, DESCRIPTION),
                (MATRIX, DESCRIPTION + "\n[calibration]\nsimilarities = [0.1, 0.9]\nrates = [0.1, 1e-6]\n"),
                (MATRIX * 2, DESCRIPTION),
                (MATRIX, DESCRIPTION + "mean = [0.1, 0, 0]\n"),
            ]
        )
    ]
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3
    assert re.fullmatch("sha256:[0-9a-f]{64}", versions[0])


def test_a_calibration_is_read(tmp_path: Path) -> None:
    description = DESCRIPTION + "[calibration]\nsimilarities = [0, 0.5, 0.9]\nrates = [1, 1e-4, 1e-8]\n"
    read = Embedder(model(tmp_path / "m.onnx", description=description)).calibration
    assert read == Calibration((0.0, 0.5, 0.9), (1.0, 1e-4, 1e-8))


DESCRIPTIONS = {
    "no TOML": ("width =", "no TOML"),
    "no width": ("height = 8", "'width'"),
    "width of text": ('width = "8"\nheight = 8', "'width'"),
    "width of truth": ("width = true\nheight = 8", "'width'"),
    "too wide": ("width = 9000\nheight = 8", "'width'"),
    "unknown": (DESCRIPTION + "colour = 3", "unknown keys colour"),
    "resize": (DESCRIPTION + 'resize = "pad"', "'resize'"),
    "resize of a list": (DESCRIPTION + "resize = [1]", "'resize'"),
    "shorter": (DESCRIPTION + "shorter = 7", "'shorter'"),
    "channels": (DESCRIPTION + 'channels = "RGBA"', "'channels'"),
    "two means": (DESCRIPTION + "mean = [1, 2]", "'mean'"),
    "mean of nan": (DESCRIPTION + "mean = [1, 2, nan]", "'mean'"),
    "std of nothing": (DESCRIPTION + "std = [1, 0, 1]", "'std'"),
    "output": (DESCRIPTION + "output = 5", "'output'"),
    "other output": (DESCRIPTION + 'output = "logits"', "one of embedding, not logits"),
    "calibration without rates": (DESCRIPTION + "[calibration]\nsimilarities = [0.1, 0.2]", "'calibration'"),
    "rates that rise": (DESCRIPTION + "[calibration]\nsimilarities = [0.1, 0.2]\nrates = [0.1, 0.2]", "rates do not"),
    "other size than the model": ("width = 9\nheight = 8", "see width and height"),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_description_that_cannot_be_used_is_refused_with_its_key(tmp_path: Path, name: str) -> None:
    description, words = DESCRIPTIONS[name]
    with pytest.raises(ConfigError, match=re.escape(words)):
        Embedder(model(tmp_path / "m.onnx", description=description))


def test_a_model_that_is_missing_or_none_is_refused(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx")
    whole = path.read_bytes()
    for data in (b"", b"<html>", whole[: len(whole) // 2], whole[::-1]):
        path.write_bytes(data)
        with pytest.raises(ConfigError, match="no ONNX model"):
            Embedder(path)
    path.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        Embedder(path)
    path.with_suffix(".toml").unlink()
    with pytest.raises(ConfigError, match="description next to it"):
        Embedder(path)


@pytest.mark.parametrize(
    "shape", [("n", 1, SIDE, SIDE), ("n", SIDE, SIDE, 3), ("n", 3, SIDE, SIDE + 1), (0, 3, SIDE, SIDE)], ids=str
)
def test_another_input_is_refused(tmp_path: Path, shape: tuple[int | str, ...]) -> None:
    matrix = np.ones((int(shape[1]), 4), np.float32)
    with pytest.raises(ConfigError, match="the input is picture"):
        Embedder(model(tmp_path / "m.onnx", matrix, shape=shape))


def test_another_type_of_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape("tensor(float16)")):
        Embedder(model(tmp_path / "m.onnx", kind=TensorProto.FLOAT16))


def test_an_output_that_is_no_vector_is_refused_and_another_can_be_named(tmp_path: Path) -> None:
    pooled = [helper.make_tensor_value_info("pooled", TensorProto.FLOAT, None)]
    with pytest.raises(ConfigError, match="one of embedding, pooled"):
        Embedder(model(tmp_path / "m.onnx", extra=pooled))
    with pytest.raises(ConfigError, match=re.escape("output pooled is float32[1, 3, 1, 1]")):
        Embedder(model(tmp_path / "m.onnx", extra=pooled, description=DESCRIPTION + 'output = "pooled"'))
    means = [helper.make_tensor_value_info("means", TensorProto.FLOAT, None)]
    embedder = Embedder(model(tmp_path / "m.onnx", extra=means, description=DESCRIPTION + 'output = "means"'))
    assert embedder.dimensions == 3


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(tmp_path: Path, number: float) -> None:
    with pytest.raises(ConfigError, match="not finite"):
        Embedder(model(tmp_path / "m.onnx", np.full((3, 4), number, np.float32)))


def test_a_picture_for_which_the_model_fails_later_is_refused(tmp_path: Path) -> None:
    embedder = Embedder(model(tmp_path / "m.onnx", MATRIX * np.float32(1.2e38)))
    with pytest.raises(ConfigError, match="not finite"):
        embedder.embed([plain(255, 255, 255)])


def test_a_model_with_weights_in_another_file_is_refused(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx", np.ones((3, 4000), np.float32))
    loaded = onnx.load(path)
    loaded.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(np.ones((3, 4000), np.float32), "matrix"))
    onnx.save(loaded, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    with pytest.raises(ConfigError, match="in one file"):
        Embedder(path)


def test_without_the_extra_the_error_names_the_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = model(tmp_path / "m.onnx")
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(embedding, "find_spec", lambda name: None if name == "onnxruntime" else find_spec(name))
    with pytest.raises(ConfigError, match=re.escape("install ipwatch[embed]")):
        Embedder(path)


def test_a_model_runs_on_the_threads_it_is_given(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx")
    with pytest.raises(ValueError, match="one thread at least"):
        Embedder(path, threads=0)
    options = Embedder(path, threads=2)._session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
    assert Embedder(path)._session.get_providers() == ["CPUExecutionProvider"]


def test_another_process_reads_the_same_model_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model(tmp_path / "m.onnx")
    monkeypatch.chdir(tmp_path)
    pickled = pickle.dumps(Embedder(Path("m.onnx"), threads=2))
    assert len(pickled) < 1000
    monkeypatch.chdir("/")
    again = pickle.loads(pickled)  # noqa: S301 - made two lines above
    assert again.version == Embedder(tmp_path / "m.onnx").version
    assert again._session.get_session_options().intra_op_num_threads == 2
    model(tmp_path / "m.onnx", MATRIX * 2)
    with pytest.raises(ConfigError, match="was changed while it was in use"):
        pickle.loads(pickled)  # noqa: S301 - ditto


def test_a_model_for_use_is_calibrated_and_refused_by_the_name_of_its_setting(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx")
    with pytest.raises(ConfigError, match=r"^SETTING: .*m\.toml: there is no 'calibration'"):
        load_embedder(path, "SETTING")
    path.unlink()
    with pytest.raises(ConfigError, match=r"^SETTING: .*m\.onnx: the model cannot be read"):
        load_embedder(path, "SETTING")
    assert load_embedder(model(path, description=CALIBRATED), "SETTING").calibration is not None


def test_a_transparent_picture_has_a_vector_for_each_ground(tmp_path: Path) -> None:
    picture = drawing((300, 200)).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 150, 200))
    embedder = Embedder(model(tmp_path / "m.onnx"))
    for purpose in Purpose:
        features = extract_features(encoded(picture), purpose, embedder)
        assert features.embedding is not None
        assert features.embedding.version == embedder.version
        assert features.embedding.vectors.shape == (len(features.views), 4) == (2, 4)
        np.testing.assert_allclose(np.linalg.norm(features.embedding.vectors, axis=1), 1, atol=1e-3)
        stored = features.embedding.vectors.astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(stored, features.embedding.vectors)
        assert extract_features(encoded(picture), purpose).embedding is None


def test_a_drawing_has_an_embedding_too(tmp_path: Path) -> None:
    drawn = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><circle cx="40" cy="30" r="25"/></svg>'
    features = extract_features(drawn, Purpose.REFERENCE, Embedder(model(tmp_path / "m.onnx")))
    assert features.embedding is not None
    assert len(features.embedding.vectors) == len(features.views)
