"""JSON listings: JMESPath from the target file applied to one answer of an API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from selectolax.lexbor import LexborHTMLParser

from core.gap import Gap, GapKind
from core.listing_source import JsonListing
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
from crawler.sources.json_text import decode_json, strip_wrapping
from crawler.sources.paging import Asked, counted, page_of, with_value
from crawler.sources.shape import marked, missing_fields


def read_json_listing(
    body: bytes,
    url: str,
    source: JsonListing,
    *,
    first: bool = True,
    asked_body: str = "",
    seed: str = "",
) -> ListingPage:
    """The entries of one answer and the address of the next.

    An empty list on a later page is the end; on the first one (`first`), and a path that gives
    nothing on any page, is a gap: the shape moved. So is an answer that is no JSON, such as a
    login page. `asked_body` is what was posted to get the answer, `seed` where the listing begins.
    `source` must have passed `check_source`.
    """
    data = decode_json(strip_wrapping(body))
    if data is None:
        return ListingPage((), "", (_not_json(body, url),))
    indexed = _indexed(data, url, source)
    if indexed:
        return ListingPage((), more_pages=indexed)
    items = search(source.items, data)
    if isinstance(items, Mapping):  # a list of one comes as the object alone in some feeds
        items = [items]
    if not isinstance(items, list):
        reason = f"`{source.items}` gives {_kind(items)} instead of a list in {_outline(data)}"
        return ListingPage((), "", (Gap(GapKind.SHAPE_CHANGED, url, reason),))
    if not items:
        reason = f"`{source.items}` gives an empty list on the first page"
        return ListingPage((), "", (Gap(GapKind.SHAPE_CHANGED, url, reason),) if first else ())
    entries, gaps = _read_items(items, url, source)
    asked = Asked(url, asked_body)
    following, trouble = _next_page(data, asked, source, seed or url, len(items))
    kept = tuple(entry for entry in entries if entry.fields)
    return page_of(kept, following, (*gaps, *trouble))


def _read_items(
    items: list[Any], url: str, source: JsonListing
) -> tuple[list[EntryFields], list[Gap]]:
    gaps = []
    if len(items) > MAX_ENTRIES_PER_PAGE:
        reason = f"{len(items)} entries on one page; the first {MAX_ENTRIES_PER_PAGE} were read"
        gaps.append(Gap(GapKind.BUDGET_REACHED, url, reason))
    entries = [
        entry_from_record({name: search(path, item) for name, path in source.fields.items()}, url)
        for item in items[:MAX_ENTRIES_PER_PAGE]
    ]
    gaps += missing_fields(entries, source.fields, url, required=source.expected)
    return marked(entries, source.expected), gaps


def _next_page(
    data: Any, asked: Asked, source: JsonListing, seed: str, items: int
) -> tuple[Asked | None, tuple[Gap, ...]]:
    url = asked.url
    if source.cursor:
        token = search(source.cursor, data)
        if token in (None, "", False) or not isinstance(token, str | int):
            return None, ()
        return with_value(asked, source.cursor_parameter, token), ()
    following = search(source.next_page, data) if source.next_page else None
    if not isinstance(following, str) or not following.strip():
        return counted(source, asked, seed, items)
    joined = absolute(joiner_for(url), following.strip())
    if scheme_of(joined) not in ("http", "https"):
        reason = f"next page `{one_line(following, 80)}` is no web address"
        return None, (Gap(GapKind.SHAPE_CHANGED, url, reason),)
    return (None if canonical_url(joined) == canonical_url(url) else Asked(joined, asked.body)), ()


def _indexed(data: Any, url: str, source: JsonListing) -> tuple[str, ...]:
    """Addresses of further answers that an index names."""
    found = search(source.index, data) if source.index else None
    if not isinstance(found, list):
        return ()
    joiner = joiner_for(url)
    return tuple(absolute(joiner, one) for one in found if isinstance(one, str) and one)


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def search(path: str, data: Any) -> Any:
    """The value at `path`, or None where it does not fit the data."""
    try:
        return _compiled(path).search(data)
    except (JMESPathError, RecursionError, TypeError, ValueError, AttributeError, KeyError):
        return None


def _not_json(body: bytes, url: str) -> Gap:
    head = body[:20_000].lstrip()
    if not head:
        return Gap(GapKind.EMPTY_BODY, url, "the answer is empty")
    if head.startswith(b"<"):
        title = LexborHTMLParser(head).css_first("title")
        name = one_line(title.text(), 60) if title is not None else ""
        reason = f"an HTML page `{name}` came instead of JSON; does the API ask for a login?"
    else:
        start = one_line(head[:120].decode("utf-8", "replace"), 60)
        reason = f"the answer is not JSON; it begins with `{start}`"
    return Gap(GapKind.SHAPE_CHANGED, url, reason)


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return {str: "a text", bool: "a truth value"}.get(type(value), "a number")


def _outline(data: Any) -> str:
    """What the answer holds at its top, for the person who mends the target file."""
    if isinstance(data, Mapping):
        keys = ", ".join(one_line(str(key), 30) for key in list(data)[:8])
        return f"an object with keys {keys}" if keys else "an empty object"
    return "a list" if isinstance(data, list) else _kind(data)
