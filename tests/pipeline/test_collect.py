from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pipeline.conftest import NOW
from sqlalchemy import func, select

from ipwatch.errors import ConfigError, IpwatchError
from ipwatch.pipeline.collect import Collection
from ipwatch.pipeline.cycle import choose_sources, collect_one, fetcher_for, locks_of, paused, run_cycle
from ipwatch.pipeline.feature_extraction import FeatureExtractor
from ipwatch.pipeline.source_lock import alone
from ipwatch.pipeline.workspace import Workspace
from ipwatch.records import FailureReason, SourceOptions
from ipwatch.sandbox import Fault, FaultKind, Sandbox
from ipwatch.store import issues, runs, sources
from ipwatch.store.tables import CaptureRow, FilingRow, ListingPictureRow, ListingRow, ListingVersionRow


def count(workspace: Workspace, table: type) -> int:
    with workspace.database.read_session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def state_of(workspace: Workspace, source: str) -> sources.SourceState:
    with workspace.database.read_session() as session:
        return next(state for state in sources.states(session) if state.source == source)


@pytest.mark.parametrize("source", ["rakuten", "ebay", "shopify", "webshop"])
def test_a_marketplace_is_read_with_its_pictures_and_the_counts_add_up(workspace: Workspace, source: str) -> None:
    report = collect_one(source, workspace)
    assert report.adds_up
    assert report.left == 0
    assert report.parsed > 0
    assert report.new == count(workspace, ListingRow) == count(workspace, ListingVersionRow)
    with workspace.database.read_session() as session:
        missing = session.scalar(
            select(func.count()).select_from(ListingPictureRow).where(ListingPictureRow.sha256.is_(None))
        )
    assert missing == 0
    assert count(workspace, ListingPictureRow) > 0


@pytest.mark.parametrize("source", ["jpo", "uspto"])
def test_a_register_is_read(workspace: Workspace, source: str) -> None:
    report = collect_one(source, workspace)
    assert report.state == "done"
    assert report.kind == "register"
    assert report.new == count(workspace, FilingRow) > 0


def test_every_record_points_to_evidence_that_verifies(workspace: Workspace) -> None:
    collect_one("rakuten", workspace)
    with workspace.database.read_session() as session:
        hashes = set(session.scalars(select(ListingRow.document_sha256)))
    assert None not in hashes
    for sha256 in hashes:
        assert workspace.evidence.read(sha256)
        assert workspace.evidence.captures(sha256)
    assert workspace.evidence.verify().ok


def test_secrets_are_kept_nowhere(workspace: Workspace) -> None:
    collect_one("rakuten", workspace)
    collect_one("ebay", workspace)
    secrets = [
        value.encode()
        for source in ("rakuten", "ebay")
        for key, value in workspace.options(source).credentials.items()
        if key in {"access_key", "client_secret"}
    ]
    assert len(secrets) == 2
    kept = [path for path in workspace.evidence.root.parent.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), path


def test_a_second_run_doubles_nothing(workspace: Workspace) -> None:
    first = collect_one("webshop", workspace)
    before = {table: count(workspace, table) for table in (ListingRow, ListingVersionRow, ListingPictureRow)}
    second = collect_one("webshop", workspace)
    assert second.new == second.changed == 0
    assert second.unchanged > 0
    assert second.parsed == first.parsed
    assert {table: count(workspace, table) for table in before} == before


def test_an_interrupted_run_is_continued_and_ends_like_an_uninterrupted_one(workspace: Workspace) -> None:
    with fetcher_for("webshop", workspace) as fetcher, FeatureExtractor() as extractor:
        interrupted = Collection("webshop", workspace, fetcher, extractor)
        ids = interrupted.lease()
        interrupted.work(ids[: len(ids) // 2])
    fetched_before = count(workspace, CaptureRow)
    report = collect_one("webshop", workspace)
    assert report.id == interrupted.run_id
    assert report.adds_up
    assert report.left == 0
    assert fetched_before > 0
    assert count(workspace, CaptureRow) == report.fetched + report.gone + report.unchanged
    assert count(workspace, ListingRow) == report.new


def test_a_challenge_blocks_the_source_and_says_so(workspace: Workspace, market: Sandbox) -> None:
    market.set_faults([Fault(host="rakuten.localhost", kind=FaultKind.CHALLENGE)])
    report = collect_one("rakuten", workspace)
    assert report.state == "failed"
    assert report.adds_up
    assert set(report.failures) == {FailureReason.BLOCKED}
    state = state_of(workspace, "rakuten")
    assert state.state == "blocked"
    assert "A person must look at it" in (state.message or "")


def test_a_server_that_fails_now_and_then_costs_nothing(workspace: Workspace, market: Sandbox) -> None:
    market.set_faults([Fault(host="ebay.localhost", kind=FaultKind.SERVER_ERROR, count=2)])
    quick = replace(workspace, policy=replace(workspace.policy, backoff_base=0.01, backoff_cap=0.05))
    report = collect_one("ebay", quick)
    assert report.failed == 0
    assert report.state == "done"


@pytest.mark.parametrize(("source", "host"), [("uspto", "uspto.localhost"), ("rakuten", "rakuten.localhost")])
def test_a_malformed_record_is_named_and_the_good_ones_are_kept(
    workspace: Workspace, market: Sandbox, source: str, host: str
) -> None:
    market.set_faults([Fault(host=host, kind=FaultKind.MALFORMED_RECORD)])
    report = collect_one(source, workspace)
    assert report.parsed > 0
    assert report.refused > 0
    assert report.adds_up
    with workspace.database.read_session() as session:
        named = issues.recent_issues(session, source, 50)
    assert named
    assert all(noted.issue.where and noted.issue.message for noted in named)
    assert str(report.refused) in (report.message or "")


def test_a_file_that_is_not_what_its_index_promised_is_refused_whole(workspace: Workspace, market: Sandbox) -> None:
    market.set_faults([Fault(host="jpo.localhost", path="/bulk/JPWAT", kind=FaultKind.MALFORMED_RECORD)])
    report = collect_one("jpo", workspace)
    assert report.parsed == 0
    assert set(report.failures) == {FailureReason.UNREADABLE}
    assert state_of(workspace, "jpo").state == "failed"


@pytest.mark.parametrize("kind", [FaultKind.BROKEN_IMAGE, FaultKind.HTML_AS_IMAGE])
def test_a_bad_picture_is_named_and_the_listing_kept(workspace: Workspace, market: Sandbox, kind: FaultKind) -> None:
    market.set_faults([Fault(host="img.localhost", kind=kind)])
    report = collect_one("shopify", workspace)
    assert report.adds_up
    assert report.parsed == count(workspace, ListingRow) > 0
    with workspace.database.read_session() as session:
        named = issues.recent_issues(session, "shopify", 50)
    assert named
    assert all(noted.issue.field == "images" for noted in named)
    assert report.refused + report.failed > 0


def test_a_host_whose_robots_txt_fails_is_not_taken_for_one_that_closes_itself(
    workspace: Workspace, market: Sandbox
) -> None:
    market.set_faults([Fault(host="img.localhost", path="/robots.txt", kind=FaultKind.SERVER_ERROR)])
    report = collect_one("shopify", workspace)
    assert report.parsed > 0
    assert set(report.failures) == {FailureReason.NOT_REACHED}
    assert state_of(workspace, "shopify").state == "degraded"
    assert "closed to crawlers" not in (report.message or "")


def test_redirects_into_the_network_are_refused(workspace: Workspace, market: Sandbox) -> None:
    market.set_faults([Fault(host="rakuten.localhost", kind=FaultKind.REDIRECT_METADATA)])
    report = collect_one("rakuten", workspace)
    assert report.parsed == 0
    assert set(report.failures) <= {FailureReason.ADDRESS, FailureReason.BLOCKED}
    assert report.failures[FailureReason.ADDRESS] > 0


def test_the_operators_limit_is_kept_and_reported(workspace: Workspace) -> None:
    options = workspace.options("webshop")
    limited = replace(workspace, options=lambda _name: replace(options, max_requests=40))
    report = collect_one("webshop", limited)
    assert report.failures[FailureReason.NOT_REACHED] > 0
    assert report.adds_up
    assert state_of(workspace, "webshop").state == "degraded"


def test_a_source_without_settings_names_them(workspace: Workspace) -> None:
    bare = replace(workspace, options=lambda _name: SourceOptions())
    with pytest.raises(ConfigError, match="IPWATCH_SOURCES__RAKUTEN"):
        collect_one("rakuten", bare)
    assert state_of(workspace, "rakuten").state == "failed"


def test_all_configured_sources_are_chosen_and_unknown_names_refused(workspace: Workspace) -> None:
    assert choose_sources(workspace, ()) == ["ebay", "jpo", "rakuten", "shopify", "uspto", "webshop"]
    with pytest.raises(ConfigError, match="known sources"):
        choose_sources(workspace, ["amazon"])


def test_a_cycle_collects_side_by_side_and_screens(workspace: Workspace) -> None:
    cycle = run_cycle(["shopify", "jpo"], workspace)
    assert set(cycle.collected) == {"shopify", "jpo"}
    assert all(report.adds_up for report in cycle.collected.values())
    assert cycle.screened.screened == count(workspace, ListingRow) + count(workspace, FilingRow)
    assert cycle.screened.found > 0
    with workspace.database.read_session() as session:
        assert len(runs.recent_runs(session, 10)) == 3


def test_two_collections_of_one_source_at_a_time_count_every_request_once(workspace: Workspace) -> None:
    with fetcher_for("webshop", workspace) as fetcher, FeatureExtractor() as extractor:
        first = Collection("webshop", workspace, fetcher, extractor)
        leased_first = first.lease()
        # A second process takes the first one for dead, and what it was about to fetch for its own.
        second = Collection("webshop", workspace, fetcher, extractor)
        leased_second = second.lease()
        assert second.run_id == first.run_id
        assert leased_second == leased_first
        first.work(leased_first)
        second.work(leased_second)
        while ids := second.lease():
            second.work(ids)
        report = second.conclude()
    assert report.left == 0
    assert report.adds_up
    assert report.new == count(workspace, ListingRow) == count(workspace, ListingVersionRow)


@pytest.mark.parametrize(("own", "policy_interval", "expected"), [(None, 0.0, 6.0), (None, 9.0, 9.0), (2.0, 9.0, 2.0)])
def test_the_slower_pace_counts_unless_the_operator_sets_the_source(
    workspace: Workspace, own: float | None, policy_interval: float, expected: float
) -> None:
    options = replace(workspace.options("jpo"), interval=own)
    chosen = replace(
        workspace, options=lambda _name: options, policy=replace(workspace.policy, interval=policy_interval)
    )
    with fetcher_for("jpo", chosen) as fetcher:
        assert fetcher._policy.interval == expected


def test_a_blocked_source_rests_for_a_day_unless_a_person_names_it(workspace: Workspace, market: Sandbox) -> None:
    market.set_faults([Fault(host="rakuten.localhost", kind=FaultKind.CHALLENGE)])
    collect_one("rakuten", workspace)
    market.set_faults([])
    resting = run_cycle(["rakuten"], workspace)
    assert resting.collected == {}
    assert "paused until 2026-11-23 12:00 JST" in str(resting.refused["rakuten"])
    assert not resting.complete
    named = run_cycle(["rakuten"], workspace, insist=True)
    assert named.collected["rakuten"].state == "done"
    collect_one("rakuten", workspace)
    later = replace(workspace, now=lambda: NOW + timedelta(hours=25))
    assert paused("rakuten", later) is None


def test_hosts_of_pictures_alone_do_not_make_a_source_blocked(workspace: Workspace, market: Sandbox) -> None:
    market.set_faults([Fault(host="img.localhost", path="/p/", kind=FaultKind.CHALLENGE)])
    report = collect_one("shopify", workspace)
    state = state_of(workspace, "shopify")
    assert report.parsed > 0
    assert (report.state, state.state) == ("partial", "degraded")
    assert "pictures are missing" in (state.message or "")


def test_one_shop_of_many_that_is_blocked_leaves_the_others_read(workspace: Workspace, market: Sandbox) -> None:
    blocked = workspace.options("shopify").base_urls[0].partition("//")[2].partition(":")[0]
    market.set_faults([Fault(host=blocked, path="/products.json", kind=FaultKind.CHALLENGE)])
    report = collect_one("shopify", workspace)
    state = state_of(workspace, "shopify")
    assert report.parsed > 0
    assert state.state == "degraded"
    assert blocked in (state.message or "")
    assert "A person must look at it" in (state.message or "")


def test_one_process_at_a_time_reads_a_source(workspace: Workspace) -> None:
    with alone(locks_of(workspace), "shopify"):
        with pytest.raises(IpwatchError, match="another process"):
            collect_one("shopify", workspace)
        assert collect_one("jpo", workspace).state == "done"
    assert collect_one("shopify", workspace).state == "done"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(FaultKind.WRONG_TYPE, FailureReason.WRONG_TYPE), (FaultKind.CHALLENGE, FailureReason.BLOCKED)],
)
def test_an_api_without_a_token_is_asked_once_and_its_reason_reported(
    workspace: Workspace, market: Sandbox, kind: FaultKind, reason: FailureReason
) -> None:
    market.set_faults([Fault(host="ebay.localhost", path="/identity/", kind=kind)])
    asked = market.status()["requests"].get("ebay.localhost", 0)
    report = collect_one("ebay", workspace)
    assert set(report.failures) == {reason}
    assert report.adds_up
    assert market.status()["requests"]["ebay.localhost"] - asked <= 2
    expected = "blocked" if reason is FailureReason.BLOCKED else "failed"
    assert state_of(workspace, "ebay").state == expected
