"""Checks of the machine: disk, permissions, clock, ports, and files with credentials."""

from __future__ import annotations

import http.client
import shutil
import socket
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ipwatch.bootstrap import open_to_others
from ipwatch.cli.doctor.findings import Finding, Inspected
from ipwatch.cli.doctor.stored import database_is_there, is_sqlite
from ipwatch.cli.prefect_api import ServerSilent
from ipwatch.errors import IpwatchError
from ipwatch.evidence import clock_offset
from ipwatch.store import captures
from ipwatch.store.session import Database

WEEK = timedelta(days=7)
MIN_FREE = 512 * 1024**2
"""What a first run needs in any case, before anything can be measured."""

MAX_CLOCK_OFFSET = timedelta(minutes=2)
_MAX_NAMED = 3
_MAX_SECRET_FILE = 4 * 1024**2
_MIN_SECRET = 8
_ANSWER_SECONDS = 10


def look_at_disk(inspected: Inspected) -> Iterator[Finding]:
    """Whether the disk has space for a week of growth, as measured in the last week."""
    directory = next(path for path in (inspected.data_dir, *inspected.data_dir.parents) if path.is_dir())
    free = shutil.disk_usage(directory).free
    week = _growth_of_a_week(inspected) if database_is_there(inspected) else 0
    wanted = max(week, MIN_FREE)
    key = "disk.full" if free < wanted else "disk.ok"
    yield Finding(key, {"free": _size(free), "week": _size(week), "wanted": _size(wanted)})


def _growth_of_a_week(inspected: Inspected) -> int:
    """Return the bytes of evidence added in the last week, and the share of the database added in it."""
    database = Database(inspected.settings.url_of_database)
    try:
        with database.read_session() as session:
            measured = captures.growth(session, since=inspected.now - WEEK)
    finally:
        database.dispose()
    stored = sum(path.stat().st_size for path in inspected.data_dir.glob("ipwatch.db*")) if is_sqlite(inspected) else 0
    return measured.new_bytes + (stored * measured.recent // measured.total if measured.total else 0)


def look_at_modes(inspected: Inspected) -> Iterator[Finding]:
    """Whether other accounts of the machine can read the stored data."""
    open_paths = open_to_others(inspected.data_dir)
    if open_paths:
        yield Finding("modes.open", {"count": len(open_paths), "path": open_paths[0]})
    else:
        yield Finding("modes.ok")


def look_at_clock(inspected: Inspected) -> Iterator[Finding]:
    """Whether the clock agrees with those of the hosts that were read in the last week."""
    offset = clock_offset(inspected.data_dir / "evidence", since=inspected.now - WEEK)
    if offset is None:
        yield Finding("clock.unknown")
    elif abs(offset) > MAX_CLOCK_OFFSET:
        ahead = offset > timedelta(0)
        yield Finding("clock.ahead" if ahead else "clock.behind", {"seconds": round(abs(offset.total_seconds()))})
    else:
        yield Finding("clock.ok", {"seconds": round(offset.total_seconds())})


def look_at_ports(inspected: Inspected) -> Iterator[Finding]:
    """Whether the ports of the review page and of Prefect are free, or used by this installation."""
    host, port = inspected.settings.web_host, inspected.settings.web_port
    address = {"host": host, "port": port}
    if port == 0:
        yield Finding("ports.web_any")
    elif not _listens(host, port):
        yield Finding("ports.web_free", address)
    else:
        yield Finding("ports.web_ours" if _is_review_page(host, port) else "ports.web_taken", address)
    port = inspected.prefect_port
    if not _listens("127.0.0.1", port):
        yield Finding("ports.prefect_free", {"port": port})
    else:
        yield Finding("ports.prefect_ours" if _is_our_prefect(inspected) else "ports.prefect_taken", {"port": port})


def look_at_secrets(inspected: Inspected) -> Iterator[Finding]:
    """Whether a credential is in a file that every account of the machine can read."""
    secrets = list(_secrets(inspected))
    if not secrets:
        yield Finding("secrets.none")
        return
    count = 0
    for path in _readable_by_all(inspected):
        content = path.read_bytes()
        named = [name for name, value in secrets if value.encode() in content]
        count += bool(named)
        if named and count <= _MAX_NAMED:
            yield Finding("secrets.open", {"path": path, "variables": ", ".join(named)})
    if not count:
        yield Finding("secrets.ok", {"count": len(secrets)})


def _secrets(inspected: Inspected) -> Iterator[tuple[str, str]]:
    """Yield each credential that is set, by the variable that holds it; a short one would be found by chance."""
    for name, source in inspected.settings.sources.items():
        for key, secret in source.credentials.items():
            if len(secret.get_secret_value()) >= _MIN_SECRET:
                yield f"IPWATCH_SOURCES__{name.upper()}__CREDENTIALS__{key.upper()}", secret.get_secret_value()
    password = urlsplit(inspected.settings.database_url or "").password
    if password is not None and len(password) >= _MIN_SECRET:
        yield "IPWATCH_DATABASE_URL", unquote(password)


def _readable_by_all(inspected: Inspected) -> Iterator[Path]:
    """Yield the small files with settings that every account can read."""
    folders = {
        inspected.project.resolve(),
        Path.cwd(),
        inspected.settings.watchlist_dir.resolve(),
        inspected.data_dir.parent,
    }
    system = [Path("/etc/default"), Path("/etc/systemd/system"), Path("/etc/environment.d")]
    paths = [path for folder in (*sorted(folders), *system) if folder.is_dir() for path in folder.iterdir()]
    logs = inspected.data_dir / "logs"
    paths += logs.iterdir() if logs.is_dir() else []
    for path in dict.fromkeys([Path("/etc/environment"), *paths]):
        try:
            status = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and status.st_mode & stat.S_IROTH and status.st_size <= _MAX_SECRET_FILE:
            yield path


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=_ANSWER_SECONDS):
            return True
    except OSError:
        return False


def _is_review_page(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/login")
        return b"ipwatch</title>" in connection.getresponse().read(20_000)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_our_prefect(inspected: Inspected) -> bool:
    if inspected.api is None:
        return False
    try:
        inspected.api.version()
    except ServerSilent:
        return False
    except IpwatchError:
        return False
    return True


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GB" if count >= 1024**3 else f"{count / 1024**2:.0f} MB"
