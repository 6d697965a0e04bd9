"""The demo's world through the flows, and a reviewer at work in a real browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium
from playwright.sync_api import Browser, expect

PROGRAM = Path(sys.executable).with_name("ipwatch")

pytestmark = [pytest.mark.browser, pytest.mark.flow]


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo after its first cycle."""

    address: str
    figures: dict[str, Any]
    data_dir: Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data_dir = tmp_path_factory.mktemp("demo")
    command = [PROGRAM, "demo", "--listings", "150", "--seed", "3", "--data-dir", data_dir]
    log = data_dir / "stderr.log"
    environment = {**os.environ, "IPWATCH_WEB_PORT": "0"}
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment) as process,  # noqa: S603 - ours
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, log.read_text()
            address = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())
            assert address is not None
            yield Demo(address.group(), json.loads(line), data_dir)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_the_flows_find_what_the_sandbox_hides_and_say_what_they_missed(demo: Demo) -> None:
    figures = demo.figures
    assert figures["found"] > figures["missed"]
    assert figures["found"] > 3 * figures["wrong"]
    assert figures["missed_unread"] == 0


def test_a_reviewer_decides_in_a_browser_and_the_summary_counts_it(demo: Demo, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{demo.address}?lang=en")
    cases = page.locator("a[href^='/cases/']")
    expect(cases.first).to_be_visible()
    expect(page.get_by_text("Suspected infringements")).to_be_visible()
    cases.first.click()
    expect(page.get_by_text("Why it is suspected")).to_be_visible()
    assert page.locator("mark").count() > 0 or page.locator("img").count() >= 2
    number = page.url.rpartition("/")[2].partition("?")[0]
    page.get_by_label("not infringing").check()
    page.get_by_label("Note").fill("the seller shows an invoice")
    page.get_by_label("Your name").fill("山田 花子")
    page.get_by_role("button", name="Record the decision").click()
    page.goto(f"{demo.address}cases/{number}?lang=en")
    expect(page.get_by_text("山田 花子").first).to_be_visible()
    expect(page.get_by_text("the seller shows an invoice")).to_be_visible()
    page.goto(f"{demo.address}reports?lang=en")
    decided = page.locator("tr", has=page.get_by_role("rowheader", name="Decided not infringing", exact=True))
    expect(decided.locator("td").first).to_have_text("1")


def test_evidence_leads_from_a_finding_to_the_bytes(demo: Demo, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{demo.address}?lang=en")
    page.locator("a[href^='/cases/']").first.click()
    page.locator("a[href^='/evidence/']").first.click()
    sha256 = page.url.rpartition("/")[2].partition("?")[0]
    assert re.fullmatch(r"[0-9a-f]{64}", sha256)
    expect(page.get_by_text(sha256).first).to_be_visible()
    kept = next((demo.data_dir / "evidence" / "blobs").rglob(sha256))
    with page.expect_download() as download:
        page.locator("a[download]").first.click()
    assert download.value.path().read_bytes() == kept.read_bytes()


def test_every_source_stands_as_it_was_read(demo: Demo, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(f"{demo.address}sources?lang=en")
    for title in ("Rakuten", "eBay", "Shopify", "USPTO"):
        expect(page.get_by_role("heading", name=re.compile(title)).first).to_be_visible()
    assert page.get_by_text("never ran").count() == 0


def test_the_summary_can_be_taken_away(demo: Demo) -> None:
    with urllib.request.urlopen(f"{demo.address}reports/summary.csv", timeout=10) as answer:  # noqa: S310 - loopback
        content = answer.read()
    assert content.startswith(b"\xef\xbb\xbfperiod_from,")
    assert b"funnel,,suspected," in content
