"""The deployments of ``prefect.yaml``, one for each source, and their intervals; without importing Prefect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from cronsim import CronSim, CronSimError

import ipwatch
from ipwatch.errors import ConfigError
from ipwatch.records import SourceInfo, SourceKind
from ipwatch.sources import load_sources
from ipwatch.terms import listed, message

DEFAULT_INTERVAL = timedelta(days=1)
"""Interval of a source without a known schedule."""

FILE = "prefect.yaml"
# Schedules are evaluated over a year from here, in a naive clock without changes to summer time: the zone of a schedule
# shifts all of its runs equally.
_START = datetime(2026, 1, 1)  # noqa: DTZ001 - a wall clock's time
# Minutes between the runs of deployments made from templates; coprime to 60, so that the first 60 begin at different
# minutes.
_STEP = 7
_MIN_RUNS, _MAX_RUNS, _SPAN = 3, 20_000, timedelta(days=62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Schedule of a source: the maximum regular time between two runs, ``None`` where no schedule is active."""

    interval: timedelta | None


def find_schedules(directory: Path) -> Path | None:
    """Return the project's ``prefect.yaml`` in a directory, else that of the checkout this software runs from."""
    checkout = Path(ipwatch.__file__).resolve().parents[1]
    return next((path for path in (directory / FILE, checkout / FILE) if _is_ours(path)), None)


def _is_ours(path: Path) -> bool:
    """Return whether the file exists and is of this project: other projects have files of that name, too."""
    try:
        return any(line.split() == ["name:", "ipwatch"] for line in path.read_text("utf-8").splitlines())
    except (OSError, ValueError):
        return False


def read_schedules(path: Path) -> dict[str, Schedule]:
    """Return the schedule of each source, by name, from the parameter ``source`` of the deployments.

    Raises ``ConfigError`` where the file cannot be read or a schedule is invalid.
    """
    schedules: dict[str, Schedule] = {}
    for deployment in read_deployments(path):
        source = _source_of(deployment)
        if source is None:
            continue
        intervals = [
            _interval(schedule, f"{path}: deployment {deployment.get('name')}")
            for schedule in _dicts(deployment, "schedules", path)
            if schedule.get("active", True)
        ]
        before = schedules[source].interval if source in schedules else None
        schedules[source] = Schedule(interval=min((*intervals, *([before] if before else [])), default=None))
    return schedules


def read_deployments(path: Path) -> list[dict[str, Any]]:
    """Return every deployment: those declared in the file, then one for each other source.

    The latter are made from the file's template for the source's kind (``definitions: sources:``) and have the
    source's name; there are none for a kind without template. Raises ``ConfigError`` where the file cannot be read.
    """
    content = _content(path)
    declared = list(_dicts(content, "deployments", path))
    templates = _templates(content, path)
    read = {_source_of(deployment) for deployment in declared}
    unread = [(name, source.INFO) for name, source in sorted(load_sources().items()) if name not in read]
    made = [
        _from_template(templates[info.kind], info, minute=_STEP * index % 60, path=path)
        for index, (name, info) in enumerate(unread)
        if info.kind in templates
    ]
    return declared + made


def deployments_file(path: Path) -> str:
    """Return the text of a ``prefect.yaml`` that declares every deployment and needs no template."""
    text: str = yaml.safe_dump(
        {"name": _content(path).get("name"), "deployments": read_deployments(path)}, allow_unicode=True, sort_keys=False
    )
    return text


def _content(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(message("installation.schedules", path=path, reason=reason)) from error
    if not isinstance(content, dict):
        raise ConfigError(message("installation.no_deployments", path=path))
    return content


def _templates(content: Mapping[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    """Return the template of each kind of source that has one."""
    definitions = content.get("definitions")
    templates = definitions.get("sources", {}) if isinstance(definitions, dict) else {}
    if not isinstance(templates, dict) or not all(isinstance(template, dict) for template in templates.values()):
        raise ConfigError(message("installation.templates", path=path))
    unknown = sorted(set(templates) - set(SourceKind))
    if unknown:
        raise ConfigError(message("installation.template_kind", path=path, kind=unknown[0], kinds=listed(SourceKind)))
    return templates


def _from_template(template: Mapping[str, Any], info: SourceInfo, *, minute: int, path: Path) -> dict[str, Any]:
    schedules = [
        {
            key: str(value).replace("{minute}", str(minute)) if key == "cron" else value
            for key, value in schedule.items()
        }
        for schedule in _dicts(template, "schedules", path)
    ]
    own = {
        "name": info.name,
        "description": f"{info.title_ja} / {info.title_en}",
        "parameters": {"source": info.name},
        "schedules": schedules,
    }
    return {**template, **own}


def _source_of(deployment: Mapping[str, Any]) -> str | None:
    parameters = deployment.get("parameters")
    source = parameters.get("source") if isinstance(parameters, dict) else None
    return source if isinstance(source, str) else None


def cron_interval(expression: str) -> timedelta:
    """Return the maximum time between two runs of a cron expression; raises ``ConfigError`` where it is invalid.

    "10 1 * * 1-5" gives three days: from Friday to Monday.
    """
    try:
        runs = CronSim(expression, _START)
        first = previous = next(runs)
        max_gap = timedelta(0)
        for number, run in enumerate(runs, start=2):
            max_gap, previous = max(max_gap, run - previous), run
            if number >= _MAX_RUNS or (number >= _MIN_RUNS and run - first >= _SPAN):
                break
    except (CronSimError, StopIteration) as error:
        raise ConfigError(message("installation.cron", expression=expression, error=error)) from error
    return max_gap


def _interval(schedule: Mapping[str, Any], where: str) -> timedelta:
    """Return the interval of one schedule; one with ``rrule`` counts as daily."""
    if isinstance(cron := schedule.get("cron"), str):
        try:
            return cron_interval(cron)
        except ConfigError as error:
            raise ConfigError(message("lists.at", place=where, text=error)) from error
    seconds = schedule.get("interval")
    if isinstance(seconds, int | float) and seconds > 0:
        return timedelta(seconds=seconds)
    return DEFAULT_INTERVAL


def _dicts(parent: object, key: str, path: Path) -> Iterator[dict[str, Any]]:
    """Yield the mappings of a list; raises ``ConfigError`` for another value."""
    values = parent.get(key) if isinstance(parent, dict) else None
    if values is None and isinstance(parent, dict):
        return
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise ConfigError(message("installation.list_of_tables", path=path, key=key))
    yield from values
