from __future__ import annotations

import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orchestration
import pytest
from orchestration import PrefectServer

from ipwatch.cli import prefect_api
from ipwatch.cli.orchestrator import free_port
from ipwatch.cli.prefect_api import Deployment, PrefectApi, ServerSilent
from ipwatch.errors import IpwatchError

pytestmark = pytest.mark.flow


def tried(api: PrefectApi, deployment_id: str) -> Deployment:
    return next(deployment for deployment in api.deployments() if deployment.id == deployment_id)


def test_a_deployment_comes_with_its_next_run(
    prefect_server: PrefectServer, api: PrefectApi, deployment_id: str
) -> None:
    deployment = tried(api, deployment_id)
    assert (deployment.has_schedule, deployment.next_run) == (False, None)
    minute = {"schedule": {"cron": "* * * * *", "timezone": "Asia/Tokyo"}, "active": True}
    prefect_server.ask(f"/deployments/{deployment_id}/schedules", [minute])
    prefect_server.ask(f"/deployments/{deployment_id}/schedule", {"min_runs": 3})
    deployment = tried(api, deployment_id)
    assert (deployment.flow, deployment.name, deployment.source, deployment.paused, deployment.has_schedule) == (
        "tried",
        "tried",
        "tried",
        False,
        True,
    )
    assert deployment.next_run is not None
    assert timedelta(0) <= deployment.next_run - datetime.now(UTC) <= timedelta(minutes=1)
    later = deployment.next_run + timedelta(seconds=1)
    following = next(listed for listed in api.deployments(now=later) if listed.id == deployment.id)
    assert following.next_run == deployment.next_run + timedelta(minutes=1)


def test_a_run_that_a_person_starts_is_not_taken_for_the_next_of_the_schedule(
    api: PrefectApi, deployment_id: str
) -> None:
    run = api.start(deployment_id)
    assert not api.flow_run(run).automatic
    assert api.flow_run(run).state == "SCHEDULED"
    assert tried(api, deployment_id).next_run is None


def test_a_run_that_is_forced_to_an_end_gives_its_slot_back(api: PrefectApi, deployment_id: str) -> None:
    run = api.start(deployment_id)
    api.set_state(run, "PENDING", "")
    api.set_state(run, "RUNNING", "")
    assert [flow_run.id for flow_run in api.flow_runs(deployments=[deployment_id])] == [run]
    api.set_state(run, "CRASHED", "its process is gone")
    flow_run = api.flow_run(run)
    assert (flow_run.state, flow_run.state_name, flow_run.message) == ("CRASHED", "Crashed", "its process is gone")
    assert flow_run.since is not None
    assert api.flow_runs(deployments=[deployment_id]) == []


def test_slots_that_are_held_are_counted_and_given_back(
    prefect_server: PrefectServer, api: PrefectApi, deployment_id: str
) -> None:
    limit = tried(api, deployment_id).limit_id
    row = prefect_server.ask(f"/v2/concurrency_limits/{limit}")
    prefect_server.ask("/v2/concurrency_limits/increment", {"slots": 1, "names": [row["name"]]})
    held = tried(api, deployment_id)
    assert (held.slots, held.slots_held) == (1, 1)
    api.release_slots(held)
    assert tried(api, deployment_id).slots_held == 0


def test_more_runs_than_one_answer_holds_are_all_returned(api: PrefectApi, deployment_id: str) -> None:
    started = {api.start(deployment_id) for _ in range(205)}
    assert {flow_run.id for flow_run in api.flow_runs(["SCHEDULED"], deployments=[deployment_id])} == started
    assert len(api.flow_runs(["SCHEDULED"], deployments=[deployment_id], limit=7)) == 7


def test_a_pool_is_created_once_and_its_command_changed(prefect_server: PrefectServer, api: PrefectApi) -> None:
    for command in ("first", "second"):
        api.put_pool("tried", command)
        (pool,) = (pool for pool in prefect_server.ask("/work_pools/filter", {}) if pool["name"] == "tried")
        assert (pool["type"], pool["is_paused"]) == ("process", False)
        assert pool["base_job_template"]["variables"]["properties"]["command"]["default"] == command


def test_another_installations_server_is_named_as_such(api: PrefectApi) -> None:
    stranger = PrefectApi(api.url, "ipwatch:another")
    assert api.healthy()
    assert not stranger.healthy()
    with pytest.raises(IpwatchError, match="is not this data directory's"):
        stranger.deployments()


def test_a_proxy_for_the_world_outside_is_not_asked(api: PrefectApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert PrefectApi(api.url, "ipwatch:another").healthy() is False
    assert api.version().startswith("3.")


def test_nothing_that_answers_is_one_sentence() -> None:
    silent = PrefectApi(f"http://127.0.0.1:{free_port()}/api", "ipwatch:x")
    assert not silent.healthy()
    with pytest.raises(ServerSilent, match="does not answer"):
        silent.deployments()


def test_what_is_no_prefect_server_is_one_sentence() -> None:
    with _web_page() as port, pytest.raises(IpwatchError, match="no Prefect server"):
        PrefectApi(f"http://127.0.0.1:{port}/api", "ipwatch:x").version()


def test_what_a_busy_server_puts_off_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_api, "BUSY_PAUSES", (0, 0))
    monkeypatch.setattr(orchestration, "BUSY_PAUSES", (0, 0))
    with _web_page(b'"3.9"', busy=2) as port:
        assert PrefectApi(f"http://127.0.0.1:{port}/api", "ipwatch:x").version() == "3.9"
    with _web_page(b'"3.9"', busy=2) as port:
        assert _server(port).ask("/admin/version") == "3.9"


def test_a_server_that_stays_busy_is_named_with_what_it_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefect_api, "BUSY_PAUSES", (0, 0))
    monkeypatch.setattr(orchestration, "BUSY_PAUSES", (0, 0))
    with _web_page(b'"3.9"', busy=3) as port, pytest.raises(IpwatchError, match="503"):
        PrefectApi(f"http://127.0.0.1:{port}/api", "ipwatch:x").version()
    with _web_page(b'"3.9"', busy=3) as port, pytest.raises(urllib.error.HTTPError, match="503") as caught:
        _server(port).ask("/admin/version")
    caught.value.close()


def _server(port: int) -> PrefectServer:
    environment = {"PREFECT_API_AUTH_STRING": "ipwatch:x", "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    return PrefectServer(port=port, environment=environment, directory=Path())


@contextmanager
def _web_page(content: bytes = b"<h1>Something else</h1>", *, busy: int = 0) -> Iterator[int]:
    """Serve a page that is put off so many times first, and yield its port."""
    put_off = iter(range(busy))

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if next(put_off, None) is None else 503)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
