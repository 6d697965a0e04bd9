"""``image match``: pictures in files against reference pictures, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from ipwatch.cli.language import say
from ipwatch.cli.pictures import chosen_embedder, min_score_option, model_option, pictures_below, reason_of
from ipwatch.errors import ConfigError, ImageError
from ipwatch.images import Embedder, Purpose, extract_features, read_picture, read_reference
from ipwatch.jsonlines import dump_image_error, dump_image_hit
from ipwatch.matching.images.engine import ImageIndex, has_no_content
from ipwatch.matching.images.features import ReferenceImage
from ipwatch.matching.images.match import ImageMatch
from ipwatch.matching.score import DEFAULT_THRESHOLD
from ipwatch.settings import Settings
from ipwatch.terms import message

EXIT_INPUT = 2
_DIRECTORY = click.Path(path_type=Path, file_okay=False, exists=True)


@click.group()
def image() -> None:
    """Compare pictures."""


@image.command("match")
@click.option("--references", type=_DIRECTORY, required=True)
@click.option("--exclude", type=_DIRECTORY)
@min_score_option
@model_option
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.pass_obj
def match_images(
    settings: Settings,
    *,
    references: Path,
    exclude: Path | None,
    min_score: float | None,
    model: Path | None,
    paths: tuple[Path, ...],
) -> None:
    """Find the pictures in PATHS (files or directories) that come from reference pictures; best first."""
    embedder = chosen_embedder(model, settings)
    known = list(_references(references, embedder))
    excluded = list(_references(exclude, embedder)) if exclude is not None else []
    threshold = DEFAULT_THRESHOLD if min_score is None else min_score
    index = ImageIndex(known, excluded=excluded, calibration=embedder.calibration if embedder else None)
    hits: list[tuple[str, ImageMatch]] = []
    errors: list[tuple[str, str]] = []
    for path in (each for given in paths for each in pictures_below(given)):
        try:
            features = extract_features(read_picture(path), Purpose.OBSERVED, embedder)
        except (OSError, ImageError) as error:
            errors.append((str(path), reason_of(error)))
            continue
        (matches,) = index.matches([features])
        hits.extend((str(path), match) for match in matches if match.score >= threshold)
    _tell(hits, errors)
    if errors:
        raise SystemExit(EXIT_INPUT)


def _references(directory: Path, embedder: Embedder | None) -> Iterator[ReferenceImage]:
    """Read the reference pictures below a directory; raises ``ConfigError`` naming one that cannot be used."""
    for path in pictures_below(directory):
        try:
            reference = read_reference(path, str(path), embedder)
        except (OSError, ImageError) as error:
            raise ConfigError(message("cli.image.no_reference", path=path, reason=reason_of(error))) from error
        if has_no_content(reference):
            say(message("screening.too_little", path=reference.path))
        yield reference


def _tell(hits: Iterable[tuple[str, ImageMatch]], errors: Iterable[tuple[str, str]]) -> None:
    for name, match in sorted(hits, key=lambda hit: (-hit[1].score, hit[0], hit[1].reference.path)):
        click.echo(dump_image_hit(name, match))
    for name, why in errors:
        click.echo(dump_image_error(name, why))
