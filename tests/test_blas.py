from __future__ import annotations

import os
import subprocess
import sys

import pytest

SAYS = "import os, {}; {}; print(os.environ.get('OPENBLAS_NUM_THREADS'))"
ASK = "from click.testing import CliRunner as R; R().invoke(ipwatch.cli.main, ['--version'])"


@pytest.mark.parametrize(
    ("modules", "work", "setting", "threads"),
    [
        ("ipwatch.matching.screener, ipwatch.pipeline.workspace", "0", None, "None"),
        ("ipwatch.cli", ASK, None, "1"),
        ("ipwatch.cli", ASK, "2", "2"),
        ("flows", "0", None, "1"),
    ],
)
def test_entry_points_have_matrices_computed_in_one_thread_and_imports_change_nothing(
    modules: str, work: str, setting: str | None, threads: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if setting is not None:
        environment["OPENBLAS_NUM_THREADS"] = setting
    completed = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", SAYS.format(modules, work)], env=environment, capture_output=True, text=True, check=True
    )
    assert completed.stdout.strip() == threads
