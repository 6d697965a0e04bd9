"""Features: what is kept of a picture, so that it is decoded once and compared as often as needed.

Coordinates are pixels of the upright picture at full size, x to the right and y down, whatever size was examined.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

FEATURES_VERSION = 1
"""Incremented when stored features can no longer be compared with new ones: they are extracted again."""

HASH_BITS = 256
HASH_WORDS = HASH_BITS // 64

_ARCHIVE = b"PK"
_ARRAY = b"\x93NUMPY\x01\x00"

# Exceptions that zipfile and NumPy raise for damaged archives.
_DAMAGE: tuple[type[Exception], ...] = (
    OSError,
    KeyError,
    EOFError,
    ValueError,
    SyntaxError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)

_FIELDS_OF_VIEW = (
    "kinds",
    "outlines",
    "hashes",
    "qualities",
    "points",
    "sizes",
    "angles",
    "descriptors",
    "frames",
    "shapes",
    "sketch",
)


class Ground(IntEnum):
    """The background of a picture with transparent parts; an opaque one has ``WHITE`` alone."""

    WHITE = 0
    BLACK = 1


class RegionKind(IntEnum):
    """Which part of a picture a region is. The numbers are stored and never reassigned."""

    WHOLE = 0
    TRIMMED = 1
    SQUARE = 2
    PANEL = 3
    RECTANGLE = 4
    QUAD = 5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Regions:
    """Parts of a picture with their 256-bit DCT hashes.

    ``kinds`` uint8[n] of ``RegionKind``; ``outlines`` float32[n, 4, 2], the corners from the upper left clockwise;
    ``hashes`` uint64[n, o, 4]: o is 1 for an observed picture and 8 for a reference, which is kept in all orientations
    (in the order of ``images.hashes.ORIENTATIONS``); ``qualities`` uint8[n], 0 to 100 as PDQ defines them.
    """

    kinds: npt.NDArray[np.uint8]
    outlines: npt.NDArray[np.float32]
    hashes: npt.NDArray[np.uint64]
    qualities: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Keypoints:
    """Local features of a view.

    ``points`` float32[m, 2], ``sizes`` float32[m] (diameter), ``angles`` float32[m] (degrees, clockwise) and
    ``descriptors`` uint8[m, d].
    """

    points: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.float32]
    angles: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Emblems:
    """Solid shapes that may be an emblem or a letter of one, each brought to a common form.

    ``frames`` float32[e, 2, 3] maps the unit disc to where the shape lies; ``shapes`` uint8[e, s] is the packed binary
    drawing in that disc.
    """

    frames: npt.NDArray[np.float32]
    shapes: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class View:
    """One view of a picture: a frame of an animation, a transparent picture on one background.

    ``sketch`` uint8[h, w] is the view in grey, its longer side 480 pixels at most and in 16 levels, to verify a
    correspondence point by point.
    """

    frame: int
    ground: Ground
    regions: Regions
    keypoints: Keypoints
    emblems: Emblems
    sketch: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Embedding:
    """Vectors of a picture by an operator's model.

    ``version`` names the model and its preprocessing; ``vectors`` float32[v, d] has one of length 1 for each view,
    rounded to float16, in which they are stored.
    """

    version: str
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ImageFeatures:
    """What is kept of one picture.

    ``sha256`` of the file, its size in pixels, imagehash's 64-bit pHash and dHash of the first view as 16 hexadecimal
    digits, and the views, the first frame on white before the others; the ``embedding`` where there was a model.
    """

    sha256: str
    width: int
    height: int
    phash: str
    dhash: str
    views: tuple[View, ...]
    embedding: Embedding | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ReferenceImage:
    """A rights holder's picture of a mark: ``mark`` is the mark's key, ``path`` as the watchlist names the file."""

    mark: str
    path: str
    features: ImageFeatures


def pack(features: ImageFeatures) -> bytes:
    """Return the features as bytes that ``unpack`` reads: a NumPy archive, compressed, with the version in it."""
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "version": np.array(FEATURES_VERSION),
        "sha256": np.array(features.sha256),
        "size": np.array([features.width, features.height]),
        "gates": np.array([features.phash, features.dhash]),
        "views": np.array([[view.frame, view.ground] for view in features.views], dtype=np.int32).reshape(-1, 2),
    }
    for number, view in enumerate(features.views):
        for name in _FIELDS_OF_VIEW:
            arrays[f"{number}.{name}"] = _part(view, name)
    if features.embedding is not None:
        arrays["embedding.version"] = np.array(features.embedding.version)
        arrays["embedding.vectors"] = features.embedding.vectors.astype(np.float16)
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # the stub mistakes the names for allow_pickle
    return out.getvalue()


def unpack(data: bytes) -> ImageFeatures:
    """Return the packed features; raises ``ValueError`` for other bytes or another version."""
    if not data.startswith(_ARCHIVE):
        raise ValueError("no stored features: not a NumPy archive")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            stored = _Arrays(archive)
            version = int(stored["version"])
            features = _features(stored) if version == FEATURES_VERSION else None
    except _DAMAGE as error:
        raise ValueError(f"no stored features: {error}") from error
    if features is None:
        raise ValueError(f"stored features of version {version}, not {FEATURES_VERSION}")
    return features


class _Arrays:
    """The arrays of a NumPy archive by their names.

    ``numpy.load`` reads each header by compiling it as Python: most of the time for arrays as small as these. There are
    few different ones, so they are read once.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def __contains__(self, name: str) -> bool:
        return f"{name}.npy" in self._archive.NameToInfo

    def __getitem__(self, name: str) -> npt.NDArray[np.generic]:
        content = bytearray(self._archive.read(f"{name}.npy"))
        if not content.startswith(_ARRAY):
            raise ValueError(f"{name} is no array of the first version of the format")
        start = len(_ARRAY) + 2 + int.from_bytes(content[len(_ARRAY) : len(_ARRAY) + 2], "little")
        shape, by_columns, kind = _layout(bytes(content[len(_ARRAY) : start]))
        if kind.hasobject or len(content) - start != math.prod(shape) * kind.itemsize:
            raise ValueError(f"{name} is not {shape} values of {kind}")
        return np.frombuffer(content, kind, offset=start).reshape(shape, order="F" if by_columns else "C")


@lru_cache(maxsize=4096)
def _layout(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Return shape, whether columns come first, and type, from the header of an array with its length."""
    shape, by_columns, kind = np.lib.format.read_array_header_1_0(io.BytesIO(header))
    return shape, by_columns, kind


def _features(stored: _Arrays) -> ImageFeatures:
    width, height = (int(value) for value in stored["size"])
    phash, dhash = (str(value) for value in stored["gates"])
    return ImageFeatures(
        sha256=str(stored["sha256"]),
        width=width,
        height=height,
        phash=phash,
        dhash=dhash,
        views=tuple(_view(stored, number, *row) for number, row in enumerate(stored["views"].tolist())),
        embedding=_embedding(stored) if "embedding.version" in stored else None,
    )


def _embedding(stored: _Arrays) -> Embedding:
    vectors = stored["embedding.vectors"].astype(np.float32)
    if vectors.ndim != 2 or len(vectors) != len(stored["views"]) or not np.isfinite(vectors).all():  # noqa: PLR2004 - a table
        raise ValueError("an embedding has a vector of finite numbers for each view")
    return Embedding(version=str(stored["embedding.version"]), vectors=vectors)


def _part(view: View, name: str) -> npt.NDArray[np.generic]:
    for holder in (view, view.regions, view.keypoints, view.emblems):
        if name in holder.__dataclass_fields__:
            part: npt.NDArray[np.generic] = getattr(holder, name)
            return part
    raise AttributeError(name)


def _view(stored: _Arrays, number: int, frame: int, ground: int) -> View:
    part = {name: stored[f"{number}.{name}"] for name in _FIELDS_OF_VIEW}
    regions = {name: part[name] for name in ("kinds", "outlines", "hashes", "qualities")}
    keypoints = {name: part[name] for name in ("points", "sizes", "angles", "descriptors")}
    return View(
        frame=frame,
        ground=Ground(ground),
        regions=Regions(**regions),  # type: ignore[arg-type]  # the archive keeps each array's type
        keypoints=Keypoints(**keypoints),  # type: ignore[arg-type]
        emblems=Emblems(frames=part["frames"], shapes=part["shapes"]),  # type: ignore[arg-type]
        sketch=part["sketch"],  # type: ignore[arg-type]
    )
