"""The use cases in plain synchronous Python; every effect arrives as an argument."""
