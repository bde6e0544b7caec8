"""Opening the bytes of a picture: known formats alone, and the size checked before decoding."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError

from core.errors import Unreadable
from core.target import Limits

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")
"""What browsers show."""

_PILLOW_ERRORS = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError,
    MemoryError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError, Warning,
)  # fmt: skip
"""What Pillow's format plugins raise on damaged files, found by damaging files."""


class PictureTooLarge(Unreadable):
    """The picture has more pixels or bytes than the limits allow; it was not decoded."""


def check_bytes(body: bytes, limits: Limits) -> None:
    """Raises PictureTooLarge when `body` is longer than `limits.max_picture_bytes`."""
    if len(body) > limits.max_picture_bytes:
        raise PictureTooLarge(
            f"the picture has {len(body):,} bytes, over the limit of {limits.max_picture_bytes:,}"
        )


def picture_size(body: bytes, limits: Limits) -> tuple[int, int] | None:
    """Width and height by the header of `body`; None when it cannot be opened, as of an SVG."""
    try:
        with opened(body, limits) as picture:
            return picture.size
    except Unreadable:
        return None


@contextmanager
def opened(body: bytes, limits: Limits) -> Iterator[Image.Image]:
    """The picture `body`, not decoded yet; whatever fails inside the block is told apart too.

    Raises PictureTooLarge when its header claims more pixels than `limits` allow, and
    core.Unreadable when the bytes are no picture, or turn out to be none while they are decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(body), formats=_FORMATS)
        with picture:
            _check_size(picture, limits)
            yield picture
    except _PILLOW_ERRORS as error:
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
