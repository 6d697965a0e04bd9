"""What is told of a line that is no record, or no record as it should be."""

from __future__ import annotations

from dataclasses import dataclass

from ipwatch.terms import Message, message


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A fault in a JSON Lines file. ``kept`` says the line's record is used in spite of it."""

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


class FaultError(Exception):
    """Why a line is no record: the field, where there is one, and the fault with its mend."""

    def __init__(self, field: str | None, why: str) -> None:
        super().__init__(why)
        self.field = field
        self.message = why
