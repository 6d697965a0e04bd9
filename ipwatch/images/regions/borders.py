"""Borders: removes uniform margins, frames and bars around a picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ipwatch.images.regions.boxes import Box, GreyArray, whole

_EVEN_RANGE = 14
"""Maximum range of levels (of 255) between the 2nd and the 98th percentile of a uniform row."""

_OUTLIERS = 0.02
_SAMPLES = 160
_MIN_SHARE = 0.2
"""Minimum share of either side that must remain: a smaller drawing is not the picture's content."""


def trimmed(grey: GreyArray, tolerance: int = _EVEN_RANGE) -> Box:
    """Return the box inside of uniform rows and columns; the whole picture where too little would remain."""
    box = whole(grey)
    for axis in (1, 0, 1, 0):
        uneven = np.flatnonzero(level_range(box.of(grey), axis) > tolerance)
        if not uneven.size:
            return whole(grey)
        first, last = int(uneven[0]), int(uneven[-1]) + 1
        if axis == 1:
            box = Box(box.left, box.top + first, box.right, box.top + last)
        else:
            box = Box(box.left + first, box.top, box.left + last, box.bottom)
    height, width = grey.shape
    if box.width < _MIN_SHARE * width or box.height < _MIN_SHARE * height:
        return whole(grey)
    return box


def level_range(grey: GreyArray, axis: int) -> npt.NDArray[np.int16]:
    """Return the range of levels of each row (axis 1) or column (axis 0), without the outermost 2 % on either end."""
    step = 1 + grey.shape[axis] // _SAMPLES
    grey = grey[:, ::step] if axis == 1 else grey[::step]
    length = grey.shape[axis]
    outer = int(_OUTLIERS * length)
    ordered = np.partition(grey, (outer, length - 1 - outer), axis=axis)
    high = ordered.take(length - 1 - outer, axis=axis).astype(np.int16)
    return np.asarray(high - ordered.take(outer, axis=axis), dtype=np.int16)
