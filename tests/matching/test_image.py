from __future__ import annotations

import dataclasses
import random

import pytest

from ipwatch.matching.image import MAX_PHASH, MAX_SINGLE, ReferenceIndex, compare_pictures
from ipwatch.records import PictureHashes, ReferencePicture


def hashes(**more: object) -> PictureHashes:
    plain = {"phash": 0, "dhash": 0, "phash_mirrored": 0xFFFF << 16, "phash_trimmed": 0xFFFF << 32} | more
    text = {key: f"{value:016x}" for key, value in plain.items() if key != "flat"}
    return PictureHashes(sha256="0" * 64, width=1, height=1, flat=bool(more.get("flat")), **text)


REFERENCE = ReferencePicture(mark="w/m", path="logo.png", hashes=hashes())


def bits(count: int) -> int:
    return (1 << count) - 1


@pytest.mark.parametrize(
    ("seen", "kind", "distance"),
    [
        (hashes(), "copy", 0),
        (hashes(phash=bits(MAX_PHASH)), "copy", MAX_PHASH),
        (hashes(dhash=bits(2), phash=bits(24), phash_mirrored=bits(50), phash_trimmed=bits(20)), "copy", 24),
        (hashes(dhash=bits(9), phash=0xFFFF << 16, phash_mirrored=bits(2), phash_trimmed=bits(40)), "flip", 0),
        (hashes(dhash=bits(9), phash=bits(40), phash_mirrored=bits(30), phash_trimmed=(0xFFFF << 32) | 1), "part", 1),
    ],
)
def test_kinds(seen: PictureHashes, kind: str, distance: int) -> None:
    match = compare_pictures(REFERENCE, seen)
    assert match is not None
    assert (match.kind, match.distance) == (kind, distance)
    assert 0.75 <= match.score <= 1.0


@pytest.mark.parametrize(
    "seen",
    [
        hashes(dhash=bits(3), phash=bits(MAX_PHASH + 1), phash_mirrored=bits(50), phash_trimmed=bits(20)),
        hashes(dhash=bits(2), phash=bits(25), phash_mirrored=bits(50), phash_trimmed=bits(20)),
        hashes(dhash=bits(20), phash=bits(MAX_SINGLE + 1), phash_mirrored=bits(50), phash_trimmed=bits(60)),
        hashes(flat=True),
    ],
)
def test_unrelated_pictures_do_not_match(seen: PictureHashes) -> None:
    assert compare_pictures(REFERENCE, seen) is None


def test_a_nearer_copy_scores_higher() -> None:
    near, far = (compare_pictures(REFERENCE, hashes(phash=bits(count))) for count in (1, 7))
    assert near is not None
    assert far is not None
    assert near.score > far.score


def test_the_index_finds_what_comparing_one_by_one_finds() -> None:
    chance = random.Random(7)  # noqa: S311 - a test's pictures

    def some() -> PictureHashes:
        base = chance.getrandbits(64)
        noisy = [base ^ sum(1 << chance.randrange(64) for _ in range(chance.randrange(9))) for _ in range(4)]
        return hashes(
            phash=noisy[0] & bits(64),
            dhash=noisy[1] & bits(64),
            phash_mirrored=chance.getrandbits(64),
            phash_trimmed=noisy[2] & bits(64),
            flat=chance.random() < 0.1,
        )

    references = [dataclasses.replace(REFERENCE, path=f"{n}.png", hashes=some()) for n in range(60)]
    seen = [reference.hashes for reference in references] + [some() for _ in range(40)]
    seen += [dataclasses.replace(each, phash=each.phash_mirrored) for each in seen[:30]]
    index = ReferenceIndex(references)
    found = 0
    for each in seen:
        slow = {(m.reference.path, m.kind, m.distance) for m in (compare_pictures(r, each) for r in references) if m}
        quick = index.matches(each)
        assert {(m.reference.path, m.kind, m.distance) for m in quick} == slow
        assert [m.score for m in quick] == sorted((m.score for m in quick), reverse=True)
        found += len(quick)
    assert found > 50


def test_no_references() -> None:
    assert ReferenceIndex([]).matches(hashes()) == []
