"""Pictures of the demonstration site: QR codes as PNG, `data:` URI and inline SVG, and banners."""

from __future__ import annotations

import base64
import struct
import zlib
from functools import cache

import numpy as np
import zxingcpp

PIXELS_PER_MODULE = 5


@cache
def qr_png(payload: str) -> bytes:
    """A QR code of `payload` as a grey PNG with its quiet zone."""
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    image = zxingcpp.write_barcode_to_image(code, scale=PIXELS_PER_MODULE)
    height, width = image.shape
    pixels = np.asarray(image).tobytes()
    return grey_png(width, height, pixels)


def qr_data_uri(payload: str) -> str:
    """The same picture as a `data:` URI."""
    return "data:image/png;base64," + base64.b64encode(qr_png(payload)).decode("ascii")


@cache
def qr_svg(payload: str) -> str:
    """A QR code of `payload` as an `<svg>` element for the page's own source."""
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    drawing: str = zxingcpp.write_barcode_to_svg(code)
    element = drawing[drawing.index("<svg") :]
    size = element.split('width="', 1)[1].split('"', 1)[0]
    sized = element.replace(
        f'width="{size}" height="{size}"',
        f'viewBox="0 0 {size} {size}" width="240" height="240"',
        1,
    )
    return sized.replace(" <desc>Zint Generated Symbol</desc>\n", "", 1).strip()


@cache
def banner_png(width: int, height: int) -> bytes:
    """A plain picture: a soft gradient, nothing to read in it."""
    row = bytes(160 + (90 * x) // max(width - 1, 1) for x in range(width))
    return grey_png(width, height, row * height)


def grey_png(width: int, height: int, pixels: bytes) -> bytes:
    """8-bit greyscale PNG of `pixels`, row after row (PNG specification, chapters 5 and 11)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + pixels[y * width : (y + 1) * width] for y in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
