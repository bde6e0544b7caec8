"""SVG into pixels, bounded and without loading anything the picture refers to."""

from __future__ import annotations

import re
import zlib

import resvg_py

from core import Unreadable

_SIDE_PIXELS = 800
_MAX_CHARS = 10_000_000
_OUTSIDE = re.compile(r"""(\bhref\s*=\s*["'])(?!\s*(?:#|data:image/))[^"']*""", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|<!ENTITY[^>]*>", re.IGNORECASE | re.DOTALL)
_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<!DOCTYPE\s+svg|<svg)", re.IGNORECASE)


def is_svg(body: bytes, media_type: str = "") -> bool:
    """Whether `body` is SVG, plain or compressed, by its beginning."""
    if body[:2] == b"\x1f\x8b":
        return True
    if _START.match(body[:512]) and b"<svg" in body[:8_192]:
        return True
    return "svg" in media_type and b"<svg" in body


def draw(body: bytes) -> bytes:
    """PNG of the SVG `body`, its longer side `_SIDE_PIXELS`, on white.

    Raises Unreadable when it is no SVG that can be drawn.
    """
    markup = _DOCTYPE.sub("", _markup(body))
    markup = _OUTSIDE.sub(r"\1", markup)
    try:
        return resvg_py.svg_to_bytes(
            svg_string=markup, width=_SIDE_PIXELS, background="#ffffff", skip_system_fonts=True
        )
    except ValueError as error:
        raise Unreadable("the SVG picture cannot be drawn") from error


def _markup(body: bytes) -> str:
    if body[:2] == b"\x1f\x8b":
        try:
            unpacker = zlib.decompressobj(wbits=31)
            body = unpacker.decompress(body, _MAX_CHARS)
        except zlib.error as error:
            raise Unreadable("the compressed SVG picture cannot be unpacked") from error
        if b"<svg" not in body:
            raise Unreadable("the compressed picture is no SVG")
    return body[:_MAX_CHARS].decode("utf-8", "replace")
