from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import numpy as np
import pytest
from corpus import shared
from drawn import bomb, drawing, encoded, svg
from PIL import Image

from ipwatch.errors import ImageError
from ipwatch.images import decode, decode_svg, is_svg
from ipwatch.images import svg as module
from ipwatch.images.bounded import BoundedWorkers, Bounds
from ipwatch.matching.images.features import Ground
from ipwatch.records import ImageRefusal

RED = '<rect width="200" height="100" fill="#f00"/>'
"""Covers the drawing."""

DOT = '<circle cx="150" cy="50" r="40" fill="#f00"/>'


def embedded(data: bytes, kind: str = "png") -> str:
    return f'<image href="data:image/{kind};base64,{base64.b64encode(data).decode()}" width="200" height="100"/>'


def test_a_drawing_is_rendered_at_the_edge_on_white_and_on_black() -> None:
    data = svg(DOT)
    decoded = decode_svg(data, 400)
    assert (decoded.width, decoded.height) == (400, 200)
    assert decoded.sha256 == hashlib.sha256(data).hexdigest()
    white, black = decoded.frames
    assert (white.ground, black.ground) == (Ground.WHITE, Ground.BLACK)
    assert white.colour[100, [50, 300]].tolist() == [[255, 255, 255], [255, 0, 0]]
    assert black.colour[100, [50, 300]].tolist() == [[0, 0, 0], [255, 0, 0]]


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 200 100"', (300, 150)),
        ('width="20mm" height="10mm" viewBox="0 0 200 100"', (300, 150)),
        ('width="100%" height="100%" viewBox="0 0 200 100"', (300, 150)),
        ('width="1e9" height="5e8" viewBox="0 0 200 100"', (300, 150)),
        ('width="10" height="1000000"', (1, 300)),
        ("", (300, 150)),
    ],
)
def test_the_drawing_keeps_its_shape_whatever_size_it_declares(attributes: str, size: tuple[int, int]) -> None:
    decoded = decode_svg(svg(RED, attributes), 300)
    assert (decoded.width, decoded.height) == size


def test_a_drawing_found_outside_is_refused() -> None:
    for data in (svg(DOT), b"\xef\xbb\xbf<?xml version='1.0'?>\n" + svg(DOT)):
        assert is_svg(data)
        with pytest.raises(ImageError) as refused:
            decode(data, 300)
        assert refused.value.reason == ImageRefusal.FORMAT
    assert not is_svg(encoded(drawing()))


def test_an_embedded_picture_is_drawn() -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        (raster,) = decode_svg(
            svg(embedded(encoded(Image.new("RGB", (20, 10), "blue"), kind), kind.lower())), 100
        ).frames
        assert np.abs(raster.colour[25, 50].astype(int) - [0, 0, 255]).max() < 4


def test_namespaces_shortened_by_entities_are_read() -> None:
    head = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY ns "http://www.w3.org/2000/svg">]>'
    data = head + b'<svg xmlns="&ns;" width="200" height="100">' + RED.encode() + b"</svg>"
    assert decode_svg(data, 100).frames[0].colour[25, 50].tolist() == [255, 0, 0]


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    return f'<!DOCTYPE svg [<!ENTITY a "ha">{entities}]>'.encode() + svg("<text>&j;</text>")


REFUSED = {
    "text that needs fonts": (svg("<text x='5' y='50'>Towel</text>"), ImageRefusal.FORMAT, "outlines"),
    "text in a link": (svg("<text><a>Towel</a></text>"), ImageRefusal.FORMAT, "outlines"),
    "a file": (svg('<image href="/etc/hostname" width="9" height="9"/>'), ImageRefusal.FORMAT, "embed"),
    "a file by xlink": (svg('<image xlink:href="a.png" width="9" height="9"/>'), ImageRefusal.FORMAT, "embed"),
    "an address": (svg('<image href="http://a.example/a.png"/>'), ImageRefusal.FORMAT, "embed"),
    "a file in a filter": (svg('<filter><feImage href="/tmp/a.png"/></filter>'), ImageRefusal.FORMAT, "embed"),
    "a drawing in a drawing": (svg(embedded(svg(DOT), "svg+xml")), ImageRefusal.FORMAT, "embed"),
    "a bomb in a drawing": (svg(embedded(bomb(9_000))), ImageRefusal.TOO_MANY_PIXELS, "pixels"),
    "many pictures": (svg(embedded(bomb(2_000)) * 2), ImageRefusal.TOO_MANY_PIXELS, "smaller"),
    "no picture in a drawing": (svg(embedded(b"<html>")), ImageRefusal.NOT_A_PICTURE, "cannot be used"),
    "no base64": (svg('<image href="data:image/png;base64,a"/>'), ImageRefusal.BROKEN, "base64"),
    "billion laughs": (billion_laughs(), ImageRefusal.BROKEN, "entity"),
    "an outside entity": (
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg("<text>&x;</text>"),
        ImageRefusal.BROKEN,
        "entity",
    ),
    "nested": (svg("<g>" * 100_000 + RED + "</g>" * 100_000), ImageRefusal.BROKEN, "ungroup"),
    "many elements": (svg(RED * 60_000), ImageRefusal.BROKEN, "simplify"),
    "too many bytes": (svg(" " * 5_000_000), ImageRefusal.TOO_LARGE, "limit"),
    "another document": (b"<html><svg/></html>", ImageRefusal.NOT_A_PICTURE, "no SVG"),
    "no document": (b"<svg", ImageRefusal.BROKEN, "XML"),
    "another encoding": ("<svg>é</svg>".encode("latin-1"), ImageRefusal.BROKEN, "UTF-8"),
    "no size": (svg(RED, 'width="0" height="0"'), ImageRefusal.BROKEN, "rendered"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_rendered_safely_is_refused_with_the_fix(name: str) -> None:
    data, reason, text = REFUSED[name]
    with pytest.raises(ImageError, match=text) as refused:
        decode_svg(data, 100)
    assert refused.value.reason == reason


def test_scripts_links_and_titles_are_ignored() -> None:
    body = f'<title>Towel</title><script>while(1);</script><a href="http://a.example/">{RED}</a><text> </text>'
    assert decode_svg(svg(body), 100).frames[0].colour[25, 50].tolist() == [255, 0, 0]


def test_no_file_is_read_by_a_style(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(Image.new("RGB", (20, 10), "blue")))
    style = f"<style>image{{href:{tmp_path}/a.png}} @import url({tmp_path}/a.css);</style>"
    decoded = decode_svg(svg(style + RED + '<image width="200" height="100"/>'), 100)
    assert decoded.frames[0].colour[25, 50].tolist() == [255, 0, 0]


HOSTILE = {
    "layers": ('<g opacity=".5">' * 60 + RED + "</g>" * 60) * 200,
    "an endless filter": '<filter id="f"><feMorphology radius="400"/></filter>'
    '<rect width="200" height="100" filter="url(#f)"/>',
    "nested by use": '<defs><g id="a0">'
    + "<g>" * 50
    + RED
    + "</g>" * 51
    + "".join(f'<g id="a{n}">{"<g>" * 50}<use href="#a{n - 1}"/>{"</g>" * 51}' for n in range(1, 8))
    + '</defs><use href="#a7"/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_rendering_without_end_is_ended(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = Bounds(cpu_seconds=0.5)
    with BoundedWorkers(module.draw_or_refuse, processes=1, bounds=bounds) as renderer:
        monkeypatch.setattr(module, "_renderer", lambda _process: renderer)
        with pytest.raises(ImageError, match="within the bounds") as refused:
            decode_svg(svg(HOSTILE[name], 'width="2000" height="1000" viewBox="0 0 200 100"'), 2_000)
        assert refused.value.reason in {ImageRefusal.TOO_SLOW, ImageRefusal.MEMORY, ImageRefusal.BROKEN}
        assert decode_svg(svg(RED), 100).width == 100


@pytest.mark.corpus
def test_real_drawings_are_rendered() -> None:
    root = shared("images/logos_simpleicons")
    paths = sorted(root.rglob("*.svg"))[::25]
    assert paths
    for path in paths:
        assert len(decode_svg(path.read_bytes(), 256).frames) == 2
