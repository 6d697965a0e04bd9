"""Prefect flows: thin wrappers over ``ipwatch.pipeline``, one file per deployment.

Schedules are in ``prefect.yaml``; no logic is here, and ``ipwatch`` never imports Prefect.
"""

from ipwatch.blas import use_one_thread

use_one_thread()
