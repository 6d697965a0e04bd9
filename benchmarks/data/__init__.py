"""Names, titles and pictures that several programs measure with, and their figures; no program of its own."""
