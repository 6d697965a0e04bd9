"""``ipwatch evidence``: verification of captures."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ipwatch.evidence import verify_path


@click.group()
def evidence() -> None:
    """Evidence (証拠): what was captured."""


@evidence.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def verify(path: Path) -> None:
    """Check an evidence store, or one of its capture files, offline."""
    report = verify_path(path)
    for problem in report.problems:
        _print(
            {
                "problem": problem.kind.value,
                "where": problem.where,
                "message": problem.message,
                "harmless": problem.harmless,
            }
        )
    _print(
        {
            "ok": report.ok,
            "captures": report.captures,
            "bodies": report.bodies,
            "bytes": report.size,
            "head": report.head,
            "problems": len(report.problems),
        }
    )
    if not report.ok:
        raise SystemExit(1)


def _print(value: dict[str, object]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
