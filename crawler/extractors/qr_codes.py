"""QR codes and their kin in the bytes of a picture."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import msgspec
import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from core import Unreadable
from core.target import Limits
from core.text import printable
from crawler.extractors.svg import draw, is_svg

_FORMATS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.MicroQRCode,
        zxingcpp.BarcodeFormat.RMQRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.Aztec,
    ]
)
_RASTER = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "ICO", "TIFF", "AVIF")
_FRAMES = 6
_QUIET_ZONE = 24
_SMALL = 400
_LARGE = 2_400
_MAX_CODES = 50


class PictureTooLarge(Unreadable):
    """The picture has more pixels or bytes than the limits allow; it was not decoded."""


class QrPayload(msgspec.Struct, frozen=True):
    """What one code says, and its (left, top, width, height) in picture pixels."""

    text: str
    box: tuple[int, int, int, int]


class Decoded(msgspec.Struct, frozen=True):
    """The codes of one picture."""

    payloads: tuple[QrPayload, ...] = ()


def decode_picture(body: bytes, limits: Limits, media_type: str = "") -> tuple[QrPayload, ...]:
    """Payloads of the codes in the picture `body`, in reading order; empty when there are none.

    Raises PictureTooLarge before decoding when the header (or the byte count) is over `limits`,
    and core.Unreadable when the bytes are no picture.
    """
    if len(body) > limits.max_picture_bytes:
        raise PictureTooLarge(
            f"the picture has {len(body):,} bytes, over the limit of {limits.max_picture_bytes:,}"
        )
    if is_svg(body, media_type):
        body = draw(body)
    found: dict[str, QrPayload] = {}
    for picture in _frames(body, limits):
        for payload in _codes(picture):
            found.setdefault(payload.text, payload)
        if found:
            break
    return tuple(sorted(found.values(), key=lambda code: (code.box[1], code.box[0])))


def _frames(body: bytes, limits: Limits) -> Iterator[Image.Image]:
    """The picture, or the first, middle and last frames of an animation, checked for size."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(body), formats=_RASTER) as picture:
                _check_size(picture, limits)
                count = min(getattr(picture, "n_frames", 1), 500)
                for number in _chosen(count):
                    if count > 1:
                        picture.seek(number)
                    yield from _on_paper(picture)
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError,
                IndexError, KeyError, TypeError, OverflowError, MemoryError,
                Image.DecompressionBombError) as error:  # fmt: skip
            raise _refusal(error) from error


def _refusal(error: Exception) -> Unreadable:
    if isinstance(error, Image.DecompressionBombError):
        return PictureTooLarge("the picture has far more pixels than the limits allow")
    if isinstance(error, UnidentifiedImageError):
        return Unreadable("the bytes are no picture of a known format")
    return Unreadable(f"the picture cannot be decoded ({type(error).__name__})")


def _check_size(picture: Image.Image, limits: Limits) -> None:
    width, height = picture.size
    if width * height > limits.max_picture_pixels:
        raise PictureTooLarge(
            f"the picture has {width:,} x {height:,} pixels, over the limit of "
            f"{limits.max_picture_pixels:,}"
        )


def _chosen(count: int) -> list[int]:
    if count <= _FRAMES:
        return list(range(count))
    return sorted({round(step * (count - 1) / (_FRAMES - 1)) for step in range(_FRAMES)})


def _on_paper(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture in grey, on white; one with transparency also on black."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        for paper in ("white", "black"):
            sheet = Image.new("RGBA", layered.size, paper)
            yield Image.alpha_composite(sheet, layered).convert("L")
    else:
        yield picture.convert("L")


def _codes(picture: Image.Image) -> list[QrPayload]:
    """Codes of a grey picture: as it is, then with a quiet zone, enlarged or reduced."""
    for scale, border in _attempts(picture):
        tried = picture
        if scale != 1:
            size = (max(int(picture.width * scale), 1), max(int(picture.height * scale), 1))
            tried = picture.resize(size, Image.Resampling.BICUBIC)
        if border:
            tried = ImageOps.expand(tried, border, fill=255)
        found = zxingcpp.read_barcodes(tried, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain)
        if found:
            return [_payload(code, scale, border) for code in found[:_MAX_CODES]]
    return []


def _attempts(picture: Image.Image) -> list[tuple[float, int]]:
    size = max(picture.size)
    attempts: list[tuple[float, int]] = [(1, _QUIET_ZONE)]
    if size <= _SMALL:
        attempts += [(3, _QUIET_ZONE)]
    elif size > _LARGE:
        attempts += [(_LARGE / 2 / size, _QUIET_ZONE)]
    return attempts


def _payload(code: zxingcpp.Barcode, scale: float, border: int) -> QrPayload:
    corners = (
        code.position.top_left,
        code.position.top_right,
        code.position.bottom_left,
        code.position.bottom_right,
    )
    xs = [max(int((corner.x - border) / scale), 0) for corner in corners]
    ys = [max(int((corner.y - border) / scale), 0) for corner in corners]
    box = (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    return QrPayload(printable(code.text).strip(), box)
