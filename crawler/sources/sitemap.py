"""Sitemaps (sitemaps.org protocol 0.9): indexes, sets of addresses, plain lists; gzip or not."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.text import one_line
from core.urls import scheme_of
from crawler.sources.byte_stream import GZIP_MAGIC
from crawler.sources.entries import EntryFields, ListingPage
from crawler.sources.xml_text import local_name, named, read_xml, text_of

MAX_SITEMAP_BYTES = 50 * 1024 * 1024
"""Uncompressed size of one file, by the protocol."""
MAX_ADDRESSES = 50_000
"""Addresses in one file, by the protocol."""


def read_sitemap(body: bytes, url: str, *, first: bool = True) -> ListingPage:
    """The entries of one sitemap (`follow` is the address, `updated_at` its `lastmod`); of an
    index, the further sitemaps. Newest first.

    An empty set is a gap on the first file (`first`). So is what is no sitemap, on any.
    """
    try:
        unpacked = _unpacked(body)
        if not unpacked.strip():
            return ListingPage((), gaps=(Gap(GapKind.EMPTY_BODY, url, "the sitemap is empty"),))
        if not unpacked.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            return _plain(unpacked, url)
        root = read_xml(unpacked)
    except Unreadable as error:
        return ListingPage((), gaps=(Gap(GapKind.SHAPE_CHANGED, url, one_line(str(error), 200)),))
    kind = local_name(root)
    if kind == "sitemapindex":
        found = _located(root, "sitemap")
        return ListingPage((), more_pages=tuple(address for address, _ in found))
    if kind != "urlset":
        reason = f"`<{one_line(kind, 40)}>` came instead of a sitemap"
        return ListingPage((), gaps=(Gap(GapKind.SHAPE_CHANGED, url, reason),))
    return _set(_located(root, "url"), url, first=first)


def _set(found: list[tuple[str, str]], url: str, *, first: bool) -> ListingPage:
    gaps = []
    if not found and first:
        gaps.append(Gap(GapKind.SHAPE_CHANGED, url, "the sitemap names no address"))
    if len(found) > MAX_ADDRESSES:
        reason = f"{len(found)} addresses in one file; the newest {MAX_ADDRESSES} were read"
        gaps.append(Gap(GapKind.BUDGET_REACHED, url, reason))
    entries = tuple(
        EntryFields({"url": address, **({"updated_at": day} if day else {})}, follow=address)
        for address, day in found[:MAX_ADDRESSES]
    )
    return ListingPage(entries, gaps=tuple(gaps))


def _located(root: Any, name: str) -> list[tuple[str, str]]:
    """(address, lastmod) of each child `name`, each address once, newest first; the undated last,
    in their order. `lastmod` is a W3C date: as text, later is greater."""
    found: dict[str, str] = {}
    for child in named(root, name):
        address = next((text_of(loc) for loc in named(child, "loc")), "")
        if scheme_of(address) in ("http", "https"):
            found[address] = next((text_of(day)[:40] for day in named(child, "lastmod")), "")
    return sorted(found.items(), key=lambda pair: pair[1], reverse=True)


def _plain(body: bytes, url: str) -> ListingPage:
    """A list of addresses, one a line."""
    lines = [
        line.strip() for line in body.decode("utf-8-sig", "replace").splitlines() if line.strip()
    ]
    found = dict.fromkeys(line for line in lines if scheme_of(line) in ("http", "https"))
    if not found:
        start = one_line(lines[0], 60) if lines else ""
        reason = f"no sitemap came; the answer begins with `{start}`"
        return ListingPage((), gaps=(Gap(GapKind.SHAPE_CHANGED, url, reason),))
    return _set([(address, "") for address in found], url, first=True)


def _unpacked(body: bytes) -> bytes:
    """`body` with gzip taken off. Raises Unreadable where it is damaged or too large."""
    if not body.startswith(GZIP_MAGIC):
        return body
    return b"".join(_members(body))


def _members(body: bytes) -> Iterator[bytes]:
    room = MAX_SITEMAP_BYTES
    while body.startswith(GZIP_MAGIC):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            data = unpacker.decompress(body, room + 1)
        except zlib.error as error:
            raise Unreadable(f"the gzip data is damaged ({error})") from error
        room -= len(data)
        if room < 0:
            raise Unreadable(f"the sitemap unpacks to more than {MAX_SITEMAP_BYTES} bytes")
        if not unpacker.eof:
            raise Unreadable("the gzip data ends early")
        yield data
        body = unpacker.unused_data
