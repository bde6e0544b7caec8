"""Checking the `source` part of a target before anything is fetched."""

from __future__ import annotations

import codecs

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError
from lxml import etree
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from core.errors import BadInput
from core.listing_source import (
    FeedListing,
    HtmlListing,
    JsonListing,
    ListingSource,
    PageData,
    SitemapListing,
)
from core.target import ExportListing, Source
from crawler.sources.entries import EXPORT_FIELDS
from crawler.sources.feed import FEED_FIELDS
from crawler.sources.html_listing import split_spec
from crawler.sources.paging import PAGE


def check_source(source: Source) -> None:
    """Raises BadInput for the first selector, path or encoding that cannot work.

    The message begins with the field's place in the target file (`source.fields.name`).
    """
    if isinstance(source, ExportListing):
        _check_export(source)
        return
    _check_listing(source)
    known = _fields(source)
    for name in source.expected:
        if name not in known:
            raise _bad("expected", name, "is no field of this source")


def _check_listing(source: ListingSource) -> None:
    if isinstance(source, HtmlListing):
        _check_html(source)
    elif isinstance(source, JsonListing):
        _check_json(source)
    elif isinstance(source, SitemapListing):
        _require_name(source.page_fields, "page_fields")
        for name, spec in source.page_fields.items():
            _check_css(f"page_fields.{name}", spec)
    elif isinstance(source, PageData):
        _check_page_data(source)
    else:
        for name, spec in source.fields.items():
            if not split_spec(spec)[0]:
                raise _bad(f"fields.{name}", spec, "names no element")


def _fields(source: ListingSource) -> set[str]:
    if isinstance(source, PageData):
        return {name for place in source.places for name in place.fields}
    if isinstance(source, SitemapListing):
        return {*source.page_fields, "updated_at"}
    return {*source.fields, *(FEED_FIELDS if isinstance(source, FeedListing) else ())}


def _check_html(source: HtmlListing) -> None:
    _require_name(source.fields)
    _check_one_way(source, ("next_page", "page_parameter", "page_template", "load_more"))
    _check_template(source.page_template)
    if source.scrolls < 0 or (source.load_more and not source.scrolls):
        raise _bad("scrolls", str(source.scrolls), "is no number of clicks; `load_more` needs one")
    if source.load_more:
        _check_selector("load_more", source.load_more)
    check = _check_css if source.language == "css" else _check_xpath
    if source.language == "css" and "@" in source.entries and split_spec(source.entries)[1]:
        raise _bad("entries", source.entries, "names elements, not an attribute")
    check("entries", source.entries)
    for name, spec in source.fields.items():
        check(f"fields.{name}", spec)
    for place, spec in (("next_page", source.next_page), ("follow", source.follow)):
        if spec:
            check(place, spec)


def _check_css(place: str, spec: str) -> None:
    selector, attribute = split_spec(spec)
    if selector or not attribute:
        _check_selector(place, selector)


def _check_selector(place: str, selector: str) -> None:
    try:
        LexborHTMLParser("<p></p>").css(selector)
    except SelectolaxError as error:
        what = "is no CSS selector (for XPath write `language: xpath`)"
        raise _bad(place, selector, what) from error


def _check_xpath(place: str, path: str) -> None:
    try:
        etree.XPath(path)
    except etree.XPathError as error:
        raise _bad(place, path, f"is no XPath ({error})") from error


def _check_json(source: JsonListing) -> None:
    _check_path("items", source.items)
    _require_name(source.fields)
    for name, path in source.fields.items():
        _check_path(f"fields.{name}", path)
    for place, path in (
        ("next_page", source.next_page),
        ("cursor", source.cursor),
        ("index", source.index),
    ):
        if path:
            _check_path(place, path)
    ways = ("next_page", "page_parameter", "page_template", "offset_parameter", "cursor")
    _check_one_way(source, ways)
    _check_template(source.page_template)
    if bool(source.cursor) != bool(source.cursor_parameter):
        raise _bad("cursor", source.cursor, "goes together with `cursor_parameter`")
    if source.page_size < 0:
        raise _bad("page_size", str(source.page_size), "is no number of items")


def _check_one_way(source: HtmlListing | JsonListing, ways: tuple[str, ...]) -> None:
    used = [way for way in ways if getattr(source, way)]
    if len(used) > 1:
        raise _bad(used[1], getattr(source, used[1]), f"stands beside `{used[0]}`; keep one")


def _check_template(template: str) -> None:
    if template and template.count(PAGE) != 1:
        raise _bad("page_template", template, "needs `{page}` once")


def _check_page_data(source: PageData) -> None:
    if not source.places:
        raise BadInput("source.places: none is named", hint="name one, such as `script: json_ld`")
    for number, place in enumerate(source.places):
        _check_path(f"places[{number}].items", place.items)
        for name, path in place.fields.items():
            _check_path(f"places[{number}].fields.{name}", path)
        if place.script.startswith("#"):
            _check_selector(f"places[{number}].script", f"script{place.script}")
    _require_name({name: "" for place in source.places for name in place.fields})


def _check_path(place: str, path: str) -> None:
    try:
        jmespath.compile(path).search({})
    except JMESPathTypeError:
        return  # a function that an empty object does not suit; real answers may
    except (JMESPathError, RecursionError) as error:
        first = str(error).partition("\n")[0].rstrip(":")
        raise _bad(place, path, f"is no JMESPath ({first})") from error


def _check_export(source: ExportListing) -> None:
    for ours in source.columns:
        if not ours.strip():
            raise _bad("columns", ours, "is no field name")
    if not source.encoding:
        return
    try:
        codec = codecs.lookup(source.encoding)
        is_text = isinstance(codecs.decode(b"", codec.name), str)
    except (LookupError, ValueError) as error:
        raise _bad("encoding", source.encoding, "is no known encoding") from error
    if not is_text:
        raise _bad("encoding", source.encoding, "is no encoding of text")


def _require_name(fields: dict[str, str], place: str = "fields") -> None:
    if "name" not in fields:
        known = ", ".join(EXPORT_FIELDS[:8])
        raise BadInput(
            f"source.{place}: `name` is missing", hint=f"the usual fields are {known} ..."
        )


def _bad(place: str, value: str, what: str) -> BadInput:
    return BadInput(f"source.{place}: `{value}` {what}", hint="correct the target file")
