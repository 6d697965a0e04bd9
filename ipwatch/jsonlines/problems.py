"""Problems of lines that are no valid records."""

from __future__ import annotations

from dataclasses import dataclass

from ipwatch.terms import Message, message


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A problem in a JSON Lines file. ``kept`` is whether the line's record is used in spite of it."""

    file: str
    line: int
    field: str | None
    message: str
    kept: bool = False

    def __str__(self) -> str:
        """Return the problem as one sentence in English."""
        return str(self.sentence())

    def sentence(self) -> Message:
        """Return the problem as one sentence for the command line."""
        text = message("lists.at", place=self.field, text=self.message) if self.field else self.message
        return message("records.line", file=self.file, line=self.line, text=text)


class LineError(Exception):
    """Why a line is no record: the field, if any, and the problem with its fix."""

    def __init__(self, field: str | None, why: str) -> None:
        super().__init__(why)
        self.field = field
        self.message = why
