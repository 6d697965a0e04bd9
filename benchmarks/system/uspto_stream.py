"""Peak memory and speed of parsing a large USPTO daily file; prints one line of JSON.

The file is generated into a temporary directory and read in a child process, whose peak resident memory is the figure.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ipwatch.records import Document, MarkRecord, RequestKind
from ipwatch.sources import uspto

HEAD = b"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE trademark-applications-daily [
<!ELEMENT trademark-applications-daily (version, creation-datetime, application-information)>
]>
<trademark-applications-daily><application-information><file-segments><action-keys><action-key>TX</action-key>
"""
TAIL = b"</action-keys></file-segments></application-information></trademark-applications-daily>\n"
FLAGS = "".join(f"<flag-{n}-in>F</flag-{n}-in>" for n in range(47))
GOODS = "Towels; bath linen; textile fabrics [ of silk ]; *quilts* and bed covers; " * 30
EVENTS = "".join(
    f"<case-file-event-statement><code>{code}</code><type>I</type><description-text>AN EVENT</description-text>"
    f"<date>202611{day:02d}</date><number>{day}</number></case-file-event-statement>"
    for day, code in enumerate(["NWAP", "DOCK", "CNSA", "NPUB", "PUBO"] * 5, start=1)
)


def case_file(number: int) -> bytes:
    """Return an invented case-file of about 7.5 kB, the size of a real one with some history."""
    return (
        f"<case-file><serial-number>{90_000_000 + number}</serial-number>"
        "<registration-number>0000000</registration-number>"
        "<case-file-header><filing-date>20260401</filing-date><status-code>686</status-code>"
        f"<status-date>20261110</status-date><mark-identification>KAZE {number}</mark-identification>"
        f"<mark-drawing-code>4</mark-drawing-code>{FLAGS}</case-file-header>"
        "<case-file-statements><case-file-statement><type-code>GS0241</type-code>"
        f"<text>{GOODS}</text></case-file-statement></case-file-statements>"
        f"<case-file-event-statements>{EVENTS}</case-file-event-statements>"
        "<classifications><classification><international-code>024</international-code></classification>"
        "</classifications><case-file-owners><case-file-owner><entry-number>1</entry-number>"
        "<party-type>10</party-type><party-name>Invented Trading</party-name></case-file-owner></case-file-owners>"
        "</case-file>\n"
    ).encode()


def daily_file(size: int) -> Iterator[bytes]:
    """Yield the pieces of a daily file of at least ``size`` bytes."""
    yield HEAD
    written = number = 0
    while written < size:
        piece = case_file(number)
        yield piece
        written += len(piece)
        number += 1
    yield TAIL


def write(path: Path, size: int, *, packed: bool) -> None:
    """Write the file, within a zip where ``packed``."""
    if packed:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("apc261116.xml", "w") as member:
            member.writelines(daily_file(size))
    else:
        with path.open("wb") as file:
            file.writelines(daily_file(size))


def read(path: Path, megabytes: int) -> dict[str, object]:
    """Read the file as the pipeline does, and return the figures of this process."""
    document = Document(
        source="uspto",
        kind=RequestKind.BULK,
        url=path.as_uri(),
        final_url=path.as_uri(),
        status=200,
        headers=(),
        fetched_at=datetime(2026, 11, 17, tzinfo=UTC),
        sha256="0" * 64,
        size=path.stat().st_size,
        path=path,
    )
    records = issues = 0
    begin = time.perf_counter()
    for item in uspto.parse(document):
        if isinstance(item, MarkRecord):
            records += 1
        else:
            issues += 1
    seconds = time.perf_counter() - begin
    return {
        "benchmark": "uspto_stream",
        "xml_mb": megabytes,
        "file_mb": round(document.size / 1e6, 1),
        "records": records,
        "issues": issues,
        "seconds": round(seconds, 1),
        "mb_per_s": round(megabytes / seconds, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main() -> None:
    """Generate, read in a child process, print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=500)
    arguments.add_argument("--zip", action="store_true", help="read the file from a zip, as the office delivers it")
    arguments.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.read:
        print(json.dumps(read(options.read, options.megabytes)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "apc261116"
        write(path, options.megabytes * 1_000_000, packed=options.zip)
        command = [sys.executable, "-m", __spec__.name, "--megabytes", str(options.megabytes), "--read", str(path)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
