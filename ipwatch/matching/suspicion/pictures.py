"""Pictures that several accounts show: which are copies of one another, by their hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt

from ipwatch.matching.images.features import HASH_WORDS, RegionKind, Regions
from ipwatch.matching.images.hamming import HammingIndex

COPY_RADIUS = 31
"""Bits by which the hashes of copies differ at most (PDQ's recommended threshold)."""

_MIN_QUALITY = 50
"""PDQ's quality below which a hash says little: a blank picture or a frame."""

_MIRRORED = np.uint64(0x5555_5555_5555_5555)
"""Mirroring a picture negates its odd horizontal frequencies, of which each second bit of a hash is the sign."""

_MAX_FINGERPRINTS = 12
_PARTS = (RegionKind.WHOLE, RegionKind.TRIMMED)


def fingerprints(pictures: Iterable[Regions]) -> tuple[str, ...]:
    """Return the hashes, 64 hexadecimal digits each, of pictures as a whole and without border; none of blank ones."""
    hashes: dict[str, None] = {}
    for regions in pictures:
        kept = np.isin(regions.kinds, _PARTS) & (regions.qualities >= _MIN_QUALITY)
        hashes.update((each.tobytes().hex(), None) for each in regions.hashes[kept, 0])
    return tuple(hashes)[:_MAX_FINGERPRINTS]


class SharedPictures:
    """The pictures of a crawl's listings."""

    def __init__(self) -> None:
        # Who shows each hash, in the order in which the hashes came; those of each listing.
        self._accounts: dict[str, set[str]] = defaultdict(set)
        self._subjects: dict[str, set[str]] = defaultdict(set)
        self._hashes_of: dict[str, set[str]] = defaultdict(set)
        self._copies: Mapping[str, Sequence[str]] | None = None

    def add(self, fingerprint: str, account: str, subject: str) -> None:
        """Add a hash of a picture that an account shows with a listing."""
        self._accounts[fingerprint].add(account)
        self._subjects[fingerprint].add(subject)
        self._hashes_of[subject].add(fingerprint)
        self._copies = None

    def shared(self, subject: str) -> Iterator[tuple[AbstractSet[str], AbstractSet[str]]]:
        """Yield the accounts and the listings that show a copy of each picture of a listing."""
        if subject not in self._hashes_of:
            return
        if self._copies is None:
            self._copies = _copies(list(self._accounts))
        for fingerprint in sorted(self._hashes_of[subject]):
            copies = self._copies[fingerprint]
            yield (
                {account for each in copies for account in self._accounts[each]},
                {shown for each in copies for shown in self._subjects[each]},
            )


def _copies(hashes: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return for each hash those within the radius, itself among them, mirrored pictures included."""
    rows: npt.NDArray[np.uint64] = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint64).reshape(-1, HASH_WORDS)
    index = HammingIndex()
    index.add(rows, np.arange(len(rows), dtype=np.int64))
    copies: dict[str, dict[str, None]] = defaultdict(dict)
    for queries in (rows, rows ^ _MIRRORED):
        hits = index.search(queries, COPY_RADIUS)
        for query, number in zip(hits.query.tolist(), hits.id.tolist(), strict=True):
            copies[hashes[query]][hashes[number]] = None
    return {each: tuple(near) for each, near in copies.items()}
