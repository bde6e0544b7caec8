"""The frame of a picture in which a code or a line of words stands, in colour, for people."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from core.capture import Box
from core.target import Limits
from crawler.extractors.qr_codes import codes_in, later_frames
from crawler.extractors.raster import check_bytes, opened
from crawler.extractors.svg import draw, is_svg

_NEAR = 8
"""Pixels by which two readings of one code may differ."""


def shown_frame(body: bytes, limits: Limits, media_type: str, box: Box) -> Image.Image:
    """The frame (of an animation) or rendering (of an SVG) with a code at `box`; the first frame
    where none is found there, as of words. White stands where it is transparent.

    Raises PictureTooLarge and core.Unreadable as `decode_picture` does.
    """
    check_bytes(body, limits)
    rasters = draw(body) if is_svg(body, media_type) else [body]
    frames = (frame for raster in rasters for frame in _frames(raster, limits))
    first = next(frames)
    following = next(frames, None)
    if following is None or _has_code(first, box):
        return first
    return next((one for one in (following, *frames) if _has_code(one, box)), first)


def _frames(body: bytes, limits: Limits) -> Iterator[Image.Image]:
    with opened(body, limits) as picture:
        yield _on_white(picture)
        if getattr(picture, "is_animated", False):
            for frame in later_frames(picture):
                yield _on_white(frame)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    sheet = Image.new("RGB", layered.size, (255, 255, 255))
    sheet.paste(layered, mask=layered.getchannel("A"))
    return sheet


def _has_code(frame: Image.Image, box: Box) -> bool:
    found = (code.box for code in codes_in(frame.convert("L")))
    return any(all(abs(a - b) <= _NEAR for a, b in zip(one, box, strict=True)) for one in found)
