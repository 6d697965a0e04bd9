"""Prefect flows: thin wrappers over `ipwatch.pipeline`, one file per deployment."""

from ipwatch.blas import use_one_thread

use_one_thread()
