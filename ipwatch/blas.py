"""Number of BLAS threads: NumPy reads it on import, so entry points call this first."""

from __future__ import annotations

import os


def use_one_thread() -> None:
    """Limit BLAS to one thread in this process and its children, unless the operator set another number.

    The matrices here are small: on two cores, threads made picture comparison nine times slower, and processes run in
    parallel anyway.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
