"""Records, hits and explanations as lines of JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ipwatch.records import Finding, Record, Signal

if TYPE_CHECKING:  # records are written without all of matching, which takes longer to load than to write them
    from ipwatch.matching.explain import Explanation
    from ipwatch.matching.images.match import ImageMatch

_SURROGATE = re.compile("[\ud800-\udfff]")


def dump_record(record: Record) -> str:
    """Return the record as one line of JSON, prices as decimal strings, missing values as null."""
    return _dump(dataclasses.asdict(record))


def dump_hit(finding: Finding) -> str:
    """Return the finding as a hit: subject, mark, score and signals; of a listing also what it is suspected for."""
    hit: dict[str, object] = {"subject": finding.subject, "mark": finding.mark, "score": finding.score}
    if finding.kind is not None:
        hit |= {"kind": finding.kind.value, "suspicion": finding.suspicion}
    hit["signals"] = [dataclasses.asdict(signal) for signal in finding.signals]
    if finding.kind is not None:
        hit["signs"] = [dataclasses.asdict(sign) for sign in finding.signs]
    return _dump(hit)


def dump_signal(signal: Signal) -> str:
    """Return one signal as one line of JSON."""
    return _dump(dataclasses.asdict(signal))


def dump_explanation(explanation: Explanation) -> Iterator[str]:
    """Yield the signals, then the variants, the readings and the score; other lines than signals have a ``kind``."""
    yield from map(dump_signal, explanation.signals)
    for variant in explanation.variants:
        yield _dump(
            {
                "kind": "form",
                "term": variant.origin.term,
                "text": variant.text,
                "skeleton": variant.skeleton,
                "generated": variant.generated,
                "edits": variant.edits,
                "border": variant.boundary_term,
            }
        )
    for text, readings in (
        (explanation.watched, explanation.readings),
        (explanation.observed, explanation.observed_readings),
    ):
        for reading in readings:
            yield _dump({"kind": "reading", "term": "explain_reading", "of": text, "text": reading})
    for proposal in explanation.proposed:
        term = "explain_reading_proposed"
        yield _dump({"kind": "reading", "term": term, "of": explanation.watched, "text": proposal.reading})
    judged = explanation.judged
    for sign in judged.signs if judged is not None else ():
        yield _dump({"kind": "sign", **dataclasses.asdict(sign), "term": f"sign.{sign.term}"})
    if judged is not None:
        term = f"suspicion.{judged.kind}"
        yield _dump({"kind": "suspicion", "term": term, "suspicion": judged.suspicion, "listing": judged.kind})
    reached = explanation.score >= explanation.threshold
    term = "explain_reached" if reached else "explain_below"
    yield _dump({"kind": "score", "term": term, "score": explanation.score, "threshold": explanation.threshold})


def dump_image_hit(image: str, match: ImageMatch) -> str:
    """Return an image hit: the match of the picture at that path, as given."""
    return _dump(
        {
            "image": image,
            "reference": match.reference.path,
            "score": match.score,
            "kind": match.kind.value,
            "distance": match.distance,
            "inliers": match.inliers,
            "region": match.region,
            "false_match_rate": match.rate,
        }
    )


def dump_image_error(image: str, message: str) -> str:
    """Return the line for a picture that could not be read."""
    return _dump({"image": image, "error": message})


def _dump(value: Mapping[str, object]) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_plain, allow_nan=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON Lines")
