"""In which order, and together with which others, files of tests are handed to the processes of a session."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

LONG_FIRST = (
    "tests/flows/test_ends.py",
    "tests/test_demo.py",
    "tests/flows/test_deployments.py",
    "tests/flows/test_doctor_watch.py",
    "tests/flows/test_flows.py",
    "tests/flows/test_prefect_api.py",
    "tests/flows/test_reconcile.py",
    "tests/pipeline/test_kill.py",
    "tests/test_checkout.py",
    "tests/pipeline/test_collect.py",
    "tests/pipeline/test_secrets.py",
    "tests/flows/test_watchdog.py",
    "tests/pipeline/test_screen.py",
    "tests/flows/test_up.py",
    "tests/web/test_login.py",
    "tests/matching/term_index/test_identity.py",
    "tests/store/test_kill.py",
    "tests/pipeline/test_backup.py",
    "tests/cli/test_bootstrap.py",
    "tests/cli/test_unusable.py",
    "tests/store/test_accounts.py",
)
"""What takes longest; a process that begins it last would end alone."""

ONE_SERVER = frozenset(
    {
        "tests/flows/test_deployments.py",
        "tests/flows/test_doctor_watch.py",
        "tests/flows/test_flows.py",
        "tests/flows/test_prefect_api.py",
        "tests/flows/test_reconcile.py",
    }
)
"""What asks the one Prefect server of ``flows/conftest.py``: its start takes longer than most of these files."""


class OrderedFiles(LoadFileScheduling):
    """Hands out whole files; those of ``ONE_SERVER`` go to one process."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "one server" if file in ONE_SERVER else file


def by_length(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests of ``LONG_FIRST`` in its order, then all others as they were."""
    ranks = {file: rank for rank, file in enumerate(LONG_FIRST)}
    return sorted(items, key=lambda item: ranks.get(item.nodeid.partition("::")[0], len(ranks)))
