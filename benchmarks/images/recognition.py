"""Recall of stolen pictures, altered marks and logos on goods, compared with pHash-64 and PDQ in the same run.

    python -m benchmarks.images.recognition [--data DIR] [--group G]... [--kinds K]... [--per-kind N] [--seed S]
        [--contact-sheet FILE]

Groups are photos, marks, logos, characters (each changed in all kinds), and ``goods``: marks and logos put on photos of
goods. ``--kinds`` takes names of kinds or of groups of kinds, and ``unseen`` for those that nothing was fitted on.
References are one half of each set; the other half gives innocent pictures, and what collages are made of. Recall is
given at the score of 0.70 and where the run itself shows at most one false match in a million pairs; peers get the
latter. Prints tables and one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.data.folders import SHARED
from benchmarks.data.image_changes import KINDS, UNSEEN, Change
from benchmarks.data.image_changes.logos import PLACINGS, placed
from benchmarks.data.image_features import reference_of
from benchmarks.data.image_measure import SURE, Engines, FalseMatch, Measured, Query, contact_sheet
from benchmarks.data.image_sets import GROUPS, RealImage, halves, same_shop, shop_photos

GOODS = "goods"
_OTHERS_AT_HAND = 24


def kinds_asked(names: list[str]) -> dict[str, dict[str, Change]]:
    """Return the kinds by group, those asked for or all; raises ``SystemExit`` for an unknown name."""
    everything = {**KINDS, "unseen": UNSEEN}
    if not names:
        return everything
    known = {name for group in everything.values() for name in group} | set(everything)
    if unknown := set(names) - known:
        raise SystemExit(f"no such kinds: {', '.join(sorted(unknown))}")
    chosen = {
        group: {kind: change for kind, change in changes.items() if group in names or kind in names}
        for group, changes in everything.items()
    }
    return {group: changes for group, changes in chosen.items() if changes}


def changed(
    references: tuple[RealImage, ...],
    others: tuple[RealImage, ...],
    kinds: dict[str, dict[str, Change]],
    per_kind: int,
    seed: int,
) -> Iterator[Query]:
    """Yield references in all kinds of change, and the innocent others unchanged."""
    elsewhere = [picture for picture in others if not same_shop(picture.family, picture.family)]
    at_hand = [picture.image() for picture in elsewhere[:_OTHERS_AT_HAND]]
    for changes in kinds.values():
        for kind, change in changes.items():
            rng = np.random.default_rng([seed, *kind.encode()])
            for index in rng.choice(len(references), min(per_kind, len(references)), replace=False):
                picture = references[int(index)]
                yield Query(kind, picture.family, change(picture.image(), rng, at_hand))
    for picture in others:
        yield Query("innocent", picture.family, picture.image(), innocent=True)


def on_goods(data: Path, marks: list[RealImage], per_kind: int, seed: int) -> Iterator[Query]:
    """Yield photos of goods with marks on them in all placings, and the same photos without."""
    photos = shop_photos(data)[1]
    for number, placing in enumerate(PLACINGS):
        rng = np.random.default_rng([seed, number])
        for _ in range(per_kind):
            mark, photo = marks[int(rng.integers(len(marks)))], photos[int(rng.integers(len(photos)))]
            yield Query(placing.name, mark.family, placed(mark.image(), photo.image(), placing, rng)[0])
    for photo in photos:
        yield Query("innocent", photo.family, photo.image(), innocent=True)


def measure(group: str, asked: argparse.Namespace) -> tuple[dict[str, Any], list[FalseMatch]]:
    """Measure a group, print its table, and return the figures and the false matches."""
    began = time.process_time()
    if group == GOODS:
        marks = [picture for name in ("marks", "logos") for picture in halves(name, asked.data)[0]]
        engines = Engines([reference_of(picture) for picture in marks])
        measured = engines.run(on_goods(asked.data, marks, asked.per_kind, asked.seed))
        tables = {GOODS: [placing.name for placing in PLACINGS]}
    else:
        references, others = halves(group, asked.data)
        kinds = kinds_asked(asked.kinds)
        engines = Engines([reference_of(picture) for picture in references])
        measured = engines.run(changed(references, others, kinds, asked.per_kind, asked.seed))
        tables = {name: list(changes) for name, changes in kinds.items()}
    _print_table(group, measured, tables)
    figures = _figures(measured, tables, len(engines.references))
    figures["cpu_s"] = round(time.process_time() - began, 1)
    print(f"  {json.dumps(figures)}")
    return {group: figures}, measured.false_matches


def _figures(measured: Measured, tables: dict[str, list[str]], references: int) -> dict[str, Any]:
    innocent = [
        score >= SURE
        for score, kind in zip(measured.mistaken["ipwatch"], measured.kinds, strict=True)
        if kind == "innocent"
    ]
    fitted = [kind for name, kinds in tables.items() if name != "unseen" for kind in kinds]
    recall: dict[str, Any] = {"at_score_0.70": round(measured.recall("ipwatch", fitted, -1.0, min_score=SURE), 4)}
    for method in Engines.METHODS:
        recall[f"{method}_at_1e-6_seen"] = round(measured.recall(method, fitted), 4)
    if "unseen" in tables:
        recall["unseen_kinds_at_score_0.70"] = round(
            measured.recall("ipwatch", tables["unseen"], -1.0, min_score=SURE), 4
        )
    return {
        "references": references,
        "queries": len(measured.kinds),
        "pairs": measured.pairs,
        "false_matches_at_0.70": len(measured.false_matches),
        "innocent_pictures_flagged": f"{sum(innocent)} of {len(innocent)}",
        "recall": recall,
    }


def _print_table(group: str, measured: Measured, tables: dict[str, list[str]]) -> None:
    print(f"\n{group:24} pictures   >=0.70  at 1e-6  pHash-64   PDQ-256")
    for name, kinds in tables.items():
        for label, wanted in [*((kind, [kind]) for kind in kinds), (f"= {name}", kinds)]:
            count = sum(kind in wanted for kind in measured.kinds)
            flagged = measured.recall("ipwatch", wanted, -1.0, min_score=SURE)
            shares = "  ".join(f"{measured.recall(method, wanted):8.3f}" for method in Engines.METHODS)
            print(f"{label:24} {count:8}  {flagged:7.3f} {shares}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--group", action="append", choices=[*GROUPS, GOODS], default=[])
    parser.add_argument("--kinds", action="append", default=[])
    parser.add_argument("--per-kind", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--contact-sheet", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    os.nice(5)
    figures: dict[str, Any] = {}
    false_matches: list[FalseMatch] = []
    for group in asked.group or [*GROUPS, GOODS]:
        measured, mistakes = measure(group, asked)
        figures |= measured
        false_matches += mistakes
    if asked.contact_sheet is not None:
        contact_sheet(false_matches).save(asked.contact_sheet)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
