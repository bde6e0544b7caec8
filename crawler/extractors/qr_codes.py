"""QR codes and their kin in the bytes of a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import zxingcpp
from PIL import Image, ImageOps

from core.target import Limits
from core.text import printable
from crawler.extractors.raster import check_bytes, opened
from crawler.extractors.svg import draw, is_svg

_QR_CODES = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.MicroQRCode,
        zxingcpp.BarcodeFormat.RMQRCode,
    ]
)
_ALL_CODES = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.MicroQRCode,
        zxingcpp.BarcodeFormat.RMQRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.Aztec,
    ]
)
_CHEAP_PIXELS = 1_500_000
"""Data Matrix and Aztec take four times as long as the QR family (16 against 4 ms for 1200 x 800
pixels), so they are looked for in pictures up to this size."""

_FRAMES = (0, 1, 2, 3, 5, 8, 13, 21, 34)
"""Which frames of an animation are looked at; the count is not asked for, as that alone may read
a million frames."""
_FRAME_PIXELS = 80_000_000
_QUIET_ZONE = 24
_SMALL_SIDE = 400
_LARGE_SIDE = 2_400
_MAX_CODES = 50
_HARD_SIDE = 90
"""Pixels: a smaller picture is an icon, not worth the slowest reading."""


class QrPayload(msgspec.Struct, frozen=True):
    """What one code says, and its (left, top, width, height) in picture pixels."""

    text: str
    box: tuple[int, int, int, int]


Reader = Callable[[Image.Image], Sequence[QrPayload]]
"""Reads the codes of a grey picture."""


class MoreReaders(NamedTuple):
    """What reads a picture beside zxing-cpp: `again` every frame; on which neither found anything,
    `opaque` looks for codes that only a platform opens, and `hardest` once more for the others,
    where the page gives a reason."""

    again: Reader
    hardest: Reader | None = None
    opaque: Reader | None = None


def decode_picture(
    body: bytes, limits: Limits, media_type: str = "", more: MoreReaders | None = None
) -> tuple[QrPayload, ...]:
    """Payloads of the codes in the picture `body`, in reading order; empty when there are none.

    Raises PictureTooLarge before decoding when the header (or the byte count) is over `limits`,
    and core.Unreadable when the bytes are no picture.
    """
    check_bytes(body, limits)
    found: dict[str, QrPayload] = {}
    for raster in draw(body) if is_svg(body, media_type) else [body]:
        for payload in _first_found(raster, limits, more):
            found.setdefault(payload.text, payload)
    return tuple(sorted(found.values(), key=lambda code: (code.box[1], code.box[0])))


def codes_of(picture: Image.Image, more: MoreReaders | None) -> list[QrPayload]:
    """Codes of a grey picture, by all readers but the hardest."""
    found = codes_in(picture)
    return found if more is None else found + _others(found, more.again(picture))


def _first_found(body: bytes, limits: Limits, more: MoreReaders | None) -> list[QrPayload]:
    """Codes of the first frame or rendering of the picture that has any."""
    for picture in _frames(body, limits):
        found = codes_of(picture, more)
        if found:
            return found
    for read in filter(None, (more and more.hardest, more and more.opaque)):
        hard = (read(picture) for picture in _frames(body, limits) if _is_large(picture))
        if found := list(next((found for found in hard if found), ())):
            return found
    return []


def _others(known: list[QrPayload], found: Sequence[QrPayload]) -> list[QrPayload]:
    """Those of `found` that lie on none of the `known` codes: readers may spell one differently."""
    return [code for code in found if not any(_on(code, other) for other in known)]


def _on(code: QrPayload, other: QrPayload) -> bool:
    left, top, width, height = other.box
    x, y = code.box[0] + code.box[2] / 2, code.box[1] + code.box[3] / 2
    return code.text == other.text or (left <= x <= left + width and top <= y <= top + height)


def _is_large(picture: Image.Image) -> bool:
    return min(picture.size) >= _HARD_SIDE


def _frames(body: bytes, limits: Limits) -> Iterator[Image.Image]:
    """The picture, or some frames of an animation, in grey; checked for size before decoding."""
    with opened(body, limits) as picture:
        yield from _on_paper(picture)
        if getattr(picture, "is_animated", False):
            for frame in later_frames(picture):
                yield from _on_paper(frame)


def later_frames(picture: Image.Image) -> Iterator[Image.Image]:
    """`picture` at some of its frames after the first, within a budget of pixels."""
    most = _FRAME_PIXELS // (picture.width * picture.height)
    for number in _FRAMES[1:]:
        if number > most:
            return
        try:
            picture.seek(number)
        except EOFError:
            return
        yield picture


def _on_paper(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture in grey, on white; one with transparent parts also on black."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        yield picture.convert("L")
        return
    layered = picture.convert("RGBA")
    grey, opacity = layered.convert("L"), layered.getchannel("A")
    is_opaque = opacity.getextrema() == (255, 255)
    for paper in (255,) if is_opaque else (255, 0):
        sheet = Image.new("L", layered.size, paper)
        sheet.paste(grey, mask=opacity)
        yield sheet


def codes_in(picture: Image.Image) -> list[QrPayload]:
    """Codes of a grey picture with a quiet zone around it; small ones enlarged, large ones
    reduced, if nothing was found at first."""
    formats = _ALL_CODES if picture.width * picture.height <= _CHEAP_PIXELS else _QR_CODES
    for scale in _scales(picture):
        tried = picture
        if scale != 1:
            size = (max(int(picture.width * scale), 1), max(int(picture.height * scale), 1))
            tried = picture.resize(size, Image.Resampling.BICUBIC)
        tried = ImageOps.expand(tried, _QUIET_ZONE, fill=255)
        found = zxingcpp.read_barcodes(tried, formats=formats, text_mode=zxingcpp.TextMode.Plain)
        if found:
            return [_payload(code, scale) for code in found[:_MAX_CODES]]
    return []


def _scales(picture: Image.Image) -> tuple[float, ...]:
    side = max(picture.size)
    if side <= _SMALL_SIDE:
        return (1, 3)
    return (1, _LARGE_SIDE / 2 / side) if side > _LARGE_SIDE else (1,)


def _payload(code: zxingcpp.Barcode, scale: float) -> QrPayload:
    corners = (
        code.position.top_left,
        code.position.top_right,
        code.position.bottom_left,
        code.position.bottom_right,
    )
    xs = [max(int((corner.x - _QUIET_ZONE) / scale), 0) for corner in corners]
    ys = [max(int((corner.y - _QUIET_ZONE) / scale), 0) for corner in corners]
    box = (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    return QrPayload(printable(code.text).strip(), box)
