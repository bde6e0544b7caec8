"""How a listing is read: the `source` of a target, one type for each way a platform shows it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class HtmlListing(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="html"
):
    """An HTML listing; `fields` maps a listing field to a selector within an entry.

    With `language: css` a selector is `selector[@attribute]`; with `xpath` it is XPath 1.0, which
    names attributes itself (`./a/@href`).
    """

    entries: str
    fields: dict[str, str]
    next_page: str = ""
    """Selector of the link to the next page."""
    page_parameter: str = ""
    """Query parameter counted up until a page has no entries."""
    page_template: str = ""
    """Address of page `{page}`, relative to the seed, counted up until a page has no entries."""
    follow: str = ""
    """Selector of the link to an entry's own page, fetched and joined to the entry."""
    load_more: str = ""
    """CSS selector of the button that loads more entries; clicked in the browser."""
    scrolls: int = 0
    """How often the button is clicked, or, without one, the page scrolled to its end, at most."""
    language: Literal["css", "xpath"] = "css"
    expected: tuple[str, ...] = ()
    """Fields that every entry has; where one is missing, the shape has moved."""


class JsonListing(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="json_api"
):
    """A JSON API: JMESPath for the items and, within an item, for each field.

    At most one of `next_page`, `page_parameter`, `page_template`, `offset_parameter` and `cursor`.
    With a `body`, parameters are dotted paths into it (`page.number`).
    """

    items: str
    fields: dict[str, str]
    next_page: str = ""
    """JMESPath of the next page's URL (absolute or relative)."""
    page_parameter: str = ""
    """Query parameter counted up from its value in the seed until a page has no items."""
    page_template: str = ""
    offset_parameter: str = ""
    """Parameter that says how many items come before; counted up by `page_size`, or, where that is
    0, by the items that came."""
    page_size: int = 0
    cursor: str = ""
    """JMESPath of the token that asks for the next page; no token = the end."""
    cursor_parameter: str = ""
    index: str = ""
    """JMESPath of the addresses of further answers, for an answer that is an index of others."""
    headers: dict[str, str] = {}
    """Sent with each request for an answer. `${NAME}` is the environment variable NAME, whose value
    is neither stored nor logged."""
    body: dict[str, Any] | None = None
    """Body of a POST request, sent as JSON; `${NAME}` as in `headers`."""
    expected: tuple[str, ...] = ()


class SitemapListing(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="sitemap"
):
    """A sitemap, an index of sitemaps, or a plain list of addresses; gzip is seen through.

    Each address is an entry, newest `lastmod` first; `page_fields` (CSS, as in `html`) reads the
    entry's fields on its own page. `scope.include` says which addresses are entries.
    """

    page_fields: dict[str, str]
    expected: tuple[str, ...] = ()


class FeedListing(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="feed"
):
    """An RSS, RDF or Atom feed.

    `fields` maps a listing field to an element of an entry by its local name, `element@attribute`
    for an attribute; what it does not name is read as the formats say.
    """

    fields: dict[str, str] = {}
    follow: bool = False
    """Whether an entry's own page is fetched and joined."""
    expected: tuple[str, ...] = ()


class DataPlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place in a page where data stands: JMESPath within it, as in `json_api`.

    `script` is `json_ld`; `#id` for the script element of that id (`#__NEXT_DATA__`); `ds:5` for
    that key of Google's AF_initDataCallback; else the name a value is assigned to
    (`window.systemData`).
    """

    script: str
    fields: dict[str, str]
    items: str = "@"


class PageData(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="page_data"
):
    """Pages of a store that hold their data as JSON in a script: one page, one entry.

    Fields come from the first of `places` that has them.
    """

    places: tuple[DataPlace, ...]
    expected: tuple[str, ...] = ("name",)


ListingSource = HtmlListing | JsonListing | SitemapListing | FeedListing | PageData
