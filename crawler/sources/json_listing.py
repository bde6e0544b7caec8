"""JSON listings: JMESPath from the target file applied to one answer of an API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from selectolax.lexbor import LexborHTMLParser

from core.gap import Gap, GapKind
from core.target import JsonListing
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
from crawler.sources.shape import missing_fields

MAX_PAGE_NUMBER = 1_000_000


def read_json_listing(
    body: bytes, url: str, source: JsonListing, *, first: bool = True
) -> ListingPage:
    """The entries of one answer and the address of the next.

    An empty list on a later page is the end; on the first one (`first`), and a path that gives
    nothing on any page, is a gap: the shape moved. So is an answer that is no JSON, such as a
    login page. `source` must have passed `check_source`.
    """
    data = decode_json(strip_wrapping(body))
    if data is None:
        return ListingPage((), "", (_not_json(body, url),))
    items = _search(source.items, data)
    if isinstance(items, Mapping):  # a list of one comes as the object alone in some feeds
        items = [items]
    if not isinstance(items, list):
        reason = f"`{source.items}` gives {_kind(items)} instead of a list in {_outline(data)}"
        return ListingPage((), "", (Gap(GapKind.SHAPE_CHANGED, url, reason),))
    if not items:
        reason = f"`{source.items}` gives an empty list on the first page"
        return ListingPage((), "", (Gap(GapKind.SHAPE_CHANGED, url, reason),) if first else ())
    entries, gaps = _read_items(items, url, source)
    following, trouble = _next_page(data, url, source)
    return ListingPage(
        tuple(entry for entry in entries if entry.fields), following, (*gaps, *trouble)
    )


def _read_items(
    items: list[Any], url: str, source: JsonListing
) -> tuple[list[EntryFields], list[Gap]]:
    gaps = []
    if len(items) > MAX_ENTRIES_PER_PAGE:
        reason = f"{len(items)} entries on one page; the first {MAX_ENTRIES_PER_PAGE} were read"
        gaps.append(Gap(GapKind.BUDGET_REACHED, url, reason))
    entries = [
        entry_from_record({name: _search(path, item) for name, path in source.fields.items()}, url)
        for item in items[:MAX_ENTRIES_PER_PAGE]
    ]
    return entries, gaps + missing_fields(entries, source.fields, url)


def _next_page(data: Any, url: str, source: JsonListing) -> tuple[str, tuple[Gap, ...]]:
    if source.page_parameter:
        return _count_up(url, source.page_parameter)
    following = _search(source.next_page, data) if source.next_page else None
    if not isinstance(following, str) or not following.strip():
        return "", ()
    joined = absolute(joiner_for(url), following.strip())
    if scheme_of(joined) not in ("http", "https"):
        reason = f"next page `{one_line(following, 80)}` is no web address"
        return "", (Gap(GapKind.SHAPE_CHANGED, url, reason),)
    return ("" if canonical_url(joined) == canonical_url(url) else joined), ()


def _count_up(url: str, parameter: str) -> tuple[str, tuple[Gap, ...]]:
    """`url` with its page number one higher; a URL that names no page is page 1.

    The rest of the query stays byte for byte as it is: it may be signed.
    """
    address, _, fragment = url.partition("#")
    place = re.search(rf"(?<=[?&]){re.escape(parameter)}=([^&]*)", address)
    if place is None:
        separator = "&" if "?" in address else "?"
        return f"{address}{separator}{parameter}=2", ()
    number = place[1]
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        reason = f"page parameter `{parameter}` is `{one_line(number, 40)}`, not a number"
        return "", (Gap(GapKind.SHAPE_CHANGED, url, reason),)
    if int(number) >= MAX_PAGE_NUMBER:
        reason = f"page {number} reached; the listing may repeat for ever"
        return "", (Gap(GapKind.BUDGET_REACHED, url, reason),)
    counted = f"{parameter}={int(number) + 1}"
    head, tail = address[: place.start()], address[place.end() :]
    return f"{head}{counted}{tail}" + (f"#{fragment}" if fragment else ""), ()


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def _search(path: str, data: Any) -> Any:
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
