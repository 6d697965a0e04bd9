"""A model of the operator's in the commands that need no database."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli.command import SECONDS, clean_environment
from click.testing import CliRunner, Result
from tiny_model import BLUE, CALIBRATED, DESCRIPTION, RED, model, tinted

from ipwatch.cli import main
from ipwatch.images import embedding

WATCHLIST = """
schema = 1
[holder]
id = "norima"
name_ja = "ノリマ株式会社"
name_en = "Norima Corporation"
kind = "company"
[[marks]]
id = "norima"
text = "ノリマ"
kind = "trademark"
images = ["red.png"]
"""
LISTINGS = "\n".join(
    json.dumps({"marketplace": "rakuten", "listing_id": colour, "title": "x", "images": [f"{colour}.png"]})
    for colour in ("red", "blue")
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("lists", "seen"):
        (tmp_path / folder).mkdir()
    (tmp_path / "lists" / "norima.toml").write_text(WATCHLIST, "utf-8")
    (tmp_path / "lists" / "red.png").write_bytes(tinted(RED, 1))
    (tmp_path / "seen" / "red.png").write_bytes(tinted(RED, 2))
    (tmp_path / "seen" / "blue.png").write_bytes(tinted(BLUE, 3))
    model(tmp_path / "m.onnx", description=CALIBRATED)
    return tmp_path


def ipwatch(*args: object, stdin: str | None = None, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, [str(arg) for arg in args], input=stdin)


def match(home: Path, *more: object, **environment: str) -> Result:
    return ipwatch("image", "match", "--references", home / "lists", *more, home / "seen", **environment)


def screen(home: Path, *more: object, **environment: str) -> Result:
    lists, images = home / "lists", home / "seen"
    return ipwatch("screen", "--watchlist", lists, "--images", images, *more, "-", stdin=LISTINGS, **environment)


def test_a_picture_that_only_the_model_links_is_an_image_hit(home: Path) -> None:
    assert match(home).stdout == ""
    by_option = match(home, "--model", home / "m.onnx")
    assert (by_option.exit_code, by_option.stderr) == (0, "")
    (hit,) = [json.loads(line) for line in by_option.stdout.splitlines()]
    assert (hit["image"], hit["kind"]) == (str(home / "seen" / "red.png"), "embedding")
    assert hit["false_match_rate"] == pytest.approx(2e-8)
    assert match(home, IPWATCH_EMBEDDING_MODEL=str(home / "m.onnx")).stdout == by_option.stdout


def test_a_listing_that_only_the_model_links_is_a_hit(home: Path) -> None:
    assert screen(home).stdout == ""
    by_option = screen(home, "--model", home / "m.onnx")
    assert (by_option.exit_code, by_option.stderr) == (0, "")
    (hit,) = [json.loads(line) for line in by_option.stdout.splitlines()]
    assert hit["subject"] == "rakuten:red"
    assert [signal["term"] for signal in hit["signals"]] == ["image_embedding"]
    assert screen(home, IPWATCH_EMBEDDING_MODEL=str(home / "m.onnx")).stdout == by_option.stdout


@pytest.mark.parametrize("command", [match, screen])
def test_a_model_that_cannot_be_used_is_refused_by_the_name_it_was_given_under(
    home: Path, command: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(command)
    model(home / "uncalibrated.onnx", description=DESCRIPTION)
    (home / "page.onnx").write_text("<html>")
    (home / "page.toml").write_text(CALIBRATED)
    cases = {"none.onnx": "description next to it", "page.onnx": "no ONNX model", "uncalibrated.onnx": "'calibration'"}
    for name, words in cases.items():
        for result, setting in (
            (command(home, "--model", home / name), "--model"),
            (command(home, IPWATCH_EMBEDDING_MODEL=str(home / name)), "IPWATCH_EMBEDDING_MODEL"),
        ):
            assert (result.exit_code, result.stdout) == (2, "")
            assert result.stderr.startswith(f"ipwatch: {setting}: ")
            assert words in result.stderr
    original = importlib.util.find_spec
    monkeypatch.setattr(embedding, "find_spec", lambda name: None if name == "onnxruntime" else original(name))
    result = command(home, "--model", home / "m.onnx")
    assert result.exit_code == 2
    assert "--model: embeddings are made by the extra 'embed': install ipwatch[embed]" in result.stderr


def test_without_a_model_its_runtime_is_not_imported(home: Path) -> None:
    program = (
        "import sys\nfrom ipwatch.cli import main\nimport ipwatch.pipeline.cycle\n"
        "main(sys.argv[1:], standalone_mode=False)\nassert 'onnxruntime' not in sys.modules\n"
    )
    arguments = ["image", "match", "--references", str(home / "lists"), str(home / "seen")]
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
