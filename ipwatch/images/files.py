"""Picture files: bounded reading, and the references of watched marks."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from ipwatch.errors import ConfigError, ImageError
from ipwatch.images.decode import thumbnail
from ipwatch.images.embedding import Embedder
from ipwatch.images.features import Purpose, extract_features
from ipwatch.images.opening import MAX_BYTES, refusal
from ipwatch.images.svg import is_svg, render
from ipwatch.matching.images.features import ReferenceImage
from ipwatch.records import ImageRefusal, WatchedMark
from ipwatch.terms import Joined, message


def load_references(marks: Iterable[WatchedMark], embedder: Embedder | None = None) -> tuple[ReferenceImage, ...]:
    """Return the reference pictures of the marks; raises ``ConfigError`` with a sentence for each bad one."""
    return _load(((mark, path) for mark in marks for path in mark.images), embedder)


def load_excluded(marks: Iterable[WatchedMark], embedder: Embedder | None = None) -> tuple[ReferenceImage, ...]:
    """Return the pictures that the marks exclude; raises ``ConfigError`` with a sentence for each bad one."""
    return _load(((mark, path) for mark in marks for path in mark.exclude_images), embedder)


def _load(named: Iterable[tuple[WatchedMark, Path]], embedder: Embedder | None) -> tuple[ReferenceImage, ...]:
    references = []
    problems = []
    for mark, path in named:
        try:
            references.append(read_reference(path, mark.key, embedder))
        except (OSError, ImageError) as error:
            problems.append(message("pictures.of_mark", path=path, mark=mark.key, error=error))
    if problems:
        raise ConfigError(Joined(problems))
    return tuple(references)


def read_reference(path: Path, mark: str, embedder: Embedder | None = None) -> ReferenceImage:
    """Return one reference picture from a file, which may be an SVG drawing; raises ``OSError`` or ``ImageError``."""
    features = extract_features(read_picture(path), Purpose.REFERENCE, embedder)
    return ReferenceImage(mark=mark, path=str(path), features=features)


def read_picture(path: Path) -> bytes:
    """Return the bytes of a file that may be a picture.

    Raises ``OSError``, or ``ImageError`` where the file is too large or not a regular file (a pipe may never end).
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise refusal(ImageRefusal.NOT_A_PICTURE, message("pictures.no_file"))
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise refusal(ImageRefusal.TOO_LARGE, message("pictures.large_file", most=MAX_BYTES))
    return data


def reference_thumbnail(data: bytes, edge: int) -> bytes:
    """Return a rights holder's picture, which may be an SVG drawing, as ``thumbnail`` does; raises ``ImageError``."""
    return thumbnail(render(data, edge) if is_svg(data) else data, edge)
