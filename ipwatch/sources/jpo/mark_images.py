"""The mark images (商標見本) of the JPO's table ``t_sample``: pictures of filed marks, put together from its rows.

A picture has pages, a page up to 99 rows. The parts 1 to ``final_rec_seq_num`` of a page, joined in order, are the
base64 of a JPEG file (``comp_frmlchk`` JP) or of a TIFF compressed by MMR (M2), which is not read.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ipwatch.records import MAX_FILED_PAGES, FiledImage, ImageRefusal
from ipwatch.sources.jpo.record import OFFICE
from ipwatch.sources.jpo.tables import BadLine, Line
from ipwatch.terms import listed, message, text_of

MAX_BYTES = 4 * 1024**2
# Bytes of memory for incomplete pages: the rows of a page need not be adjacent, but close to each other.
MAX_WAITING = 64 * 1024**2
_ROW_COST = 1024
_MAX_TEXT = MAX_BYTES // 3 * 4
_REFUSALS: Mapping[str, ImageRefusal | None] = {"JP": None, "M2": ImageRefusal.FORMAT}

_Key = tuple[str, ...]


class _RowError(ValueError):
    """Why a row is left out, with its column."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(slots=True)
class _Page:
    """The parts of one page read so far; ``line`` is the line of the first one."""

    key: _Key
    line: int
    application: str
    number: int
    final: int
    form: str
    parts: dict[int, str] = field(default_factory=dict)
    length: int = 0

    @property
    def cost(self) -> int:
        return self.length + _ROW_COST * (1 + len(self.parts))


class MarkImages:
    """The mark images of a set of tables; a page is yielded as soon as its last part is read."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, _Page] = {}
        self._held = 0
        # By application: bit n is set where page n is settled, bit 0 where it has more pages than are read.
        self._settled: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many applications have a mark image."""
        return len(self._settled)

    def apply(self, line: Line) -> Iterator[FiledImage | BadLine]:
        """Add a row; yield the picture that it completes, its error, and the pages given up to free memory."""
        try:
            page = self._page(line)
            if page is not None:
                self._add(page, line.values)
                if len(page.parts) == page.final:
                    self._settle(page)
                    yield from _picture(page)
        except _RowError as error:
            yield BadLine(line.number, text_of(error), error.column)
        while self._held > MAX_WAITING:
            yield self._give_up(next(iter(self._waiting.values())))

    def rest(self) -> Iterator[BadLine]:
        """Give up every page that is incomplete at the end."""
        for page in list(self._waiting.values()):
            yield self._give_up(page)

    def _page(self, line: Line) -> _Page | None:
        """Return the page of a row; ``None`` for one beyond ``MAX_FILED_PAGES`` that was already reported."""
        values = line.values
        application, number = _application(values), _whole(values, "page_num")
        settled = self._settled.setdefault(application, 0)
        if number > MAX_FILED_PAGES:
            self._settled[application] |= 1
            if settled & 1:
                return None
            raise _RowError("page_num", message("reading.jpo_pages", application=application, most=MAX_FILED_PAGES))
        if settled >> number & 1:
            raise _RowError("rec_seq_num", message("reading.jpo_settled", number=number, application=application))
        final, form = _whole(values, "final_rec_seq_num"), values["comp_frmlchk"]
        if form not in _REFUSALS:
            raise _RowError("comp_frmlchk", message("reading.jpo_form", form=form[:40]))
        key = (application, values["doc_num"], values["year_issu_cd"], values["page_num"])
        page = self._waiting.get(key)
        if page is None:
            page = self._waiting[key] = _Page(key, line.number, application, number, final, form)
            self._held += page.cost
        if (page.final, page.form) != (final, form):
            why = message(
                "reading.jpo_parts_differ",
                parts=final,
                form=form,
                line=page.line,
                other_parts=page.final,
                other_form=page.form,
            )
            raise _RowError("final_rec_seq_num", why)
        return page

    def _add(self, page: _Page, values: Mapping[str, str]) -> None:
        part, text = _whole(values, "rec_seq_num"), values["image_data"]
        if part > page.final:
            raise _RowError("rec_seq_num", message("reading.jpo_part", part=part, parts=page.final))
        if part in page.parts:
            raise _RowError("rec_seq_num", message("reading.jpo_part_twice", part=part, page=page.number))
        self._held -= page.cost
        page.parts[part] = text
        page.length += len(text)
        self._held += page.cost
        if page.length > _MAX_TEXT:
            self._settle(page)
            raise _RowError("image_data", message("reading.jpo_page_size", page=page.number, most=MAX_BYTES))

    def _give_up(self, page: _Page) -> BadLine:
        self._settle(page)
        why = message(
            "reading.jpo_parts_missing",
            page=page.number,
            application=page.application,
            parts=page.final,
            missing=listed(str(part) for part in range(1, page.final + 1) if part not in page.parts),
        )
        return BadLine(page.line, why, "rec_seq_num")

    def _settle(self, page: _Page) -> None:
        del self._waiting[page.key]
        self._held -= page.cost
        self._settled[page.application] |= 1 << page.number


def _application(values: Mapping[str, str]) -> str:
    number = values["app_num"]
    if not re.fullmatch(r"[0-9]{10}", number) or not number.strip("0"):
        raise _RowError("app_num", message("reading.jpo_application_row", number=number[:40]))
    return number


def _whole(values: Mapping[str, str], column: str) -> int:
    """Return a number from 1 on, in the width that the specification gives the column."""
    value, width = values[column], 4 if column == "page_num" else 2
    if not re.fullmatch(rf"[0-9]{{1,{width}}}", value) or not int(value):
        raise _RowError(column, message("reading.jpo_number", value=value[:40], width=width))
    return int(value)


def _picture(page: _Page) -> Iterator[FiledImage]:
    """Yield the page as a picture, unless there is none: a mark in standard characters has the single byte 0xFF."""
    data = _decoded([page.parts[part] for part in sorted(page.parts)])
    if data.strip(b"\xff"):
        yield FiledImage(
            office=OFFICE,
            application_number=page.application,
            page=page.number,
            data=data,
            refusal=_REFUSALS[page.form],
        )


def _decoded(parts: list[str]) -> bytes:
    """Return the bytes of base64 that was cut into parts, or of parts that were encoded separately (padding inside)."""
    try:
        try:
            return b"".join(binascii.a2b_base64(part, strict_mode=True) for part in parts)
        except ValueError:
            return binascii.a2b_base64("".join(parts), strict_mode=True)
    except ValueError as error:
        raise _RowError("image_data", message("reading.jpo_base64", error=error)) from None
