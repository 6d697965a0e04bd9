"""``ipwatch watchlist``: check the watchlists, and convert a table into one.

What only one of the commands needs is imported there: a check would otherwise wait for spreadsheets and databases.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipwatch.cli.language import say, tell
from ipwatch.errors import WatchlistError
from ipwatch.records import Finding, HolderKind, ListingKind, RightKind, Watchlist
from ipwatch.settings import Settings
from ipwatch.terms import Message, message, os_reason
from ipwatch.watchlists import CheckedWatchlist, check_watchlists, parse_watchlist
from ipwatch.watchlists.diagnostics import abridged
from ipwatch.watchlists.hints import Hint, find_hints

if TYPE_CHECKING:
    from ipwatch.watchlists.importing import ImportedMarks

_JAPAN = timezone(timedelta(hours=9))
_HEADER = "# 監視リスト / watchlist. 書き方 / how to write it: watchlists/README.md\n\n"


@click.group("watchlist")
def watchlist() -> None:
    """Check, import and try watchlists (監視リスト)."""


@watchlist.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
)
@click.option("--hints", "with_hints", is_flag=True)
@click.pass_obj
def check(
    settings: Settings, paths: tuple[Path, ...], *, as_json: bool, as_of: datetime | None, with_hints: bool
) -> None:
    """Check watchlist files, or all *.toml of a folder (IPWATCH_WATCHLIST_DIR where none is named)."""
    day = as_of.date() if as_of else datetime.now(UTC).astimezone(_JAPAN).date()
    checked, problems = check_watchlists(paths or (settings.watchlist_dir,), as_of=day)
    for each in checked:
        if as_json:
            click.echo(json.dumps(_as_json(each, with_hints=with_hints), ensure_ascii=False))
            continue
        say(_as_line(each), err=False)
        for hint in find_hints(each.watchlist) if with_hints else ():
            say(message("cli.hint", key=hint.key, marks=_marks_of(hint, each.watchlist), gain=hint.gain), err=False)
    if as_json and problems:
        click.echo(json.dumps({"problems": problems}, ensure_ascii=False))
    for warning in (warning for each in checked for warning in each.warnings):
        say(message("cli.warning", text=warning))
    for problem in problems:
        say(problem)
    if problems:
        raise SystemExit(2)
    if not (as_json or with_hints):
        _say_what_helps_most(checked)


def _say_what_helps_most(checked: Sequence[CheckedWatchlist]) -> None:
    """Say in one line which key most lists lack first, and what they would gain."""
    first = [next((hint for hint in find_hints(each.watchlist) if not hint.is_wish), None) for each in checked]
    hints = [hint for hint in first if hint is not None]
    if not hints:
        return
    counts = Counter((hint.key, hint.group) for hint in hints)
    hint = max(hints, key=lambda each: counts[each.key, each.group])
    lists = message("cli.hint_lists", count=counts[hint.key, hint.group], all=len(checked))
    marks = lists if len(checked) > 1 else _marks_of(hint, checked[0].watchlist)
    say(message("cli.hint_most", key=hint.key, marks=marks, gain=hint.gain))


def _marks_of(hint: Hint, watchlist: Watchlist) -> str:
    """Return how many marks a hint is for, or their names where others have what it asks for."""
    if len(hint.marks) == len(watchlist.marks):
        return _count(len(hint.marks), "mark")
    return abridged(hint.marks)


@watchlist.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--holder-id", required=True)
@click.option("--name-ja", required=True)
@click.option("--name-en", required=True)
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in HolderKind]))
@click.option("--prefecture")
@click.option("--out", type=click.Path(path_type=Path))
@click.option("--sheet")
@click.option(
    "--mark-kind",
    type=click.Choice([kind.value for kind in RightKind]),
)
@click.option("--skip-bad", is_flag=True)
@click.option("--force", is_flag=True)
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
    """Make a watchlist of the marks in a table: a CSV or .xlsx FILE."""
    from ipwatch.watchlists.importing import import_marks  # noqa: PLC0415 - see the module

    holder = {"id": holder_id, "name_ja": name_ja, "name_en": name_en, "kind": kind}
    if prefecture is not None:
        holder["prefecture"] = prefecture
    folder = out or settings.watchlist_dir
    target = folder / f"{holder_id}.toml"
    if target.exists() and not force:
        raise WatchlistError((message("watchlists.exists", path=target),))
    imported = import_marks(file, holder, folder, sheet=sheet, kind=mark_kind)
    for warning in imported.warnings:
        say(message("cli.warning", text=warning))
    if imported.problems and not skip_bad:
        many = "one" if len(imported.problems) == 1 else "many"
        nothing = message(f"cli.import_nothing_written.{many}", file=file, count=len(imported.problems))
        raise WatchlistError((*imported.problems, nothing))
    content = (_HEADER + imported.toml).encode()
    parse_watchlist(content, target)
    _write(target, content)
    for problem in imported.problems:
        say(message("cli.left_out", text=problem))
    say(_counts(target, imported), err=False)
    if imported.problems:
        raise SystemExit(2)


def _counts(target: Path, imported: ImportedMarks) -> Message:
    return message(
        "cli.imported",
        path=target,
        rows=_count(imported.rows, "row"),
        marks=_count(imported.marks, "mark"),
        unused=_count(imported.unused, "cell"),
    )


def _as_line(checked: CheckedWatchlist) -> Message:
    holder, marks = checked.watchlist.holder, checked.watchlist.marks
    forms = sum(1 + len(mark.variants) for mark in marks)
    return message(
        "cli.checked",
        path=checked.path,
        name=message("cli.holder_name", ja=holder.name_ja, en=holder.name_en),
        marks=_count(len(marks), "mark"),
        forms=_count(forms, "form"),
        warnings=_count(len(checked.warnings), "warning"),
    )


def _count(number: int, noun: str) -> Message:
    return message(f"cli.count.{noun}.{'one' if number == 1 else 'many'}", count=number)


def _as_json(checked: CheckedWatchlist, *, with_hints: bool) -> dict[str, object]:
    holder, marks = checked.watchlist.holder, checked.watchlist.marks
    hints = [{"key": hint.key, "marks": hint.marks, "gain": hint.gain} for hint in find_hints(checked.watchlist)]
    return {
        "file": str(checked.path),
        "holder": {"id": holder.id, "name_ja": holder.name_ja, "name_en": holder.name_en, "kind": holder.kind.value},
        "marks": len(marks),
        "forms": sum(1 + len(mark.variants) for mark in marks),
        "sha256": checked.watchlist.sha256,
        "warnings": checked.warnings,
        **({"hints": hints} if with_hints else {}),
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
        raise WatchlistError((message("watchlists.unwritable", path=target, reason=os_reason(error)),)) from error


@watchlist.command("try")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.pass_obj
def try_(settings: Settings, files: tuple[Path, ...]) -> None:
    """Print what a watchlist would have flagged among the stored records, best first; nothing is written."""
    from ipwatch.bootstrap import open_installation  # noqa: PLC0415 - see the module
    from ipwatch.jsonlines import dump_hit  # noqa: PLC0415 - see the module
    from ipwatch.pipeline.dry_run import try_watchlists  # noqa: PLC0415 - see the module

    now = datetime.now(UTC)
    with open_installation(settings, now=lambda: now, watchlists=[str(file) for file in files]) as workspace:
        findings = list(try_watchlists(workspace, on=now.astimezone(_JAPAN).date()))
    for finding in sorted(findings, key=_order):
        click.echo(dump_hit(finding))
    kinds = Counter(finding.kind for finding in findings)
    tell(
        message(
            "cli.try_found",
            named=kinds.total() - kinds[None],
            suspected=kinds[ListingKind.SUSPECTED],
            filings=kinds[None],
        )
    )


def _order(hit: Finding) -> tuple[float, float, str, str]:
    return -(hit.score if hit.suspicion is None else hit.suspicion), -hit.score, hit.subject, hit.mark
