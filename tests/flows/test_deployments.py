from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from orchestration import PATIENCE, PROJECT, PrefectServer, deployments_of_prefect_yaml

from ipwatch.cli.orchestrator import POOL, deploy_all, remove_unconfigured
from ipwatch.errors import IpwatchError
from ipwatch.sources import load_sources

pytestmark = pytest.mark.flow


def declared() -> dict[str, tuple[str, dict[str, str]]]:
    """Return cron line and parameters of each deployment, by flow and name, declared or made from a template."""
    result = {}
    for entry in deployments_of_prefect_yaml():
        (schedule,) = entry["schedules"]
        result[f"{entry['entrypoint'].rpartition(':')[2]}/{entry['name']}"] = (
            schedule["cron"],
            entry.get("parameters", {}),
        )
    return result


def deploy(server: PrefectServer, project: Path = PROJECT) -> None:
    deploy_all(
        server.environment,
        project,
        server.api,
        processes=server.directory / "processes",
        logs=server.directory / "logs",
        say=print,
    )


@pytest.fixture(scope="module")
def deployed(prefect_server: PrefectServer) -> PrefectServer:
    """The server with what is declared."""
    deploy(prefect_server)
    return prefect_server


def test_every_source_has_a_deployment() -> None:
    assert {parameters.get("source") for _, parameters in declared().values()} - {None} == load_sources().keys()


def test_every_deployment_stands_on_the_server_with_its_schedule(deployed: PrefectServer) -> None:
    pool = deployed.ask(f"/work_pools/{POOL}")
    assert (pool["type"], pool["is_paused"]) == ("process", False)
    assert "ipwatch.lifeline" in pool["base_job_template"]["variables"]["properties"]["command"]["default"]
    flows = {entry["id"]: entry["name"] for entry in deployed.ask("/flows/filter", {})}
    standing = {}
    for entry in deployed.ask("/deployments/filter", {}):
        (schedule,) = entry["schedules"]
        assert schedule["active"]
        assert schedule["schedule"]["timezone"] == "Asia/Tokyo"
        assert entry["work_pool_name"] == POOL
        assert entry["global_concurrency_limit"]["limit"] == 1
        assert entry["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
        standing[f"{flows[entry['flow_id']]}/{entry['name']}"] = (schedule["schedule"]["cron"], entry["parameters"])
    assert standing == declared()


def test_a_source_that_prefect_yaml_does_not_name_is_deployed_from_the_template_and_nothing_doubled(
    deployed: PrefectServer, tmp_path: Path
) -> None:
    first = {entry["id"] for entry in deployed.ask("/deployments/filter", {})}
    project = tmp_path / "project"
    project.mkdir()
    (project / "flows").symlink_to(PROJECT / "flows")
    ours, count = re.subn(
        r"  - <<: \*collect\n    name: webshop\n.*?\n\n",
        "",
        (PROJECT / "prefect.yaml").read_text("utf-8"),
        flags=re.DOTALL,
    )
    assert count == 1
    (project / "prefect.yaml").write_text(ours, "utf-8")
    # As the next start of `ipwatch up` does.
    deploy(deployed, project)
    assert {entry["id"] for entry in deployed.ask("/deployments/filter", {})} == first
    (deployment,) = [entry for entry in deployed.ask("/deployments/filter", {}) if entry["name"] == "webshop"]
    (schedule,) = deployment["schedules"]
    assert schedule["schedule"]["cron"].endswith(" 4 * * *")
    assert (deployment["entrypoint"], deployment["parameters"]) == ("flows/collect.py:collect", {"source": "webshop"})
    assert deployment["global_concurrency_limit"]["limit"] == 1
    assert deployment["work_pool_name"] == POOL


def test_a_run_of_each_is_scheduled_and_what_nobody_configured_is_removed(deployed: PrefectServer) -> None:
    api = deployed.api
    deadline = time.monotonic() + PATIENCE
    while (
        waiting := [deployment.name for deployment in api.deployments() if deployment.next_run is None]
    ) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert waiting == []
    removed = remove_unconfigured(api, {"webshop", "jpo"})
    assert removed == sorted(load_sources().keys() - {"webshop", "jpo"})
    left = api.deployments()
    assert {deployment.source for deployment in left} == {None, "webshop", "jpo"}
    assert {run.deployment_id for run in api.flow_runs(["SCHEDULED"])} == {deployment.id for deployment in left}
    assert remove_unconfigured(api, {"webshop", "jpo"}) == []


def test_what_prefect_refuses_is_one_sentence_with_its_log(prefect_server: PrefectServer, tmp_path: Path) -> None:
    (tmp_path / "prefect.yaml").write_text("deployments: [{name: x, entrypoint: nowhere.py:nothing}]\n")
    with pytest.raises(IpwatchError) as caught:
        deploy_all(
            prefect_server.environment,
            tmp_path,
            prefect_server.api,
            processes=prefect_server.directory / "processes",
            logs=tmp_path,
            say=print,
        )
    sentence = str(caught.value)
    assert "deployments of prefect.yaml, but that ended with code 1" in sentence
    assert str(tmp_path / "prefect-deploy.log") in sentence
    assert "\n" not in sentence


def test_what_prefect_writes_is_for_the_owner_alone(prefect_server: PrefectServer) -> None:
    home = Path(prefect_server.environment["PREFECT_HOME"])
    assert home.stat().st_mode & 0o777 == 0o700
    for file in (home / "prefect.db", home / "api-password", prefect_server.directory / "logs" / "prefect-server.log"):
        assert file.stat().st_mode & 0o777 == 0o600, file


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
