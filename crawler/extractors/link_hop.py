"""Where one answer on the way of a link sends its reader next."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.capture import Capture
from core.document import Document, Reference
from core.link_chain import LinkHop, LinkStep
from core.nested_targets import nested_target
from core.urls import LinkJoiner, split_host
from crawler.extractors.extraction import Extraction
from crawler.extractors.html_page import LITTLE_TEXT
from crawler.extractors.links import resolve
from crawler.extractors.page import extract

_PAUSE_CHARS = 600
"""A page that only announces that its reader is leaving says no more than this."""

_REFRESH = re.compile(r"\s*\d{1,7}(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?(.+)", re.IGNORECASE)
_LEAVING = re.compile(
    r"离开|離開|即将(?:跳转|前往|访问|打开)|即將(?:跳轉|前往|訪問)|外部(?:链接|网站|网页)|第三方(?:链接|网站|网页)|"
    r"非官方页面|继续访问|繼續訪問|正在跳转|安全提(?:示|醒)|"
    r"(?i:\bleav(?:e|ing)\b|\bredirect|\bexternal\b|\bcontinue to\b|\bproceed\b|\btaking you\b)"
)
_READ = ("title", "visible", "alt")


def next_link_hop(capture: Capture, nested_parameters: Collection[str]) -> LinkHop | None:
    """The next address of a chain, read from the answer `capture`; None at its end.

    In this order: HTTP redirect, `Refresh` header, meta refresh or trivial script, a parameter of
    the address (`nested_parameters`, small letters) on a page that says little, and a click-through
    page. The address is absolute, or a deep link as written. Never raises on hostile content.
    """
    joiner = LinkJoiner(capture.final_url)
    if 300 <= capture.status < 400:
        return _hop(_wire_text(capture.header("location")), joiner, "http")
    refresh = _REFRESH.match(_wire_text(capture.header("refresh"))[:8_000])
    if refresh:
        hop = _hop(refresh[1].strip("\"' "), joiner, "meta_refresh")
        if hop is not None and hop.url != capture.final_url:
            return hop
    extraction = extract(capture)
    if extraction.next_hop:
        return LinkHop(extraction.next_hop, _kind_of(extraction))
    return _read_from_page(capture, extraction.document, nested_parameters)


def _read_from_page(
    capture: Capture, document: Document, nested_parameters: Collection[str]
) -> LinkHop | None:
    said = " ".join(block.text for block in document.blocks if block.kind in _READ)
    if len(said) > _PAUSE_CHARS:
        return None
    leaving = _LEAVING.search(said) is not None
    if leaving or len(said) < LITTLE_TEXT:
        inside = nested_target(capture.final_url, nested_parameters)
        hop = _hop(inside, LinkJoiner(capture.final_url), "nested") if inside else None
        if hop is not None and split_host(hop.url) != split_host(capture.final_url):
            return hop
    return _click_through(capture, document, nested_parameters) if leaving else None


def _click_through(
    capture: Capture, document: Document, nested_parameters: Collection[str]
) -> LinkHop | None:
    """The one link of a page that says its reader leaves: to another host, or by a parameter."""
    host = split_host(capture.final_url)
    ways = {
        one.url
        for one in document.references
        if _is_way_on(one)
        and (split_host(one.url) != host or nested_target(one.url, nested_parameters))
    }
    return LinkHop(ways.pop(), "click_through") if len(ways) == 1 else None


def _is_way_on(reference: Reference) -> bool:
    return reference.kind in ("link", "form_action", "deep_link") and not reference.hidden


def _kind_of(extraction: Extraction) -> LinkStep:
    refreshes = (r.url for r in extraction.document.references if r.kind == "meta_refresh")
    return "meta_refresh" if extraction.next_hop in refreshes else "script"


def _hop(written: str, joiner: LinkJoiner, step: LinkStep) -> LinkHop | None:
    resolved = resolve(written, joiner) if written else None
    return None if resolved is None else LinkHop(resolved[1], step)


def _wire_text(value: str) -> str:
    """A header as its server meant it: most send UTF-8, and HTTP hands on Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
