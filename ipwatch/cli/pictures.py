"""Shared by the commands that read images: image files, the threshold, and reasons as text."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipwatch.errors import ConfigError, ImageError
from ipwatch.settings import Settings
from ipwatch.terms import listed, message, os_reason, text_of

if TYPE_CHECKING:
    from ipwatch.images import Embedder

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp"})
DRAWING_SUFFIXES = frozenset({".svg"})
"""Read where a rights holder names them, refused where a seller does."""

UNREAD_SUFFIXES = frozenset({".tif", ".tiff", ".heic", ".heif", ".ico", ".jfif", ".jp2", ".jxl", ".psd"})
"""Pictures in formats that are not decoded: a folder's are named as such, never passed over."""


def _check_score(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and (math.isnan(value) or not 0 <= value <= 1):
        raise click.BadParameter(message("cli.score"))
    return value


min_score_option = click.option("--min-score", type=float, callback=_check_score)


model_option = click.option(
    "--model",
    type=click.Path(path_type=Path),
)


def chosen_embedder(model: Path | None, settings: Settings) -> Embedder | None:
    """Return the model of the option or else of the settings, if any; raises ``ConfigError`` naming which was wrong."""
    path, name = (model, "--model") if model is not None else (settings.embedding_model, "IPWATCH_EMBEDDING_MODEL")
    if path is None:
        return None
    from ipwatch.images import load_embedder  # noqa: PLC0415 - the decoders of pictures take long to load

    return load_embedder(path, name)


def pictures_below(path: Path) -> list[Path]:
    """Return the picture files below a directory, in order, or the file itself; raises ``ConfigError`` for none."""
    if not path.is_dir():
        return [path]
    suffixes = PICTURE_SUFFIXES | DRAWING_SUFFIXES | UNREAD_SUFFIXES
    paths = sorted(each for each in path.rglob("*") if each.suffix.lower() in suffixes and each.is_file())
    if not paths:
        raise ConfigError(message("cli.no_pictures", path=path, suffixes=listed(sorted(PICTURE_SUFFIXES))))
    return paths


def reason_of(error: Exception) -> str:
    """Return why a file could not be used."""
    if isinstance(error, ImageError):
        return message("cli.picture_reason", why=error, reason=error.reason)
    return os_reason(error) if isinstance(error, OSError) else text_of(error)
