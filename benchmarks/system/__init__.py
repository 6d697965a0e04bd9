"""Performance and robustness of the running system: time, memory, locks, killed processes; not match quality."""
