"""QR codes drawn for tests, as pictures of every format."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy
import zxingcpp
from PIL import Image

INVITATION = "https://www.okx.com/join/DEMO1"


def code(text: str = INVITATION, scale: int = 4, *, margin: bool = True) -> Image.Image:
    """The QR code of `text`, black on white, `scale` pixels a module."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = barcode.to_image(scale=scale, add_quiet_zones=margin)
    return Image.fromarray(numpy.array(drawn))


def svg(text: str = INVITATION) -> str:
    """The QR code of `text` as SVG."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return str(barcode.to_svg(scale=4))


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """The bytes of `picture` in the format `form`."""
    target = io.BytesIO()
    picture.save(target, form, **options)
    return target.getvalue()


def data_uri(body: bytes, media_type: str = "image/png") -> str:
    """`body` as a `data:` URI."""
    return f"data:{media_type};base64,{base64.b64encode(body).decode()}"


def claimed_png(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its data does not have."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )
