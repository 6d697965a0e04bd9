"""Screening of host names: compares them with marks and yields findings with every reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ipwatch.matching.differences import differences
from ipwatch.matching.hosts.judge import (
    Judgement,
    LabelText,
    adjacent_goods,
    adjacent_trade,
    is_whole,
    judge,
    pieces_shown,
    reason_of,
)
from ipwatch.matching.hosts.names import DecodedHost, Label, decode_host, is_below, two_for_one
from ipwatch.matching.hosts.points import decade_points, total
from ipwatch.matching.hosts.terms import HostTerm, TermKind, terms_of
from ipwatch.matching.score import DEFAULT_THRESHOLD, HOST_READING, HOSTS, MATCHER_VERSION
from ipwatch.matching.term_index import TermIndex
from ipwatch.records import AuthorisedSeller, Finding, HostName, SellerAccount, Signal, WatchedMark
from ipwatch.text.folding.batch import skeletons
from ipwatch.text.folding.skeleton import plain, skeleton

MARKETPLACE = "domain"
"""What the ``marketplace`` of an official or authorised seller is called where its ``id`` is a domain."""

BATCH = 4_096
"""Number of hosts that are searched at once."""

_KIND_TERMS = {TermKind.OTHER: "host_other_spelling", TermKind.PART: "host_in_part"}


@dataclass(frozen=True, slots=True)
class _Watched:
    mark: WatchedMark
    goods: frozenset[str]
    threshold: float


@dataclass(frozen=True, slots=True)
class _SearchedLabel:
    """One label as it is searched, with the number of its host in the batch."""

    host: int
    label: Label


class HostScreener:
    """Compares host names with marks; the terms of the marks are indexed once.

    ``on`` is the day for which authorisations count, ``min_score`` a threshold that replaces the marks' own.
    """

    def __init__(self, marks: Sequence[WatchedMark], *, on: date, min_score: float | None = None) -> None:
        self._on = on
        self._watched = tuple(_prepare(mark, min_score) for mark in marks)
        self._terms = [search_term for number, mark in enumerate(marks) for search_term in terms_of(number, mark)]
        self._index = TermIndex()
        self._index.add(
            [search_term.skeleton for search_term in self._terms], [search_term.edits for search_term in self._terms]
        )
        self._whole: dict[str, list[HostTerm]] = {}
        for search_term in self._terms:
            if search_term.kind is TermKind.WHOLE:
                self._whole.setdefault(search_term.skeleton, []).append(search_term)

    def screen(self, hosts: Sequence[HostName]) -> Iterator[Finding]:
        """Yield the findings of each host in turn, best first within a host."""
        for first in range(0, len(hosts), BATCH):
            yield from self._batch(hosts[first : first + BATCH])

    def _batch(self, hosts: Sequence[HostName]) -> Iterator[Finding]:
        decoded = [decode_host(record.host) for record in hosts]
        best: dict[tuple[int, int], list[Signal]] = {}
        for number, mark, signals in (*self._in_labels(decoded), *self._across_dots(decoded)):
            key = number, mark
            if key not in best or total(signals) > total(best[key]):
                best[key] = signals
        findings: dict[int, list[Finding]] = {}
        for (number, mark), signals in best.items():
            finding = self._finding(hosts[number], decoded[number], self._watched[mark], signals)
            if finding is not None:
                findings.setdefault(number, []).append(finding)
        for number in sorted(findings):
            yield from sorted(findings[number], key=lambda finding: (-finding.score, finding.mark))

    def _in_labels(self, hosts: Sequence[DecodedHost]) -> Iterator[tuple[int, int, list[Signal]]]:
        searched: list[_SearchedLabel] = []
        texts: list[str] = []
        for number, host in enumerate(hosts):
            for label in host.labels():
                read = (label.text, *(text for text, _ in two_for_one(label.text)))
                texts.extend(read)
                searched.extend([_SearchedLabel(number, label)] * len(read))
        if not texts:
            return
        hits = self._index.search(skeletons(texts))
        folded: dict[tuple[int, int], LabelText] = {}
        judged: set[tuple[int, int, int]] = set()
        for term_id, text in zip(hits.term.tolist(), hits.text.tolist(), strict=True):
            key = searched[text].host, searched[text].label.start
            if (*key, term_id) in judged:
                continue
            judged.add((*key, term_id))
            label = searched[text].label
            if key not in folded:
                folded[key] = LabelText(label.text)
            search_term = self._terms[term_id]
            judgement = judge(
                folded[key], search_term, self._own(folded[key], search_term), self._min_decades(search_term)
            )
            if judgement is not None:
                yield key[0], search_term.mark, self._signals(hosts[key[0]], label, folded[key], search_term, judgement)

    def _own(self, label: LabelText, search_term: HostTerm) -> frozenset[str]:
        """Return the words expected next to the term: the mark's goods, and its name where it occurs twice."""
        goods = self._watched[search_term.mark].goods
        return goods | {search_term.letters} if label.spelled.count(search_term.letters) > 1 else goods

    def _min_decades(self, search_term: HostTerm) -> float:
        """Return by how many decades a label must read better with the term to reach the mark's threshold."""
        return (self._watched[search_term.mark].threshold - HOST_READING["most"]) / HOST_READING["per_decade"]

    def _signals(
        self, host: DecodedHost, label: Label, text: LabelText, search_term: HostTerm, judgement: Judgement
    ) -> list[Signal]:
        occurrence = judgement.occurrence
        span = label.start + occurrence.start, label.start + occurrence.end
        surface = host.text[slice(*span)]
        whole = is_whole(text, search_term) and search_term.kind is TermKind.WHOLE
        reason = "host_same" if whole else _KIND_TERMS.get(search_term.kind) or reason_of(judgement)
        main = Signal(
            name="host",
            score=HOSTS[reason],
            term=reason,
            compared=(search_term.text, surface),
            field="host",
            span=span,
            differences=differences(search_term.text.lower(), surface),
        )
        signals = [main]
        if not whole:
            signals.append(_segmentation_signal(text, search_term, judgement))
        goods = adjacent_goods(judgement, self._watched[search_term.mark].goods)
        if goods:
            signals.append(_qualifier("host_goods", (search_term.text, goods)))
        trade = adjacent_trade(judgement)
        if trade:
            signals.append(_qualifier("host_trade_words", (search_term.text, trade)))
        if label.depth:
            signals.append(_qualifier("host_subdomain", (search_term.text, host.text)))
        return signals

    def _across_dots(self, hosts: Sequence[DecodedHost]) -> Iterator[tuple[int, int, list[Signal]]]:
        """Yield the hosts that spell a mark together with their public suffix (youtu.be)."""
        for number, host in enumerate(hosts):
            label = next(host.labels(), None)
            if label is None or not host.suffix:
                continue
            surface = host.text[label.start :]
            for search_term in self._whole.get(skeleton(surface).text, ()):
                span = label.start, len(host.text)
                compared = search_term.text, surface
                points = HOSTS["host_across_dot"]
                main = Signal(
                    name="host", score=points, term="host_across_dot", compared=compared, field="host", span=span
                )
                yield number, search_term.mark, [main]

    def _finding(self, record: HostName, host: DecodedHost, watched: _Watched, signals: list[Signal]) -> Finding | None:
        all_signals = [*signals]
        if host.is_decoded:
            all_signals.append(_qualifier("host_decoded", (host.given, host.text)))
        authorisation = self._authorised(watched.mark, host)
        if authorisation is not None:
            all_signals.append(authorisation)
        score = total(all_signals)
        if score < watched.threshold or score <= 0.0:
            return None
        return Finding(
            subject=record.subject,
            mark=watched.mark.key,
            score=score,
            signals=tuple(all_signals),
            threshold=watched.threshold,
            matcher_version=MATCHER_VERSION,
        )

    def _authorised(self, mark: WatchedMark, host: DecodedHost) -> Signal | None:
        """Return whether the holder has authorised the host, its own or a licensee's, on the day in question."""
        own = next((each.id for each in mark.official_sellers if _is_domain(each, host)), None)
        if own is not None:
            return _qualifier("host_authorised", (mark.text, own))
        authorised = [each for each in mark.authorised_sellers if _is_domain(each, host)]
        if not authorised:
            return None
        if any(each.until is None or each.until >= self._on for each in authorised):
            return _qualifier("host_authorised", (mark.text, authorised[0].id))
        ended = max(each.until for each in authorised if each.until is not None)
        return _qualifier("host_authorisation_expired", (ended.isoformat(), authorised[0].id))


def _is_domain(account: AuthorisedSeller | SellerAccount, host: DecodedHost) -> bool:
    return account.marketplace == MARKETPLACE and is_below(host, account.id)


def _prepare(mark: WatchedMark, min_score: float | None) -> _Watched:
    own = mark.threshold if mark.threshold is not None else DEFAULT_THRESHOLD
    goods = frozenset(
        word for goods_term in mark.goods_terms for word in (plain(goods_term), plain(goods_term).replace(" ", ""))
    )
    return _Watched(mark, goods, own if min_score is None else min_score)


def _segmentation_signal(label: LabelText, search_term: HostTerm, judgement: Judgement) -> Signal:
    points = decade_points(judgement.decades)
    reason = "host_stands_out" if points > 0 else "host_inside_words"
    return Signal(
        name="host",
        score=points,
        term=reason,
        compared=(search_term.text, pieces_shown(label, judgement)),
        field="host",
    )


def _qualifier(term: str, compared: tuple[str, str]) -> Signal:
    return Signal(name="host", score=HOSTS[term], term=term, compared=compared, field="host")
