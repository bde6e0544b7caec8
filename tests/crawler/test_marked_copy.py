"""Boxes and badges: around the evidence, beside it, on nothing that is to be read."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageChops, ImageDraw

from core import Box
from crawler.marked_copy import marked_copy

MARGIN = 66
INK = (200, 16, 46)


def drawn(picture: Image.Image, *marks: tuple[Box, str]) -> Image.Image:
    with Image.open(io.BytesIO(marked_copy(picture, marks))) as copy:
        assert copy.format == "PNG"
        return copy.convert("RGB")


def written(seed: int = 7) -> tuple[Image.Image, list[Box]]:
    """A page of lines of text, and the boxes of the lines."""
    lines = random.Random(seed)
    picture = Image.new("RGB", (1_280, 900), "white")
    draw = ImageDraw.Draw(picture)
    boxes = []
    for number in range(30):
        text = "word " * lines.randint(2, 40)
        left, top, right, bottom = draw.textbbox((20, 20 + number * 28), text, font_size=16)
        draw.text((20, 20 + number * 28), text, fill="black", font_size=16)
        boxes.append((int(left), int(top), int(right - left) + 1, int(bottom - top) + 1))
    return picture, boxes


def test_nothing_of_a_page_of_text_is_covered() -> None:
    picture, boxes = written()
    copy = drawn(picture, *((box, str(number)) for number, box in enumerate(boxes[::4], 1)))
    inside = copy.crop((MARGIN, MARGIN, MARGIN + picture.width, MARGIN + picture.height))
    changed = ImageChops.difference(inside, picture).convert("L").point(lambda value: value and 255)
    for left, top, width, height in boxes:
        assert changed.crop((left, top, left + width, top + height)).getbbox() is None


def test_a_box_goes_around_what_it_marks() -> None:
    picture = Image.new("RGB", (800, 700), "white")
    copy = drawn(picture, ((300, 200, 100, 50), "1"))
    left, top = MARGIN + 300, MARGIN + 200
    for place in ((left - 2, top - 2), (left + 101, top + 51), (left - 1, top + 25)):
        assert copy.getpixel(place) == INK
    assert copy.crop((left, top, left + 100, top + 50)).getcolors() == [(5_000, (255, 255, 255))]


def test_badges_lie_on_no_other_badge() -> None:
    picture = Image.new("RGB", (800, 700), "white")
    one = drawn(picture, ((300, 200, 40, 20), "1"))
    many = drawn(picture, *(((300, 200 + n, 40, 20), str(n)) for n in range(8)))
    badge = sum(pixel == INK for pixel in one.get_flattened_data())
    assert sum(pixel == INK for pixel in many.get_flattened_data()) > 5 * badge


@pytest.mark.parametrize(
    ("size", "box", "least", "most"),
    [
        ((100, 100), (10, 10, 80, 80), 640, 900),
        ((1, 1), (0, 0, 1, 1), 640, 900),
        ((5_000, 4_000), (100, 100, 900, 900), 3_000, 4_500),
        ((40_000, 30), (0, 0, 40_000, 30), 7_900, 8_200),
    ],
)
def test_small_pictures_are_enlarged_and_huge_ones_reduced(
    size: tuple[int, int], box: Box, least: int, most: int
) -> None:
    copy = drawn(Image.new("RGB", size, "white"), (box, "1-3 7"))
    assert least <= max(copy.size) <= most


@pytest.mark.parametrize("box", [(-50, -50, 20, 20), (0, 0, 0, 0), (9_999, 9_999, 5, 5)])
def test_a_box_outside_of_the_picture_does_no_harm(box: Box) -> None:
    assert drawn(Image.new("RGB", (700, 700), "white"), (box, "1")).size == (832, 832)
