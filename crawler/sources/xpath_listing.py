"""HTML listings by XPath, for pages whose entries no CSS selector tells apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree, html
from selectolax.lexbor import LexborHTMLParser

from core.gap import Gap, GapKind
from core.listing_source import HtmlListing
from core.urls import LinkJoiner, canonical_url, scheme_of
from crawler.extractors import tamed
from crawler.sources.entries import (
    MAX_ENTRIES_PER_PAGE,
    EntryFields,
    ListingPage,
    absolute,
    joiner_for,
)
from crawler.sources.html_listing import entry_from_values, listed, no_entries
from crawler.sources.markup import read_markup
from crawler.sources.paging import Asked

_ADDRESSES = ("href", "src", "data-src", "data-original", "action")


def read_xpath_listing(
    text: str, url: str, source: HtmlListing, *, first: bool = True, seed: str = ""
) -> ListingPage:
    """As `read_html_listing`, for a source with `language: xpath`."""
    markup, was_cut = tamed(text)
    root = _parsed(markup)
    joiner = joiner_for(url)
    following = _address(root, source.next_page, joiner)
    if following and canonical_url(following) == canonical_url(url):
        following = ""
    nodes = [] if root is None else [n for n in _found(root, source.entries) if _is_element(n)]
    gaps = [Gap(GapKind.TOO_LARGE, url, "too many tags; the end was not read")] if was_cut else []
    if not nodes:
        parser = LexborHTMLParser(markup)
        gaps += no_entries(parser, url, source, first=first, announced=bool(following))
        return ListingPage((), following, tuple(gaps))
    if len(nodes) > MAX_ENTRIES_PER_PAGE:
        reason = f"{len(nodes)} entries on one page; the first {MAX_ENTRIES_PER_PAGE} were read"
        gaps.append(Gap(GapKind.BUDGET_REACHED, url, reason))
    entries = [_read_entry(node, source, joiner) for node in nodes[:MAX_ENTRIES_PER_PAGE]]
    return listed(entries, source, Asked(following) if following else None, gaps, url, seed)


def _parsed(markup: str | bytes) -> Any:
    """The root element, or None where there is none. No DTD, entity or address is ever loaded."""
    data = markup.encode("utf-8", "replace") if isinstance(markup, str) else markup
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        return html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _found(node: Any, path: str) -> list[Any]:
    """What `path` gives: elements and texts; a single text or number as a list of one."""
    try:
        found = node.xpath(path)
    except etree.XPathError:
        return []
    return found if isinstance(found, list) else [str(found)]


def _is_element(node: Any) -> bool:
    return isinstance(node, html.HtmlElement)


def _read_entry(node: Any, source: HtmlListing, joiner: LinkJoiner) -> EntryFields:
    return entry_from_values(
        source.fields,
        lambda path: _values(node, path, joiner),
        [absolute(joiner, str(href)) for href in _found(node, ".//a/@href")],
        _address(node, source.follow, joiner),
        joiner,
    )


def _values(node: Any, path: str, joiner: LinkJoiner) -> Iterator[str]:
    seen: set[str] = set()
    for found in _found(node, path):
        if _is_element(found):
            value = read_markup(html.tostring(found, encoding="unicode", with_tail=False)).text
        else:
            value = str(found).strip()
            if value and getattr(found, "attrname", None) in _ADDRESSES:
                value = absolute(joiner, value)
        if value and value not in seen:
            seen.add(value)
            yield value


def _address(node: Any, path: str, joiner: LinkJoiner) -> str:
    """Absolute http(s) URL that `path` gives, an element standing for its `href`; or ""."""
    for found in _found(node, path) if node is not None and path else ():
        value = str(found.get("href") or "") if _is_element(found) else str(found)
        joined = absolute(joiner, value.strip()) if value.strip() else ""
        if scheme_of(joined) in ("http", "https"):
            return joined
    return ""
