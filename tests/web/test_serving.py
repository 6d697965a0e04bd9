"""Where `ipwatch serve` listens, and what it keeps."""

from __future__ import annotations

import stat
from pathlib import Path

from cli.command import ipwatch
from web.signing_in import serving

from ipwatch.store.session import upgrade


def test_the_page_is_not_served_to_a_network_without_accounts(tmp_path: Path) -> None:
    outcome = ipwatch("serve", cwd=tmp_path, environment={"IPWATCH_WEB_HOST": "0.0.0.0", "IPWATCH_WEB_PORT": "0"})  # noqa: S104 - refused
    assert outcome.code == 2
    assert "without accounts anybody on the network could decide cases" in outcome.err


def test_serving_keeps_the_key_of_known_devices(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'ipwatch.db'}")
    keys = []
    for _ in range(2):
        with serving(tmp_path, tmp_path / "serve.log") as page, page.client() as client:
            assert client.get("/login").status_code == 200
            keys.append((tmp_path / "device-key").read_bytes())
    assert keys[0] == keys[1]
    assert stat.S_IMODE((tmp_path / "device-key").stat().st_mode) == 0o600
