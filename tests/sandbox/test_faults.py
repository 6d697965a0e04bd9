from __future__ import annotations

import gzip
import io
import json
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest
from PIL import Image, UnidentifiedImageError
from sandbox.calls import Ask, ebay, rakuten

from ipwatch.sandbox import Fault, FaultKind, Sandbox, SandboxError, World
from ipwatch.sandbox.faults import FaultBook, read_faults
from ipwatch.sandbox.servers.bulk import unpack

SHOP = "japan-outlet"


@pytest.fixture
def page(world: World) -> str:
    return next(offer for offer in world.offers if offer.shop.name == SHOP).item_id


def strike(sandbox: Sandbox, kind: FaultKind, host: str = SHOP, **rule: object) -> None:
    sandbox.set_faults([Fault(host=f"{host}.localhost", kind=kind, **rule)])  # type: ignore[arg-type] # by name


def test_rate_limit_in_seconds_strikes_as_often_as_configured(sandbox: Sandbox, ask: Ask, page: str) -> None:
    strike(sandbox, FaultKind.RATE_LIMITED, count=2, retry_after=3)
    answers = [ask(SHOP, page) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 429, 200, 200]
    assert answers[0].headers["retry-after"] == "3"


def test_rate_limit_as_a_date(sandbox: Sandbox, ask: Ask, page: str) -> None:
    strike(sandbox, FaultKind.RATE_LIMITED_DATE, retry_after=30)
    answer = ask(SHOP, page)
    seconds = parsedate_to_datetime(answer.headers["retry-after"]).timestamp() - time.time()
    assert 20 < seconds <= 31


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [(FaultKind.SERVER_ERROR, 503, "Service Unavailable"), (FaultKind.CHALLENGE, 403, "Checking your browser")],
)
def test_refusals(sandbox: Sandbox, ask: Ask, kind: FaultKind, status: int, text: str) -> None:
    strike(sandbox, kind)
    answer = ask(SHOP, "/")
    assert answer.status_code == status
    assert text in answer.text


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (FaultKind.REDIRECT_LOOPBACK, "http://127.0.0.1:9/"),
        (FaultKind.REDIRECT_METADATA, "http://169.254.169.254/"),
        (FaultKind.REDIRECT_FILE, "file:///"),
    ],
)
def test_redirects_where_nobody_should_follow(
    sandbox: Sandbox, ask: Ask, page: str, kind: FaultKind, target: str
) -> None:
    strike(sandbox, kind)
    answer = ask(SHOP, page)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(target)


def test_redirect_loop_leads_to_itself(sandbox: Sandbox, ask: Ask, page: str) -> None:
    strike(sandbox, FaultKind.REDIRECT_LOOP)
    assert ask(SHOP, page).headers["location"] == f"{sandbox.origin(SHOP)}{page}"


def test_truncation_breaks_the_promise_of_content_length(sandbox: Sandbox, ask: Ask, page: str) -> None:
    strike(sandbox, FaultKind.TRUNCATED, count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(SHOP, page)
    assert ask(SHOP, page).status_code == 200


def test_slow_drip_does_not_come_to_an_end_soon(sandbox: Sandbox, ask: Ask, page: str) -> None:
    strike(sandbox, FaultKind.SLOW_DRIP)
    url = f"http://127.0.0.1:{sandbox.port}{page}"
    started, received = time.monotonic(), 0
    with httpx.stream("GET", url, headers={"Host": f"{SHOP}.localhost:{sandbox.port}"}) as answer:
        for block in answer.iter_raw():
            received += len(block)
            if time.monotonic() - started > 0.8:
                break
    assert 0 < received < 200
    assert ask("img", "/p/none.jpg").status_code == 404


def test_wrong_type_and_gzip_bomb(sandbox: Sandbox, ask: Ask, page: str) -> None:
    strike(sandbox, FaultKind.WRONG_TYPE)
    assert ask(SHOP, page).headers["content-type"] == "application/octet-stream"
    strike(sandbox, FaultKind.GZIP_BOMB)
    url = f"http://127.0.0.1:{sandbox.port}{page}"
    with httpx.stream("GET", url, headers={"Host": f"{SHOP}.localhost:{sandbox.port}"}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < 200_000
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as bomb:
        size = sum(len(block) for block in iter(lambda: bomb.read(1 << 20), b""))
    assert size == 96 * 1024 * 1024


def test_a_changed_layout_has_no_structure(sandbox: Sandbox, ask: Ask, world: World) -> None:
    for shop, traces in (
        (SHOP, ["ld+json"]),
        ("marukyu-shoten", ["itemprop", "itemscope"]),
        ("hanguk-mart", ["og:title", "product:price"]),
        ("zakka-no-ie", ["item-price", "<h1"]),
    ):
        path = next(offer for offer in world.offers if offer.shop.name == shop).item_id
        assert all(trace in ask(shop, path).text for trace in traces)
        strike(sandbox, FaultKind.LAYOUT_CHANGED, host=shop)
        changed = ask(shop, path).text
        assert not [trace for trace in traces if trace in changed]
        sandbox.set_faults([])


def test_one_malformed_record_among_good_ones(sandbox: Sandbox, ask: Ask) -> None:
    strike(sandbox, FaultKind.MALFORMED_RECORD, host="rakuten")
    items = rakuten(ask, keyword="タオル").json()["Items"]
    assert [item["itemCode"] is None for item in items].count(True) == 1
    strike(sandbox, FaultKind.MALFORMED_RECORD, host="ebay")
    summaries = ebay(ask, q="towel").json()["itemSummaries"]
    assert [item["price"] == "free" for item in summaries].count(True) == 1
    strike(sandbox, FaultKind.MALFORMED_RECORD, host="kurashi-select")
    products = ask("kurashi-select", "/products.json").json()["products"]
    assert [isinstance(product, list) for product in products].count(True) == 1


def test_one_malformed_line_in_each_table_of_a_set(sandbox: Sandbox, ask: Ask) -> None:
    name = ask("jpo", "/bulk/index.json").json()["files"][0]["name"]
    strike(sandbox, FaultKind.MALFORMED_RECORD, host="jpo", path="/bulk/JPWAT")
    for body in unpack(ask("jpo", f"/bulk/{name}").content).values():
        lines = body.rstrip(b"\n").split(b"\n")
        widths = [line.count(b"\t") for line in lines]
        assert sum(width != widths[0] for width in widths) == 1


def test_pictures_that_are_none(sandbox: Sandbox, ask: Ask, world: World) -> None:
    name = next(name for name in world.pictures if name.endswith(".jpg"))
    strike(sandbox, FaultKind.BROKEN_IMAGE, host="img")
    with pytest.raises(OSError, match="truncated"), Image.open(io.BytesIO(ask("img", f"/p/{name}").content)) as image:
        image.load()
    strike(sandbox, FaultKind.HTML_AS_IMAGE, host="img")
    answer = ask("img", f"/p/{name}")
    assert answer.headers["content-type"] == "image/jpeg"
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(answer.content))


def test_a_share_strikes_about_as_often_and_the_same_again() -> None:
    rule = Fault(host="a.localhost", kind=FaultKind.SERVER_ERROR, share=0.3, seed=5)
    runs = []
    for _ in range(2):
        book = FaultBook([rule])
        runs.append([book.strike("a.localhost", "/x") is not None for _ in range(400)])
    assert runs[0] == runs[1]
    assert 80 < sum(runs[0]) < 160


def test_a_fault_keeps_to_its_host_and_path() -> None:
    book = FaultBook([Fault(host="a.localhost", kind=FaultKind.SERVER_ERROR, path="/p/")])
    assert book.strike("b.localhost", "/p/1") is None
    assert book.strike("a.localhost", "/q") is None
    assert book.strike("a.localhost", "/p/1") is not None
    assert [tally["struck"] for tally in book.tallies()] == [1]


def test_faults_over_http(sandbox: Sandbox, ask: Ask, page: str) -> None:
    rules = [{"host": f"{SHOP}.localhost", "kind": "server_error", "count": 1}]
    assert ask("control", "/_sandbox/faults", method="POST", json=rules).status_code == 200
    assert [ask(SHOP, page).status_code for _ in range(2)] == [503, 200]
    assert sandbox.status()["faults"][0]["struck"] == 1
    wrong = ask("control", "/_sandbox/faults", method="POST", json=[{"host": "x", "kind": "earthquake"}])
    assert wrong.status_code == 400
    assert "faults[0]" in wrong.json()["error"]
    assert ask("control", "/_sandbox/faults", method="POST", content=b"{").status_code == 400


@pytest.mark.parametrize(
    "entry", [{"kind": "server_error"}, {"host": "x"}, {"host": "x", "kind": "server_error", "share": 2}, {"odd": 1}]
)
def test_wrong_faults_are_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"faults\[0\]"):
        read_faults([entry])


def test_faults_survive_json() -> None:
    fault = Fault(host="*", kind=FaultKind.CHALLENGE, count=2, share=0.5, seed=3, path="/a", retry_after=9)
    assert read_faults([json.loads(json.dumps(fault.as_json()))]) == (fault,)


def test_the_sandbox_says_why_it_refuses(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="does not go back"):
        sandbox.advance(-1)
