"""HTML listings: CSS selectors from the target file applied to one page of a listing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.gap import Gap, GapKind
from core.listing_source import HtmlListing
from core.text import one_line
from core.urls import LinkJoiner, canonical_url, scheme_of, split_host
from crawler.extractors import tamed
from crawler.sources.entries import (
    DOMAIN_FIELDS,
    LINK_FIELDS,
    MAX_ENTRIES_PER_PAGE,
    PICTURE_FIELDS,
    EntryFields,
    ListingPage,
    absolute,
    joiner_for,
    split_list,
)
from crawler.sources.markup import addresses, node_text, outermost
from crawler.sources.paging import Asked, counted, page_of
from crawler.sources.shape import marked, missing_fields

MAX_FIELD_TEXT = 200_000
"""Characters of one field of one entry; the rest is cut and becomes a gap."""

_SPEC = re.compile(r"^(?P<selector>.*?)(?:@(?P<attribute>[A-Za-z_:][\w:.-]*))?$", re.S)
_ADDRESS_ATTRIBUTES = frozenset(("href", "src", "data-src", "data-original", "action"))
_LISTED = (*PICTURE_FIELDS, *DOMAIN_FIELDS, *LINK_FIELDS)
_WALL = re.compile(r"登录|登陆|验证码|安全验证|captcha|log ?in|sign ?in|access denied", re.I)


def split_spec(spec: str) -> tuple[str, str]:
    """(selector, attribute) of `selector`, `selector@attribute` or `@attribute`."""
    match = _SPEC.match(spec.strip())
    if match is None:
        return spec.strip(), ""
    return match["selector"].strip(), match["attribute"] or ""


def read_html_listing(
    text: str, url: str, source: HtmlListing, *, first: bool = True, seed: str = ""
) -> ListingPage:
    """The entries of one listing page and the address of the next.

    `url` is the page's own address; relative addresses are joined to it (or to `<base>`).
    `first` says that this is a seed: there an empty list means that the shape moved, while a
    later page without entries is the end, unless it shows a login or asks for a captcha or
    still points to a next page. `seed` is where the listing begins (`url` by default). `source`
    must have passed `check_source`.
    """
    markup, was_cut = tamed(text)
    parser = LexborHTMLParser(markup)
    base = parser.css_first("base[href]")
    href = base.attributes.get("href") if base is not None else ""
    joiner = joiner_for(absolute(joiner_for(url), href.strip()) if href else url)
    next_page = _next_page(parser, source, joiner, url)
    nodes = outermost(parser.css(source.entries))
    gaps = [Gap(GapKind.TOO_LARGE, url, "too many tags; the end was not read")] if was_cut else []
    if not nodes:
        gaps += no_entries(parser, url, source, first=first, announced=bool(next_page))
        return ListingPage((), next_page, tuple(gaps))
    if len(nodes) > MAX_ENTRIES_PER_PAGE:
        reason = f"{len(nodes)} entries on one page; the first {MAX_ENTRIES_PER_PAGE} were read"
        gaps.append(Gap(GapKind.BUDGET_REACHED, url, reason))
    entries = [_read_entry(node, source, joiner) for node in nodes[:MAX_ENTRIES_PER_PAGE]]
    return listed(entries, source, Asked(next_page) if next_page else None, gaps, url, seed)


def listed(
    entries: list[EntryFields],
    source: HtmlListing,
    following: Asked | None,
    gaps: list[Gap],
    url: str,
    seed: str,
) -> ListingPage:
    """A page with `entries`: what they lack, and the next page where pages are numbered."""
    gaps += missing_fields(entries, source.fields, url, required=source.expected)
    gaps += _cut_fields(entries, url)
    if following is None:
        following, trouble = counted(source, Asked(url), seed or url)
        gaps += trouble
    kept = tuple(entry for entry in marked(entries, source.expected) if entry.fields)
    return page_of(kept, following, tuple(gaps))


def _read_entry(node: LexborNode, source: HtmlListing, joiner: LinkJoiner) -> EntryFields:
    return entry_from_values(
        source.fields,
        lambda spec: _values(node, spec, joiner),
        [absolute(joiner, href) for href in addresses(node, "a[href]", "href")],
        _first_address(node, source.follow, joiner),
        joiner,
    )


def entry_from_values(
    specs: Mapping[str, str],
    values_of: Callable[[str], Iterator[str]],
    anchors: Iterable[str],
    follow: str,
    joiner: LinkJoiner,
) -> EntryFields:
    """An entry from what each field's spec finds. `anchors` are its links, absolute; `follow` the
    one to its own page."""
    fields: dict[str, str] = {}
    lists: dict[str, list[str]] = {name: [] for name in _LISTED}
    for name, spec in specs.items():
        values = list(_bounded(values_of(spec)))
        if name in lists:
            members = [member for value in values for member in split_list(name, value)]
            if name not in DOMAIN_FIELDS:
                members = [absolute(joiner, member) for member in members]
            lists[name] += members
            values = members
        if values:
            fields[name] = "\n".join(values)
    return EntryFields(
        fields=fields,
        follow=follow,
        pictures=_unique(lists, PICTURE_FIELDS),
        domains=_unique(lists, DOMAIN_FIELDS),
        links=tuple(
            dict.fromkeys(link for link in (*lists["links"], *anchors) if link and link != follow)
        ),
    )


def read_page_fields(text: str, url: str, specs: Mapping[str, str]) -> EntryFields:
    """The fields that `specs` (CSS) find on an entry's own page."""
    parser = LexborHTMLParser(tamed(text)[0])
    joiner = joiner_for(url)
    root = parser.root
    if root is None:
        return EntryFields({})
    return entry_from_values(specs, lambda spec: _values(root, spec, joiner), (), "", joiner)


def _unique(lists: dict[str, list[str]], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name in names for value in lists[name]))


def _values(node: LexborNode, spec: str, joiner: LinkJoiner) -> Iterator[str]:
    """What a field's spec finds in an entry, each value once, blanks trimmed."""
    selector, attribute = split_spec(spec)
    seen: set[str] = set()
    matches = node.css(selector) if selector else [node]
    for match in matches if attribute else outermost(matches, node):
        value = (match.attributes.get(attribute) or "") if attribute else node_text(match)
        value = value.strip()
        if value and attribute in _ADDRESS_ATTRIBUTES:
            value = absolute(joiner, value)
        if value and value not in seen:
            seen.add(value)
            yield value


def _bounded(values: Iterator[str]) -> Iterator[str]:
    room = MAX_FIELD_TEXT
    for value in values:
        yield value[:room]
        room -= len(value)
        if room <= 0:
            return


def _cut_fields(entries: list[EntryFields], url: str) -> Iterator[Gap]:
    for position, entry in enumerate(entries):
        for name, text in entry.fields.items():
            if len(text) >= MAX_FIELD_TEXT:
                reason = f"`{name}` of entry {position + 1} was cut at {MAX_FIELD_TEXT} characters"
                yield Gap(GapKind.TOO_LARGE, url, reason)


def _first_address(node: LexborNode, spec: str, joiner: LinkJoiner) -> str:
    """Absolute http(s) URL at `spec` (attribute `href` unless it names another), or ""."""
    if not spec:
        return ""
    selector, attribute = split_spec(spec)
    for match in node.css(selector) if selector else [node]:
        value = (match.attributes.get(attribute or "href") or "").strip()
        joined = absolute(joiner, value) if value else ""
        if scheme_of(joined) in ("http", "https") and split_host(joined):
            return joined
    return ""


def _next_page(parser: LexborHTMLParser, source: HtmlListing, joiner: LinkJoiner, url: str) -> str:
    root = parser.root
    if root is None:
        return ""
    following = _first_address(root, source.next_page, joiner)
    return "" if following and canonical_url(following) == canonical_url(url) else following


def no_entries(
    parser: LexborHTMLParser, url: str, source: HtmlListing, *, first: bool, announced: bool
) -> Iterator[Gap]:
    """Why a page has no entries, where that is not simply the end."""
    body = parser.body
    text = node_text(body) if body is not None else ""
    if not text and (body is None or body.css_first("script, img, iframe") is None):
        yield Gap(GapKind.EMPTY_BODY, url, "the listing page is empty")
        return
    title = parser.css_first("title")
    title_text = one_line(title.text() if title is not None else text, 60)
    wall = bool(_WALL.search(title_text)) or parser.css_first("input[type=password]") is not None
    if not (first or announced or wall):
        return
    changed = "has the page changed, or does it need `rendering: always`?"
    hint = "it asks for a login or a captcha" if wall else changed
    reason = f"`{source.entries}` matches nothing on the page `{title_text}`: {hint}"
    yield Gap(GapKind.SHAPE_CHANGED, url, reason)
