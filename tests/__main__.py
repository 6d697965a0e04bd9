"""``python3 -m tests``: the tests, in a checkout without any set-up before; arguments go to pytest.

``--fast`` runs what shows most mistakes within two minutes on two idle cores: everything but ``SLOW`` and the tests
that need a browser, PostgreSQL, Prefect or shared responses.
"""

import sys
from collections.abc import Sequence

from ipwatch.checkout import run_in_environment

SLOW = (
    # Whole worlds, servers and schedules.
    "tests/flows",
    "tests/pipeline",
    "tests/sandbox",
    "tests/test_demo.py",
    "tests/web",
    # Processes that are started, killed or waited for.
    "tests/cli/test_audit.py",
    "tests/cli/test_bootstrap.py",
    "tests/cli/test_children.py",
    "tests/cli/test_doctor.py",
    "tests/cli/test_main.py",
    "tests/cli/test_model_option.py",
    "tests/cli/test_privacy.py",
    "tests/cli/test_unusable.py",
    "tests/fetch/test_slow.py",
    "tests/images",
    "tests/store/test_accounts.py",
    "tests/store/test_blips.py",
    "tests/store/test_damage.py",
    "tests/store/test_kill.py",
    "tests/store/test_migrations.py",
    "tests/test_blas.py",
    "tests/test_checkout.py",
    "tests/test_lifeline.py",
    # Many examples of one thing.
    "tests/matching/hosts",
    "tests/matching/images",
    "tests/matching/names/test_phonetic_index.py",
    "tests/matching/names/test_word_ranges.py",
    "tests/matching/readings/test_index.py",
    "tests/matching/term_index",
    "tests/matching/test_frozen_quality.py",
    "tests/sources/test_hostile.py",
    "tests/text/folding/test_batch.py",
    "tests/watchlists/importing/test_account.py",
    "tests/watchlists/test_hostile.py",
)
FAST = (
    *("-n", "2", "--dist", "loadfile"),
    *("-m", "not (browser or postgres or flow or corpus)"),
    *(f"--ignore={path}" for path in SLOW),
)


def arguments(given: Sequence[str]) -> list[str]:
    """Return what pytest is given: ``--fast`` stands for the choice of the fast tests, anything else for itself."""
    return [*(FAST if "--fast" in given else ()), *(argument for argument in given if argument != "--fast")]


if __name__ == "__main__":
    run_in_environment("tests", extras=["test"])
    import pytest

    sys.exit(pytest.main(arguments(sys.argv[1:])))
