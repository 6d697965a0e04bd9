"""Commands that match files without a database: ``screen`` and ``image match``."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

import click

from ipwatch.cli.streams import ends
from ipwatch.errors import ConfigError, ImageError
from ipwatch.images import hash_picture, load_references, read_picture, read_reference
from ipwatch.jsonlines import (
    RecordProblem,
    dump_hit,
    dump_image_error,
    dump_image_hit,
    read_records,
    read_titles,
)
from ipwatch.matching.image import ImageMatch, ReferenceIndex
from ipwatch.matching.screener import Screener
from ipwatch.records import (
    Finding,
    HostName,
    Listing,
    MarkRecord,
    PictureHashes,
    Record,
    ReferencePicture,
)
from ipwatch.settings import Settings
from ipwatch.watchlists import load_watchlists

EXIT_INPUT = 2
BATCH = 500
IN_MEMORY = 64 << 20
"""Bytes of stdin that are kept in memory; more go to a file that is gone at the end."""

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp"})
UNREAD_SUFFIXES = frozenset({".tif", ".tiff", ".svg", ".heic", ".heif", ".ico", ".jfif", ".jp2", ".jxl", ".psd"})
"""Pictures in formats that are not decoded: a folder's are named as such, never passed over."""


def _check_score(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and (math.isnan(value) or not 0 <= value <= 1):
        raise click.BadParameter("a score is a number from 0 to 1")
    return value


_min_score = click.option(
    "--min-score", type=float, callback=_check_score, help="Least score of a hit, 0 to 1, instead of the marks' own."
)


@click.command()
@click.option(
    "--watchlist",
    "watchlists",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A watchlist (TOML) or a directory of them; may be given more than once.",
)
@click.option("--images", type=click.Path(path_type=Path, file_okay=False), help="Where the records' pictures are.")
@_min_score
@click.option(
    "--on",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day for which sellers' authorisations count; default: today in Japan.",
)
@click.argument("records", type=click.Path(path_type=str, allow_dash=True))
@click.pass_obj
def screen(
    settings: Settings,
    *,
    watchlists: tuple[Path, ...],
    images: Path | None,
    min_score: float | None,
    on: datetime | None,
    records: str,
) -> None:
    """Match listings, filings or host names in RECORDS with watchlists; hits as JSON Lines, best first.

    RECORDS is JSON Lines, or - for stdin; host names may stand in it as they are, one a line. It is read twice: first
    to learn which words near to a mark are simply common in it. A line or a picture that cannot be read is named on
    stderr; the others are matched, and the exit code is 2.
    """
    marks = [mark for watchlist in load_watchlists(watchlists) for mark in watchlist.marks]
    day = on.date() if on else _today()
    screener = Screener(marks, load_references(marks), rates=settings.rates, on=day, min_score=min_score)
    run = _Run(screener, _Pictures(images) if images else None)
    with _opened(records) as (stream, name):
        screener.survey(read_titles(stream))
        stream.seek(0)
        for batch in run.batches(read_records(stream, name)):
            run.screen(batch)
    for finding in sorted(run.hits, key=lambda hit: (-hit.score, hit.subject, hit.mark)):
        click.echo(dump_hit(finding))
    for issue in screener.issues:
        click.echo(f"{issue.where}: {issue.field}: {issue.message}", err=True)
    if run.faults:
        raise SystemExit(EXIT_INPUT)


@click.group()
def image() -> None:
    """Compare pictures."""


@image.command("match")
@click.option(
    "--references",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
    help="Directory of the rights holder's pictures.",
)
@_min_score
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
def match_images(*, references: Path, min_score: float | None, paths: tuple[Path, ...]) -> None:
    """Find the pictures in PATHS (files or directories) that come from reference pictures; best first.

    A picture that cannot be read gives a line {image, error}; the others are compared, and the exit code is 2.
    """
    known = [read_reference_file(path) for path in _pictures_below(references)]
    for reference in known:
        if reference.hashes.flat:
            click.echo(f"{reference.path}: has too little in it to be compared: no picture is found by it", err=True)
    index = ReferenceIndex(known)
    hits: list[tuple[str, ImageMatch]] = []
    errors: list[tuple[str, str]] = []
    for path in (each for given in paths for each in _pictures_below(given)):
        try:
            found = index.matches(hash_picture(read_picture(path)))
        except (OSError, ImageError) as error:
            errors.append((str(path), _reason(error)))
            continue
        hits.extend((str(path), match) for match in found if match.score >= (min_score or 0.0))
    for name, match in sorted(hits, key=lambda hit: (-hit[1].score, hit[0], hit[1].reference.path)):
        click.echo(dump_image_hit(name, match))
    for name, message in errors:
        click.echo(dump_image_error(name, message))
    if errors:
        raise SystemExit(EXIT_INPUT)


class _Pictures:
    """The pictures that records name, below one directory and nowhere else; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        if not self._root.is_dir():
            raise ConfigError(f"{root}: not a directory; --images names where the records' pictures are")
        self._hashed: dict[Path, PictureHashes] = {}

    def find(self, name: str) -> PictureHashes:
        """Return the hashes of the named picture; raises ``OSError``, ``ValueError`` or ``ImageError``."""
        path = Path(os.path.realpath(self._root / name))  # Path.resolve fails on links that lead in a ring
        if not path.is_relative_to(self._root):
            raise ValueError("leads out of the pictures' directory")
        if not path.is_file():
            raise ValueError("no such file below the pictures' directory")
        if path not in self._hashed:
            self._hashed[path] = hash_picture(read_picture(path))
        return self._hashed[path]


class _Run:
    """One screening: hits so far, and how many lines or pictures could not be used."""

    def __init__(self, screener: Screener, pictures: _Pictures | None) -> None:
        self.hits: list[Finding] = []
        self.faults = 0
        self._screener = screener
        self._domains: set[tuple[str, str]] = set()
        self._pictures = pictures

    def batches(self, lines: Iterator[Record | RecordProblem]) -> Iterator[list[Record]]:
        """Yield the records in batches; problems go to stderr."""
        batch: list[Record] = []
        for line in lines:
            if isinstance(line, RecordProblem):
                click.echo(str(line), err=True)
                self.faults += not line.kept
                continue
            batch.append(line)
            if len(batch) == BATCH:
                yield batch
                batch = []
        yield batch

    def screen(self, batch: list[Record]) -> None:
        """Compare a batch and keep its hits; a host that stands in the lists many times is hit once."""
        hosts = {record.subject for record in batch if isinstance(record, HostName)}
        for finding in self._screener.screen(batch, self._read_pictures(batch)):
            if finding.subject in hosts:
                if (finding.subject, finding.mark) in self._domains:
                    continue
                self._domains.add((finding.subject, finding.mark))
            self.hits.append(finding)

    def _read_pictures(self, batch: list[Record]) -> Mapping[str, list[tuple[str, PictureHashes]]]:
        found: dict[str, list[tuple[str, PictureHashes]]] = {}
        if self._pictures is None:
            return found
        for record in batch:
            for name in _named_pictures(record):
                try:
                    found.setdefault(record.subject, []).append((name, self._pictures.find(name)))
                except (OSError, ValueError, ImageError) as error:
                    self.faults += 1
                    click.echo(f"{record.subject}: picture {name!r}: {_reason(error)}; not compared", err=True)
        return found


def read_reference_file(path: Path) -> ReferencePicture:
    """Return a reference picture from a file; raises ``ConfigError`` naming it where it cannot be used."""
    try:
        return read_reference(path, str(path))
    except (OSError, ImageError) as error:
        raise ConfigError(f"{path}: no reference picture: {_reason(error)}; replace it or take it away") from error


def _named_pictures(record: Record) -> tuple[str, ...]:
    """Return the names of a record's pictures that are paths; addresses are not visited here."""
    match record:
        case Listing():
            names = record.images
        case MarkRecord():
            names = (record.image,) if record.image else ()
        case HostName():
            names = ()
    return tuple(dict.fromkeys(name for name in names if "://" not in name))


def _pictures_below(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    suffixes = PICTURE_SUFFIXES | UNREAD_SUFFIXES
    found = sorted(each for each in path.rglob("*") if each.suffix.lower() in suffixes and each.is_file())
    if not found:
        raise ConfigError(f"{path}: no pictures in it; they end in {', '.join(sorted(PICTURE_SUFFIXES))}")
    return found


def _reason(error: Exception) -> str:
    return (
        f"{error} ({error.reason})" if isinstance(error, ImageError) else getattr(error, "strerror", "") or str(error)
    )


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Tokyo")).date()


@contextmanager
def _opened(records: str) -> Iterator[tuple[BinaryIO, str]]:
    """Open the records, or stdin for ``-``, to be read more than once, with the name that problems are told under."""
    if records == "-":
        with _kept(sys.stdin.buffer) as kept:
            yield kept, "stdin"
        return
    path = Path(records)
    if path.exists() and not (ends(path) or path.is_dir()):
        raise ConfigError(f"{records}: no regular file; name a JSON Lines file, or - for stdin")
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise ConfigError(f"{records}: {error.strerror}; name a JSON Lines file, or - for stdin") from error
        yield (stream if stream.seekable() else stack.enter_context(_kept(stream))), records


@contextmanager
def _kept(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Keep what comes through a pipe for as long as it is needed."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
        shutil.copyfileobj(stream, kept)
        kept.seek(0)
        yield cast("BinaryIO", kept)
