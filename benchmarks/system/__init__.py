"""What the running system takes and stands: time, memory, locks, ends of processes; not how good its matches are."""
