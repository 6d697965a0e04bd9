from __future__ import annotations

import dataclasses
import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import observed_scene, scene_reference

from ipwatch.matching.images.features import FEATURES_VERSION, ImageFeatures, View, pack, unpack


def parts(view: View) -> dict[str, np.ndarray]:
    arrays = {"sketch": view.sketch}
    for holder in (view.regions, view.keypoints, view.emblems):
        arrays |= {field.name: getattr(holder, field.name) for field in dataclasses.fields(holder)}
    return arrays


@pytest.mark.parametrize("features", [observed_scene(1), scene_reference(1).features], ids=["seen", "reference"])
def test_what_was_packed_comes_back(features: ImageFeatures) -> None:
    back = unpack(pack(features))
    for name in ("sha256", "width", "height", "phash", "dhash"):
        assert getattr(back, name) == getattr(features, name)
    assert len(back.views) == len(features.views)
    for stored, unpacked in zip(features.views, back.views, strict=True):
        assert (stored.frame, stored.ground) == (unpacked.frame, unpacked.ground)
        for name, array in parts(stored).items():
            restored = parts(unpacked)[name]
            assert restored.dtype == array.dtype
            assert np.array_equal(restored, array)


def test_a_picture_takes_little_room() -> None:
    assert len(pack(observed_scene(1))) < 100_000


@given(data=st.binary(max_size=300))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="features"):
        unpack(data)


@given(offset=st.integers(min_value=0, max_value=2_000), value=st.integers(min_value=0, max_value=255))
def test_a_damaged_byte_is_refused_or_harmless(offset: int, value: int) -> None:
    data = bytearray(pack(observed_scene(1)))
    data[offset] = value
    with suppress(ValueError):
        assert unpack(bytes(data)).views


def test_another_version_is_refused() -> None:
    with np.load(io.BytesIO(pack(observed_scene(1))), allow_pickle=False) as stored:
        arrays = dict(stored)
    arrays["version"] = np.array(FEATURES_VERSION + 1)
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    with pytest.raises(ValueError, match=f"version {FEATURES_VERSION + 1}"):
        unpack(out.getvalue())
