"""A simulated world on loopback: marketplaces and registers with the real protocols and invented goods.

``build_world`` makes it from a seed, ``running`` serves it. The ground truth is in ``World.truth`` and is never served.
"""

from __future__ import annotations

from ipwatch.sandbox.faults import Fault, FaultKind
from ipwatch.sandbox.process import Sandbox, SandboxError, running
from ipwatch.sandbox.truth import Kind, Truth
from ipwatch.sandbox.world import Composition, World, build_world

__all__ = [
    "Composition",
    "Fault",
    "FaultKind",
    "Kind",
    "Sandbox",
    "SandboxError",
    "Truth",
    "World",
    "build_world",
    "running",
]
