"""Prefect flows: thin wrappers over `ipwatch.pipeline`, one file per deployment."""
