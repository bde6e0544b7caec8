"""Checking the `source` part of a target before anything is fetched."""

from __future__ import annotations

import codecs

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from core.errors import BadInput
from core.target import ExportListing, HtmlListing, JsonListing, Source
from crawler.sources.entries import EXPORT_FIELDS
from crawler.sources.html_listing import split_spec


def check_source(source: Source) -> None:
    """Raises BadInput for the first selector, path or encoding that cannot work.

    The message begins with the field's place in the target file (`source.fields.name`).
    """
    if isinstance(source, HtmlListing):
        _check_html(source)
    elif isinstance(source, JsonListing):
        _check_json(source)
    else:
        _check_export(source)


def _check_html(source: HtmlListing) -> None:
    if "@" in source.entries and split_spec(source.entries)[1]:
        raise _bad("entries", source.entries, "names elements, not an attribute")
    _check_selector("entries", source.entries)
    _require_name(source.fields)
    for name, spec in source.fields.items():
        selector, attribute = split_spec(spec)
        if selector or not attribute:
            _check_selector(f"fields.{name}", selector)
    for place, spec in (("next_page", source.next_page), ("follow", source.follow)):
        if spec and split_spec(spec)[0]:
            _check_selector(place, split_spec(spec)[0])


def _check_selector(place: str, selector: str) -> None:
    try:
        LexborHTMLParser("<p></p>").css(selector)
    except SelectolaxError as error:
        raise _bad(place, selector, "is no CSS selector (XPath is not read)") from error


def _check_json(source: JsonListing) -> None:
    _check_path("items", source.items)
    _require_name(source.fields)
    for name, path in source.fields.items():
        _check_path(f"fields.{name}", path)
    if source.next_page:
        _check_path("next_page", source.next_page)
    if source.next_page and source.page_parameter:
        raise _bad("page_parameter", source.page_parameter, "stands beside `next_page`; keep one")


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


def _require_name(fields: dict[str, str]) -> None:
    if "name" not in fields:
        known = ", ".join(EXPORT_FIELDS[:8])
        raise BadInput("source.fields: `name` is missing", hint=f"the usual fields are {known} ...")


def _bad(place: str, value: str, what: str) -> BadInput:
    return BadInput(f"source.{place}: `{value}` {what}", hint="correct the target file")
