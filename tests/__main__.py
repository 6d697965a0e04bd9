"""``python3 -m tests``: the tests, in a checkout without any set-up before; arguments go to pytest."""

import sys

from ipwatch.checkout import run_in_environment

if __name__ == "__main__":
    run_in_environment("tests", extras=["test"])
    import pytest

    sys.exit(pytest.main(sys.argv[1:]))
