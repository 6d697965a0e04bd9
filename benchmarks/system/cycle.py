"""A whole cycle over the sandbox, cold and warm: time, listings per second end to end, and peak memory.

The cold cycle reads everything for the first time; the warm one, a day later in the sandbox, gets 304 for most of it,
and compares only what changed. ``python -m benchmarks.system.cycle`` prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from ipwatch.sandbox import Composition, build_world, running
from ipwatch.sandbox.installation import settings_for
from ipwatch.store.session import upgrade


def main() -> None:
    """Run both cycles and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    world = build_world(chosen.seed, chosen.listings, datetime.now(UTC).date(), Composition.ENGINE)
    with tempfile.TemporaryDirectory() as name, running(world) as sandbox:
        root = Path(name)
        world.write_watchlists(root / "watchlists")
        settings = settings_for(sandbox, root / "data", root / "watchlists")
        settings.data_dir.mkdir()
        upgrade(settings.url_of_database)
        cold = one_cycle(settings.as_environment())
        sandbox.advance(1)
        warm = one_cycle(settings.as_environment())
    print(json.dumps({"benchmark": "cycle", "listings": chosen.listings, "cold": cold, "warm": warm}))


def one_cycle(environment: Mapping[str, str]) -> dict[str, float | int]:
    """Run ``ipwatch run`` in its own process and return its cost and results."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.run(
        [Path(sys.executable).with_name("ipwatch"), "--log-level", "ERROR", "run"],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        text=True,
    )
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise SystemExit(f"the cycle ended with code {process.returncode}: {process.stderr}")
    cycle = json.loads(process.stdout)
    sources = cycle["sources"].values()
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "requests": sum(source["planned"] for source in sources),
        "unchanged": sum(source["unchanged"] for source in sources),
        "records_read": sum(source["parsed"] for source in sources),
        "new": sum(source["new"] for source in sources),
        "compared": cycle["compared"],
        "suspected": cycle["suspected"],
        "compared_per_second": round(cycle["compared"] / seconds, 1),
        "peak_mib": round(after.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
