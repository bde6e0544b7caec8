"""Where a page's pictures come from: img and its lazy variants, data: URIs, CSS backgrounds."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from crawler.extractors.links import address_in

LAZY = frozenset(
    {"data-src", "data-original", "data-lazy-src", "data-lazy", "data-echo", "data-url", "data-img"}
)
"""Attributes in which scripts that load pictures late find their addresses."""
POSTERS = ("poster", "data-poster", "data-lazy-poster", "data-cover", "data-thumb")
"""Attributes in which a film, or the script that plays it, has its still picture."""

_CSS_URL = re.compile(r"url\(\s*([\"']?)", re.IGNORECASE)
_NOT_A_PICTURE = re.compile(
    r"\.(?:woff2?|ttf|otf|eot|css|js|mp4|webm|cur)(?:[?#]|$)|^data:(?!image/)", re.IGNORECASE
)
_CANDIDATE = re.compile(r"\s*(\S*[^\s,])(?:\s+([\d.]+)[wx])?\s*(?:,|$)")
_QR_SHAPE = re.compile(r"qr|chart|barcode|erweima|ewm", re.IGNORECASE)
_PAYLOAD_NAMES = frozenset(
    {"data", "text", "chl", "url", "content", "d", "txt", "value", "str", "link"}
)
_SMALLEST_CODE_BYTES = 80
"""A QR code of 21 x 21 modules takes more than this in any picture format; a one-pixel
placeholder takes less."""
_MOST_PICTURE_CHARS = 20_000_000
_SMALLEST_SVG_CHARS = 400
_FEWEST_SHAPES = 50
"""The smallest QR code has more than a hundred dark runs; icons rarely have fifty commands."""


def largest_candidate(srcset: str) -> str:
    """The candidate of a `srcset` with the largest width or density; "" when there is none."""
    best, best_size = "", -1.0
    for match in _CANDIDATE.finditer(srcset[:20_000]):
        try:
            size = float(match[2] or 1)
        except ValueError:
            size = 1.0
        if size > best_size:
            best, best_size = match[1], size
    return best


def css_pictures(style: str) -> list[str]:
    """Addresses in `url(...)` of a style attribute or sheet, fonts and scripts left out."""
    found: dict[str, None] = {}
    at = _CSS_URL.search(style)
    while at:
        quote = at[1]
        end = style.find(quote or ")", at.end())
        if end < 0:
            break
        found[style[at.end() : end].strip()] = None
        at = _CSS_URL.search(style, end)
    return [url for url in found if url and not _NOT_A_PICTURE.search(url[:2_000])]


def data_uri(uri: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a `data:` URI that may hold a code; None for placeholders."""
    head, comma, payload = uri[5:_MOST_PICTURE_CHARS].partition(",")
    media_type = head.partition(";")[0].strip().lower()
    if not comma or (media_type and not media_type.startswith("image/")):
        return None
    data = unquote_to_bytes(payload)
    if head.rstrip().lower().endswith(";base64"):
        data = re.sub(rb"[^A-Za-z0-9+/]", b"", data.translate(bytes.maketrans(b"-_", b"+/")))
        try:
            data = base64.b64decode(data + b"=" * (-len(data) % 4))
        except (binascii.Error, ValueError):
            return None
    return (media_type, data) if len(data) >= _SMALLEST_CODE_BYTES else None


def may_hold_code(svg: str) -> bool:
    """Whether inline SVG has enough shapes for a QR code, or embeds a picture."""
    if len(svg) < _SMALLEST_SVG_CHARS:
        return False
    if "<image" in svg or "data:image" in svg:
        return True
    commands = sum(map(svg.count, ("<rect", "<use", "<polygon", "<circle", "M", "m", "h", "H")))
    return commands >= _FEWEST_SHAPES


def payload_in_url(url: str) -> str:
    """The payload of a QR-drawing service's address (`...qr...?data=https%3A//...`), if it is
    an address itself; else the empty string."""
    if "?" not in url or not _QR_SHAPE.search(url):
        return ""
    try:
        pairs = parse_qsl(urlsplit(url).query, max_num_fields=50)
    except ValueError:
        return ""
    for name, value in pairs:
        if name.lower() in _PAYLOAD_NAMES:
            address = address_in(value)
            if address:
                return address
    return ""
