"""The cost of decoding and hashing a JPEG, compared with imagehash's pHash on the same bytes decoded at full size.

    python -m benchmarks.images.decoding [--data DIR] [--pictures N]

Prints one JSON line. The JPEGs (quality 85, colour at half resolution) are made from the Kodak photographs in DIR, with
longer sides of 500, 1,080, 1,920 and 4,032 pixels. ``ms`` is process CPU time a picture on one thread, the minimum of
several rounds: ``phash_whole`` is imagehash's pHash on the picture decoded at full size, ``decode_whole`` that decoding
alone, ``hashes`` the picture decoded for hashing, its 64-bit pHash and dHash and its 256-bit hash in eight
orientations, and ``looked_at`` the decoding alone at the size at which regions and keypoints are searched.
``times_phash`` is ``phash_whole`` over ``hashes``. ``bits_from_whole`` is the maximum distance in bits between the
hashes of the small and the full decoding: of 64 for imagehash's own pHash, of 256 for ours.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.data.folders import SHARED
from ipwatch.images import decode
from ipwatch.images.features import EDGE
from ipwatch.images.hashes import BUFFER_EDGE, dct_hashes, gates

SIDES = (500, 1080, 1920, 4032)
QUALITY = 85
HASHED_EDGE = 128
"""The 256-bit hash uses 64 by 64 points: two pixels each way to a point."""

ROUNDS = 5

Hashes = tuple[str, str, npt.NDArray[np.uint64]]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Cost of decoding and hashing.")
    parser.add_argument("--data", type=Path, default=SHARED, help="the folder that holds images/kodak/")
    parser.add_argument("--pictures", type=int, default=8)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    paths = sorted((arguments.data / "images" / "kodak").rglob("*.png"))[: arguments.pictures]
    if not paths:
        parser.error(f"no Kodak photographs below {arguments.data}")
    print(json.dumps({"pictures": len(paths), "sides": {side: measured(paths, side) for side in SIDES}}))


def measured(paths: Sequence[Path], side: int) -> dict[str, object]:
    """Return the figures of pictures with one longer side."""
    files = [jpeg(path, side) for path in paths]
    ways: dict[str, Callable[[bytes], object]] = {
        "phash_whole": lambda data: imagehash.phash(whole(data)),
        "decode_whole": whole,
        "hashes": lambda data: hashed(data, HASHED_EDGE),
        "looked_at": lambda data: decode(data, EDGE, colour=False),
    }
    spent = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        # Round by round, so that other load on the machine affects all ways equally.
        for name, way in ways.items():
            began = time.process_time()
            for data in files:
                way(data)
            spent[name] = min(spent[name], (time.process_time() - began) / len(files))
    return {
        "kilobytes": round(sum(map(len, files)) / len(files) / 1000),
        "ms": {name: round(1000 * seconds, 2) for name, seconds in spent.items()},
        "pictures_a_cpu_second": round(1 / spent["hashes"]),
        "times_phash": round(spent["phash_whole"] / spent["hashes"], 2),
        "bits_from_whole": {
            "phash": max(phash_distance(data) for data in files),
            "dct": max(dct_distance(data) for data in files),
        },
    }


def jpeg(path: Path, side: int) -> bytes:
    """Return a photograph as a JPEG with that many pixels on its longer side."""
    with Image.open(path) as opened:
        scale = side / max(opened.size)
        size = (round(opened.width * scale), round(opened.height * scale))
        photograph = opened.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    photograph.save(out, "JPEG", quality=QUALITY, subsampling="4:2:0")
    return out.getvalue()


def whole(data: bytes) -> Image.Image:
    """Return the picture decoded at full size."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def hashed(data: bytes, edge: int) -> Hashes:
    """Return the two 64-bit hashes, and the 256-bit hash in eight orientations, of a picture decoded at an edge."""
    grey = decode(data, edge, colour=False).frames[0].grey
    points = cv2.resize(grey, (BUFFER_EDGE, BUFFER_EDGE), interpolation=cv2.INTER_AREA)
    hashes, _ = dct_hashes(np.asarray(points, dtype=np.float32)[None], all_orientations=True)
    return *gates(grey), hashes


def phash_distance(data: bytes) -> int:
    """Return the distance in bits of 64 of the pHash of the small decoding from imagehash's of the full one."""
    return (int(hashed(data, HASHED_EDGE)[0], 16) ^ int(str(imagehash.phash(whole(data))), 16)).bit_count()


def dct_distance(data: bytes) -> int:
    """Return the distance in bits of 256 of the hash of the small decoding from that of the full one."""
    small, large = hashed(data, HASHED_EDGE)[2], hashed(data, max(SIDES))[2]
    return int(np.bitwise_count(small[0, 0] ^ large[0, 0]).sum())


if __name__ == "__main__":
    main()
