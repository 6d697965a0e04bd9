"""JSON Lines: records and hits for exchange with scripts, one object per line, parsed strictly.

A line may also be a bare host name. A line that is no record becomes a ``RecordProblem`` that names file, line, field
and fix; the lines around it are kept.
"""

from ipwatch.jsonlines.dumping import (
    dump_explanation,
    dump_hit,
    dump_image_error,
    dump_image_hit,
    dump_record,
    dump_signal,
)
from ipwatch.jsonlines.lines import MAX_LINE_BYTES
from ipwatch.jsonlines.parsing import read_records, read_titles
from ipwatch.jsonlines.problems import RecordProblem

__all__ = [
    "MAX_LINE_BYTES",
    "RecordProblem",
    "dump_explanation",
    "dump_hit",
    "dump_image_error",
    "dump_image_hit",
    "dump_record",
    "dump_signal",
    "read_records",
    "read_titles",
]
