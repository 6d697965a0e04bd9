"""What a client may keep open, send and wait for: slow, half-sent and dropped requests on real sockets."""

from __future__ import annotations

import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from web.conftest import Filled
from web.routing import addresses
from web.serving import HOST, OTHER, Served, read_all, serving, within_bound
from web.test_routes import add_account
from web.world import NOW

from ipwatch.evidence.verify import blob_path
from ipwatch.web import create_app
from ipwatch.web.crowd import Crowd, group_of
from ipwatch.web.forms import MAX_LOGIN_BYTES
from ipwatch.web.server import MAX_HEAD, Patience

HASTY = Patience(head=1, body=1.5, idle=1, stalled=1, closing=1)
POST = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
)
GET = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def hasty(filled: Filled) -> Iterator[Served]:
    add_account(filled)
    with serving(filled.app(), patience=HASTY) as served:
        yield served


@pytest.fixture
def usual(filled: Filled) -> Iterator[Served]:
    add_account(filled)
    with serving(filled.app()) as served:
        yield served


def seconds_until_closed(connection: socket.socket, drip: bytes = b"") -> float:
    """Return how many seconds the server keeps a connection that sends a byte now and then."""
    start = time.monotonic()
    connection.settimeout(0.2)
    while time.monotonic() - start < 20:
        try:
            if drip:
                connection.send(drip)
            if connection.recv(65536) == b"":
                break
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            break
    return time.monotonic() - start


@pytest.mark.parametrize(
    ("sent", "drip"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nHost: 127", b""),
        (b"GET / HTTP/1.1\r\nX-Slow: ", b"a"),
        (POST, b""),
        (POST, b"a"),
        (GET, b""),
        (GET + b"G", b""),
        (GET + b"GET / HTTP/1.1\r\nX-Slow: ", b"a"),
        (b"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    ],
    ids=["silence", "half a head", "a head in drops", "no body", "a body in drops", "idle", "idle and a byte",
         "a second head in drops", "a refused body without end"],
)  # fmt: skip
def test_a_client_that_is_slow_is_ended_whatever_it_is_slow_at(hasty: Served, sent: bytes, drip: bytes) -> None:
    with hasty.connect() as connection:
        connection.sendall(sent)
        assert 0.5 < seconds_until_closed(connection, drip) < 10
    hasty.wait_for(0)


def test_a_client_that_does_not_read_is_ended(filled: Filled) -> None:
    with serving(filled.app(), patience=HASTY) as served, served.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /static/app.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 400)
        served.wait_for(0, seconds=30)


def test_a_slow_reader_and_a_slow_writer_within_the_limits_are_served(usual: Served) -> None:
    with usual.connect() as connection:
        for byte in GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"):
            connection.send(bytes([byte]))
            time.sleep(0.005)
        assert b"200 OK" in read_all(connection)


def test_a_head_without_end_is_refused_early(usual: Served) -> None:
    with usual.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * (MAX_HEAD + 300_000))
        answer = read_all(connection)
    assert b"200" not in answer[:20]
    usual.wait_for(0)


def test_a_body_of_a_stranger_is_not_read(usual: Served) -> None:
    """The answer comes before the body, and nothing asks the client to go on."""
    with usual.connect() as connection:
        connection.sendall(
            b"POST /cases/1/decisions HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 401")
    with usual.connect() as connection:
        connection.sendall(POST.replace(b"1000", b"%d" % (MAX_LOGIN_BYTES + 1)) + b"name=")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("part", [GET[:20], POST[:40], POST, POST + b"name=a&password=b"])
def test_a_request_that_is_dropped_is_no_error(usual: Served, part: bytes, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(20):
        with usual.connect() as connection:
            connection.sendall(part)
    usual.wait_for(0)
    assert usual.ask()[0] == 200
    assert [record for record in caplog.records if record.levelname not in {"DEBUG", "INFO"}] == []


def half_sent(served: Served, number: int, sources: tuple[str, ...], parts: tuple[bytes, ...]) -> ExitStack:
    """Open so many connections that send a part of a request and then nothing; those that are refused are left."""
    opened = ExitStack()
    for index in range(number):
        connection = opened.enter_context(served.connect(sources[index % len(sources)]))
        try:
            connection.sendall(parts[index % len(parts)])
        except (ConnectionResetError, BrokenPipeError):
            connection.close()
    return opened


def p95(served: Served, source: str, count: int = 40) -> float:
    """Return the time within which 19 of 20 requests of somebody else are answered; each must be."""
    taken = []
    for _ in range(count):
        status, seconds = served.ask("/login", source)
        assert status == 200
        taken.append(seconds)
    return statistics.quantiles(taken, n=20)[-1]


@pytest.mark.parametrize("sources", [(HOST,), tuple(f"127.0.0.{number}" for number in range(2, 12))])
def test_others_get_in_while_hundreds_of_requests_are_half_sent(usual: Served, sources: tuple[str, ...]) -> None:
    rounds: list[float] = []
    while not within_bound(rounds):
        with half_sent(usual, 700, sources, (b"", GET[:30], POST, POST + b"name=a")):
            rounds.append(p95(usual, OTHER))
            assert usual.open_connections() <= 520
        usual.wait_for(0)


def test_who_is_at_its_limit_gets_in_by_ending_its_own_oldest_wait(usual: Served) -> None:
    with half_sent(usual, 200, (HOST,), (POST,)):
        time.sleep(1.2)
        assert usual.ask("/login", HOST)[0] == 200


def test_everybody_else_gets_in_by_ending_waits_of_who_has_most() -> None:
    crowd = Crowd(total=10, of_address=8)
    members = [Waiting("a", crowd) for _ in range(8)] + [Waiting("b", crowd), Waiting("c", crowd)]
    assert all(member.admitted for member in members)
    late = Waiting("d", crowd)
    assert late.admitted
    assert [member.evicted for member in members].count(True) == 1
    assert members[0].evicted
    # The heaviest address itself has to wait until its own connections have waited for a while.
    assert not Waiting("a", crowd).admitted
    busy = Crowd(total=2, of_address=2)
    answered = [Waiting("a", busy, waiting=False), Waiting("a", busy, waiting=False)]
    assert not Waiting("b", busy).admitted
    assert [member.evicted for member in answered] == [False, False]


class Waiting:
    """A connection that a crowd may end."""

    def __init__(self, group: str, crowd: Crowd, *, waiting: bool = True) -> None:
        self.group = group
        self.waiting_since = time.monotonic() if waiting else None
        self.evicted = False
        self._crowd = crowd
        self.admitted = crowd.admit(group)
        if self.admitted:
            crowd.join(self)

    def evict(self) -> None:
        self.evicted = True
        self._crowd.release(self.group)


def test_an_address_is_what_one_client_has() -> None:
    assert group_of("192.0.2.1") == group_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert group_of("2001:db8::1") == group_of("2001:db8::ffff") != group_of("2001:db8:0:1::1")
    assert group_of("fe80::1%eth0") == group_of("fe80::2")
    assert group_of("") == ""


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_descriptors_and_connections_are_given_back(usual: Served) -> None:
    assert usual.ask()[0] == 200
    half_sent(usual, 150, (HOST, "127.0.0.2"), (GET[:9], POST)).close()
    usual.wait_for(0)
    before = descriptors()
    for _ in range(3):
        half_sent(usual, 150, (HOST, "127.0.0.2"), (GET[:9], POST)).close()
    usual.wait_for(0)
    # A connection is given up by its event loop a turn before its descriptor is closed.
    deadline = time.monotonic() + 30
    while descriptors() > before + 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert descriptors() <= before + 2


_FEW_DESCRIPTORS = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
from ipwatch.web.forms import MAX_LOGIN_BYTES
from ipwatch.web.server import room
print(room(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(("soft", "hard", "room", "raised"), [(256, 1024, 512, 1024), (64, 300, 44, 300)])
def test_there_is_room_for_as_many_as_descriptors_allow(soft: int, hard: int, room: int, raised: int) -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= hard
    ended = subprocess.run(  # noqa: S603 - this Python, and the program above
        [sys.executable, "-c", _FEW_DESCRIPTORS, str(soft), str(hard)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert ended.stdout.split() == [str(room), str(raised)]


def test_a_big_body_that_is_hashed_holds_up_nobody(filled: Filled, tmp_path: Path) -> None:
    """The body is a real file of a gigabyte, without blocks on the disk; its verdict follows from its bytes."""
    root = tmp_path / "evidence"
    app = create_app(filled.database, evidence_root=root, now=lambda: NOW, allowed_hosts=(HOST,))
    (path,) = (address.path for address in addresses(app, filled.database) if address.route == "/evidence/{sha256}")
    body = blob_path(root, path.rpartition("/")[2])
    body.parent.mkdir(parents=True)
    with body.open("wb") as file:
        file.truncate(2**30)
    with serving(app) as served, ThreadPoolExecutor() as pool:
        assert served.ask("/login")[0] == 200
        viewing = [pool.submit(served.ask, path, HOST) for _ in range(4)]
        asked = 0
        while not all(view.done() for view in viewing):
            status, seconds = served.ask("/static/app.css")
            assert status == 200
            asked += 1
            assert seconds < 5
        assert asked > 3
        assert {view.result()[0] for view in viewing} == {200}
        # It is hashed once for all who asked.
        assert served.ask(path, HOST)[1] < max(view.result()[1] for view in viewing)
