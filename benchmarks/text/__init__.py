"""What the matcher finds in names and titles, beside brute force and rapidfuzz; not how pictures are matched."""
