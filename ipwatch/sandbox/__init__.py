"""A small world on loopback: marketplaces and a register that speak the real protocols, with invented goods."""
