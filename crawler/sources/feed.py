"""Feeds: RSS 2.0, RSS 1.0 (RDF) and Atom, with the extensions that stores use.

lxml without entities rather than a feed library: what is needed is a handful of elements, and a
feed comes from strangers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.errors import Unreadable
from core.gap import Gap, GapKind
from core.listing_source import FeedListing
from core.text import one_line
from core.urls import canonical_url, scheme_of
from crawler.sources.entries import (
    MAX_ENTRIES_PER_PAGE,
    EntryFields,
    ListingPage,
    absolute,
    entry_from_record,
    joiner_for,
)
from crawler.sources.html_listing import split_spec
from crawler.sources.paging import Asked, page_of
from crawler.sources.shape import marked, missing_fields
from crawler.sources.xml_text import attribute, local_name, named, read_xml, text_of

_USUAL = {
    "name": ("title",),
    "intro": ("encoded", "content", "description", "summary"),
    "app_id": ("guid", "id"),
    "owner": ("author", "creator", "artist"),
    "category": ("category", "category@term", "category@label"),
    "updated_at": ("pubdate", "updated", "date", "published"),
    "icon": ("image", "thumbnail@url"),
    "screenshots": ("enclosure@url", "content@url"),
}
"""Where each field usually stands; the first that says something counts."""

FEED_FIELDS = (*_USUAL, "url")


def read_feed(body: bytes, url: str, source: FeedListing, *, first: bool = True) -> ListingPage:
    """The entries of one feed, and the page that its `rel="next"` names (RFC 5005).

    A feed without entries is a gap on the first page (`first`), what is no feed on any.
    """
    if not body.strip():
        return ListingPage((), gaps=(Gap(GapKind.EMPTY_BODY, url, "the feed is empty"),))
    try:
        root = read_xml(body)
    except Unreadable as error:
        return ListingPage((), gaps=(Gap(GapKind.SHAPE_CHANGED, url, one_line(str(error), 200)),))
    kind = local_name(root)
    if kind not in ("rss", "rdf", "feed"):
        reason = f"`<{one_line(kind, 40)}>` came instead of a feed"
        return ListingPage((), gaps=(Gap(GapKind.SHAPE_CHANGED, url, reason),))
    items = list(_items(root))
    following = _next(root, url)
    if not items:
        gap = Gap(GapKind.SHAPE_CHANGED, url, "the feed has no entries")
        return page_of((), following, (gap,) if first or following else ())
    gaps = []
    if len(items) > MAX_ENTRIES_PER_PAGE:
        reason = f"{len(items)} entries in one feed; the first {MAX_ENTRIES_PER_PAGE} were read"
        gaps.append(Gap(GapKind.BUDGET_REACHED, url, reason))
    entries = [_entry(item, url, source) for item in items[:MAX_ENTRIES_PER_PAGE]]
    gaps += missing_fields(entries, source.fields, url, required=source.expected)
    return page_of(tuple(marked(entries, source.expected)), following, tuple(gaps))


def _items(root: Any) -> Iterator[Any]:
    """Entries of any of the formats: RSS 2.0 has them in the channel, the others at the top."""
    for place in (root, *named(root, "channel")):
        yield from named(place, "item")
        yield from named(place, "entry")


def _next(root: Any, url: str) -> Asked | None:
    for place in (root, *named(root, "channel")):
        for link in named(place, "link"):
            if attribute(link, "rel") == "next":
                joined = absolute(joiner_for(url), attribute(link, "href"))
                if scheme_of(joined) in ("http", "https") and joined:
                    same = canonical_url(joined) == canonical_url(url)
                    return None if same else Asked(joined)
    return None


def _entry(item: Any, url: str, source: FeedListing) -> EntryFields:
    record: dict[str, object] = {}
    for name, specs in _USUAL.items():
        if name not in source.fields:
            record[name] = next(filter(None, (_all(item, spec) for spec in specs)), [])
    for name, spec in source.fields.items():
        record[name] = _all(item, spec)
    address = _link(item, url)
    if address and not record.get("url"):
        record["url"] = [address]
    entry = entry_from_record({name: _joined(name, value) for name, value in record.items()}, url)
    if not source.follow or not address:
        return entry
    return EntryFields(entry.fields, address, entry.pictures, entry.domains, entry.links)


def _joined(name: str, values: object) -> object:
    assert isinstance(values, list)  # noqa: S101  (built above)
    return values if name in ("icon", "screenshots", "links") else "\n".join(values)


def _all(item: Any, spec: str) -> list[str]:
    """Texts at `element` or `element@attribute`, by local names, each once."""
    name, wanted = split_spec(spec)
    found = (
        attribute(child, wanted.rpartition(":")[2].lower()) if wanted else text_of(child)
        for child in named(item, name.rpartition(":")[2].lower())
    )
    return list(dict.fromkeys(text for text in found if text))


def _link(item: Any, url: str) -> str:
    """The entry's own address: RSS's text, or Atom's `href` of rel `alternate` or none."""
    for link in named(item, "link"):
        if attribute(link, "rel") in ("", "alternate"):
            joined = absolute(joiner_for(url), attribute(link, "href") or text_of(link))
            if scheme_of(joined) in ("http", "https"):
                return joined
    return ""
