"""Any shop page (一般のECサイト): JSON-LD, microdata, RDFa, OpenGraph, or else the visible content.

Each of ``base_urls`` is a shop, or directly one of its sitemaps. Its pages are found through the sitemaps that
``robots.txt`` lists and through ``/sitemap.xml``. A listing is identified by host and path of its canonical URL.

A request with the context ``("expected", "listing")`` is for a page that was a listing before: if it no longer parses
as one, its layout has changed, which is an error. Any other page without a product yields nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ipwatch.errors import Blocked, ParseError
from ipwatch.records import (
    Category,
    Document,
    FailureReason,
    Listing,
    Marks,
    ParseIssue,
    Request,
    RequestKind,
    Seller,
    SourceInfo,
    SourceKind,
    SourceOptions,
)
from ipwatch.sources.toolkit.search_plan import require_base_urls
from ipwatch.sources.toolkit.text import decode_body, is_damaged
from ipwatch.sources.toolkit.urls import absolute, origin, page_key, same_site
from ipwatch.sources.webshop.dom import TooDeepError
from ipwatch.sources.webshop.page import ParsedPage, read_page
from ipwatch.sources.webshop.schema_org import Product
from ipwatch.sources.webshop.sitemap import Incomplete, SitemapEntry, read_sitemap
from ipwatch.terms import message, text_of

INFO = SourceInfo(
    name="webshop",
    title_ja="一般のECサイト",
    title_en="Shop pages",
    kind=SourceKind.SHOP,
    country=None,
    interval=1.0,
    ready=("base_urls",),
)

_SITEMAP_FILE = re.compile(r"\.(?:xml|txt)(?:\.gz)?$", re.IGNORECASE)
_PRODUCT_PATH = re.compile(
    r"/(?:products?|items?|goods|p|dp|detail|shop|shouhin|syohin)(?:[/._-]|$)|product|/itm/", re.IGNORECASE
)
_OTHER_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|pdf|zip|mp4|css|js|xml)$", re.IGNORECASE)
# Strings in JSON may contain tags, so the beginning decides; no HTML page begins so.
_JSON_START = re.compile(r'\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
_TAG = re.compile(r"<[a-z!?/]", re.IGNORECASE)
_DEEPEST_INDEX = 3
_MAX_NOTES = 20
_EXPECTED = ("expected", "listing")


def plan(marks: Marks, options: SourceOptions) -> Iterable[Request]:
    """Return the requests for sitemaps of a shop; a shop is read whole, whatever the marks."""
    if not marks:
        return
    for shop in require_base_urls(options, INFO.name, "https://shop.example"):
        if _SITEMAP_FILE.search(urlsplit(shop).path):
            yield _sitemap(shop, shop, depth=0)
            continue
        yield Request(
            source=INFO.name,
            url=f"{origin(shop)}/robots.txt",
            kind=RequestKind.SITEMAP,
            context=(("role", "robots"), ("shop", shop)),
        )
        yield _sitemap(f"{origin(shop)}/sitemap.xml", shop, depth=0)


def parse(document: Document) -> Iterator[Listing | ParseIssue]:
    """Yield the listing of a page, or nothing; for a sitemap, an issue where part of it cannot be read."""
    if document.status in {404, 410}:
        return
    if document.kind is RequestKind.SITEMAP:
        if ("role", "robots") not in document.context:
            yield from _sitemap_faults(document)
        return
    text = decode_body(document.read(), document.header("content-type"))
    _refuse_what_is_no_markup(document, text)
    try:
        reading = read_page(text, requested_url=document.url, final_url=document.final_url)
    except TooDeepError as error:
        raise _unreadable(document, text_of(error)) from error
    for fault in reading.errors:
        yield _issue(document, "structured data", fault)
    product = reading.product
    if product is None or product.name is None:
        _refuse_what_should_be_a_listing(document, reading)
        return
    yield _listing(document, reading, product)
    for note in product.notes[:_MAX_NOTES]:
        yield _issue(document, product.syntax, message("reading.left_out", reason=note.message), note.field)
    if product.price is not None and product.currency is None:
        yield _issue(document, product.syntax, message("reading.page_currency"), "currency")
    if is_damaged(text):
        yield _issue(document, "page", message("reading.repaired_control"))


def follow(document: Document, options: SourceOptions) -> Iterable[Request]:
    """Return the sitemaps that ``robots.txt`` or an index lists, and the pages of the shop that a sitemap lists."""
    del options
    if document.kind is not RequestKind.SITEMAP or document.status in {404, 410}:
        return
    context = dict(document.context)
    shop = context.get("shop") or origin(document.final_url)
    if context.get("role") == "robots":
        yield from _listed_sitemaps(document, shop)
        return
    depth = int(context.get("depth", "0"))
    entries = list(_entries(document, shop))
    entries.sort(key=lambda entry: not (entry.images or _PRODUCT_PATH.search(entry.url)))
    for entry in entries:
        if entry.is_sitemap and depth < _DEEPEST_INDEX:
            yield _sitemap(entry.url, shop, depth=depth + 1)
        elif not entry.is_sitemap and same_site(entry.url, shop) and not _OTHER_FILE.search(urlsplit(entry.url).path):
            yield _page(entry)


def _sitemap(url: str, shop: str, *, depth: int) -> Request:
    context = (("role", "sitemap"), ("shop", shop), ("depth", str(depth)))
    return Request(source=INFO.name, url=url, kind=RequestKind.SITEMAP, context=context)


def _page(entry: SitemapEntry) -> Request:
    context = [("lastmod", entry.lastmod)] if entry.lastmod else []
    context += [("image", entry.images[0])] if entry.images else []
    return Request(source=INFO.name, url=entry.url, kind=RequestKind.PAGE, context=tuple(context))


def _listed_sitemaps(document: Document, shop: str) -> Iterator[Request]:
    for line in document.read().decode("utf-8-sig", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap":
            url = absolute(value.split("#")[0], document.final_url)
            if url is not None:
                yield _sitemap(url, shop, depth=0)


def _entries(document: Document, shop: str) -> Iterator[SitemapEntry]:
    """Yield the readable entries of a sitemap with absolute URLs; ``parse`` reports the unreadable ones."""
    below = urlsplit(shop).path.rstrip("/") if not _SITEMAP_FILE.search(urlsplit(shop).path) else ""
    with document.open() as stream:
        for entry in read_sitemap(stream):
            if isinstance(entry, Incomplete):
                return
            url = absolute(entry.url, document.final_url)
            if url is not None and (entry.is_sitemap or urlsplit(url).path.startswith(below)):
                yield SitemapEntry(url, entry.is_sitemap, entry.lastmod, entry.images)


def _sitemap_faults(document: Document) -> Iterator[ParseIssue]:
    count = 0
    with document.open() as stream:
        for entry in read_sitemap(stream):
            count += 1
            if isinstance(entry, Incomplete):
                yield _issue(document, f"sitemap entry {count}", entry.message)
    if count == 0:
        yield _issue(document, "sitemap", message("reading.sitemap_empty"))


def _refuse_what_is_no_markup(document: Document, text: str) -> None:
    """Raise where the body is no HTML: an HTML parser accepts anything and would return an empty page."""
    if not text.strip():
        raise _unreadable(document, message("reading.page_empty"))
    if _JSON_START.match(text):
        raise _unreadable(document, message("reading.page_json"))
    if not _TAG.search(text):
        raise _unreadable(document, message("reading.page_markup"))


def _refuse_what_should_be_a_listing(document: Document, page: ParsedPage) -> None:
    if page.barrier is not None:
        raise Blocked(
            message("reading.barrier", barrier=page.barrier, url=document.url),
            url=document.url,
            reason=FailureReason.BLOCKED,
            status=document.status,
        )
    if _EXPECTED in document.context or page.declared:
        raise _unreadable(document, message("reading.no_product"))


def _unreadable(document: Document, why: str) -> ParseError:
    return ParseError(
        message("lists.at", place=INFO.name, text=why), source=INFO.name, url=document.final_url, sha256=document.sha256
    )


def _listing(document: Document, page: ParsedPage, product: Product) -> Listing:
    context = dict(document.context)
    host = urlsplit(page.url).netloc
    images = product.images
    if not images and (image := absolute(context.get("image", ""), document.final_url)) and "image" in context:
        images = (image,)
    return Listing(
        marketplace=INFO.name,
        listing_id=page_key(page.url),
        url=page.url if host else None,
        title=product.name,
        description=product.description,
        brand=product.brand,
        price=product.price,
        currency=product.currency if product.price is not None else None,
        images=images,
        seller=Seller(id=host or None, name=product.seller or page.site_name),
        category=Category(path=product.category) if product.category else None,
        condition=product.condition,
        updated_at=_last_modified(context.get("lastmod")),
        status=product.availability,
        document_sha256=document.sha256,
    )


def _last_modified(value: str | None) -> datetime | None:
    """Return the time in a sitemap; ``None`` for a date alone."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _issue(document: Document, where: str, message: str, field: str | None = None) -> ParseIssue:
    return ParseIssue(
        source=INFO.name,
        where=f"{document.final_url} {where}",
        message=message,
        field=field,
        document_sha256=document.sha256,
    )
