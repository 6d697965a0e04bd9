"""Recovery of the watch: terminates and kills each of its processes at each moment, and measures the recovery.

A real ``ipwatch up`` reads a slow shop on loopback with a schedule of seconds. In each round one process is ended: the
``engine`` (the process of a flow run), the ``worker``, the ``server``, ``up`` itself, or ``all`` at once, as in a power
cut; after the last two it is started again. Measured are the seconds until every interrupted run is marked, and until
one scheduled for later has completed; the number of leftover processes; and the number of missing listings.
``python -m benchmarks.system.ends`` prints a line for each round, a table, and one JSON line. It exits with 1 where a
bound is exceeded.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

from benchmarks.data.folders import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from watched import TookTooLong, Watch, round_of, slow_shop

MARKED_WITHIN, NEXT_WITHIN = 180, 360
PROCESSES = ("engine", "worker", "server", "up", "all")
MOMENTS = ("reading", "starting", "idle")


def main() -> int:
    """Run the rounds and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", nargs="+", default=PROCESSES, choices=PROCESSES)
    parser.add_argument("--moments", nargs="+", default=["reading"], choices=MOMENTS)
    parser.add_argument("--how", nargs="+", default=["kill", "term"], choices=["kill", "term"])
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=90, help="No round begins later than that.")
    parser.add_argument("--seconds", type=int, default=20, help="The schedule of the shop.")
    chosen = parser.parse_args()
    wanted = [
        cell
        for _ in range(chosen.count)
        for cell in product(chosen.processes, chosen.moments, chosen.how)
        if cell[:2] != ("engine", "idle")
    ]
    rounds = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, slow_shop(8, 0.5) as shop:
        watch = Watch(Path(name), shop, seconds=chosen.seconds)
        watch.start()
        try:
            for cell in wanted:
                if time.monotonic() - begun > 60 * chosen.minutes:
                    break
                rounds.append(one_round(watch, *cell))
                print(rounds[-1], flush=True)
        finally:
            watch.stop()
    return report(rounds, len(wanted))


def one_round(watch: Watch, process: str, moment: str, how: str) -> dict[str, object]:
    """Return the figures of a round; one without recovery has none, and the next begins with a fresh start."""
    try:
        return round_of(watch, process, moment, how)
    except TookTooLong as error:
        print(error, file=sys.stderr)
        watch.stop()
        watch.start()
        return {"process": process, "moment": moment, "how": how, "failed": str(error).splitlines()[0]}


def report(rounds: list[dict[str, object]], wanted: int) -> int:
    """Print the table and the JSON line, and return the exit code."""
    print("\nprocess  moment    how   rounds  marked within  next run within  kept")
    kept = 0
    for cell in dict.fromkeys((outcome["process"], outcome["moment"], outcome["how"]) for outcome in rounds):
        same = [outcome for outcome in rounds if (outcome["process"], outcome["moment"], outcome["how"]) == cell]
        good = [outcome for outcome in same if keeps(outcome)]
        kept += len(good)
        marked, following = (
            [int(str(outcome[key])) for outcome in same if key in outcome] for key in ("marked", "next")
        )
        times = f"{max(marked, default=0):>11} s  {max(following, default=0):>13} s"
        print(f"{cell[0]:8} {cell[1]:9} {cell[2]:5} {len(same):>6}  {times}  {len(good)}/{len(same)}")
    figures = {
        "benchmark": "ends",
        "rounds": len(rounds),
        "wanted": wanted,
        "kept": kept,
        "marked_within_s": max((int(str(outcome.get("marked", 0))) for outcome in rounds), default=0),
        "next_completed_within_s": max((int(str(outcome.get("next", 0))) for outcome in rounds), default=0),
        "lost": sum(int(str(outcome.get("lost", 0))) for outcome in rounds),
        "left_behind": sum(int(str(outcome.get("left", 0))) for outcome in rounds),
        "bounds_s": [MARKED_WITHIN, NEXT_WITHIN],
    }
    print(json.dumps(figures))
    return 0 if kept == len(rounds) else 1


def keeps(outcome: dict[str, object]) -> bool:
    """Return whether a round kept both bounds, without missing listings and leftover processes."""
    if "failed" in outcome:
        return False
    in_time = int(str(outcome["marked"])) <= MARKED_WITHIN and int(str(outcome["next"])) <= NEXT_WITHIN
    return in_time and outcome["lost"] == 0 and outcome["left"] == 0 and bool(outcome["adds_up"])


if __name__ == "__main__":
    sys.exit(main())
