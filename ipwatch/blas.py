"""How many threads compute matrices: NumPy reads it when it is imported, so that entry points call this first."""

from __future__ import annotations

import os


def use_one_thread() -> None:
    """Have this process and those it starts compute matrices in one thread, unless the operator has said otherwise.

    The matrices here are small: on two cores, threads made comparing pictures nine times slower, and processes run
    beside one another anyway.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
