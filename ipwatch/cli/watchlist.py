"""``ipwatch watchlist``: check the watchlists, and make one from a table."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import click

from ipwatch.bootstrap import open_installation
from ipwatch.errors import WatchlistError
from ipwatch.jsonlines import dump_hit
from ipwatch.pipeline.dry_run import try_watchlists
from ipwatch.records import HolderKind, RightKind
from ipwatch.settings import Settings
from ipwatch.watchlists import CheckedWatchlist, check_watchlists, parse_watchlist
from ipwatch.watchlists.importing import ImportedMarks, import_marks

_JAPAN = timezone(timedelta(hours=9))
_HEADER = "# 監視リスト / watchlist. 書き方 / how to write it: watchlists/README.md\n\n"


@click.group("watchlist")
def watchlist() -> None:
    """Check, import and try watchlists (監視リスト)."""


@watchlist.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the problems come last.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day on which rights and authorisations must not have ended; today in Japan where not given.",
)
@click.pass_obj
def check(settings: Settings, paths: tuple[Path, ...], *, as_json: bool, as_of: datetime | None) -> None:
    """Check watchlist files, or all *.toml of a folder (IPWATCH_WATCHLIST_DIR where none is named).

    Prints one line for each usable file. Warnings and problems go to stderr; a problem ends with exit code 2.
    """
    day = as_of.date() if as_of else datetime.now(UTC).astimezone(_JAPAN).date()
    checked, problems = check_watchlists(paths or (settings.watchlist_dir,), as_of=day)
    for each in checked:
        click.echo(json.dumps(_as_json(each), ensure_ascii=False) if as_json else _as_line(each))
    if as_json and problems:
        click.echo(json.dumps({"problems": problems}, ensure_ascii=False))
    for warning in (warning for each in checked for warning in each.warnings):
        click.echo(f"warning: {warning}", err=True)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(2)


@watchlist.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--holder-id", required=True, help="Small letters, digits, hyphens; it names the file.")
@click.option("--name-ja", required=True, help="Name of the rights holder in Japanese.")
@click.option("--name-en", required=True, help="Name of the rights holder in English.")
@click.option(
    "--kind", required=True, type=click.Choice([kind.value for kind in HolderKind]), help="What the rights holder is."
)
@click.option("--prefecture", help="ISO 3166-2 code, JP-01 to JP-47.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to; default: IPWATCH_WATCHLIST_DIR.")
@click.option("--sheet", help="Sheet of the workbook; default: the first visible one with headings.")
@click.option(
    "--mark-kind",
    type=click.Choice([kind.value for kind in RightKind]),
    help="Kind of right of all rows that name none.",
)
@click.option("--skip-bad", is_flag=True, help="Write the good rows although others cannot be used.")
@click.option("--force", is_flag=True, help="Overwrite a file of that name.")
@click.pass_obj
def import_(
    settings: Settings,
    file: Path,
    *,
    holder_id: str,
    name_ja: str,
    name_en: str,
    kind: str,
    prefecture: str | None,
    out: Path | None,
    sheet: str | None,
    mark_kind: str | None,
    skip_bad: bool,
    force: bool,
) -> None:
    """Make a watchlist of the marks in a table: a CSV or .xlsx FILE.

    Nothing is written unless every row can be used, or --skip-bad is given.
    """
    holder = {"id": holder_id, "name_ja": name_ja, "name_en": name_en, "kind": kind}
    if prefecture is not None:
        holder["prefecture"] = prefecture
    folder = out or settings.watchlist_dir
    target = folder / f"{holder_id}.toml"
    if target.exists() and not force:
        raise WatchlistError((f"{target}: exists already; choose another --holder-id, or give --force",))
    imported = import_marks(file, holder, folder, sheet=sheet, kind=mark_kind)
    for warning in imported.warnings:
        click.echo(f"warning: {warning}", err=True)
    if imported.problems and not skip_bad:
        nothing = (
            f"{file}: 誤りが {len(imported.problems)} 件。何も書いていません。直すか、--skip-bad を付けてください / "
            f"{_count(len(imported.problems), 'fault')}, nothing was written; correct the rows, or give --skip-bad"
        )
        raise WatchlistError((*imported.problems, nothing))
    content = (_HEADER + imported.toml).encode()
    parse_watchlist(content, target)
    _write(target, content)
    for problem in imported.problems:
        click.echo(f"left out: {problem}", err=True)
    click.echo(f"{target}: {_counts(imported)}")
    if imported.problems:
        raise SystemExit(2)


def _counts(imported: ImportedMarks) -> str:
    ja = f"{imported.rows} 行、商標 {imported.marks} 件、使わなかったセル {imported.unused} 個"
    counts = (_count(imported.rows, "row"), _count(imported.marks, "mark"), _count(imported.unused, "cell"))
    return f"{ja} / {', '.join(counts)} not used"


def _as_line(checked: CheckedWatchlist) -> str:
    holder, marks = checked.watchlist.holder, checked.watchlist.marks
    forms = sum(1 + len(mark.variants) for mark in marks)
    counts = (_count(len(marks), "mark"), _count(forms, "form"), _count(len(checked.warnings), "warning"))
    return f"{checked.path}: {holder.name_ja} ({holder.name_en}): {', '.join(counts)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _as_json(checked: CheckedWatchlist) -> dict[str, object]:
    holder, marks = checked.watchlist.holder, checked.watchlist.marks
    return {
        "file": str(checked.path),
        "holder": {"id": holder.id, "name_ja": holder.name_ja, "name_en": holder.name_en, "kind": holder.kind.value},
        "marks": len(marks),
        "forms": sum(1 + len(mark.variants) for mark in marks),
        "sha256": checked.watchlist.sha256,
        "warnings": checked.warnings,
    }


def _write(target: Path, content: bytes) -> None:
    """Write the whole file or nothing."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".part", delete=False) as part:
            part.write(content)
        written = Path(part.name)
        try:
            written.chmod(0o644)
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise WatchlistError((f"{target}: cannot be written ({error.strerror}); check the folder",)) from error


@watchlist.command("try")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.pass_obj
def try_(settings: Settings, files: tuple[Path, ...]) -> None:
    """Print what a watchlist would have flagged among the stored records, best first; nothing is written.

    FILE is a watchlist, or the holder id of one. One hit a line, as "ipwatch screen" prints them.
    """
    now = datetime.now(UTC)
    with open_installation(settings, now=lambda: now, watchlists=[str(file) for file in files]) as workspace:
        found = list(try_watchlists(workspace, on=now.astimezone(_JAPAN).date()))
    for finding in sorted(found, key=lambda one: (-one.score, one.subject, one.mark)):
        click.echo(dump_hit(finding))
    click.echo(f"ipwatch: {len(found)} suspected among the stored records", err=True)
