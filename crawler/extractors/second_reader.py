"""A second opinion on pictures with QR codes: tapirscan, which reads codes without a quiet zone and
warped ones that the first reader (zxing-cpp) misses.

It is young native code: only the picture process loads it (`crawler/picture_process.py`), where a
crash or a hang costs one picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from PIL import Image
from tapirscan import Scanner

from core.text import printable
from crawler.extractors.qr_codes import QrPayload

TILE = 2_000
"""Pixels; taller or wider pictures are read in tiles of this size, as long side by long side the
reader works on a reduced copy."""

OVERLAP = 400
"""Pixels that tiles share, so that a code on a border stands whole in one of them."""

SMALLEST = 21
"""Pixels: fewer cannot hold the modules of a code."""

Effort = Literal["medium", "very-high"]


@lru_cache(maxsize=2)
def _scanner(effort: Effort) -> Scanner:
    return Scanner(effort, formats=["QRCode"], parallel=False)


def read_again(picture: Image.Image, effort: Effort) -> list[QrPayload]:
    """The QR codes in the grey `picture`, each text once. Raises whatever the reader raises."""
    found: dict[str, QrPayload] = {}
    for left, top, tile in _tiles(picture):
        for code in _scanner(effort).scan(tile).barcodes:
            box = code.rect
            where = (box.left + left, box.top + top, box.width, box.height)
            text = printable(code.text).strip()
            found.setdefault(text, QrPayload(text, where))
    return list(found.values())


def _tiles(picture: Image.Image) -> Iterator[tuple[int, int, Image.Image]]:
    """(left, top, part) of a picture that is too long on a side, or the picture itself."""
    if min(picture.size) < SMALLEST:
        return
    for top in _starts(picture.height):
        for left in _starts(picture.width):
            corner = (min(left + TILE, picture.width), min(top + TILE, picture.height))
            whole = (left, top, *corner) == (0, 0, *picture.size)
            yield left, top, picture if whole else picture.crop((left, top, *corner))


def _starts(length: int) -> list[int]:
    if length <= TILE:
        return [0]
    return [*range(0, length - TILE, TILE - OVERLAP), length - TILE]
