from __future__ import annotations

import imagehash
import numpy as np
import pytest
from corpus import shared
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ipwatch.images.hashes import BUFFER_EDGE, ORIENTATIONS, dct_hashes, gates, pdq_buffer

PDQ_DATA = "images/pdq_reference/pdq/data"

# The expected output of the C++ implementation (facebook/ThreatExchange, pdq/cpp/reg_test/expected/out).
CPP_HASHES = {
    "dih/bridge-1-original.jpg": "d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22",
    "dih/bridge-2-rotate-90.jpg": "30a10efdf1c83f429013d48d0ffffc52e34e0e35ada952a9d29605215aa9e5af",
    "dih/bridge-3-rotate-180.jpg": "2dad5a64b1a142e7d362a09857da895ae63b8c7fc23794b766b319361fc93188",
    "dih/bridge-4-rotate-270.jpg": "a5f0a457248995e8c9065c275aaa5498b61ba4bdf8fcf80387c32f8b5bfc4f05",
    "dih/bridge-5-flipx.jpg": "d8f80f33e0f417b20e37f5cd028f980fb36ed02a9662c1e233e64c634e9c64dd",
    "dih/bridge-6-flipy.jpg": "2da9259bb1a1bd1a5362576552da32a5e63b7380c2774b4866b346c91b89ce77",
    "dih/bridge-7-flip-plus-1.jpg": "f0a1e10271ccc0bd90530b720fff038de34ef1e8ada9a956d6967ade5ea91a50",
    "dih/bridge-8-flip-minus-1.jpg": "2df05aa8a4896a17c14682da5aaaab07b61b5b42f8fc07fc87c3d0741bfcb0fa",
}
CPP_TOLERANCE = 10  # bits, at a quality of 80 or more: pdq/README.md

# What the Python implementation of the same repository expects (pdq/python/pdqhashing/tests), and ThreatExchange's
# example of a signal for the bridge. Pictures of 256 pixels are looked at as they are by every implementation.
SAME_BYTES = {
    "reg-test-input/labelme-subset/q0004.jpg": "992d44af36d69e6ca6b812585928bac11def254ef5398c6d07466c9abcc65b92",
    "reg-test-input/labelme-subset/q0122.jpg": "cfb2009ddd21c6dab0046a7745b5984757a8a4535b3377aea2591d32b33ff940",
    "reg-test-input/labelme-subset/q0291.jpg": "a0fe94f1e5cc1cc8dd855948498dc9243f7ca27336f036d7f212b74bc103c9a7",
    "reg-test-input/labelme-subset/q0746.jpg": "1049d96239e24d4dca2c55512b8bdb77425f4dbcf575a0a95555aaab5554aaaa",
    "reg-test-input/labelme-subset/q1050.jpg": "489db672e9190276d452aeab41eba20f02375fe4092d88defdf491a5c55c5f70",
    "reg-test-input/labelme-subset/q2821.jpg": "b150231ffae4710ffcf4f18bb574b109a576f14bb8543189f8743289f174b109",
    "misc-images/wee.jpg": "6227401f601ff4ccafcc9fad4b0d95d371a2eb7265a3285234d228ca94deeb2d",
    "bridge-mods/aaa-orig.jpg": "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
}


def luminance(path: str) -> np.ndarray:
    with Image.open(shared(f"{PDQ_DATA}/{path}")) as picture:
        return np.asarray(picture.convert("RGB"), np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def words(hexadecimal: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(hexadecimal), np.uint64)


def upright(buffer: np.ndarray) -> np.ndarray:
    return dct_hashes(buffer[None], all_orientations=False)[0][0, 0]


def bits_apart(first: np.ndarray, second: np.ndarray) -> int:
    return int(np.bitwise_count(first ^ second).sum())


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (BUFFER_EDGE, BUFFER_EDGE)).astype(np.float32)


@pytest.mark.corpus
@pytest.mark.parametrize("name", CPP_HASHES)
def test_the_hash_is_within_the_published_tolerance_of_the_reference(name: str) -> None:
    hashes, qualities = dct_hashes(pdq_buffer(luminance(f"reg-test-input/{name}"))[None], all_orientations=False)
    assert qualities[0] == 100
    assert bits_apart(hashes[0, 0], words(CPP_HASHES[name])) <= CPP_TOLERANCE


@pytest.mark.corpus
@pytest.mark.parametrize("name", SAME_BYTES)
def test_the_hash_is_the_published_one_bit_for_bit(name: str) -> None:
    assert upright(pdq_buffer(luminance(name))).tobytes().hex() == SAME_BYTES[name]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_all_orientations_are_the_hashes_of_the_turned_picture(seed: int) -> None:
    buffer = noise(seed)
    hashes, _ = dct_hashes(buffer[None], all_orientations=True)
    assert hashes.shape == (1, len(ORIENTATIONS), 4)
    for index, orientation in enumerate(ORIENTATIONS):
        laid = buffer[:, ::-1] if orientation.flip else buffer
        laid = np.rot90(laid, -orientation.degrees // 90)
        assert bits_apart(upright(np.ascontiguousarray(laid)), hashes[0, index]) <= 2  # sums in another order


def test_half_of_the_bits_are_set_whatever_the_levels() -> None:
    hashes, _ = dct_hashes(np.stack([noise(1), noise(2) / 100, noise(3) / 100 + 200]), all_orientations=True)
    assert np.bitwise_count(hashes).sum(axis=-1).tolist() == [[128] * 8] * 3


def test_brightness_and_contrast_change_no_bit() -> None:
    buffer = noise(4)
    assert bits_apart(upright(buffer), upright(buffer * np.float32(0.5) + np.float32(40))) == 0


def test_the_first_bit_is_the_lowest_frequency_and_the_last_in_memory() -> None:
    wave = np.cos(np.pi / BUFFER_EDGE * (np.arange(BUFFER_EDGE) + 0.5))
    buffer = (127 + 100 * wave[:, None] * wave[None, :]).astype(np.float32)
    assert upright(buffer).tobytes()[-1] & 1 == 1
    assert upright(255 - buffer).tobytes()[-1] & 1 == 0


def test_flat_pictures_have_no_quality_and_two_toned_ones_little() -> None:
    flat = np.full((BUFFER_EDGE, BUFFER_EDGE), 140, np.float32)
    two_toned = flat.copy()
    two_toned[:, 32:] = 20
    _, qualities = dct_hashes(np.stack([flat, two_toned, noise(5)]), all_orientations=False)
    assert qualities[0] == 0
    assert qualities[1] < 50
    assert qualities[2] == 100


@pytest.mark.parametrize(("height", "width"), [(5, 5), (5, 300), (64, 64), (65, 127), (129, 128), (300, 700)])
def test_the_box_filter_is_the_one_of_the_reference_point_by_point(height: int, width: int) -> None:
    luminance = np.random.default_rng(height * width).uniform(0, 255, (height, width)).astype(np.float32)
    expected = luminance.astype(np.float64)
    if (height, width) != (BUFFER_EDGE, BUFFER_EDGE):
        for axis in (1, 0, 1, 0):
            expected = np.apply_along_axis(box_along, axis, expected)
        rows = [int((i + 0.5) * height / BUFFER_EDGE) for i in range(BUFFER_EDGE)]
        columns = [int((j + 0.5) * width / BUFFER_EDGE) for j in range(BUFFER_EDGE)]
        expected = expected[rows][:, columns]
    assert np.allclose(pdq_buffer(luminance), expected, atol=1e-3)


def box_along(line: np.ndarray) -> np.ndarray:
    """The window of 7 points has 3 before and 3 after, that of 8 points 3 before and 4 after; cut off at the ends."""
    window = (len(line) + 127) // 128
    before, after = (window - 1) // 2, window // 2
    return np.array([line[max(0, i - before) : i + after + 1].mean() for i in range(len(line))])


def test_pictures_too_small_for_the_reference_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 5 pixels"):
        pdq_buffer(np.zeros((4, 100), np.float32))


def test_buffers_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        dct_hashes(np.zeros((1, 32, 32), np.float32), all_orientations=False)


def test_the_gates_are_imagehash_on_a_small_picture() -> None:
    grey = np.random.default_rng(6).integers(0, 256, (90, 120)).astype(np.uint8)
    picture = Image.fromarray(grey)
    assert gates(grey) == (str(imagehash.phash(picture)), str(imagehash.dhash(picture)))


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (700, 900)])
def test_the_gates_stand_for_any_size(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(7).integers(0, 256, shape).astype(np.uint8)
    assert [len(gate) for gate in gates(grey)] == [16, 16]
