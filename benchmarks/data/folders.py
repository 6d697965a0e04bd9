"""Where a program finds the checkout, its watchlists, and the folder of public data next to it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
WATCHLISTS = ROOT / "watchlists"
