"""Measured claims: one program each, run with ``python -m benchmarks.<room>.<program>``. See README.md."""
