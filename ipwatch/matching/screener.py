"""Screening: records and their pictures in, findings with every signal out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ipwatch.matching import context, filing, goods, listing, name, sound
from ipwatch.matching.block import FormIndex
from ipwatch.matching.forms import Form, SeenText, forms_of
from ipwatch.matching.image import ReferenceIndex, image_signal
from ipwatch.matching.score import DEFAULT_THRESHOLD, MATCHER_VERSION, combine, is_main, qualifier
from ipwatch.records import (
    Finding,
    Listing,
    MarkRecord,
    ParseIssue,
    PictureHashes,
    Record,
    ReferencePicture,
    Signal,
    WatchedMark,
)
from ipwatch.text.normalize import skeleton
from ipwatch.text.reading import readings_of

MAX_TITLE = 2_000
"""Characters of a title, brand or filed mark that are compared; marketplaces allow 80 to 255."""

MAX_DESCRIPTION = 5_000

SOURCE = "matching"

_BOOKS = 16
"""Class of the Nice Classification that holds printed matter."""

Pictures = Mapping[str, Sequence[tuple[str, PictureHashes]]]


@dataclass(frozen=True, slots=True)
class _Watched:
    """A mark with everything that is worked out once."""

    mark: WatchedMark
    forms: tuple[Form, ...]
    readings: tuple[str, ...]
    goods: tuple[str, ...]
    threshold: float


class Screener:
    """Compares records with marks and reference pictures.

    ``rates`` is yen per unit of a currency, ``on`` the day for which authorisations count, ``min_score`` a threshold
    that replaces the marks' own. ``issues`` collects what could not be compared, with the reason; each is told once
    for a subject.
    """

    def __init__(
        self,
        marks: Sequence[WatchedMark],
        references: Sequence[ReferencePicture],
        *,
        rates: Mapping[str, Decimal],
        on: date,
        min_score: float | None = None,
    ) -> None:
        self.issues: list[ParseIssue] = []
        self._rates = rates
        self._on = on
        self._watched = tuple(self._prepare(mark, min_score) for mark in marks)
        self._by_key = {watched.mark.key: index for index, watched in enumerate(self._watched)}
        self._forms = tuple((index, form) for index, watched in enumerate(self._watched) for form in watched.forms)
        self._names = FormIndex([form.skeleton for _, form in self._forms])
        self._sounds = sound.SoundIndex([form for _, form in self._forms])
        self._images = ReferenceIndex([reference for reference in references if reference.mark in self._by_key])
        self._tell_flat(references)

    def screen(self, records: Iterable[Record], pictures: Pictures) -> Iterator[Finding]:
        """Yield the findings of each record in turn, best first within a record.

        ``pictures`` holds by subject the pictures of a record, each as the record names it and with its hashes.
        """
        for record in records:
            seen = pictures.get(record.subject, ())
            found = self._listing(record, seen) if isinstance(record, Listing) else self._filing(record, seen)
            yield from sorted(found, key=lambda finding: (-finding.score, finding.mark))

    def _prepare(self, mark: WatchedMark, min_score: float | None) -> _Watched:
        forms, refused = forms_of(mark)
        for text in refused:
            self.issues.append(
                ParseIssue(
                    source=SOURCE,
                    where=mark.key,
                    field="text",
                    message=f"{text[:40]!r} is not looked for: it needs 2 letters and at most 200 characters",
                )
            )
        own = mark.threshold if mark.threshold is not None else DEFAULT_THRESHOLD
        return _Watched(
            mark,
            forms,
            readings_of(mark.text, mark.readings),
            goods.goods_skeletons(mark),
            own if min_score is None else min_score,
        )

    def _tell_flat(self, references: Sequence[ReferencePicture]) -> None:
        for reference in references:
            if reference.mark in self._by_key and reference.hashes.flat:
                self.issues.append(
                    ParseIssue(
                        source=SOURCE,
                        where=reference.mark,
                        field="images",
                        message=f"{reference.path}: has too little in it to be compared: no picture is found by it",
                    )
                )

    def _field(self, subject: str, name_of_field: str, text: str | None, limit: int) -> Iterator[SeenText]:
        if not text:
            return
        if len(text) > limit:
            self.issues.append(
                ParseIssue(
                    source=SOURCE,
                    where=subject,
                    field=name_of_field,
                    message=f"{len(text)} characters: only the first {limit} were compared",
                )
            )
        yield SeenText.of(name_of_field, text[:limit])

    def _listing(self, record: Listing, pictures: Sequence[tuple[str, PictureHashes]]) -> Iterator[Finding]:
        named = [
            *self._field(record.subject, "title", record.title, MAX_TITLE),
            *self._field(record.subject, "brand", record.brand, MAX_TITLE),
        ]
        evidence = self._image_evidence(pictures)
        for index, signals in self._named_evidence(named).items():
            evidence.setdefault(index, []).extend(signals)
        if not evidence:
            return
        category = record.category.path if record.category else None
        told = [
            *named,
            *self._field(record.subject, "category.path", category, MAX_TITLE),
            *self._field(record.subject, "description", record.description, MAX_DESCRIPTION),
        ]
        yen = self._yen(record)
        for index, signals in evidence.items():
            watched = self._watched[index]
            yield from _finding(record, watched, [*signals, *self._about(watched, record, told, signals, yen)])

    def _yen(self, record: Listing) -> Decimal | None:
        try:
            return listing.price_in_yen(record, self._rates)
        except KeyError:
            self.issues.append(
                ParseIssue(
                    source=SOURCE,
                    where=record.subject,
                    field="currency",
                    message=f"no rate for the currency {record.currency!r}: the price was not compared",
                    document_sha256=record.document_sha256,
                )
            )
            return None

    def _named_evidence(self, fields: Sequence[SeenText]) -> dict[int, list[Signal]]:
        """Return by mark the best appearance and the best sound among the fields, with what goes with them."""
        best: dict[tuple[int, str], tuple[Signal, ...]] = {}
        for seen in fields:
            for index, signals in self._occurrences(seen):
                key = (index, signals[0].name)
                if key not in best or combine(signals) > combine(best[key]):
                    best[key] = signals
        evidence: dict[int, list[Signal]] = {}
        for (index, _), signals in best.items():
            evidence.setdefault(index, []).extend(signals)
        return evidence

    def _occurrences(self, seen: SeenText) -> Iterator[tuple[int, tuple[Signal, ...]]]:
        for number in self._names.candidates(seen.folded.text):
            index, form = self._forms[number]
            watched = self._watched[index]
            excluded = name.excluded_spans(watched.mark.exclude_terms, seen)
            place = name.find(form, seen, excluded, watched.goods)
            if place is not None and place.score > name.INSIDE_WORD:
                yield index, name.name_signals(form, seen, place)
        for number, span in self._sounds.find(seen).items():
            index, form = self._forms[number]
            if skeleton(seen.source[slice(*span)]).text != form.skeleton:
                yield index, (sound.sound_key_signal(form, seen, span),)

    def _image_evidence(self, pictures: Sequence[tuple[str, PictureHashes]]) -> dict[int, list[Signal]]:
        best: dict[int, Signal] = {}
        for label, hashes in pictures:
            for match in self._images.matches(hashes):
                index = self._by_key[match.reference.mark]
                if index not in best or match.score > best[index].score:
                    best[index] = image_signal(match, label)
        return {index: [signal] for index, signal in best.items()}

    def _about(
        self, watched: _Watched, record: Listing, told: Sequence[SeenText], main: Sequence[Signal], yen: Decimal | None
    ) -> Iterator[Signal]:
        """Yield the qualifiers of a listing, each reason once."""
        mark = watched.mark
        leading = max((signal for signal in main if is_main(signal)), key=lambda signal: combine([signal]))
        offered = None
        if told and told[0].field == "title" and not _has_image(main):
            span = leading.span if leading.field == "title" else None
            offered = goods.listing_goods(mark, told, span, leading.compared[0])
        said = {offered.term: offered} if offered else {}
        for signal in self._qualifiers(mark, record, told, leading):
            said.setdefault(signal.term, signal)
        price = listing.price_signal(mark, record, yen)
        if price is not None and not any(term.startswith("goods_absent") for term in said):
            said[price.term] = price  # the genuine prices are those of the mark's goods, not of a book about them
        yield from said.values()

    def _qualifiers(
        self, mark: WatchedMark, record: Listing, told: Sequence[SeenText], leading: Signal
    ) -> Iterator[Signal]:
        fixed = (
            listing.seller_standing(mark, record, self._on),
            listing.shipping_origin(mark, record),
            context.used_condition(record.condition, mark.text),
        )
        yield from (signal for signal in fixed if signal is not None)
        for seen in told:
            if seen.field == leading.field and leading.span is not None:
                yield from context.around(seen, leading.span, mark.text, mark.kind, mark.goods_terms)
            if seen.field == "title":
                yield from context.anywhere(seen, mark.text)
                yield from _excluded(mark, seen)
                about = None if _BOOKS in mark.nice_classes else context.publication(seen, mark.text)
                yield from (about,) if about else ()
            origin = listing.named_origin(mark, seen)
            if origin is not None:
                yield origin

    def _filing(self, record: MarkRecord, pictures: Sequence[tuple[str, PictureHashes]]) -> Iterator[Finding]:
        seen = next(self._field(record.subject, "mark_text", record.mark_text, MAX_TITLE), None)
        readings = readings_of(record.mark_text[:MAX_TITLE] if record.mark_text else "", record.readings)
        images = self._image_evidence(pictures)
        keyed = self._keyed(seen) if seen else {}
        for index, watched in enumerate(self._watched):
            signals = images.get(index, [])
            signals.extend(filing.filing_signals(watched.forms, watched.readings, seen, readings, keyed.get(index)))
            if signals:
                qualifiers = (goods.filing_goods(watched.mark, record), filing.own_right(watched.mark, record))
                signals.extend(signal for signal in qualifiers if signal is not None)
                yield from _finding(record, watched, signals)

    def _keyed(self, seen: SeenText) -> dict[int, Signal]:
        """Return by mark the signal of a form whose sound key is that of the whole filed mark, in another spelling."""
        found: dict[int, Signal] = {}
        for number, span in self._sounds.find(seen).items():
            index, form = self._forms[number]
            whole = skeleton(seen.source[slice(*span)]).text == seen.folded.text
            if whole and form.skeleton != seen.folded.text:
                found.setdefault(index, sound.sound_key_signal(form, seen, span))
        return found


def _excluded(mark: WatchedMark, seen: SeenText) -> Iterator[Signal]:
    for span in name.excluded_spans(mark.exclude_terms, seen):
        surface = seen.source[span.start : span.end]
        yield qualifier("context", "context_exclude_term", (mark.text, surface), field=seen.field)


def _has_image(signals: Sequence[Signal]) -> bool:
    return any(signal.name == "image" for signal in signals)


def _finding(record: Record, watched: _Watched, signals: Sequence[Signal]) -> Iterator[Finding]:
    score = combine(signals)
    if score >= watched.threshold and score > 0.0:
        yield Finding(
            subject=record.subject,
            mark=watched.mark.key,
            score=score,
            signals=tuple(signals),
            threshold=watched.threshold,
            matcher_version=MATCHER_VERSION,
        )
