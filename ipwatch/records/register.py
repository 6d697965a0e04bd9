"""What is filed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ipwatch.records.pictures import PictureRefusal

MAX_FILED_PAGES = 8
"""Pages of a filing's picture that are read."""


class PublicationKind(StrEnum):
    """What a publication date means: only some start the clock of an opposition (登録異議の申立て)."""

    APPLICATION = "application"
    OPPOSITION = "opposition"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRecord:
    """Register entry (登録・出願情報): one filing at one office (WIPO ST.3 code), keyed by both.

    ``nice_classes`` are 1..45; ``readings`` are every 称呼 the register supplies, in katakana. ``goods`` and
    ``nice_classes`` are ``None`` where the record says nothing about them, empty where it says there are none.
    """

    office: str
    application_number: str
    registration_number: str | None = None
    mark_text: str | None = None
    readings: tuple[str, ...] = ()
    image: str | None = None
    applicants: tuple[str, ...] = ()
    representatives: tuple[str, ...] = ()
    filing_date: date | None = None
    publication_date: date | None = None
    publication_kind: PublicationKind | None = None
    opposition_start: date | None = None
    opposition_until: date | None = None
    nice_classes: tuple[int, ...] | None = None
    goods: tuple[str, ...] | None = None
    similar_group_codes: tuple[str, ...] = ()
    vienna_codes: tuple[str, ...] = ()
    status: str | None = None
    status_date: date | None = None
    source_url: str | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key by which findings name this filing."""
        return f"{self.office}:{self.application_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledPicture:
    """Specimen (商標見本): one page of the picture of a filed mark, as the register's own file holds it.

    It belongs to the filing of that office and number, wherever and whenever that is read. ``page`` counts from 1.
    ``refusal`` is the reason where the register says that the file is of a kind that is not read.
    """

    office: str
    application_number: str
    page: int
    data: bytes
    refusal: PictureRefusal | None = None
    document_sha256: str | None = None

    @property
    def subject(self) -> str:
        """The key by which findings name the filing."""
        return f"{self.office}:{self.application_number}"
