"""Which candidate a judged surface is: the same answer for its evidence and for the database."""

from __future__ import annotations

from core.capture import Capture
from core.document import Document
from core.urls import canonical_url
from crawler.items import Judged, Listed, Missing
from storage import surface_key


def url_of(judged: Judged) -> str:
    """The canonical address of the surface."""
    return _url(judged.document, judged.capture)


def key_of(judged: Judged) -> str:
    """The candidate's stable key."""
    return document_key(judged.document, judged.capture)


def document_key(document: Document, capture: Capture) -> str:
    """The key that a `document` of a `capture` has, whatever its verdict."""
    entry = document.entry
    platform = entry.platform if entry else ""
    app_id = entry.app_id if entry else ""
    return surface_key(document.surface, _url(document, capture), platform, app_id)


def _url(document: Document, capture: Capture) -> str:
    return canonical_url(document.url or capture.final_url)


def key_of_answer(answer: Missing | Listed) -> str:
    """The key of the page that was asked for, wherever it sent its visitor."""
    return surface_key("marketing_page", canonical_url(answer.capture.requested_url))
