"""Store pages that carry their data as JSON in a script: JSON-LD, state, data callbacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from core.gap import Gap, GapKind
from core.listing_source import DataPlace, PageData
from core.text import one_line
from crawler.extractors import tamed
from crawler.sources.entries import ListingPage, entry_from_record
from crawler.sources.json_listing import search
from crawler.sources.json_text import decode_json
from crawler.sources.shape import marked, missing_fields

_CALLBACK_KEY = re.compile(r"ds:\d+")
_DECODER = json.JSONDecoder(strict=False)
_MAX_SCRIPTS = 500


def read_page_data(text: str, url: str, source: PageData) -> ListingPage:
    """The one entry of a store's page.

    Fields come from the first place that has them, so that a second place fills what the first
    leaves out. A page of which no place gives anything, and an expected field that none gives, is a
    gap: the shape moved. `source` must have passed `check_source`.
    """
    parser = LexborHTMLParser(tamed(text)[0])
    record: dict[str, object] = {}
    absent = []
    for place in source.places:
        found = _record(parser, place)
        if not found:
            absent.append(place.script)
        record = {**found, **record}
    if not record:
        title = parser.css_first("title")
        page = one_line(title.text() if title is not None else "", 60)
        reason = f"the page `{page}` holds no {' or '.join(absent)}"
        return ListingPage((), gaps=(Gap(GapKind.SHAPE_CHANGED, url, reason),))
    entry = entry_from_record({**record, "url": record.get("url") or url}, url)
    gaps = missing_fields([entry], (), url, required=source.expected)
    if gaps and absent:
        reason = f"{' and '.join(absent)} gave nothing"
        gaps.append(Gap(GapKind.SHAPE_CHANGED, url, reason))
    return ListingPage(tuple(marked([entry], source.expected)), gaps=tuple(gaps))


def _record(parser: LexborHTMLParser, place: DataPlace) -> dict[str, object]:
    """The fields that `place` has; empty where it is not there or holds something else."""
    for data in _data(parser, place.script):
        items = search(place.items, data)
        item = items[0] if isinstance(items, list) and place.items != "@" and items else items
        if item is None or item == []:
            continue
        values = {name: search(path, item) for name, path in place.fields.items()}
        found = {name: value for name, value in values.items() if value not in (None, "", [])}
        if found:
            return found
    return {}


def _data(parser: LexborHTMLParser, name: str) -> Iterator[Any]:
    """The values that stand at the place called `name`."""
    if name == "json_ld":
        yield from _linked_data(parser)
    elif name.startswith("#"):
        element = parser.css_first(f"script{name}")
        if element is not None:
            yield decode_json(element.text().encode("utf-8", "replace"))
    else:
        for script in parser.css("script")[:_MAX_SCRIPTS]:
            yield from _in_script(script.text(), name)


def _linked_data(parser: LexborHTMLParser) -> Iterator[Any]:
    """All JSON-LD objects of the page as one list each; `@graph` is opened."""
    for script in parser.css("script[type='application/ld+json']")[:_MAX_SCRIPTS]:
        data = decode_json(script.text().encode("utf-8", "replace"))
        if isinstance(data, Mapping) and isinstance(data.get("@graph"), list):
            data = data["@graph"]
        yield data if isinstance(data, list) else [data]


def _in_script(script: str, name: str) -> Iterator[Any]:
    if _CALLBACK_KEY.fullmatch(name):
        head = re.search(rf"key:\s*['\"]{name}['\"]", script)
        place = re.compile(r"\bdata:\s*").search(script, head.end()) if head else None
    else:
        place = re.search(rf"(?<![\w.]){re.escape(name)}\s*=(?!=)\s*", script)
    if place is None:
        return
    start = place.end()
    if script.startswith("JSON.parse(", start):
        inner = _decoded(script, start + len("JSON.parse("))
        yield decode_json(inner.encode("utf-8", "replace")) if isinstance(inner, str) else None
    else:
        yield _decoded(script, start)


def _decoded(script: str, start: int) -> Any:
    """The JSON value that begins at `start`, whatever follows it; None where there is none."""
    try:
        return _DECODER.raw_decode(script, start)[0]
    except (ValueError, RecursionError):
        return None
