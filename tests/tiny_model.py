"""A model of a few bytes: the mean colour of a picture is its embedding; and pictures that only their colours link."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from drawn import encoded
from onnx import TensorProto, helper
from PIL import Image

SIDE = 8
RED, BLUE = (220, 30, 40), (20, 60, 230)
MATRIX = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]], np.float32)
DESCRIPTION = f"width = {SIDE}\nheight = {SIDE}\n"
CALIBRATED = DESCRIPTION + "[calibration]\nsimilarities = [0, 0.99, 0.999]\nrates = [1, 1e-4, 1e-8]\n"


def model(
    path: Path,
    matrix: npt.NDArray[Any] = MATRIX,
    *,
    shape: Sequence[int | str] = ("n", 3, SIDE, SIDE),
    kind: int = TensorProto.FLOAT,
    description: str = DESCRIPTION,
    extra: Sequence[Any] = (),
) -> Path:
    """Write a model: the mean of each channel, times a matrix; and its description. Return the model's path."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["means"]),
        helper.make_node("MatMul", ["means", "matrix"], ["embedding"]),
    ]
    weights = helper.make_tensor("matrix", kind, matrix.shape, matrix.ravel().tolist())
    graph = helper.make_graph(
        nodes,
        "means",
        [helper.make_tensor_value_info("picture", kind, shape)],
        [helper.make_tensor_value_info("embedding", kind, None), *extra],
        [weights],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 9
    onnx.save(made, path)
    path.with_suffix(".toml").write_text(description, encoding="utf-8")
    return path


def tinted(colour: tuple[int, int, int], seed: int) -> bytes:
    """Draw a picture like no other seed's: rectangles, lighter and darker, all of one colour."""
    chance = np.random.default_rng(seed)
    light = np.full((360, 480), 0.8)
    for _ in range(60):
        top, left = chance.integers(0, 320), chance.integers(0, 430)
        height, width = chance.integers(10, 90, 2)
        light[top : top + height, left : left + width] = chance.uniform(0.2, 1.0)
    pixels = light[..., None] * np.array(colour, np.float64)
    return encoded(Image.fromarray(pixels.astype(np.uint8)))
