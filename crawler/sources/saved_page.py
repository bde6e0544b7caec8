"""A page that somebody saved from a browser, read as the capture it once was."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from core.capture import Capture
from core.errors import BadInput, Unreadable
from core.target import Limits
from core.urls import scheme_of, split_host
from crawler.extractors import is_pdf, tamed
from crawler.sources.byte_stream import open_bytes

PSEUDO_SCHEME = "saved-page"

_HEAD_BYTES = 256 * 1024
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{1,6}\)(\S{1,4000}?)\s*-->", re.I)
_SINGLE_FILE = re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S{1,4000})\s", re.I)


def read_saved_page(
    path: Path, url: str = "", *, taken_at: datetime | None = None, limits: Limits | None = None
) -> Capture:
    """The capture of a saved HTML file (gzip seen through).

    Its URL is `url` where given; else the address the browser wrote into it
    (`<!-- saved from url=(0023)https://... -->`, SingleFile's `url:`); else `<link
    rel=canonical>`; else `og:url`; else `saved-page:NAME#HASH` from the file's name and the first
    12 digits of its content's SHA-256, so that two files of one name stay apart and the same file
    is the same surface at the next scan. `taken_at` (aware) defaults to the file's modification
    time. Raises BadInput when it cannot be read, is empty or larger than
    `limits.max_response_bytes`.
    """
    limits = limits or Limits()
    body = _read(path, limits.max_response_bytes)
    if taken_at is None:
        taken_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    written = "" if is_pdf(body) else saved_address(body)
    address = url or written or _pseudo_url(path, body)
    return Capture(
        requested_url=address,
        final_url=address,
        body=body,
        taken_at=taken_at.astimezone(UTC),
        profile="saved",
    )


def saved_address(body: bytes) -> str:
    """The http(s) address a saved page says it came from, or ""."""
    head = body[:_HEAD_BYTES]
    for pattern in (_SAVED_FROM, _SINGLE_FILE):
        match = pattern.search(head)
        if match:
            address = match[1].decode("utf-8", "replace")
            if _is_web(address):
                return address
    parser = LexborHTMLParser(tamed(head)[0])
    for selector, attribute in (
        ("link[rel=canonical]", "href"),
        ('meta[property="og:url"]', "content"),
    ):
        node = parser.css_first(selector)
        address = (node.attributes.get(attribute) or "").strip() if node is not None else ""
        if _is_web(address):
            return address
    return ""


def _read(path: Path, max_bytes: int) -> bytes:
    with closing(open_bytes(path)) as stream:
        try:
            body = stream.read(max_bytes + 1)
        except Unreadable as error:
            raise BadInput(f"{path}: {error}", hint="save the page again") from error
    if not body.strip():
        raise BadInput(f"{path} is empty", hint="save the page again")
    if len(body) > max_bytes:
        raise BadInput(
            f"{path} is larger than {max_bytes // 2**20} MB", hint="raise `max_response_bytes`"
        )
    return body


def _is_web(address: str) -> bool:
    return scheme_of(address) in ("http", "https") and bool(split_host(address))


def _pseudo_url(path: Path, body: bytes) -> str:
    digest = hashlib.sha256(body).hexdigest()[:12]
    return f"{PSEUDO_SCHEME}:{quote(path.name[:200])}#{digest}"
