"""A copy of a picture with boxes around the evidence, each with the numbers of its reasons.

Boxes are drawn around what they mark and badges beside it, where the picture is blank; a margin is
added around the picture so that there is always room.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, ImageStat

from core.capture import Box

Labelled = tuple[Box, str]
"""A place in picture pixels and what its badge says."""

_INK = (200, 16, 46)
_PAPER = (255, 255, 255)
_MARGIN_COLOUR = (236, 238, 241)
_GAP = 2
"""Pixels between what is marked and its box."""
_LINE = 2
_SMALLEST_SIDE = 640
_LARGEST_SIDE = 8_000
_LARGEST_PIXELS = 12_000_000
_FONT_PIXELS = 22
_BLANK = 4.0
"""Standard deviation of grey values below which a place holds nothing to be read."""
_IN_THE_WAY = 1_000.0
_FAR = 24
"""Pixels between badge and box from which on a line joins them."""


def marked_copy(picture: Image.Image, marks: Sequence[Labelled]) -> bytes:
    """PNG of `picture` with `marks` drawn. Small pictures are enlarged so that the numbers can be
    read, huge ones reduced."""
    scale = _scale(picture.size)
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    resample = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    drawn = picture if scale == 1 else picture.resize(size, resample)
    boxes = sorted((_scaled(box, scale)[1::-1], _scaled(box, scale), label) for box, label in marks)
    sheet = _Sheet(drawn, [box for _, box, _ in boxes])
    for _, box, label in boxes:
        sheet.badge(box, label)
    return sheet.png()


def _scale(size: tuple[int, int]) -> float:
    if max(size) < _SMALLEST_SIDE:
        return float(-(-_SMALLEST_SIDE // max(size)))
    by_pixels: float = (_LARGEST_PIXELS / (size[0] * size[1])) ** 0.5
    return min(1.0, _LARGEST_SIDE / max(size), by_pixels)


def _scaled(box: Box, scale: float) -> Box:
    left, top, width, height = (round(value * scale) for value in box)
    return left, top, width, height


class _Sheet:
    """The picture on a larger sheet with its boxes, and the badges drawn on it so far."""

    def __init__(self, picture: Image.Image, boxes: Sequence[Box]) -> None:
        self._font = ImageFont.load_default(_FONT_PIXELS)
        self._margin = 3 * _FONT_PIXELS
        margin = self._margin
        size = (picture.width + 2 * margin, picture.height + 2 * margin)
        self._image = Image.new("RGB", size, _MARGIN_COLOUR)
        self._image.paste(picture, (margin, margin))
        self._grey = self._image.convert("L")
        self._draw = ImageDraw.Draw(self._image)
        self._lines = [self._around(box) for box in boxes]
        self._taken: list[Edges] = []
        for left, top, right, bottom in self._lines:
            halo = (left - 1, top - 1, right + 1, bottom + 1)
            self._draw.rectangle(halo, outline=_PAPER, width=_LINE + 1)
        for edges in self._lines:
            self._draw.rectangle(edges, outline=_INK, width=_LINE)

    def badge(self, box: Box, label: str) -> None:
        """Draw the badge of `box` beside it."""
        edges = self._around(box)
        place = self._place(edges, self._badge_size(label))
        if place[2] + _FAR < edges[0]:
            middle = (place[1] + place[3]) // 2
            self._draw.line((place[2], middle, edges[0], edges[1] + 1), fill=_INK, width=1)
        self._draw.rounded_rectangle(place, radius=6, fill=_INK, outline=_PAPER, width=2)
        centre = ((place[0] + place[2]) / 2, (place[1] + place[3]) / 2)
        self._draw.text(centre, label, fill=_PAPER, font=self._font, anchor="mm", stroke_width=0.5)
        self._taken.append(place)

    def _around(self, box: Box) -> Edges:
        """The line around `box`, on the sheet."""
        left, top = box[0] + self._margin - _GAP, box[1] + self._margin - _GAP
        return left, top, left + box[2] + 2 * _GAP, top + box[3] + 2 * _GAP

    def png(self) -> bytes:
        out = io.BytesIO()
        self._image.save(out, format="PNG", compress_level=6)
        return out.getvalue()

    def _badge_size(self, label: str) -> tuple[int, int]:
        width = round(self._font.getlength(label)) + 14
        return max(width, _FONT_PIXELS + 8), _FONT_PIXELS + 8

    def _place(self, box: Edges, size: tuple[int, int]) -> Edges:
        """The best of the places beside `box`: blank, inside the sheet, on no other badge."""
        width, height = size
        left, top, right, bottom = box
        corners = [
            (left - width - 2, top), (left, top - height - 2), (right + 2, top),
            (right - width, top - height - 2), (left, bottom + 2), (right - width, bottom + 2),
            (left - width - 2, bottom - height), (right + 2, bottom - height),
            *((4, y) for y in range(top, top + 8 * (height + 2), height + 2)),
        ]  # fmt: skip
        places = [(x, y, x + width, y + height) for x, y in corners]
        return min(places, key=lambda place: self._cost(place, places.index(place)))

    def _cost(self, place: Edges, rank: int) -> float:
        left, top, right, bottom = place
        if left < 0 or top < 0 or right > self._image.width or bottom > self._image.height:
            return 10 * _IN_THE_WAY
        covered = sum(_overlap(place, other) for other in self._taken)
        crossed = sum(_crosses(place, line) for line in self._lines)
        busy = ImageStat.Stat(self._grey.crop(place)).stddev[0]
        return (busy if busy > _BLANK else 0.0) + covered * _IN_THE_WAY + crossed + rank * 0.1


Edges = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def _overlap(one: Edges, other: Edges) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _crosses(one: Edges, line: Edges) -> bool:
    """Whether `one` lies on the line around a box."""
    inside = one[0] > line[0] and one[1] > line[1] and one[2] < line[2] and one[3] < line[3]
    return _overlap(one, line) and not inside
