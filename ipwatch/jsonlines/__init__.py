"""JSON Lines: records and pictures' hits as scripts exchange them, one object a line, read strictly.

A host name may stand on a line as it is. A line that is no record becomes a ``RecordProblem`` that names file, line,
field and mend; the lines around it are kept.
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
from ipwatch.jsonlines.problems import RecordProblem
from ipwatch.jsonlines.reading import read_records, read_titles

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
