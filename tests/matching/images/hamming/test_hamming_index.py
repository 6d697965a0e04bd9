from __future__ import annotations

import itertools
import json
import os
import shutil
import zlib
from collections.abc import Callable
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipwatch.errors import ConfigError
from ipwatch.matching.images.hamming import HammingIndex, Hits, brute_force, index, plan, segment, vectors

Engine = index.Engine
ENGINES: list[Engine] = ["numpy", "numba"]
RADII = [0, 1, 7, 10, 11, 21, 22, 31, 32, 43, 54, 55, 70, 128, 255, 256]


def rows(hits: Hits) -> list[tuple[int, int, int]]:
    return list(zip(hits.query.tolist(), hits.id.tolist(), hits.distance.tolist(), strict=True))


def drawn(count: int, seed: int = 1) -> npt.NDArray[np.uint64]:
    return np.random.default_rng(seed).integers(0, 1 << 64, (count, 4), dtype=np.uint64)


def flipped(hashes: npt.NDArray[np.uint64], flips: Any, seed: int = 2) -> npt.NDArray[np.uint64]:
    """Return the hashes with so many bits flipped in each."""
    rng = np.random.default_rng(seed)
    bits = np.unpackbits(hashes.view(np.uint8), axis=1)
    for row, count in zip(bits, np.broadcast_to(flips, len(hashes)), strict=True):
        row[rng.choice(256, int(count), replace=False)] ^= 1
    return np.packbits(bits, axis=1).view(np.uint64)


def family(size: int, members: int, most: int, seed: int = 3) -> npt.NDArray[np.uint64]:
    """Return hashes in families, each around one hash, with up to so many bits flipped."""
    hashes = np.repeat(drawn(size // members + 1, seed), members, axis=0)[:size]
    return flipped(hashes, np.random.default_rng(seed).integers(0, most + 1, size), seed)


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let segments begin at a size that tests reach, and let every radius probe that can."""
    monkeypatch.setattr(index, "_TAIL_ROWS", 64)
    monkeypatch.setattr(index, "probing_pays", lambda *_: True)


def filled(hashes: npt.NDArray[np.uint64], ids: npt.NDArray[np.int64], engine: Engine, steps: int = 1) -> HammingIndex:
    made = HammingIndex(engine=engine)
    for part, named in zip(np.array_split(hashes, steps), np.array_split(ids, steps), strict=True):
        made.add(part, named)
    return made


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("steps", [1, 7])
def test_every_radius_finds_what_brute_force_finds(engine: Engine, radius: int, steps: int) -> None:
    hashes = np.concatenate([family(300, 30, 40), drawn(200), family(100, 50, 0)])
    ids = np.arange(600, dtype=np.int64)[::-1] * 3
    queries = np.concatenate([flipped(hashes[::40], radius), drawn(5, 9), hashes[-2:]])
    made = filled(hashes, ids, engine, steps)
    assert len(made) == 600
    assert rows(made.search(queries, radius)) == rows(brute_force(hashes, ids, queries, radius))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("radius", [3, 10, 21, 31, 43])
def test_flips_that_spare_no_slot_are_found_at_the_radius_and_not_beyond(engine: Engine, radius: int) -> None:
    flips = plan.flips_by_slot(radius, 1.0)
    assert flips is not None
    hashes = drawn(100)
    ids = np.arange(100, dtype=np.int64)
    made = filled(hashes, ids, engine)
    for spared in (slot for slot, searched in enumerate(flips) if searched != plan.NOT_PROBED):
        bits = [searched + (slot != spared) for slot, searched in enumerate(flips)]
        query = hashes[7:8].copy()
        for slot, count in enumerate(bits):
            for place in range(count):
                at = plan.OFFSETS[slot] + (5 * place) % plan.WIDTHS[slot]
                query[0, at // 64] ^= np.uint64(1) << np.uint64(at % 64)
        assert rows(made.search(query, radius)) == rows(brute_force(hashes, ids, query, radius))
        assert sum(bits) == radius
        assert rows(made.search(query, radius)) == [(0, 7, radius)]


STEP = st.one_of(
    st.tuples(st.just("add"), st.integers(0, 120), st.integers(0, 50)),
    st.tuples(st.just("disable"), st.integers(0, 30), st.integers(0, 12)),
    st.tuples(st.just("compact"), st.just(0), st.just(0)),
    st.tuples(st.just("save"), st.just(0), st.just(0)),
)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, max_size=12), radius=st.integers(0, 256), seed=st.integers(0, 1 << 20))
def test_any_order_of_adding_and_disabling_finds_what_brute_force_finds(
    engine: Engine, steps: list[tuple[str, int, int]], radius: int, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("index")
    made = HammingIndex(engine=engine)
    hashes, ids = np.empty((0, 4), np.uint64), np.empty(0, np.int64)
    rng = np.random.default_rng(seed)
    for number, (step, first, second) in enumerate(steps):
        if step == "add":
            new = family(first, 10, second, seed % 4 + number % 2)
            named = rng.integers(0, 30, first)
            made.add(new, named)
            hashes, ids = np.concatenate([hashes, new]), np.concatenate([ids, named])
        elif step == "disable":
            gone = np.isin(ids, range(first, first + second))
            assert made.disable(np.arange(first, first + second)) == gone.sum()
            hashes, ids = hashes[~gone], ids[~gone]
        elif step == "compact":
            made.compact()
        else:
            made.save(directory)
            made = HammingIndex.open(directory, verify=True, engine=engine)
        assert len(made) == len(ids)
    queries = np.concatenate([flipped(hashes[::25], min(radius, 60)), drawn(3, seed)])
    assert rows(made.search(queries, radius)) == rows(brute_force(hashes, ids, queries, radius))


@pytest.mark.parametrize("recall", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("radius", [16, 31, 40])
def test_the_approximate_mode_finds_the_announced_share_the_same_in_both_engines(recall: float, radius: int) -> None:
    hashes = drawn(1500)
    ids = np.arange(1500, dtype=np.int64)
    queries = flipped(hashes, radius)
    found = filled(hashes, ids, "numpy").search(queries, radius, recall=recall)
    assert rows(found) == rows(filled(hashes, ids, "numba").search(queries, radius, recall=recall))
    right = set(rows(brute_force(hashes, ids, queries, radius)))
    assert set(rows(found)) <= right
    assert len(found) >= (recall - 3 * (recall * (1 - recall) / 1500) ** 0.5) * len(right)


def test_the_expected_recall_is_that_of_counting_every_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "WIDTHS", (3, 3, 2))
    monkeypatch.setattr(plan, "HASH_BITS", 8)
    for flips in ((1, 0, -1), (0, 0, 0), (-1, 2, 0)):
        for distance in range(9):
            words = [word for word in range(256) if word.bit_count() == distance]
            found = sum(
                (word & 7).bit_count() <= flips[0]
                or (word >> 3 & 7).bit_count() <= flips[1]
                or (word >> 6).bit_count() <= flips[2]
                for word in words
            )
            assert plan.expected_recall(flips, distance) == pytest.approx(found / comb(8, distance))


def test_a_plan_is_exact_by_the_pigeonhole_and_no_dearer() -> None:
    assert plan.flips_by_slot(31, 1.0) == (2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2)
    assert plan.flips_by_slot(10, 1.0) == (0,) * 11
    for radius in range(55):
        flips = plan.flips_by_slot(radius, 1.0)
        assert flips is not None
        assert sum(flips) + len(flips) == radius + 1
    assert plan.flips_by_slot(55, 1.0) is None
    fewer = plan.flips_by_slot(31, 0.99)
    assert fewer is not None
    assert 0.99 <= plan.expected_recall(fewer, 31) < 1


@pytest.mark.parametrize("engine", ENGINES)
def test_hashes_that_crowd_in_one_bucket_are_scanned_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = drawn(900)
    crowd[:, 0] = drawn(1)[0, 0]
    hashes, ids = np.concatenate([crowd, drawn(100, 4)]), np.arange(1000, dtype=np.int64)
    monkeypatch.setattr(index, "most_entries", lambda *_: 1200)
    queries = np.concatenate([flipped(crowd[:3], 20), flipped(hashes[-3:], 31), crowd[5:6]])
    made = filled(hashes, ids, engine)
    kept = made._segments[0].segment
    _, given_up = made._searches(1).probe(kept, queries, (1,) * 11, 31, 1200)
    assert given_up.tolist() == [True, True, True, False, False, False, True]
    assert rows(made.search(queries, 31)) == rows(brute_force(hashes, ids, queries, 31))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_hash_that_occurs_often_has_one_posting_and_all_its_hits(engine: Engine) -> None:
    hashes = np.concatenate([np.repeat(drawn(2), 500, axis=0), drawn(50, 5)])
    ids = np.arange(1050, dtype=np.int64)
    made = filled(hashes, ids, engine)
    assert made._segments[0].segment.postings.shape[1] == 52
    made.disable(np.array([0, 3]))
    left = np.delete(ids, [0, 3])
    queries = flipped(hashes[[0, 600, 1020]], 12)
    assert rows(made.search(queries, 31)) == rows(brute_force(hashes[left], left, queries, 31))


def test_other_hashes_with_an_equal_checksum_are_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment, "_LEFT", np.uint64(0))
    hashes = np.concatenate([drawn(5), drawn(5)[:2]])
    hashes[:, 3] = 0
    assert len(segment.equal_rows(hashes)) <= 2
    made = filled(np.tile(hashes, (20, 1)), np.arange(140, dtype=np.int64), "numpy")
    assert len(made.search(hashes[:1], 0)) == 40


def test_an_empty_index_and_no_queries_have_no_hits() -> None:
    for engine in ENGINES:
        made = HammingIndex(engine=engine)
        assert len(made.search(drawn(3), 256)) == 0
        made.compact()
        assert len(made) == 0
        made.add(drawn(100), np.arange(100, dtype=np.int64))
        assert len(made.search(drawn(0), 31)) == 0
        assert made.disable(np.arange(200)) == 100
        assert len(made.search(drawn(3), 256)) == 0
        made.compact()
        assert len(made._segments) == 0


def test_adding_copies_and_seldom_indexes_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    indexed: list[int] = []
    of: Callable[..., segment.Segment] = segment.Segment.of

    def counted(*arrays: Any) -> segment.Segment:
        indexed.append(len(arrays[0]))
        return of(*arrays)

    monkeypatch.setattr(segment.Segment, "of", counted)
    made = HammingIndex(engine="numpy")
    hashes = drawn(6400)
    for begin in range(0, 6400, 32):
        part = hashes[begin : begin + 32].copy()
        made.add(part, np.arange(begin, begin + 32))
        part[:] = 0
    sizes = [len(kept.disabled) for kept in made._segments]
    assert all(large >= 4 * small for large, small in itertools.pairwise(sizes))
    assert sum(indexed) < 6400 * 8
    assert rows(made.search(hashes[::100], 0)) == [(place, place * 100, 0) for place in range(64)]


@pytest.mark.parametrize(
    ("hashes", "ids"),
    [
        (np.zeros((2, 3), np.uint64), np.zeros(2, np.int64)),
        (np.zeros((2, 4), np.int64), np.zeros(2, np.int64)),
        (np.zeros(4, np.uint64), np.zeros(1, np.int64)),
        (np.zeros((2, 4), np.uint64), np.zeros(3, np.int64)),
        (np.zeros((2, 4), np.uint64), np.zeros(2, np.int32)),
    ],
)
def test_other_arrays_are_refused(hashes: Any, ids: Any) -> None:
    with pytest.raises(ValueError, match="hashes"):
        HammingIndex().add(hashes, ids)


def test_other_questions_are_refused() -> None:
    made = HammingIndex()
    for radius in (-1, 257):
        with pytest.raises(ValueError, match="radius"):
            made.search(drawn(1), radius)
    for recall in (0.0, 1.1, float("nan")):
        with pytest.raises(ValueError, match="recall"):
            made.search(drawn(1), 31, recall=recall)
    with pytest.raises(ValueError, match="uint64"):
        made.search(np.zeros((1, 32), np.uint8), 31)
    with pytest.raises(ValueError, match="engine"):
        HammingIndex(engine="gpu")  # type: ignore[arg-type]  # what is refused


def test_numba_is_taken_for_many_pairs_and_only_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "COMPILED_FROM", 100)
    made = HammingIndex()
    made.add(drawn(10), np.arange(10, dtype=np.int64))
    assert made._searches(9) is vectors
    assert made._searches(1) is not vectors
    monkeypatch.setattr(index, "_has_numba", lambda: False)
    assert made._searches(1) is vectors


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def saved(directory: Path) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    hashes, ids = np.concatenate([drawn(100), drawn(10), drawn(20, 8)]), np.arange(130, dtype=np.int64)
    made = HammingIndex()
    made.add(hashes[:110], ids[:110])
    made.add(hashes[110:], ids[110:])
    made.save(directory)
    return hashes, ids


def test_what_was_saved_is_opened_mapped_and_saving_again_writes_the_news_alone(tmp_path: Path) -> None:
    hashes, ids = saved(tmp_path / "new" / "index")
    directory = tmp_path / "new" / "index"
    before = files_of(directory)
    opened = HammingIndex.open(directory, verify=True)
    assert isinstance(opened._segments[0].segment.postings.base, np.memmap)
    opened.disable(np.array([5, 111]))
    opened.add(drawn(3, 9), np.array([900, 901, 902]))
    opened.save(directory)
    after = files_of(directory)
    kept = before.keys() & after.keys()
    assert {name.rpartition("-")[2] for name in before.keys() - kept} == {"disabled.npy", "hashes.npy", "ids.npy"}
    arrays = {"hashes.npy", "ids.npy", "copies.npy", "postings.npy", "starts.npy"}
    assert {name.rpartition("-")[2] for name in kept} == {"manifest.json", *arrays}
    assert all(before[name] == after[name] for name in kept - {"manifest.json"})
    left = np.delete(ids, [5, 111])
    again = HammingIndex.open(directory, verify=True)
    expected = brute_force(
        np.concatenate([hashes[left], drawn(3, 9)]), np.concatenate([left, [900, 901, 902]]), hashes, 31
    )
    assert rows(again.search(hashes, 31)) == rows(expected)


def test_an_index_saved_elsewhere_is_whole_there(tmp_path: Path) -> None:
    hashes, _ = saved(tmp_path / "a")
    opened = HammingIndex.open(tmp_path / "a")
    opened.save(tmp_path / "b")
    shutil.rmtree(tmp_path / "a")
    assert len(HammingIndex.open(tmp_path / "b", verify=True).search(hashes, 0)) == 150


@pytest.mark.parametrize("stop", range(1, 12))
def test_a_torn_write_leaves_what_was_there(tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes, _ = saved(tmp_path)
    right = rows(HammingIndex.open(tmp_path).search(hashes, 31))
    changed = HammingIndex.open(tmp_path)
    changed.add(drawn(400, 6), np.arange(400, dtype=np.int64))
    changed.disable(np.arange(40, dtype=np.int64))
    synced, calls = os.fsync, []

    def dying(handle: int) -> None:
        calls.append(handle)
        if len(calls) == stop:
            raise OSError("no space left on device")
        synced(handle)

    monkeypatch.setattr(os, "fsync", dying)
    torn = False
    try:
        changed.save(tmp_path)
    except OSError:
        torn = True
    monkeypatch.undo()
    assert torn == (stop <= len(calls))
    opened = HammingIndex.open(tmp_path, verify=True)
    replaced = len(opened) != 130
    assert replaced == (stop > 9)
    if not replaced:
        assert rows(opened.search(hashes, 31)) == right
    opened.save(tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 6 * len(opened._segments) + 2


def changed_manifest(directory: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text())["index"]
    change(manifest)
    text = json.dumps(manifest, sort_keys=True)
    path.write_text(json.dumps({"crc32": zlib.crc32(text.encode()), "index": manifest}))


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "version": (lambda manifest: manifest.update(version=2), "version 2"),
    "format": (lambda manifest: manifest.update(format="other"), "'other'"),
    "no list of segments": (lambda manifest: manifest.update(segments=7), "does not say"),
    "no tail": (lambda manifest: manifest.pop("tail"), "does not say"),
    "no file": (lambda manifest: manifest["tail"].update(ids=None), "does not say"),
    "file elsewhere": (lambda manifest: manifest["segments"][0]["ids"].update(file="../../etc/passwd"), "names a file"),
    "no name": (lambda manifest: manifest["segments"][0]["ids"].update(file=5), "does not say"),
    "type": (lambda manifest: manifest["segments"][0].update(ids=manifest["segments"][0]["hashes"]), "of type"),
    "shape": (lambda manifest: manifest["segments"][0].update(starts=manifest["segments"][0]["postings"]), "of shape"),
    "tail of another": (
        lambda manifest: manifest["tail"].update(ids=manifest["segments"][0]["ids"]),
        "belong together",
    ),
    "size": (lambda manifest: manifest["segments"][0]["ids"].update(bytes=5), "bytes, not 5"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_manifest_that_says_something_else_is_refused(tmp_path: Path, name: str) -> None:
    change, words = CHANGES[name]
    saved(tmp_path)
    changed_manifest(tmp_path, change)
    with pytest.raises(ConfigError, match=words):
        HammingIndex.open(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"index": 5, "crc32": 1}', pytest.param("[" * 100_000, id="deep"), '{"index": {}}', "\0"],
)
def test_a_foreign_manifest_is_refused(tmp_path: Path, text: str) -> None:
    saved(tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ConfigError, match="manifest"):
        HammingIndex.open(tmp_path)


def test_a_directory_without_an_index_is_refused(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ConfigError, match="no index"):
            HammingIndex.open(directory)


def test_a_manifest_of_changed_bytes_is_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text().replace('"bytes": ', '"bytes": 1'))
    with pytest.raises(ConfigError, match="checksum"):
        HammingIndex.open(tmp_path)


@pytest.mark.parametrize("name", ["hashes", "ids", "copies", "postings", "starts", "disabled"])
def test_a_file_cut_short_missing_or_changed_is_told(tmp_path: Path, name: str) -> None:
    saved(tmp_path)
    entry = json.loads((tmp_path / "manifest.json").read_text())["index"]["segments"][0][name]
    path = tmp_path / entry["file"]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ConfigError, match="checksum"):
        HammingIndex.open(tmp_path, verify=True)
    path.write_bytes(whole[:-3])
    with pytest.raises(ConfigError, match=f"{entry['bytes'] - 3} bytes"):
        HammingIndex.open(tmp_path)
    path.write_bytes(b"x" * len(whole))
    with pytest.raises(ConfigError, match="damaged"):
        HammingIndex.open(tmp_path)
    path.unlink()
    with pytest.raises(ConfigError, match="damaged"):
        HammingIndex.open(tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["postings", "starts"])
@pytest.mark.parametrize("byte", [b"\xff", b"\x00", b"\x31"])
def test_damage_that_nobody_looked_for_reads_no_other_memory(
    tmp_path: Path, engine: Engine, name: str, byte: bytes
) -> None:
    hashes, _ = saved(tmp_path)
    entry = json.loads((tmp_path / "manifest.json").read_text())["index"]["segments"][0][name]
    path = tmp_path / entry["file"]
    whole = path.read_bytes()
    path.write_bytes(whole[:128] + byte * (len(whole) - 128))
    right = set(rows(HammingIndex.open(tmp_path, engine=engine).search(hashes, 256)))
    assert set(rows(HammingIndex.open(tmp_path, engine=engine).search(hashes, 31))) <= right


def test_copies_of_rows_that_are_not_there_are_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    entry = json.loads((tmp_path / "manifest.json").read_text())["index"]["segments"][0]["copies"]
    path = tmp_path / entry["file"]
    path.write_bytes(path.read_bytes()[:-4] + b"\xff\xff\xff\x0f")
    with pytest.raises(ConfigError, match="rows that are not there"):
        HammingIndex.open(tmp_path)
