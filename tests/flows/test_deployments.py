from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from orchestration import PROJECT, PrefectServer

from ipwatch.cli.orchestrator import POOL, deploy_all

pytestmark = pytest.mark.flow

SCHEDULES = {
    "collect/rakuten": ("10 1 * * *", {"source": "rakuten"}),
    "collect/ebay": ("40 1 * * *", {"source": "ebay"}),
    "collect/shopify": ("10 2 * * *", {"source": "shopify"}),
    "collect/webshop": ("40 2 * * *", {"source": "webshop"}),
    "register/jpo": ("10 5 * * *", {"source": "jpo"}),
    "register/uspto": ("10 18 * * *", {"source": "uspto"}),
    "screen/screen": ("5 * * * *", {}),
    "report/report": ("30 6 1 * *", {}),
}


def test_every_deployment_stands_on_the_server_with_its_schedule(prefect_server: PrefectServer) -> None:
    deploy_all(prefect_server.environment, PROJECT)
    first = {one["id"] for one in prefect_server.ask("/deployments/filter", {})}
    # The next start of `ipwatch up` deploys again and doubles nothing.
    deploy_all(prefect_server.environment, PROJECT)
    assert {one["id"] for one in prefect_server.ask("/deployments/filter", {})} == first
    pool = prefect_server.ask(f"/work_pools/{POOL}")
    assert pool["type"] == "process"
    flows = {one["id"]: one["name"] for one in prefect_server.ask("/flows/filter", {})}
    found = {}
    for one in prefect_server.ask("/deployments/filter", {}):
        (schedule,) = one["schedules"]
        assert schedule["active"]
        assert schedule["schedule"]["timezone"] == "Asia/Tokyo"
        assert one["work_pool_name"] == POOL
        assert one["global_concurrency_limit"]["limit"] == 1
        assert one["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
        found[f"{flows[one['flow_id']]}/{one['name']}"] = (schedule["schedule"]["cron"], one["parameters"])
    assert found == SCHEDULES


def refusal(request: urllib.request.Request) -> urllib.error.HTTPError:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310 - our own server on loopback
    caught.value.close()
    return caught.value


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic aXB3YXRjaDp3cm9uZw=="}])
def test_a_client_without_the_password_is_refused(prefect_server: PrefectServer, headers: dict[str, str]) -> None:
    address = f"http://127.0.0.1:{prefect_server.port}/api"
    for path in ("/csrf-token?client=x", "/admin/version", "/flow_runs/00000000-0000-0000-0000-000000000000"):
        request = urllib.request.Request(address + path, headers=headers)  # noqa: S310 - our own server on loopback
        assert refusal(request).code == 401, path
    # What changes something is refused before the password is even looked at: it lacks the token against forgery.
    request = urllib.request.Request(f"{address}/deployments/filter", data=b"{}", headers=headers)  # noqa: S310
    assert refusal(request).code in {401, 403}


def test_a_page_of_another_origin_is_refused(prefect_server: PrefectServer) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{prefect_server.port}/api/flow_runs/filter",
        method="OPTIONS",
        headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"},
    )
    refused = refusal(request)
    assert refused.code == 400
    assert refused.headers["access-control-allow-origin"] is None


def test_a_change_without_a_token_against_forgery_is_refused(prefect_server: PrefectServer) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{prefect_server.port}/api/flow_runs/filter", data=b"{}", headers=prefect_server.headers
    )
    assert refusal(request).code == 403


def test_the_password_is_for_the_owner_alone(prefect_server: PrefectServer) -> None:
    home = Path(prefect_server.environment["PREFECT_HOME"])
    assert (home / "api-password").stat().st_mode & 0o777 == 0o600
