from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox.calls import TODAY

from ipwatch.sandbox import SandboxError, World, build_world, running


@pytest.fixture(scope="module")
def small() -> World:
    return build_world(2, 60, TODAY)


def test_it_ends_with_its_block(small: World) -> None:
    with running(small) as sandbox:
        assert sandbox.running
        port = sandbox.port
    assert not sandbox.running
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_taken_port_is_an_error(small: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SandboxError, match="did not start"), running(small, port=taken.getsockname()[1]):
            pass


def test_it_serves_the_day_of_its_world_and_moves_on(small: World) -> None:
    with running(small.advance(3)) as sandbox:
        assert sandbox.status()["day"] == 3
        assert sandbox.status()["listings"] == len(small.advance(3).offers)
        sandbox.advance(5)
        assert sandbox.status()["day"] == sandbox.world.day == 8
        assert sandbox.status()["listings"] == len(small.advance(8).offers)


def test_a_page_that_vanished_is_gone_and_one_to_come_is_not_there_yet() -> None:
    world = build_world(2, 600, TODAY)
    pages = [offer for offer in world.all_offers if offer.shop.source == "webshop"]
    vanishing = next(offer for offer in pages if offer.gone is not None and offer.born == 0)
    coming = next(offer for offer in pages if offer.born > 0 and offer.lives(28))

    def status(offer_host: str, path: str, port: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path, headers={"Host": f"{offer_host}:{port}"})
        answer = connection.getresponse().status
        connection.close()
        return answer

    with running(world) as sandbox:
        assert status(vanishing.shop.host, vanishing.item_id, sandbox.port) == 200
        assert status(coming.shop.host, coming.item_id, sandbox.port) == 404
        sandbox.advance(28)
        assert status(vanishing.shop.host, vanishing.item_id, sandbox.port) in {404, 410}
        assert status(coming.shop.host, coming.item_id, sandbox.port) == 200


def test_answers_do_not_wait_for_acknowledgements(small: World) -> None:
    with running(small) as sandbox:
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
        started = time.monotonic()
        for _ in range(40):
            connection.request("GET", "/_sandbox/status", headers={"Host": "control.localhost"})
            connection.getresponse().read()
        connection.close()
        assert (time.monotonic() - started) / 40 < 0.03


def test_sources_name_the_addresses_of_this_sandbox(small: World) -> None:
    with running(small) as sandbox:
        assert set(sandbox.sources) == {"rakuten", "ebay", "shopify", "webshop", "jpo", "uspto"}
        for options in sandbox.sources.values():
            assert options.base_urls
            assert all(f".localhost:{sandbox.port}" in url for url in options.base_urls)
        shop = next(key for key in sandbox.truth if key.startswith("webshop:"))
        assert f".localhost:{sandbox.port}/" in shop


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    script = (
        "import sys, time\nfrom datetime import date\nfrom pathlib import Path\n"
        "from ipwatch.sandbox import build_world, running\n"
        "with running(build_world(2, 20, date(2026, 11, 22))) as sandbox:\n"
        f"    Path({str(port_file)!r}).write_text(str(sandbox.port))\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])  # noqa: S603 - the lines above
    try:
        _wait_for(lambda: port_file.exists() and port_file.read_text() != "", 15)
    finally:
        parent.kill()
        parent.wait(5)
    port = int(port_file.read_text())
    _wait_for(lambda: not _listens(port), 5)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


def _wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def test_alone_it_writes_watchlists_and_says_its_addresses(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "ipwatch.sandbox", "--seed", "2", "--listings", "10", "--port", "0"]
    process = subprocess.Popen([*command, "--watchlists", str(tmp_path)], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://rakuten.localhost:")
        assert (tmp_path / "lemurica.toml").is_file()
    finally:
        process.terminate()
        process.wait(5)
        if process.stdout is not None:
            process.stdout.close()
