"""Mentions (言及): which listings name or show a mark now, and what was made of them; the market that suspicion needs.

A screening compares first and judges afterwards, since the judgement of one listing depends on all others of its mark.
Comparing writes what is known of each listing (``write_compared``) and counts the change for the mark; judging goes
through the mentions of each mark whose ``judged_key`` is not that of its present state (``due_marks``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from ipwatch.matching.suspicion.crawl import MentionFacts
from ipwatch.records import Finding, Listing, ListingKind, RightKind, Sign, Signal
from ipwatch.store.crawl import confirmed_cases
from ipwatch.store.findings import bounded_country, withdraw
from ipwatch.store.inserts import chunks, insert_or_add, table_of
from ipwatch.store.rows import digest, digest_plain, load, plain
from ipwatch.store.tables import CaseRow, JudgedMarkRow, ListingRow, ListingVersionRow, MentionRow

_MENTION, _JUDGED, _LISTING = table_of(MentionRow), table_of(JudgedMarkRow), table_of(ListingRow)
_VERSION, _CASE = table_of(ListingVersionRow), table_of(CaseRow)


MentionValues = dict[str, Any]
"""The values of a mention that comparing writes, by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mention to be judged, and what was made of it before.

    ``is_judged`` is whether that was made of what was compared last.
    """

    row_id: int
    finding: Finding
    facts: MentionFacts
    holder: str
    right_kind: RightKind
    source: str
    country: str | None
    watchlist_sha256: str
    document_sha256: str | None
    is_judged: bool
    kind: ListingKind | None
    suspicion: float | None
    signs: tuple[Mapping[str, Any], ...]

    def judged(self, finding: Finding | None) -> Judgement:
        """Return what was made of it: nothing where it is neither suspected nor a mention."""
        if finding is None:
            return Judgement(row_id=self.row_id, kind=None, suspicion=None, signs=())
        return Judgement(row_id=self.row_id, kind=finding.kind, suspicion=finding.suspicion, signs=finding.signs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingMentions:
    """A listing as it was compared, and all its mentions, best first; ``input_hash`` covers all that it depended on."""

    listing_id: int
    listing: Listing
    input_hash: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was made of the mention in that row; no kind for a candidate that is neither."""

    row_id: int
    kind: ListingKind | None
    suspicion: float | None
    signs: tuple[Sign, ...]

    def differs(self, candidate: Candidate) -> bool:
        """Whether it has to be stored."""
        made = (self.kind, self.suspicion, plain(self.signs))
        return not candidate.is_judged or made != (candidate.kind, candidate.suspicion, list(candidate.signs))


# --- comparing -------------------------------------------------------------------------------------------------------


def prepare(
    finding: Finding,
    facts: MentionFacts,
    *,
    listing_id: int,
    holder: str,
    right_kind: RightKind,
    source: str,
    country: str | None,
    watchlist_sha256: str,
    content_hash: str,
    document_sha256: str | None,
) -> MentionValues:
    """Return a finding of a listing, with what it tells of the market, ready to be stored.

    ``content_hash`` is that of the listing that was compared.
    """
    content = {
        "listing_id": listing_id,
        "mark": finding.mark,
        "holder": holder,
        "right_kind": right_kind.value,
        "source": source,
        "country": bounded_country(country),
        "score": finding.score,
        "threshold": finding.threshold,
        "matcher_version": finding.matcher_version,
        "watchlist_sha256": watchlist_sha256,
        "content_hash": content_hash,
        "signals": plain(finding.signals),
        "facts": plain(facts),
    }
    # The same content is often read again from another document.
    return {**content, "document_sha256": document_sha256, "compared_key": digest_plain(content)}


def write_compared(
    session: Session,
    compared: Sequence[MentionValues],
    *,
    listing_ids: Sequence[int],
    holders: Collection[str],
    run_id: int,
    now: datetime,
) -> None:
    """Store what was compared of these listings with the marks of these holders, and count the changes by mark.

    Rows of marks that a listing no longer names go, and what their cases say is withdrawn; those of other holders stay,
    and so does a row that would be written as it is.
    """
    known = _rows_of(session, listing_ids, sorted(holders))
    wanted = {(row["listing_id"], row["mark"]): row for row in compared}
    gone = [row.id for key, row in known.items() if key not in wanted]
    new = [row for key, row in wanted.items() if key not in known]
    changed = [
        {"row_id": known[key].id, **row}
        for key, row in wanted.items()
        if key in known and known[key].compared_key != row["compared_key"]
    ]
    touched = {"run_id": run_id, "updated_at": now, "judged_at": None}
    if gone:
        session.execute(delete(_MENTION).where(_MENTION.c.id.in_(gone)))
    if new:
        first = {**touched, "found_at": now, "kind": None, "suspicion": None, "signs": []}
        session.connection().execute(_MENTION.insert(), [{**row, **first} for row in new])
    if changed:
        values: dict[str, Any] = {name: bindparam(name) for name in (*changed[0], *touched) if name != "row_id"}
        statement = update(_MENTION).where(_MENTION.c.id == bindparam("row_id")).values(values)
        session.connection().execute(statement, [{**row, **touched} for row in changed])
    # Other marks in a listing count when one of them is judged.
    touched_listings = {key[0] for key in known if key not in wanted}
    touched_listings |= {row["listing_id"] for row in (*new, *changed)}
    _withdraw_others(session, listing_ids, sorted(holders), wanted, now)
    _count_changes(session, {mark for listing_id, mark in (*known, *wanted) if listing_id in touched_listings})


def _rows_of(session: Session, listing_ids: Sequence[int], holders: Sequence[str]) -> dict[tuple[int, str], Any]:
    columns = (_MENTION.c.id, _MENTION.c.listing_id, _MENTION.c.mark, _MENTION.c.compared_key)
    rows: dict[tuple[int, str], Any] = {}
    for some in chunks(listing_ids):
        query = select(*columns).where(_MENTION.c.listing_id.in_(some), _MENTION.c.holder.in_(holders))
        rows.update({(row.listing_id, row.mark): row for row in session.execute(query)})
    return rows


def _withdraw_others(
    session: Session,
    listing_ids: Sequence[int],
    holders: Sequence[str],
    wanted: Collection[tuple[int, str]],
    now: datetime,
) -> None:
    """Withdraw what the cases of listings say of marks that these no longer name."""
    for some in chunks(listing_ids):
        query = select(_CASE.c.listing_id, _CASE.c.mark).where(
            _CASE.c.listing_id.in_(some), _CASE.c.holder.in_(holders)
        )
        cases = {(row.listing_id, row.mark) for row in session.execute(query)}
        withdraw(session, cases.difference(wanted), now=now)


def _count_changes(session: Session, marks: Iterable[str]) -> None:
    rows = [{"mark": mark, "changes": 1} for mark in sorted(marks)]
    insert_or_add(session, _JUDGED, rows, key=["mark"], column="changes")


# --- judging ---------------------------------------------------------------------------------------------------------


def due_marks(session: Session, marks: Iterable[str]) -> dict[str, str]:
    """Return those of the marks whose mentions, or confirmed cases of their sellers, changed since they were judged.

    The value is the key of their present state, for ``conclude_marks``.
    """
    watched = set(marks)
    confirmed = _confirmed_by_mark(session)
    due = {}
    for mark, changes, judged_key in session.execute(select(*_JUDGED.c).order_by(_JUDGED.c.mark)):
        key = digest(changes, confirmed.get(mark, []))
        if mark in watched and key != judged_key:
            due[mark] = key
    return due


def _confirmed_by_mark(session: Session) -> dict[str, list[tuple[str, list[str]]]]:
    """Return by mark the sellers with confirmed cases whose listings mention it, and the listings of these cases."""
    confirmed = confirmed_cases(session)
    by_mark: dict[str, list[tuple[str, list[str]]]] = {}
    for some in chunks(sorted(confirmed)):
        query = (
            select(_MENTION.c.mark, _LISTING.c.seller)
            .join(_LISTING, _LISTING.c.id == _MENTION.c.listing_id)
            .where(_LISTING.c.seller.in_(some))
            .distinct()
        )
        for mark, seller in session.execute(query.order_by(_MENTION.c.mark, _LISTING.c.seller)):
            by_mark.setdefault(mark, []).append((seller, confirmed[seller]))
    return by_mark


def sizes(session: Session, marks: Collection[str]) -> dict[str, int]:
    """Return how many mentions each of the marks has, candidates included."""
    counted = dict.fromkeys(marks, 0)
    for mark, count in session.execute(select(_MENTION.c.mark, func.count()).group_by(_MENTION.c.mark)):
        if mark in counted:
            counted[mark] = count
    return counted


def listings_of(
    session: Session, some_marks: Sequence[str], *, marks: Collection[str], after_id: int, limit: int
) -> list[ListingMentions]:
    """Return the next listings that mention some marks, in the order of their rows, and their mentions of ``marks``."""
    named = _MENTION.c.mark.in_(some_marks)
    query = select(_MENTION.c.listing_id).where(named, _MENTION.c.listing_id > after_id).distinct()
    ids = list(session.scalars(query.order_by(_MENTION.c.listing_id).limit(limit)))
    by_listing: dict[int, list[Any]] = {listing_id: [] for listing_id in ids}
    for some in chunks(ids):
        for row in session.execute(select(_MENTION).where(_MENTION.c.listing_id.in_(some))):
            if row.mark in marks:
                by_listing[row.listing_id].append(row)
    columns = (_LISTING.c.id, _LISTING.c.data, _LISTING.c.content_hash, _LISTING.c.screened_key)
    stored = [
        row
        for some in chunks(ids)
        for row in session.execute(select(*columns).where(_LISTING.c.id.in_(some)).order_by(_LISTING.c.id))
    ]
    return [_mentions_of(session, row, by_listing[row.id]) for row in stored]


def _mentions_of(session: Session, stored: Any, mentions: Sequence[Any]) -> ListingMentions:
    compared = mentions[0].content_hash
    data = stored.data if compared == stored.content_hash else _compared_version(session, stored, compared)
    listing = load(Listing, data)
    ranked = sorted(mentions, key=lambda row: (-row.score, row.mark))
    return ListingMentions(
        listing_id=stored.id,
        listing=listing,
        input_hash=stored.screened_key or compared,
        candidates=tuple(_candidate(listing.subject, row) for row in ranked),
    )


def _candidate(subject: str, row: Any) -> Candidate:
    return Candidate(
        row_id=row.id,
        finding=Finding(
            subject=subject,
            mark=row.mark,
            score=row.score,
            signals=tuple(load(Signal, signal) for signal in row.signals),
            threshold=row.threshold,
            matcher_version=row.matcher_version,
        ),
        facts=load(MentionFacts, row.facts),
        holder=row.holder,
        right_kind=RightKind(row.right_kind),
        source=row.source,
        country=row.country,
        watchlist_sha256=row.watchlist_sha256,
        document_sha256=row.document_sha256,
        is_judged=row.judged_at is not None,
        kind=None if row.kind is None else ListingKind(row.kind),
        suspicion=row.suspicion,
        signs=tuple(row.signs),
    )


def _compared_version(session: Session, stored: Any, content_hash: str) -> Mapping[str, Any]:
    """Return the content that was compared, where a newer one was collected meanwhile: spans refer to it."""
    version = (
        select(_VERSION.c.data)
        .where(_VERSION.c.listing_id == stored.id, _VERSION.c.content_hash == content_hash)
        .order_by(_VERSION.c.id.desc())
        .limit(1)
    )
    data: Mapping[str, Any] | None = session.scalar(version)
    current: Mapping[str, Any] = stored.data
    return current if data is None else data


def with_case(session: Session, pairs: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return those of the pairs of listing and mark that have a case."""
    there: set[tuple[int, str]] = set()
    for some in chunks(sorted(pairs)):
        key = tuple_(_CASE.c.listing_id, _CASE.c.mark)
        there |= {(row.listing_id, row.mark) for row in session.execute(select(*key.clauses).where(key.in_(some)))}
    return there


def write_judgements(session: Session, judgements: Sequence[Judgement], *, run_id: int, now: datetime) -> None:
    """Store what was made of mentions."""
    rows = [
        {
            "row_id": judgement.row_id,
            "kind": None if judgement.kind is None else judgement.kind.value,
            "suspicion": judgement.suspicion,
            "signs": plain(judgement.signs),
            "run_id": run_id,
            "updated_at": now,
            "judged_at": now,
        }
        for judgement in judgements
    ]
    if rows:
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "row_id"}
        statement = update(_MENTION).where(_MENTION.c.id == bindparam("row_id")).values(values)
        session.connection().execute(statement, rows)


def conclude_marks(session: Session, keys: Mapping[str, str]) -> None:
    """Store by mark that every mention of it was judged in the state of that key."""
    rows = [{"concluded": mark, "judged_key": key} for mark, key in sorted(keys.items())]
    if rows:
        key: BindParameter[str] = bindparam("judged_key")
        statement = update(_JUDGED).where(_JUDGED.c.mark == bindparam("concluded")).values(judged_key=key)
        session.connection().execute(statement, rows)


def counts(session: Session) -> dict[ListingKind, int]:
    """Return how many mentions and suspected listings there are, each once for each mark."""
    by_mark = counts_by_mark(session).values()
    return {kind: sum(counted.get(kind, 0) for counted in by_mark) for kind in ListingKind}


def counts_by_mark(session: Session) -> dict[str, dict[ListingKind, int]]:
    """Return how many mentions and suspected listings each mark has."""
    query = select(_MENTION.c.mark, _MENTION.c.kind, func.count()).where(_MENTION.c.kind.is_not(None))
    counted: dict[str, dict[ListingKind, int]] = {}
    for mark, kind, count in session.execute(query.group_by(_MENTION.c.holder, _MENTION.c.mark, _MENTION.c.kind)):
        counted.setdefault(mark, {})[ListingKind(kind)] = count
    return counted
