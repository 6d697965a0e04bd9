"""An invented market of two holders, stored without any source, and a workspace that screens it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from pipeline.conftest import NOW
from sqlalchemy import select

from ipwatch.evidence import EvidenceStore
from ipwatch.fetch import FetchPolicy
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import Holder, HolderKind, Listing, RightKind, Seller, WatchedMark, Watchlist
from ipwatch.settings import Settings
from ipwatch.store import listings, runs
from ipwatch.store.session import Database
from ipwatch.store.tables import CaseRow, ListingRow, MentionRow

ON = date(2026, 11, 22)

TOWEL = WatchedMark(
    watchlist="kazami",
    id="towel",
    text="風見タオル",
    kind=RightKind.TRADEMARK,
    variants=("Kazami Towel",),
    goods_terms=("タオル", "towel"),
)
TEA = WatchedMark(
    watchlist="hoshigama", id="tea", text="星釜園", kind=RightKind.TRADEMARK, goods_terms=("抹茶", "タオル")
)
WATCHLISTS = tuple(
    Watchlist(
        holder=Holder(id=mark.watchlist, name_ja=mark.text, name_en=mark.text, kind=HolderKind.COMPANY),
        marks=(mark,),
        sha256=letter * 64,
    )
    for mark, letter in ((TOWEL, "c"), (TEA, "d"))
)


def offer(number: int, title: str, *, seller: str | None = None, price: int = 3000) -> Listing:
    return Listing(
        marketplace="rakuten",
        listing_id=f"shop:{number}",
        url=f"https://shop.example/{number}",
        title=title,
        price=Decimal(price),
        currency="JPY",
        seller=Seller(id=seller or f"seller-{number}", feedback_pct=99.0, feedback_count=500),
    )


LAWFUL = tuple(offer(number, f"風見タオル バスタオル 柄{number}", price=3000 + 10 * number) for number in range(12))
COPY = offer(20, "風見タオル スーパーコピー バスタオル")
BOTH = offer(21, "風見タオル 星釜園 抹茶色 バスタオル")
TEAS = tuple(offer(30 + number, f"星釜園 抹茶 {number}") for number in range(4))
CHEAP = offer(40, "風見タオル バスタオル 特価", price=200)
PLAIN = offer(50, "無地のバスタオル")
MARKET = (*LAWFUL, COPY, BOTH, *TEAS, CHEAP, PLAIN)


def workspace(database: Database, folder: Path) -> Workspace:
    """Return a workspace on that database that watches both holders."""
    (folder / "watchlists").mkdir(exist_ok=True)
    return Workspace(
        database=database,
        evidence=EvidenceStore(folder / "evidence"),
        policy=FetchPolicy(user_agent="ipwatch/1.0", spool=folder / "spool"),
        watchlists=WATCHLISTS,
        watchlist_dir=folder / "watchlists",
        options=Settings().source_options,
        rates={"JPY": Decimal(1)},
        min_score=None,
        now=lambda: NOW,
    )


def store(database: Database, market: Iterable[Listing], *, now: datetime = NOW) -> None:
    """Store what a marketplace shows, as a collection does."""
    with database.write_session() as session:
        run_id = runs.start_run(session, kind="collect", source="rakuten", now=now)
        listings.upsert_many(session, list(market), run_id=run_id, now=now)
        runs.finish_run(session, run_id, state="done", now=now)


def judged(database: Database) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return by title and mark what was made of each mention, and the kind of its case, without ids and times."""
    cases = select(CaseRow.listing_id, CaseRow.mark, CaseRow.kind)
    columns = (ListingRow.id, ListingRow.title, MentionRow)
    with database.read_session() as session:
        kinds = {(row.listing_id, row.mark): row.kind for row in session.execute(cases)}
        rows = session.execute(select(*columns).join(MentionRow, MentionRow.listing_id == ListingRow.id)).all()
    return {
        (title, row.mark): (row.kind, row.suspicion, row.signs, row.facts, kinds.get((listing_id, row.mark)))
        for listing_id, title, row in rows
    }
