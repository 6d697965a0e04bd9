"""A shop on loopback whose response bodies a test sets, and an installation that watches it.

The server follows HTTP: one entity tag for each path, and 304 to a request with it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from installations import for_one_mark
from pipeline.conftest import NOW

from ipwatch.bootstrap import open_installation
from ipwatch.pipeline.workspace import Workspace
from ipwatch.settings import SourceSettings

EMPTY_SITEMAP = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>'
JSON, XML, HTML, PNG = "application/json", "application/xml", "text/html", "image/png"


@dataclass
class Shop:
    """Content type and body by path; ``asked`` are the paths in their order, with whether the tag was sent."""

    port: int = 0
    bodies: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://shop.localhost:{self.port}"

    def conditional(self, path: str) -> list[bool]:
        """Return for each time that the path was asked for whether it was with its tag, and forget it."""
        conditional = [had for asked_path, had in self.asked if asked_path == path]
        self.asked = [(asked_path, had) for asked_path, had in self.asked if asked_path != path]
        return conditional

    def sitemap(self, *pages: str) -> bytes:
        listed = "".join(f"<url><loc>{self.address}{page}</loc></url>" for page in pages)
        return EMPTY_SITEMAP.replace(b"></urlset>", f">{listed}</urlset>".encode())

    def offer(self, *pages: str, picture: str | None = None) -> None:
        """Serve a product on each page, and list all pages in the sitemap; ``picture`` is the path of its picture."""
        self.bodies["/sitemap.xml"] = XML, self.sitemap(*pages)
        for number, page in enumerate(pages):
            shown = None if picture is None else f"{self.address}{picture % number}"
            self.bodies[page] = HTML, product(f"Cup {number}", shown)


def product(name: str, picture: str | None = None) -> bytes:
    """Return the page of a product."""
    image = f'"image": "{picture}", ' if picture else ""
    offer = '"offers": {"@type": "Offer", "price": "12.50", "priceCurrency": "EUR"}'
    data = f'{{"@context": "https://schema.org", "@type": "Product", "name": "{name}", {image}{offer}}}'
    script = f'<script type="application/ld+json">{data}</script>'
    return f"<html><head><title>Cup</title>{script}</head><body><h1>Cup</h1></body></html>".encode()


def tag_of(path: str) -> str:
    """Return the permanent entity tag of a path."""
    return f'"{hashlib.sha256(path.encode()).hexdigest()[:8]}"'


@contextmanager
def serving() -> Iterator[Shop]:
    """Serve a shop that is empty at first."""
    served = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path not in served.bodies:
                self.send_error(404)
                return
            has_it = self.headers.get("If-None-Match") == tag_of(path)
            served.asked.append((path, has_it))
            content_type, body = served.bodies[path]
            self.send_response(304 if has_it else 200)
            self.send_header("ETag", tag_of(path))
            if not has_it:
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if has_it else body)

        def log_message(self, *_given: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def watching(shop: Shop, root: Path, database_url: str | None = None) -> Iterator[Workspace]:
    """Open a new installation below ``root`` that watches the shop, as pages and as a catalogue."""
    settings = for_one_mark(
        root,
        database_url=database_url,
        allow_addresses=(f"127.0.0.1:{shop.port}",),
        interval=0.0,
        sources={
            "webshop": SourceSettings(base_urls=(shop.address,), interval=0.0),
            "shopify": SourceSettings(base_urls=(shop.address,), interval=0.0, extra={"currency": "EUR"}),
        },
    )
    with open_installation(settings, now=lambda: NOW) as opened:
        yield opened
