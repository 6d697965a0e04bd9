"""``screen``: match records in files with watchlists, without a database."""

from __future__ import annotations

import os
import shutil
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast
from zoneinfo import ZoneInfo

import click

from ipwatch.cli.language import say
from ipwatch.cli.pictures import chosen_embedder, min_score_option, model_option, reason_of
from ipwatch.cli.streams import ends
from ipwatch.errors import ConfigError, ImageError
from ipwatch.jsonlines import RecordProblem, dump_hit, read_records, read_titles
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage
from ipwatch.matching.screener import Screener
from ipwatch.matching.suspicion.crawl import Crawl
from ipwatch.matching.suspicion.judge import judged, learn_listing
from ipwatch.matching.suspicion.pictures import fingerprints
from ipwatch.records import Finding, HostName, Listing, MarkRecord, Record, WatchedMark
from ipwatch.settings import Settings
from ipwatch.terms import message, os_reason
from ipwatch.watchlists import load_watchlists

if TYPE_CHECKING:
    from ipwatch.images import Embedder

EXIT_INPUT = 2
BATCH = 500
IN_MEMORY = 64 << 20
"""Bytes of stdin that are kept in memory; more go to a file that is gone at the end."""

PICTURES_IN_MEMORY = 4_000
"""Pictures whose features are kept, 40 kB each, for records that show the same one."""


@click.command()
@click.option(
    "--watchlist",
    "watchlists",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
)
@click.option("--images", type=click.Path(path_type=Path, file_okay=False))
@min_score_option
@model_option
@click.option(
    "--on",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
)
@click.argument("records", type=click.Path(path_type=str, allow_dash=True))
@click.pass_obj
def screen(
    settings: Settings,
    *,
    watchlists: tuple[Path, ...],
    images: Path | None,
    min_score: float | None,
    model: Path | None,
    on: datetime | None,
    records: str,
) -> None:
    """Match listings, filings or host names in RECORDS with watchlists; hits as JSON Lines, best first."""
    marks = [mark for watchlist in load_watchlists(watchlists) for mark in watchlist.marks]
    day = on.date() if on else _today()
    embedder = chosen_embedder(model, settings)
    references, excluded = _references(marks, embedder)
    screener = Screener(
        marks,
        references,
        rates=settings.rates,
        on=day,
        min_score=min_score,
        excluded=excluded,
        calibration=embedder.calibration if embedder else None,
    )
    run = _Run(screener, _RecordImages(images, embedder) if images else None, rates=settings.rates)
    with _opened(records) as (stream, name):
        screener.count_surfaces(read_titles(stream))
        stream.seek(0)
        for batch in run.batches(read_records(stream, name)):
            run.screen(batch)
    for finding in sorted(run.judged(marks), key=_order):
        click.echo(dump_hit(finding))
    for issue in screener.issues:
        say(message("lists.at", place=f"{issue.where}: {issue.field}", text=issue.message))
    if run.faults:
        raise SystemExit(EXIT_INPUT)


def _order(hit: Finding) -> tuple[float, float, str, str]:
    return -(hit.suspicion if hit.suspicion is not None else hit.score), -hit.score, hit.subject, hit.mark


def _references(
    marks: Sequence[WatchedMark], embedder: Embedder | None
) -> tuple[Sequence[ReferenceImage], Sequence[ReferenceImage]]:
    """Return the pictures of the marks, and the shared stock pictures (denylist)."""
    if not any(mark.images or mark.exclude_images for mark in marks):
        return (), ()
    from ipwatch.images import load_excluded, load_references  # noqa: PLC0415 - names alone need no decoders

    return load_references(marks, embedder), load_excluded(marks, embedder)


class _RecordImages:
    """The pictures that records name, below one directory and nowhere else; one that is shown often is read once."""

    def __init__(self, root: Path, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._root = root.resolve()
        if not self._root.is_dir():
            raise ConfigError(message("cli.screen.no_directory", root=root))
        self._described: OrderedDict[Path, ImageFeatures] = OrderedDict()

    def find(self, name: str) -> ImageFeatures:
        """Return the features of the named picture; raises ``OSError``, ``ValueError`` or ``ImageError``."""
        from ipwatch.images import Purpose, extract_features, read_picture  # noqa: PLC0415 - names alone need no decoders

        path = Path(os.path.realpath(self._root / name))  # Path.resolve fails on links that lead in a ring
        if not path.is_relative_to(self._root):
            raise ValueError(message("cli.screen.outside"))
        if not path.is_file():
            raise ValueError(message("cli.screen.no_picture"))
        if path not in self._described:
            self._described[path] = extract_features(read_picture(path), Purpose.OBSERVED, self._embedder)
            if len(self._described) > PICTURES_IN_MEMORY:
                self._described.popitem(last=False)
        self._described.move_to_end(path)
        return self._described[path]


class _Run:
    """One screening: what names a mark so far, and how many lines or pictures could not be used."""

    def __init__(self, screener: Screener, pictures: _RecordImages | None, *, rates: Mapping[str, Decimal]) -> None:
        self.faults = 0
        self._hits: list[Finding] = []
        self._named: list[tuple[Listing, Sequence[Finding]]] = []
        self._fingerprints: dict[str, tuple[str, ...]] = {}
        self._crawl = Crawl(rates)
        self._screener = screener
        self._domains: set[tuple[str, str]] = set()
        self._pictures = pictures

    def batches(self, lines: Iterator[Record | RecordProblem]) -> Iterator[list[Record]]:
        """Yield the records in batches; problems go to stderr."""
        batch: list[Record] = []
        for line in lines:
            if isinstance(line, RecordProblem):
                say(line.sentence())
                self.faults += not line.kept
                continue
            batch.append(line)
            if len(batch) == BATCH:
                yield batch
                batch = []
        yield batch

    def screen(self, batch: list[Record]) -> None:
        """Compare a batch and keep its hits; a host that occurs in the lists many times is one hit."""
        hosts = {record.subject for record in batch if isinstance(record, HostName)}
        listings = {record.subject: record for record in batch if isinstance(record, Listing)}
        for listing in listings.values():
            learn_listing(self._crawl, listing)
        pictures = self._read_pictures(batch)
        named: dict[str, list[Finding]] = {}
        for finding in self._screener.screen(batch, pictures, named=True):
            if finding.subject in listings:
                named.setdefault(finding.subject, []).append(finding)
                continue
            if finding.subject in hosts:
                if (finding.subject, finding.mark) in self._domains:
                    continue
                self._domains.add((finding.subject, finding.mark))
            self._hits.append(finding)
        for subject, findings in named.items():
            self._named.append((listings[subject], findings))
            shown = pictures.get(subject, ())
            self._fingerprints[subject] = fingerprints(features.views[0].regions for _, features in shown)

    def judged(self, marks: Sequence[WatchedMark]) -> Iterator[Finding]:
        """Yield the hits, those of listings judged by what all the records together say of the market."""
        yield from judged(marks, self._named, self._crawl, self._fingerprints)
        yield from self._hits

    def _read_pictures(self, batch: list[Record]) -> Mapping[str, list[tuple[str, ImageFeatures]]]:
        pictures: dict[str, list[tuple[str, ImageFeatures]]] = {}
        if self._pictures is None:
            return pictures
        for record in batch:
            for name in _named_pictures(record):
                try:
                    pictures.setdefault(record.subject, []).append((name, self._pictures.find(name)))
                except (OSError, ValueError, ImageError) as error:
                    self.faults += 1
                    say(message("cli.screen.not_compared", subject=record.subject, name=name, reason=reason_of(error)))
        return pictures


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


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Tokyo")).date()


@contextmanager
def _opened(records: str) -> Iterator[tuple[BinaryIO, str]]:
    """Open the records, or stdin for ``-``, to be read twice; give the stream and its name in messages."""
    if records == "-":
        with _kept(sys.stdin.buffer) as kept:
            yield kept, "stdin"
        return
    path = Path(records)
    if path.exists() and not (ends(path) or path.is_dir()):
        raise ConfigError(message("cli.screen.no_file", records=records))
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise ConfigError(message("cli.screen.unreadable", records=records, reason=os_reason(error))) from error
        yield (stream if stream.seekable() else stack.enter_context(_kept(stream))), records


@contextmanager
def _kept(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Copy a pipe into a temporary file."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
        shutil.copyfileobj(stream, kept)
        kept.seek(0)
        yield cast("BinaryIO", kept)
