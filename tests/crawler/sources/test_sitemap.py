"""Sitemaps: indexes, sets, plain lists, gzip, and what hostile XML gives."""

from __future__ import annotations

import gzip

import pytest

from core.gap import GapKind
from crawler.sources import read_sitemap

URL = "https://shop.example/sitemap.xml"
SET = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    "<url><loc> https://shop.example/a </loc><lastmod>2026-01-02</lastmod></url>"
    "<url><loc>https://shop.example/b</loc></url>"
    "<url><loc>https://shop.example/c</loc><lastmod>2026-03-01T10:00:00Z</lastmod></url>"
    "<url><loc>javascript:alert(1)</loc></url></urlset>"
)
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<urlset><url><loc>https://shop.example/&c;</loc></url></urlset>"
)
FILE = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    "<urlset><url><loc>https://shop.example/&f;</loc></url></urlset>"
)


@pytest.mark.parametrize("body", [SET.encode(), gzip.compress(SET.encode())])
def test_addresses_come_newest_first_with_their_day(body: bytes) -> None:
    page = read_sitemap(body, URL)
    assert [entry.follow[-1] for entry in page.entries] == ["c", "a", "b"]
    assert page.entries[1].fields["updated_at"] == "2026-01-02"
    assert page.gaps == ()


def test_an_index_names_further_sitemaps() -> None:
    body = (
        b"<sitemapindex><sitemap><loc>https://shop.example/1.xml.gz</loc></sitemap></sitemapindex>"
    )
    assert read_sitemap(body, URL).more_pages == ("https://shop.example/1.xml.gz",)


def test_a_plain_list_of_addresses_is_read() -> None:
    page = read_sitemap(b"\xef\xbb\xbfhttps://shop.example/a\r\nhttps://shop.example/b\n", URL)
    assert len(page.entries) == 2


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"", GapKind.EMPTY_BODY, "empty"),
        (BOMB.encode(), GapKind.SHAPE_CHANGED, "declares entities"),
        (FILE.encode(), GapKind.SHAPE_CHANGED, "declares entities"),
        (b"<html><body>please log in</body></html>", GapKind.SHAPE_CHANGED, "<html>"),
        (b"please log in", GapKind.SHAPE_CHANGED, "please log in"),
        (b"<urlset></urlset>", GapKind.SHAPE_CHANGED, "no address"),
        (gzip.compress(SET.encode())[:60], GapKind.SHAPE_CHANGED, "ends early"),
        (b"\x1f\x8bnonsense", GapKind.SHAPE_CHANGED, "damaged"),
        (gzip.compress(b" " * 60_000_000), GapKind.SHAPE_CHANGED, "unpacks to more"),
        (b"<urlset>" + b"<a>" * 90 + b"</urlset>", GapKind.SHAPE_CHANGED, "nested deeper"),
    ],
)
def test_what_is_no_sitemap_is_a_gap(body: bytes, kind: GapKind, reason: str) -> None:
    page = read_sitemap(body, URL)
    assert page.entries == ()
    (gap,) = page.gaps
    assert (gap.kind, reason in gap.reason) == (kind, True), gap.reason
