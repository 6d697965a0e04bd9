"""Screening: compares records and their pictures with watched marks and yields findings with every signal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import islice

from ipwatch.matching.filings.goods import filing_goods
from ipwatch.matching.filings.index import FilingIndex
from ipwatch.matching.filings.signals import FiledMark, own_right
from ipwatch.matching.filings.vienna import filing_elements
from ipwatch.matching.hosts.screen import HostScreener
from ipwatch.matching.images.embeddings import Calibration
from ipwatch.matching.images.engine import ImageIndex, has_no_content
from ipwatch.matching.images.features import ImageFeatures, ReferenceImage
from ipwatch.matching.images.match import image_signal
from ipwatch.matching.listings import facts
from ipwatch.matching.listings.qualifiers import circumstances
from ipwatch.matching.names.document_frequency import SurfaceCounts
from ipwatch.matching.names.matcher import BestSignals, Field, Names, best_of
from ipwatch.matching.score import DEFAULT_THRESHOLD, MATCHER_VERSION, combine
from ipwatch.matching.watched import Watched
from ipwatch.records import (
    Finding,
    HostName,
    Listing,
    MarkRecord,
    ParseIssue,
    Record,
    Signal,
    WatchedMark,
)
from ipwatch.terms import message
from ipwatch.text.folding.skeleton import beginning
from ipwatch.text.phonetics.reading import readings_of

MAX_TITLE = 2_000
"""Characters of a title, brand or filed mark that are compared; marketplaces allow 80 to 255."""

MAX_DESCRIPTION = 5_000

BATCH = 500
"""Number of records that are searched at once."""

SOURCE = "matching"

_BESIDE_THE_NAME = frozenset(
    {
        *("goods_absent", "goods_absent_distinctive", "seller_authorised"),
        *("context_publication", "context_used", "context_packaging"),
    }
)
"""Qualifiers that lower a score although the mark is named."""

ImagesBySubject = Mapping[str, Sequence[tuple[str, ImageFeatures]]]


class Screener:
    """Compares records with marks and reference pictures.

    ``rates`` is yen per unit of a currency, ``on`` the day for which authorisations count, ``min_score`` a threshold
    that replaces the marks' own, ``excluded`` shared stock pictures (denylist), ``calibration`` that of the picture
    embeddings, if there are any. ``issues`` collects what could not be compared, with the reason, once for a subject.
    ``surfaces`` are the surface counts of the crawl; ``count_surfaces`` fills them.
    """

    def __init__(
        self,
        marks: Sequence[WatchedMark],
        references: Sequence[ReferenceImage],
        *,
        rates: Mapping[str, Decimal],
        on: date,
        min_score: float | None = None,
        excluded: Sequence[ReferenceImage] = (),
        calibration: Calibration | None = None,
    ) -> None:
        self.issues: list[ParseIssue] = []
        self.surfaces = SurfaceCounts()
        self._marks = tuple(marks)
        self._rates = rates
        self._on = on
        self._min_score = min_score
        self._watched = tuple(Watched.of(mark, min_score=min_score) for mark in marks)
        self._by_key = {watched.mark.key: index for index, watched in enumerate(self._watched)}
        self._names = Names(self._watched)
        watched = [reference for reference in references if reference.mark in self._by_key]
        self._images = ImageIndex(watched, excluded=excluded, calibration=calibration)
        self._report_refused()
        self._report_empty(watched)

    def count_surfaces(self, titles: Iterable[str]) -> None:
        """Count in the titles of a crawl which words near to a mark are merely common."""
        shortened = (beginning(title, MAX_TITLE) for title in titles)
        while batch := list(islice(shortened, BATCH)):
            self._names.count_surfaces(batch, self.surfaces)

    def screen(self, records: Iterable[Record], pictures: ImagesBySubject, *, named: bool = False) -> Iterator[Finding]:
        """Yield the findings of each record in turn, best first within a record.

        ``pictures`` holds by subject the pictures of a record: the label in the record, and the features. With
        ``named``, listings that name a mark and score below the threshold only for what is said beside the name are
        yielded too: whether they are anything is for ``ipwatch.matching.suspicion`` to judge.
        """
        remaining = iter(records)
        while batch := list(islice(remaining, BATCH)):
            findings: list[list[Finding]] = [[] for _ in batch]
            for index, finding in self._batch(batch, pictures, named=named):
                findings[index].append(finding)
            for of_record in findings:
                yield from sorted(of_record, key=lambda finding: (-finding.score, finding.mark))

    @cached_property
    def _filings(self) -> FilingIndex:
        return FilingIndex([each.variants for each in self._watched], [each.readings for each in self._watched])

    @cached_property
    def _hosts(self) -> HostScreener:
        return HostScreener(self._marks, on=self._on, min_score=self._min_score)

    def _batch(
        self, batch: Sequence[Record], pictures: ImagesBySubject, *, named: bool
    ) -> Iterator[tuple[int, Finding]]:
        """Yield every finding with the index of its record in the batch."""
        listings = [(index, record) for index, record in enumerate(batch) if isinstance(record, Listing)]
        filings = [(index, record) for index, record in enumerate(batch) if isinstance(record, MarkRecord)]
        hosts = {record.subject: index for index, record in enumerate(batch) if isinstance(record, HostName)}
        yield from self._listing_findings(listings, pictures, named=named)
        yield from self._filing_findings(filings, pictures)
        if hosts:
            listed = [record for record in batch if isinstance(record, HostName)]
            yield from ((hosts[finding.subject], finding) for finding in self._hosts.screen(listed))

    def _listing_findings(
        self, listings: Sequence[tuple[int, Listing]], pictures: ImagesBySubject, *, named: bool
    ) -> Iterator[tuple[int, Finding]]:
        fields = [list(self._fields(record)) for _, record in listings]
        by_field = self._names.find([field for record_fields in fields for field in record_fields], self.surfaces)
        for (index, record), record_fields in zip(listings, fields, strict=True):
            best = best_of(
                (mark, signals) for best in islice(by_field, len(record_fields)) for mark, signals in _by_mark(best)
            )
            signals_by_mark = self._image_signals(record.subject, pictures.get(record.subject, ()))
            for (mark, _), signals in best.items():
                signals_by_mark.setdefault(mark, []).extend(signals)
            if signals_by_mark:
                yield from (
                    (index, finding)
                    for finding in self._findings_of_listing(record, record_fields, signals_by_mark, named=named)
                )

    def _findings_of_listing(
        self,
        record: Listing,
        fields: Sequence[Field],
        signals_by_mark: Mapping[int, Sequence[Signal]],
        *,
        named: bool,
    ) -> Iterator[Finding]:
        category = record.category.path if record.category else None
        texts = [
            field.observed for field in (*fields, *self._field(record.subject, "category.path", category, MAX_TITLE))
        ]
        yen = self._yen(record)
        for mark, signals in signals_by_mark.items():
            watched = self._watched[mark]
            qualifiers = circumstances(watched.mark, record, texts, signals, on=self._on, yen=yen)
            yield from _finding(record, watched, [*signals, *qualifiers], named=named)

    def _fields(self, record: Listing) -> Iterator[Field]:
        yield from self._field(record.subject, "title", record.title, MAX_TITLE)
        yield from self._field(record.subject, "brand", record.brand, MAX_TITLE)
        yield from self._field(record.subject, "description", record.description, MAX_DESCRIPTION)

    def _field(self, subject: str, name: str, text: str | None, limit: int) -> Iterator[Field]:
        if not text:
            return
        compared = beginning(text, limit)
        if compared != text:
            note = message("screening.beginning", count=len(text), limit=limit)
            self.issues.append(ParseIssue(source=SOURCE, where=subject, field=name, message=note))
        yield Field(name, compared)

    def _image_signals(self, subject: str, pictures: Sequence[tuple[str, ImageFeatures]]) -> dict[int, list[Signal]]:
        best: dict[int, Signal] = {}
        if without := sum(not self._images.embeds(features) for _, features in pictures):
            note = message("screening.no_embedding", without=without)
            self.issues.append(ParseIssue(source=SOURCE, where=subject, field="images", message=note))
        by_picture = self._images.matches([features for _, features in pictures])
        for (label, _), matches in zip(pictures, by_picture, strict=True):
            for match in matches:
                index = self._by_key[match.reference.mark]
                if index not in best or match.score > best[index].score:
                    best[index] = image_signal(match, label)
        return {index: [signal] for index, signal in best.items()}

    def _yen(self, record: Listing) -> Decimal | None:
        try:
            return facts.price_in_yen(record, self._rates)
        except KeyError:
            self.issues.append(
                ParseIssue(
                    source=SOURCE,
                    where=record.subject,
                    field="currency",
                    message=message("screening.no_rate", currency=record.currency),
                    document_sha256=record.document_sha256,
                )
            )
            return None

    def _filing_findings(
        self, filings: Sequence[tuple[int, MarkRecord]], pictures: ImagesBySubject
    ) -> Iterator[tuple[int, Finding]]:
        filed = [self._filed(record) for _, record in filings]
        for (index, record), by_mark in zip(filings, self._filings.signals(filed) if filed else (), strict=True):
            signals_by_mark = self._image_signals(record.subject, pictures.get(record.subject, ()))
            for mark, text_signals in by_mark.items():
                signals_by_mark.setdefault(mark, []).extend(text_signals)
            for mark, signals in signals_by_mark.items():
                watched = self._watched[mark]
                qualifiers = (
                    filing_goods(watched.mark, record),
                    filing_elements(watched.mark, record),
                    own_right(watched.mark, record),
                )
                all_signals = [*signals, *(signal for signal in qualifiers if signal is not None)]
                yield from ((index, finding) for finding in _finding(record, watched, all_signals))

    def _filed(self, record: MarkRecord) -> FiledMark:
        field = next(self._field(record.subject, "mark_text", record.mark_text, MAX_TITLE), None)
        return FiledMark(
            observed=field.observed if field else None,
            readings=readings_of(field.text if field else "", record.readings),
        )

    def _report_refused(self) -> None:
        for watched in self._watched:
            for refused in watched.refused:
                form, more, why = refused.text[:40], refused.number - 1, message(refused.term)
                note = (
                    message("screening.refused_forms", form=form, more=more, why=why)
                    if more
                    else message("screening.refused_form", form=form, why=why)
                )
                self.issues.append(ParseIssue(source=SOURCE, where=watched.mark.key, field="text", message=note))

    def _report_empty(self, references: Sequence[ReferenceImage]) -> None:
        for reference in references:
            if has_no_content(reference):
                note = message("screening.too_little", path=reference.path)
                self.issues.append(ParseIssue(source=SOURCE, where=reference.mark, field="images", message=note))


def _naming(signals: Sequence[Signal]) -> float:
    """Return the score without what is said beside the name that speaks of the goods and the trade, not of the name."""
    return combine([signal for signal in signals if signal.term not in _BESIDE_THE_NAME])


def _naming_threshold(watched: Watched, signals: Sequence[Signal]) -> float:
    """Return the least score of the name alone; one raised because the name is a word is not for its disguises."""
    is_raised = watched.threshold == watched.mark.threshold
    is_disguised = any(signal.term == "disguised_spelling" for signal in signals)
    return min(watched.threshold, DEFAULT_THRESHOLD) if is_raised and is_disguised else watched.threshold


def _by_mark(best: BestSignals) -> Iterator[tuple[int, tuple[Signal, ...]]]:
    return ((mark, signals) for (mark, _), signals in best.items())


def _finding(record: Record, watched: Watched, signals: Sequence[Signal], *, named: bool = False) -> Iterator[Finding]:
    score = combine(signals)
    is_finding = score >= watched.threshold and score > 0.0
    if is_finding or (named and _naming(signals) >= _naming_threshold(watched, signals)):
        yield Finding(
            subject=record.subject,
            mark=watched.mark.key,
            score=score,
            signals=tuple(signals),
            threshold=watched.threshold,
            matcher_version=MATCHER_VERSION,
        )
