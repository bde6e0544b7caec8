"""Which candidate a judged surface is: the same answer for its evidence and for the database."""

from __future__ import annotations

from core.urls import canonical_url
from crawler.items import Judged, Listed, Missing
from storage import surface_key


def url_of(judged: Judged) -> str:
    """The canonical address of the surface."""
    return canonical_url(judged.document.url or judged.capture.final_url)


def key_of(judged: Judged) -> str:
    """The candidate's stable key."""
    entry = judged.document.entry
    platform = entry.platform if entry else ""
    app_id = entry.app_id if entry else ""
    return surface_key(judged.document.surface, url_of(judged), platform, app_id)


def key_of_answer(answer: Missing | Listed) -> str:
    """The key of the page that was asked for, wherever it sent its visitor."""
    return surface_key("marketing_page", canonical_url(answer.capture.requested_url))
