"""Pictures drawn for tests: scenes with texture, as photos have it, and flat drawings, as marks are."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]


def scene(seed: int, width: int, height: int) -> Grey:
    """Return a scene of overlapping shapes with texture and soft light, different for each seed."""
    rng = np.random.default_rng(seed)
    canvas = np.full((height, width), int(rng.integers(60, 200)), np.uint8)
    longer = max(width, height)
    for _ in range(70):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        axes = (int(rng.integers(2, longer // 6 + 3)), int(rng.integers(2, longer // 6 + 3)))
        level, turn = int(rng.integers(0, 256)), float(rng.uniform(0, 180))
        if rng.uniform() < 0.5:
            cv2.ellipse(canvas, centre, axes, turn, 0, 360, level, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints((centre, (2 * axes[0], 2 * axes[1]), turn)).astype(np.int32)
            cv2.fillPoly(canvas, [corners], level, cv2.LINE_AA)
    grain = cv2.GaussianBlur(rng.normal(0, 30, (height, width)).astype(np.float32), (0, 0), 2)
    return np.clip(cv2.GaussianBlur(canvas, (0, 0), 0.8) + grain, 0, 255).astype(np.uint8)


def drawing(seed: int, edge: int) -> Grey:
    """Return a flat black drawing on white, of a few strokes and shapes, as a mark is."""
    rng = np.random.default_rng(seed)
    canvas = np.full((edge, edge), 255, np.uint8)
    for _ in range(7):
        points = (rng.uniform(0.12, 0.88, (3, 2)) * edge).astype(np.int32)
        if rng.uniform() < 0.5:
            cv2.fillPoly(canvas, [points], int(rng.choice([0, 90])), cv2.LINE_AA)
        else:
            cv2.polylines(canvas, [points], isClosed=False, color=0, thickness=edge // 30, lineType=cv2.LINE_AA)
    return canvas
