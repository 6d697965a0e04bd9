"""Pure matching: one signal per file, one table of weights, a reason for every score."""
