"""Embeddings of pictures by a model that the operator supplies, run on this machine (extra ``embed``).

The model is an ONNX file that takes float32[n, 3, height, width] and returns float32[n, d], such as SSCD, DINO or the
image encoder of SigLIP. Next to it, under the same name, a TOML file describes the preprocessing::

    width = 288                       # of the model's input
    height = 288
    resize = "stretch"                # or "crop": the middle, after the shorter side was made ``shorter`` pixels
    shorter = 320
    channels = "RGB"                  # or "BGR"
    mean = [0.485, 0.456, 0.406]      # of levels 0 to 1, in the order of the channels
    std = [0.229, 0.224, 0.225]
    output = "embedding"              # needed where the model has several

    [calibration]                     # written by benchmarks/training/fit_embedding.py, or given
    similarities = [0.3, 0.6, 0.75]   # cosines, rising
    rates = [1e-2, 1e-5, 1e-6]        # share of pairs of unrelated pictures that are as similar, falling

Nothing is downloaded, and nothing is sent.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from ipwatch.errors import ConfigError
from ipwatch.images.decode import Raster
from ipwatch.matching.images.embeddings import MAX_DIMENSIONS, Calibration
from ipwatch.terms import listed, message

MAX_MODEL_BYTES = 1 << 31
MAX_SIDE = 2048

_BATCH = 16
_KEYS = frozenset({"width", "height", "resize", "shorter", "channels", "mean", "std", "output", "calibration"})
_CHANNELS = 3
_FLOAT = "tensor(float)"

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDescription:
    """Preprocessing of a model's input, and calibration of its similarities; see the module for each field."""

    width: int
    height: int
    resize: Literal["stretch", "crop"] = "stretch"
    shorter: int = 0
    channels: Literal["RGB", "BGR"] = "RGB"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    output: str | None = None
    calibration: Calibration | None = None

    @classmethod
    def read(cls, path: Path) -> ModelDescription:
        """Read the file; raises ``ConfigError`` with the key and a remedy."""
        try:
            fields = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(message("model.description", path=path, error=error)) from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(message("model.no_toml", path=path, error=error)) from error
        if unknown := sorted(fields.keys() - _KEYS):
            raise ConfigError(
                message("model.unknown_keys", path=path, unknown=listed(unknown), keys=listed(sorted(_KEYS)))
            )
        width, height = (_number(path, fields, side, None) for side in ("width", "height"))
        return cls(
            width=width,
            height=height,
            resize=_choice(path, fields, "resize", ("stretch", "crop")),
            shorter=_number(path, fields, "shorter", max(width, height), minimum=max(width, height)),
            channels=_choice(path, fields, "channels", ("RGB", "BGR")),
            mean=_levels(path, fields, "mean", 0.0),
            std=_levels(path, fields, "std", 1.0),
            output=_output(path, fields),
            calibration=_calibration(path, fields),
        )

    def made_ready(self, colour: npt.NDArray[np.uint8]) -> Vectors:
        """Return a picture, uint8[h, w, 3] in R, G, B, as input of the model: float32[3, height, width]."""
        if self.resize == "crop":
            larger = self.shorter / min(colour.shape[:2])
            colour = _middle(colour, max(round(self.width / larger), 1), max(round(self.height / larger), 1))
        shrinks = colour.shape[0] > self.height or colour.shape[1] > self.width
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        fitted = np.empty((self.height, self.width, _CHANNELS), np.uint8)
        cv2.resize(np.ascontiguousarray(colour), (self.width, self.height), fitted, interpolation=way)
        levels = (fitted if self.channels == "RGB" else fitted[..., ::-1]).astype(np.float32)
        levels /= 255
        levels -= np.array(self.mean, np.float32)
        levels /= np.array(self.std, np.float32)
        return np.ascontiguousarray(levels.transpose(2, 0, 1))

    def identity(self) -> str:
        """Return one text with every field that affects the embedding."""
        parts = (self.width, self.height, self.resize, self.shorter, self.channels, self.mean, self.std, self.output)
        return json.dumps(parts)


class Embedder:
    """A model in memory. ``version`` changes with the model's bytes and its preprocessing.

    ``dimensions`` is the length of its vectors, ``calibration`` the description's, if any. Raises ``ConfigError`` for a
    model or description that cannot be used, and where the extra ``embed`` is not installed. It may be pickled: another
    process reads the same file.
    """

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        if threads < 1:
            raise ValueError(f"a model runs on one thread at least, not {threads}")
        self._model = model
        self._threads = threads
        self.description = ModelDescription.read(model.with_suffix(".toml"))
        self.calibration = self.description.calibration
        data = _read(model)
        self.version = f"sha256:{hashlib.sha256(data + self.description.identity().encode()).hexdigest()}"
        self._session = _session(model, data, threads)
        self._input, self._fixed = self._checked_input()
        self._output = self._checked_output()
        grey = np.full((self.description.height, self.description.width, _CHANNELS), 128, np.uint8)
        self.dimensions = self._run([grey]).shape[1]

    def __reduce__(self) -> tuple[Any, ...]:
        return _read_again, (self._model.resolve(), self._threads, self.version)

    def embed(self, rasters: Sequence[Raster]) -> Vectors:
        """Return a vector for each raster, float32[n, d], not normalised; raises ``ConfigError`` where the model fails.

        Rasters are scaled to the model's input; decode them no smaller than that.
        """
        step = self._fixed or _BATCH
        parts = (
            self._run([raster.colour for raster in rasters[begin : begin + step]])
            for begin in range(0, len(rasters), step)
        )
        return np.concatenate([np.empty((0, self.dimensions), np.float32), *parts])

    def _run(self, pictures: Sequence[npt.NDArray[np.uint8]]) -> Vectors:
        batch = np.stack([self.description.made_ready(picture) for picture in pictures])
        if self._fixed:
            batch = np.concatenate([batch, np.repeat(batch[-1:], self._fixed - len(batch), axis=0)])
        try:
            (made,) = self._session.run([self._output], {self._input: batch})
        except _runtime_errors() as error:
            raise ConfigError(message("model.run", model=self._model, error=error)) from error
        vectors = np.asarray(made)
        if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != len(batch):  # noqa: PLR2004 - a table
            raise ConfigError(
                message(
                    "model.output_shape",
                    model=self._model,
                    output=self._output,
                    dtype=vectors.dtype,
                    shape=list(vectors.shape),
                    count=len(batch),
                )
            )
        if not 1 <= vectors.shape[1] <= MAX_DIMENSIONS:
            raise ConfigError(
                message("model.dimensions", model=self._model, count=vectors.shape[1], most=MAX_DIMENSIONS)
            )
        if not np.isfinite(vectors).all():
            raise ConfigError(message("model.not_finite", model=self._model))
        return vectors[: len(pictures)]

    def _checked_input(self) -> tuple[str, int | None]:
        """Return the name of the model's input, and its batch size if that is fixed."""
        inputs = self._session.get_inputs()
        wanted = [None, _CHANNELS, self.description.height, self.description.width]
        shape = list(inputs[0].shape) if len(inputs) == 1 else []
        fits = len(shape) == len(wanted) and all(
            not isinstance(has, int) or has == wants or (wants is None and has > 0)
            for has, wants in zip(shape, wanted, strict=True)
        )
        if not fits or inputs[0].type != _FLOAT:
            has = ", ".join(f"{node.name}: {node.type}{node.shape}" for node in inputs)
            raise ConfigError(message("model.input", model=self._model, has=has, type=_FLOAT, wanted=wanted))
        return inputs[0].name, shape[0] if isinstance(shape[0], int) else None

    def _checked_output(self) -> str:
        names = [node.name for node in self._session.get_outputs()]
        if self.description.output in names:
            return str(self.description.output)
        if self.description.output is None and len(names) == 1:
            return str(names[0])
        raise ConfigError(
            message("model.output_name", model=self._model, names=listed(names), output=self.description.output)
        )


def load_embedder(model: Path, setting: str) -> Embedder:
    """Return the operator's model, whose similarities are calibrated; raises ``ConfigError`` naming the setting."""
    try:
        embedder = Embedder(model)
    except ConfigError as error:
        raise ConfigError(message("lists.at", place=setting, text=error)) from error
    if embedder.calibration is None:
        raise ConfigError(message("model.no_calibration", setting=setting, path=model.with_suffix(".toml")))
    return embedder


def _read_again(model: Path, threads: int, version: str) -> Embedder:
    embedder = Embedder(model, threads=threads)
    if embedder.version != version:
        raise ConfigError(message("model.changed", model=model))
    return embedder


def _middle(colour: npt.NDArray[np.uint8], width: int, height: int) -> npt.NDArray[np.uint8]:
    """Return the centre crop of a picture."""
    left, top = max(colour.shape[1] - width, 0) // 2, max(colour.shape[0] - height, 0) // 2
    return colour[top : top + height, left : left + width]


def _read(model: Path) -> bytes:
    try:
        if model.stat().st_size > MAX_MODEL_BYTES:
            raise ConfigError(message("model.size", model=model, most=MAX_MODEL_BYTES))
        return model.read_bytes()
    except OSError as error:
        raise ConfigError(message("model.unreadable", model=model, error=error)) from error


def _session(model: Path, data: bytes, threads: int) -> Any:
    """Return the model ready to run; external weights are refused, as the model's hash would not cover them."""
    if not find_spec("onnxruntime"):
        raise ConfigError(message("model.no_extra"))
    import onnxruntime  # noqa: PLC0415 - the extra may be missing

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4  # errors are raised
    options.enable_mem_pattern = False  # memory of the first run suffices for all of that size
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except _runtime_errors() as error:
        raise ConfigError(message("model.no_onnx", model=model, error=error)) from error


def _runtime_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions of onnxruntime; they have no common base class."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: PLC0415 - the extra may be missing

    own = (state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NoModel)
    return (*own, state.NoSuchFile, state.NotImplemented, state.RuntimeException, ValueError, RuntimeError)


def _number(path: Path, fields: dict[str, Any], key: str, otherwise: int | None, minimum: int = 1) -> int:
    value = fields.get(key, otherwise)
    if type(value) is not int or not minimum <= value <= MAX_SIDE:
        raise ConfigError(message("model.number", path=path, key=key, least=minimum, most=MAX_SIDE, value=value))
    return value


def _choice(path: Path, fields: dict[str, Any], key: str, choices: tuple[str, ...]) -> Any:
    value = fields.get(key, choices[0])
    if value not in choices:
        raise ConfigError(message("model.choice", path=path, key=key, choices=listed(choices), value=value))
    return value


def _levels(path: Path, fields: dict[str, Any], key: str, otherwise: float) -> tuple[float, ...]:
    values = fields.get(key, [otherwise] * _CHANNELS)
    numbers = isinstance(values, list) and all(type(value) in {int, float} for value in values)
    if not numbers or len(values) != _CHANNELS or not all(math.isfinite(value) for value in values):
        raise ConfigError(message("model.three", path=path, key=key, values=values))
    if key == "std" and min(values) <= 0:
        raise ConfigError(message("model.std", path=path, values=values))
    return tuple(float(value) for value in values)


def _output(path: Path, fields: dict[str, Any]) -> str | None:
    value = fields.get("output")
    if value is not None and not isinstance(value, str):
        raise ConfigError(message("model.output", path=path, value=value))
    return value


def _calibration(path: Path, fields: dict[str, Any]) -> Calibration | None:
    if "calibration" not in fields:
        return None
    try:
        table = fields["calibration"]
        similarities, rates = ([float(value) for value in table[key]] for key in ("similarities", "rates"))
        return Calibration(tuple(similarities), tuple(rates))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(message("model.calibration", path=path, error=error)) from error
