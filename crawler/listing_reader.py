"""One answer into a page of a listing, by the target's source."""

from __future__ import annotations

from scrapy.http import Response

from core.listing_source import (
    FeedListing,
    HtmlListing,
    JsonListing,
    ListingSource,
    SitemapListing,
)
from crawler.extractors import decode_text
from crawler.sources import (
    ListingPage,
    read_feed,
    read_html_listing,
    read_json_listing,
    read_page_data,
    read_sitemap,
    read_xpath_listing,
)


def read_listing(
    response: Response, source: ListingSource, *, seed: str, body: str, first: bool
) -> ListingPage:
    """The entries of `response` and what follows. `body` is what was posted for it."""
    url, data = response.url, response.body
    if isinstance(source, JsonListing):
        return read_json_listing(data, url, source, first=first, asked_body=body, seed=seed)
    if isinstance(source, SitemapListing):
        return read_sitemap(data, url, first=first)
    if isinstance(source, FeedListing):
        return read_feed(data, url, source, first=first)
    text = text_of(response)
    if not isinstance(source, HtmlListing):
        return read_page_data(text, url, source)
    read = read_html_listing if source.language == "css" else read_xpath_listing
    return read(text, url, source, first=first, seed=seed)


def text_of(response: Response) -> str:
    """The body of `response` as text."""
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return decode_text(response.body, content_type)[0]
