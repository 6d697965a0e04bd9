"""A checkout sets itself up in one line, on nothing but Python, with uv or without, at the same versions."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ipwatch.checkout import TEXTS, is_japanese, pins
from ipwatch.cli.language import choose, language, one_command

PROJECT = Path(__file__).resolve().parents[1]
SECONDS = 900
UV = Path(shutil.which("uv") or Path(sys.executable).with_name("uv")).resolve()
# What develops ipwatch, compares it with others or trains it: nothing that somebody who tries it out needs.
NOT_FOR_THE_DEMO = {
    "ruff",
    "mypy",
    "import-linter",
    "pytest",
    "hypothesis",
    "faiss-cpu",
    "scikit-learn",
    "janome",
    "numba",
}


def pinned() -> dict[str, str]:
    """The pinned version of each package on this Python."""
    requirements = [Requirement(line) for line in pins()]
    valid = [requirement for requirement in requirements if requirement.marker is None or requirement.marker.evaluate()]
    return {canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==") for requirement in valid}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what git holds of the project, in which nothing is set up."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in ("ipwatch", "flows", "tests", "watchlists"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "prefect.yaml"):
        shutil.copy(PROJECT / name, copy / name)
    return copy


def base_python() -> Path:
    """The Python that the one of these tests was made from, in which nothing of ours is installed."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def run(checkout: Path, *arguments: str, uv: bool, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the Python of the machine in the checkout, with or without a uv that it can find."""
    tools = checkout.parent / "tools"
    tools.mkdir(exist_ok=True)
    if uv and not (tools / "uv").exists():
        (tools / "uv").symlink_to(UV)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IPWATCH_", "VIRTUAL_ENV"))}
    return subprocess.run(  # noqa: S603 - our own program
        [str(base_python()), *arguments],
        cwd=checkout,
        env={**kept, "PATH": f"{tools}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def installed(checkout: Path) -> dict[str, str]:
    (packages,) = (checkout / ".venv" / "lib").glob("python*/site-packages")
    versions = {
        canonicalize_name(distribution.metadata["Name"]): distribution.version
        for distribution in distributions(path=[str(packages)])
    }
    return {name: version for name, version in versions.items() if name not in {"ipwatch", "pip", "setuptools"}}


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
def test_one_line_sets_up_what_the_demo_needs_at_the_pinned_versions(checkout: Path, uv: bool) -> None:
    if uv and not UV.exists():
        pytest.skip("no uv on this machine")
    # What is installed is the same without bytecode, which takes time. Of this variable pip takes 0 for "do not".
    first = run(checkout, "-m", "ipwatch", "--version", uv=uv, PIP_NO_COMPILE="0")
    assert first.returncode == 0, first.stderr
    assert re.fullmatch(r"ipwatch, version \S+\n", first.stdout)
    assert "installing what ipwatch needs" in first.stderr
    versions = installed(checkout)
    wanted = pinned()
    assert versions == {name: wanted.get(name) for name in versions}
    assert not versions.keys() & NOT_FOR_THE_DEMO
    again = run(checkout, "-m", "ipwatch", "deadline", "--office", "JP", "--published", "2026-01-05", uv=uv)
    assert again.returncode == 0
    assert json.loads(again.stdout)["until"] == "2026-03-05"
    assert again.stderr == ""


def test_a_set_up_that_cannot_download_says_so_and_the_next_start_goes_on(checkout: Path) -> None:
    refused = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    failed = run(checkout, "-m", "ipwatch", "--version", uv=False, **refused)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "the set-up failed at: " in failed.stderr
    assert "Traceback" not in failed.stderr
    again = run(checkout, "-m", "ipwatch", "--version", uv=False, **refused)
    assert again.returncode == 2, "a set-up that failed must not pass for a finished one"


def test_a_checkout_that_cannot_hold_an_environment_says_so(checkout: Path) -> None:
    (checkout / ".venv").write_text("a file where the environment is to be")
    failed = run(checkout, "-m", "ipwatch", "--version", uv=False)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert str(checkout / ".venv") in failed.stderr
    assert "Traceback" not in failed.stderr


def test_an_extra_that_is_none_is_named(checkout: Path) -> None:
    failed = run(checkout, "-m", "ipwatch.checkout", "sped", uv=False)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("ipwatch: sped: no such extra; there are embed, ")
    japanese = run(checkout, "-m", "ipwatch.checkout", "sped", uv=False, IPWATCH_LANG="ja")
    assert (japanese.returncode, japanese.stdout) == (2, "")
    assert japanese.stderr.startswith("ipwatch: sped: このような追加機能はありません。あるもの：embed, ")


def test_every_text_before_the_catalogue_is_in_both_languages() -> None:
    for english, japanese in TEXTS.values():
        assert set(re.findall(r"{\w+", english)) == set(re.findall(r"{\w+", japanese))
        assert english.isascii() or "…" in english
        assert re.search("[ぁ-んァ-ヶ一-龠]", japanese)


@pytest.mark.parametrize(
    "environment", [{}, {"LANG": "ja_JP.UTF-8"}, {"IPWATCH_LANG": "en", "LANG": "ja"}, {"LC_ALL": "ja"}]
)
@pytest.mark.parametrize(
    "arguments", ["run", "--lang ja run", "--lang=ja run", "--log-level INFO --lang en run", "run --lang ja"]
)
def test_a_set_up_speaks_the_language_that_the_command_will(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], arguments: str
) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG", "IPWATCH_LANG"):
        monkeypatch.setenv(variable, environment.get(variable, ""))
    with one_command():
        choose(arguments.split())
        assert is_japanese(arguments.split(), environment) == (language() == "ja")


def test_every_pin_is_a_version_and_every_requirement_has_one() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    groups = project["dependency-groups"]
    lines = [*project["project"]["dependencies"], *(line for extra in extras.values() for line in extra)]
    lines += [line for group in groups.values() for line in group if isinstance(line, str)]
    required = {canonicalize_name(Requirement(line).name) for line in lines} - {"ipwatch"}
    assert required <= pinned().keys()
    assert all(re.fullmatch(r"[\w.]+", version) for version in pinned().values())
