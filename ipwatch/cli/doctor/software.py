"""Checks of what is installed: versions, extras, fonts and a browser."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from ipwatch import checkout
from ipwatch.cli.doctor.findings import Finding, Inspected

EXTRAS = {
    "speed": ("numba",),
    "reading": ("sudachipy", "sudachidict-core"),
    "embed": ("onnxruntime",),
    "postgres": ("psycopg",),
}
"""What each extra installs; all of them are optional."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
)
_JAPANESE_FONTS = (
    "noto*cjk*",
    "noto*jp*",
    "ipa*",
    "takao*",
    "vlgothic*",
    "hiragino*",
    "*ヒラギノ*",
    "biz*ud*",
    "sawarabi*",
)
_FC_LIST_SECONDS = 60


def look_at_versions(inspected: Inspected) -> Iterator[Finding]:  # noqa: ARG001 - every check has this shape
    """Whether each package is installed in a declared version, and in the tested one."""
    in_checkout = (checkout.ROOT / "pyproject.toml").is_file()
    declared = checkout.dependencies() if in_checkout else requires("ipwatch") or []
    wrong = list(_outside(declared))
    for requirement, installed in wrong:
        if installed is None:
            yield Finding("versions.missing", {"package": requirement})
        else:
            yield Finding(
                "versions.outside", {"package": requirement.name, "version": installed, "wanted": requirement}
            )
    others = [pair for pair in _outside(checkout.pins() if in_checkout else []) if pair[1] is not None]
    named = {requirement.name for requirement, _ in wrong}
    untested = [
        f"{pinned.name} {installed} (not {pinned.specifier})"
        for pinned, installed in others
        if pinned.name not in named
    ]
    if untested:
        yield Finding("versions.untested", {"packages": ", ".join(untested)})
    if not wrong and not untested:
        yield Finding("versions.ok", {"count": len(declared)})


def _outside(requirements: list[str]) -> Iterator[tuple[Requirement, str | None]]:
    """Yield each requirement that is not met, with the installed version (``None``: not installed)."""
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            yield requirement, None
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            yield requirement, installed


def look_at_extras(inspected: Inspected) -> Iterator[Finding]:  # noqa: ARG001 - every check has this shape
    """Which extras are installed."""
    there = [name for name, packages in EXTRAS.items() if all(_is_installed(package) for package in packages)]
    absent = [name for name in EXTRAS if name not in there]
    if absent:
        yield Finding("extras.absent", {"there": ", ".join(there) or "–", "absent": ", ".join(absent)})
    else:
        yield Finding("extras.ok", {"there": ", ".join(there)})


def look_at_fonts(inspected: Inspected) -> Iterator[Finding]:  # noqa: ARG001 - every check has this shape
    """Whether a Japanese font is installed; summaries cannot be printed without one."""
    font = _japanese_font()
    yield Finding("fonts.ok", {"font": font}) if font is not None else Finding("fonts.none")


def look_at_browser(inspected: Inspected) -> Iterator[Finding]:
    """Whether Chromium is installed; pages cannot be rendered without it."""
    path = next(filter(None, (shutil.which(name, path=inspected.environment.get("PATH")) for name in _BROWSERS)), None)
    yield Finding("browser.ok", {"path": path}) if path is not None else Finding("browser.none")


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _japanese_font() -> str | None:
    """Return a Japanese font: by fontconfig where it is installed, else by file names."""
    program = shutil.which("fc-list")
    if program is not None:
        listed = subprocess.run(  # noqa: S603 - found on the path, with fixed arguments
            [program, ":lang=ja", "family"], capture_output=True, text=True, timeout=_FC_LIST_SECONDS, check=False
        )
        families = {line.partition(",")[0].strip() for line in listed.stdout.splitlines()} - {""}
        return min(families, key=lambda name: (" JP" not in name, name), default=None)
    for folder in (Path(name).expanduser() for name in _FONT_FOLDERS):
        for path in sorted(folder.rglob("*")):
            if any(fnmatch(path.name.lower(), pattern) for pattern in _JAPANESE_FONTS):
                return path.name
    return None
