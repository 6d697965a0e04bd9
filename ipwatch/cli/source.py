"""``ipwatch source``: list of the sources, check of their contract, and parsing of saved responses."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from ipwatch.bootstrap import source_setups
from ipwatch.cli.console import utc_now
from ipwatch.cli.language import language, say
from ipwatch.cli.source_table import source_table, with_table
from ipwatch.cli.streams import ends
from ipwatch.errors import ConfigError, IpwatchError
from ipwatch.jsonlines import dump_record
from ipwatch.records import Document, FiledImage, ParseIssue, RequestKind, SourceCondition, SourceSetup
from ipwatch.schedules import FILE, deployments_file
from ipwatch.settings import Settings
from ipwatch.sources import Source, get_source, load_sources
from ipwatch.sources.contract import (
    check_expected,
    check_info,
    check_samples,
    default_kind,
    missing_settings,
    write_expected,
)
from ipwatch.terms import Message, listed, message, os_reason

_CHUNK = 1024 * 1024
_XML_SUFFIXES = (".xml", ".xml.gz")


@click.group()
def source() -> None:
    """List and check the sources; read a saved response."""


@source.command("list")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(settings: Settings, *, as_json: bool) -> None:
    """Print every source, and what must be set before it can be crawled."""
    setups = source_setups(settings)
    for name, adapter in sorted(load_sources().items()):
        info = adapter.INFO
        missing = setups[name].missing
        state = arranged(setups[name])
        if as_json:
            row = {
                "name": name,
                "kind": info.kind.value,
                "title_ja": info.title_ja,
                "title_en": info.title_en,
                "country": info.country,
                "ready": setups[name].problem is None and not missing,
                "missing": missing,
                "state": state,
                "terms_url": info.terms_url,
            }
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            say(_line(setups[name]), err=False)


def _line(setup: SourceSetup) -> Message:
    """Return the line with the name and the setup of a source."""
    info = setup.info
    state = message(f"cli.source.{arranged(setup)}")
    if setup.missing:
        state = message("cli.source.with_missing", state=state, missing=listed(setup.missing))
    if setup.problem:
        state = message("cli.source.with_problem", state=state, problem=setup.problem)
    return message(
        "cli.source.line",
        name=info.name,
        kind=info.kind.value,
        country=info.country or message("cli.source.any_country"),
        title_en=info.title_en,
        title_ja=info.title_ja,
        state=state,
    )


def arranged(setup: SourceSetup) -> str:
    """Return the setup of a source in a word: ready, switched_off, not_configured or wrong_settings."""
    if not setup.enabled:
        return SourceCondition.SWITCHED_OFF.value
    if setup.expected:
        return "ready"
    return (SourceCondition.WRONG_SETTINGS if setup.touched else SourceCondition.NOT_CONFIGURED).value


@source.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--samples",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option("--write", is_flag=True)
@click.pass_obj
def check(settings: Settings, *, names: tuple[str, ...], samples: Path | None, write: bool) -> None:
    """Check that sources keep the adapters' contract and are configured."""
    if write and samples is None:
        raise ConfigError(message("cli.source.write_needs_samples"))
    failed = False
    for name in names or tuple(sorted(load_sources())):
        adapter = get_source(name)
        problems = list(check_info(name, adapter))
        if samples is not None:
            for path in write_expected(adapter, samples / name) if write else ():
                say(message("cli.source.written", path=path))
            problems += check_samples(adapter, samples / name)
            problems += check_expected(adapter, samples / name)
        else:
            missing = missing_settings(adapter.INFO, settings.source_options(name))
            problems += [message("sources.set", name=name, settings=setting) for setting in missing]
        for problem in problems:
            say(problem)
        say(_verdict(name, len(problems)), err=False)
        failed = failed or bool(problems)
    if failed:
        raise SystemExit(1)


def _verdict(name: str, problems: int) -> Message:
    if not problems:
        return message("cli.source.ok", name=name)
    return message("cli.source.problems", name=name, count=problems)


@source.command()
@click.option(
    "--write",
    "page",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
def table(*, page: Path | None) -> None:
    """Print the table of the sources that docs/sources.md holds, from what each source says of itself."""
    if page is None:
        click.echo(source_table(language()), nl=False)
    else:
        page.write_text(with_table(page.read_text("utf-8"), page), "utf-8")


@source.command()
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
)
def deployments(*, project: Path) -> None:
    """Print the project's prefect.yaml with a deployment for every source, for a Prefect server of your own."""
    path = project / FILE
    if not path.is_file():
        raise ConfigError(message("cli.source.no_prefect_yaml", project=project, file=FILE))
    click.echo(deployments_file(path), nl=False)


@source.command()
@click.option("--source", "name", required=True)
@click.option("--url")
@click.option("--content-type")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def parse(*, name: str, url: str | None, content_type: str | None, files: tuple[str, ...]) -> None:
    """Print the records of saved responses as JSON Lines; FILE may be - for stdin."""
    adapter = get_source(name)
    if url is not None and len(files) > 1:
        raise ConfigError(message("cli.source.one_file"))
    counts: Counter[str] = Counter()
    for file in files:
        with _document(adapter, file, url=url, content_type=content_type) as document:
            counts += _print_records(adapter, document, "stdin" if file == "-" else file)
    counted = "cli.source.counts_with_pictures" if counts["pictures"] else "cli.source.counts"
    say(message(counted, records=counts["records"], pictures=counts["pictures"], problems=counts["problems"]))
    if counts["problems"]:
        raise SystemExit(2)


def _print_records(adapter: Source, document: Document, label: str) -> Counter[str]:
    """Print the records of a document; return the numbers of records, images and issues."""
    counts: Counter[str] = Counter()
    try:
        for parsed in adapter.parse(document):
            if isinstance(parsed, ParseIssue):
                counts["problems"] += 1
                position = f"{label}: {parsed.where}" + (f": {parsed.field}" if parsed.field else "")
                say(message("lists.at", place=position, text=parsed.message))
            elif isinstance(parsed, FiledImage):
                counts["pictures"] += 1
            else:
                counts["records"] += 1
                click.echo(dump_record(parsed))
    except IpwatchError as error:
        say(message("lists.at", place=label, text=error))
        counts["problems"] += 1
    return counts


@contextmanager
def _document(adapter: Source, file: str, *, url: str | None, content_type: str | None) -> Iterator[Document]:
    """Yield a file as a document; its body stays on disk."""
    with _on_disk(file) as path:
        sha256, size = _digest(path)
        address = url or path.resolve().as_uri()
        yield Document(
            source=adapter.INFO.name,
            kind=_kind(adapter, address, content_type),
            url=address,
            final_url=address,
            status=200,
            headers=(("Content-Type", content_type),) if content_type else (),
            fetched_at=utc_now(),
            sha256=sha256,
            size=size,
            path=path,
        )


@contextmanager
def _on_disk(file: str) -> Iterator[Path]:
    path = Path(file)
    if file != "-" and path.is_file():
        yield path
        return
    if file != "-" and not path.exists():
        raise ConfigError(message("cli.source.no_such_file", file=file))
    if file != "-" and not ends(path):
        raise ConfigError(message("cli.source.no_file", file=file))
    with ExitStack() as stack:
        stream = sys.stdin.buffer if file == "-" else stack.enter_context(path.open("rb"))
        spooled = stack.enter_context(tempfile.NamedTemporaryFile(prefix="ipwatch-", suffix=".stdin"))
        shutil.copyfileobj(stream, spooled, _CHUNK)
        spooled.flush()
        yield Path(spooled.name)


def _digest(path: Path) -> tuple[str, int]:
    try:
        with path.open("rb") as stream:
            return _streamed(stream)
    except OSError as error:
        raise ConfigError(message("cli.source.unreadable", path=path, reason=os_reason(error))) from error


def _streamed(stream: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _kind(adapter: Source, address: str, content_type: str | None) -> RequestKind:
    kind = default_kind(adapter.INFO)
    if kind is RequestKind.PAGE and (
        address.lower().endswith(_XML_SUFFIXES) or "xml" in (content_type or "").split(";")[0]
    ):
        return RequestKind.PAGE if "xhtml" in (content_type or "") else RequestKind.SITEMAP
    return kind
