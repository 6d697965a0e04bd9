"""Axis-aligned boxes in a picture, in pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

GreyArray = npt.NDArray[np.uint8]


class Box(NamedTuple):
    """The pixels from ``left`` and ``top`` up to, not including, ``right`` and ``bottom``."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """The number of pixels."""
        return self.width * self.height

    def of(self, grey: GreyArray) -> GreyArray:
        """Return the pixels in the box, as a view."""
        return grey[self.top : self.bottom, self.left : self.right]

    def within(self, outer: Box) -> Box:
        """Return the box, given relative to ``outer``, in the coordinates of ``outer``."""
        return Box(self.left + outer.left, self.top + outer.top, self.right + outer.left, self.bottom + outer.top)

    def close_to(self, other: Box, share: float) -> bool:
        """Return whether no edge is further from the other's than ``share`` of the shorter side of this box."""
        reach = share * min(self.width, self.height)
        return all(abs(own - theirs) <= reach for own, theirs in zip(self, other, strict=True))


def whole(grey: GreyArray) -> Box:
    """Return the box of all pixels."""
    height, width = grey.shape
    return Box(0, 0, width, height)


def distinct(boxes: Iterable[Box], share: float, known: Iterable[Box] = ()) -> list[Box]:
    """Return the boxes without those that are close to an earlier or a known one."""
    kept: list[Box] = []
    accepted = list(known)
    for box in boxes:
        if not any(box.close_to(other, share) for other in accepted):
            kept.append(box)
            accepted.append(box)
    return kept
