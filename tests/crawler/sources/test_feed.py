"""Feeds: RSS 2.0, RDF and Atom, their next pages, and what hostile XML gives."""

from __future__ import annotations

import pytest

from core.gap import GapKind
from core.listing_source import FeedListing
from crawler.sources import read_feed

URL = "https://shop.example/feed"
RSS = """<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>新应用</title><item>
<title>账本</title><guid>net.linhe.ledger</guid><link>https://shop.example/app/1</link>
<description>短</description>
<content:encoded><![CDATA[<p>记录<b>收支</b></p><a href="https://t.example/x">群</a>]]></content:encoded>
<category>财务</category><category>工具</category><pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate>
<media:thumbnail url="https://pictures.example/i.png"/></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:im="http://itunes.apple.com/rss">
<link rel="next" href="?page=2"/><entry><title>账本</title>
<id im:id="123" im:bundleId="net.linhe.ledger">urn:1</id><link rel="enclosure" href="/x.apk"/>
<link href="/app/1"/><author><name>临河软件</name></author><summary>记录收支</summary>
<category term="财务"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel><title>t</title></channel><item><title>账本</title><link>https://shop.example/1</link></item>
</rdf:RDF>"""


def test_rss_is_read_with_its_full_text_links_and_picture() -> None:
    (entry,) = read_feed(RSS.encode(), URL, FeedListing()).entries
    assert entry.fields["name"] == "账本"
    assert entry.fields["app_id"] == "net.linhe.ledger"
    assert entry.fields["intro"].startswith("记录收支")
    assert entry.fields["category"] == "财务\n工具"
    assert entry.fields["url"] == "https://shop.example/app/1"
    assert entry.pictures == ("https://pictures.example/i.png",)
    assert entry.links == ("https://t.example/x",)


def test_atom_is_read_with_attributes_and_its_next_page() -> None:
    source = FeedListing(fields={"app_id": "id@im:id", "package": "id@im:bundleId"}, follow=True)
    page = read_feed(ATOM.encode(), URL, source)
    (entry,) = page.entries
    assert entry.fields["app_id"] == "123"
    assert entry.fields["package"] == "net.linhe.ledger"
    assert entry.fields["owner"] == "临河软件"
    assert entry.fields["category"] == "财务"
    assert entry.follow == "https://shop.example/app/1"
    assert page.next_page == "https://shop.example/feed?page=2"


def test_rdf_has_its_entries_beside_the_channel() -> None:
    (entry,) = read_feed(RDF.encode(), URL, FeedListing()).entries
    assert entry.fields["name"] == "账本"


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b" ", GapKind.EMPTY_BODY, "empty"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss>&a;</rss>', GapKind.SHAPE_CHANGED, "entities"),
        (b"<html></html>", GapKind.SHAPE_CHANGED, "<html>"),
        (b"{}", GapKind.SHAPE_CHANGED, "no XML"),
        (b"<rss><channel></channel></rss>", GapKind.SHAPE_CHANGED, "no entries"),
    ],
)
def test_what_is_no_feed_is_a_gap(body: bytes, kind: GapKind, reason: str) -> None:
    page = read_feed(body, URL, FeedListing())
    (gap,) = page.gaps
    assert (gap.kind, reason in gap.reason) == (kind, True), gap.reason


def test_an_expected_field_that_an_entry_lacks_is_an_alarm() -> None:
    page = read_feed(RDF.encode(), URL, FeedListing(expected=("intro",)))
    assert page.entries[0].missing == ("intro",)
    assert [gap.kind for gap in page.gaps] == [GapKind.SHAPE_CHANGED]
