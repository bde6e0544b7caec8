"""Captures made of a piece of HTML, and what was read from them in a form that tables can hold."""

from __future__ import annotations

from datetime import UTC, datetime

from core import Capture
from crawler.extractors import Extraction, extract

URL = "https://shop.example.com/dir/page.html"


def capture(body: str | bytes, content_type: str = "text/html", url: str = URL) -> Capture:
    """A capture of `url` with this body."""
    return Capture(
        requested_url=url,
        final_url=url,
        body=body.encode() if isinstance(body, str) else body,
        taken_at=datetime(2026, 11, 1, tzinfo=UTC),
        headers=(("content-type", content_type),) if content_type else (),
    )


def read(body: str | bytes, content_type: str = "text/html", url: str = URL) -> Extraction:
    """What `extract` says of such a capture."""
    return extract(capture(body, content_type, url))


def texts(body: str | bytes, kind: str = "visible") -> list[str]:
    """Texts of the blocks of one kind."""
    return [block.text for block in read(body).document.blocks if block.kind == kind]


def kinds(body: str) -> list[tuple[str, str]]:
    """Kind and text of all blocks."""
    return [(block.kind, block.text) for block in read(body).document.blocks]


def references(body: str, url: str = URL) -> list[tuple[str, str]]:
    """Kind and URL of all references."""
    found = read(body, url=url).document.references
    return [(reference.kind, reference.url) for reference in found]
