"""Round pictures drawn for tests: mini-program codes of our own, and what only looks round."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
_OVERSAMPLED = 4
_CELLS = 8
"""Places for ink along a ray."""


def mini_program_code(
    side: int = 430,
    rays: int = 36,
    *,
    ink: Colour = BLACK,
    paper: Colour = WHITE,
    turned: float = 0.0,
    seed: int = 1,
) -> Image.Image:
    """A code as the platform's designers describe it, `side` pixels wide, holding nothing: rays of
    short and long strokes with round ends, three ringed dots, a badge in the fourth corner, a
    picture in the middle."""
    size = side * _OVERSAMPLED
    sheet = Image.new("RGB", (size, size), paper)
    pen = ImageDraw.Draw(sheet)
    for ray in range(rays):
        _ray(pen, size, 2 * math.pi * ray / rays, rays, ink, random.Random(seed * 1_000 + ray))
    for number, corner in enumerate((225, 315, 135, 45)):
        x = size / 2 + 0.385 * size * math.cos(math.radians(corner))
        y = size / 2 + 0.385 * size * math.sin(math.radians(corner))
        _disc(pen, x, y, 0.1 * size, paper)
        if number == 3:
            _disc(pen, x, y, 0.085 * size, ink)
            pen.arc((x - 0.04 * size, y - 0.04 * size, x + 0.04 * size, y + 0.04 * size),
                    40, 320, fill=paper, width=size // 60)  # fmt: skip
            continue
        for share, colour in ((0.08, ink), (0.056, paper), (0.034, ink)):
            _disc(pen, x, y, share * size, colour)
    _disc(pen, size / 2, size / 2, 0.23 * size, paper)
    _disc(pen, size / 2, size / 2, 0.21 * size, (90, 140, 200))
    drawn = sheet.rotate(turned, Image.Resampling.BICUBIC, fillcolor=paper)
    return drawn.resize((side, side), Image.Resampling.LANCZOS)


def _ray(
    pen: ImageDraw.ImageDraw,
    size: int,
    angle: float,
    rays: int,
    ink: Colour,
    dice: random.Random,
) -> None:
    first, last = 0.26 * size, 0.475 * size
    step = (last - first) / _CELLS
    width = 2 * math.pi * 0.36 * size / rays * 0.5
    filled = [dice.random() < 0.55 for _ in range(_CELLS)]
    for cell, is_ink in enumerate(filled):
        if not is_ink:
            continue
        joined = cell + 1 < _CELLS and filled[cell + 1]
        near, far = first + cell * step, first + (cell + (1.5 if joined else 0.5)) * step
        ends = [
            (size / 2 + r * math.cos(angle), size / 2 + r * math.sin(angle)) for r in (near, far)
        ]
        pen.line(ends, fill=ink, width=round(width))
        for x, y in ends:
            _disc(pen, x, y, width / 2, ink)


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _ring(
    pen: ImageDraw.ImageDraw,
    x: float,
    y: float,
    radius: float,
    width: float,
    colour: Colour = BLACK,
) -> None:
    pen.ellipse(
        (x - radius, y - radius, x + radius, y + radius), outline=colour, width=round(width)
    )


def _spokes(
    pen: ImageDraw.ImageDraw, count: int, near: float, far: float, width: int, middle: float = 200
) -> None:
    for spoke in range(count):
        angle = 2 * math.pi * spoke / count
        pen.line(
            [(middle + r * math.cos(angle), middle + r * math.sin(angle)) for r in (near, far)],
            fill=BLACK,
            width=width,
        )


def _sheet() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGB", (400, 400), WHITE)
    return sheet, ImageDraw.Draw(sheet)


def clock(ticks: int = 60) -> Image.Image:
    """A clock face with its hands."""
    sheet, pen = _sheet()
    _ring(pen, 200, 200, 190, 8)
    _spokes(pen, ticks, 165, 180, 3)
    pen.line([(200, 200), (200, 60)], fill=BLACK, width=6)
    pen.line([(200, 200), (290, 230)], fill=BLACK, width=9)
    return sheet


def chronograph() -> Image.Image:
    """A watch with three small dials at right angles, a dot in each."""
    sheet = clock(72)
    pen = ImageDraw.Draw(sheet)
    for x, y in ((100, 200), (300, 200), (200, 300)):
        _disc(pen, x, y, 42, WHITE)
        _ring(pen, x, y, 40, 9)
        _disc(pen, x, y, 16, BLACK)
    return sheet


def sun(rays: int = 36) -> Image.Image:
    """A disc with rays and nothing else."""
    sheet, pen = _sheet()
    _disc(pen, 200, 200, 90, (250, 200, 40))
    _spokes(pen, rays, 105, 190, 8)
    return sheet


def wheel(spokes: int = 36) -> Image.Image:
    """A wheel with three bolts on its spokes, not where a code has its dots."""
    sheet, pen = _sheet()
    _ring(pen, 200, 200, 192, 14)
    _spokes(pen, spokes, 40, 180, 4)
    for corner in (90, 210, 330):
        x = 200 + 130 * math.cos(math.radians(corner))
        y = 200 + 130 * math.sin(math.radians(corner))
        _disc(pen, x, y, 30, WHITE)
        _ring(pen, x, y, 28, 7)
        _disc(pen, x, y, 11, BLACK)
    return sheet


def pie() -> Image.Image:
    """A pie chart."""
    sheet, pen = _sheet()
    colours = ((200, 60, 60), (60, 160, 90), (70, 90, 200), (230, 190, 60))
    for number in range(12):
        pen.pieslice((20, 20, 380, 380), number * 30, number * 30 + 30, fill=colours[number % 4])
    return sheet


def dartboard() -> Image.Image:
    """Rings and twenty sectors."""
    sheet, pen = _sheet()
    for radius in (190, 150, 110, 70, 30):
        for sector in range(20):
            dark = (sector + radius // 40) % 2
            colour = BLACK if dark else (230, 220, 190)
            box = (200 - radius, 200 - radius, 200 + radius, 200 + radius)
            pen.pieslice(box, sector * 18, sector * 18 + 18, fill=colour)
    return sheet


def dots(*, ringed_by: str = "nothing") -> Image.Image:
    """Three ringed dots just where a code has them, around something that is no rays."""
    sheet, pen = _sheet()
    dice = random.Random(5)
    for radius in range(100, 190, 16) if ringed_by == "rings" else ():
        _ring(pen, 200, 200, radius, 8)
    for _ in range(900 if ringed_by == "specks" else 0):
        x, y = dice.uniform(10, 390), dice.uniform(10, 390)
        _disc(pen, x, y, dice.uniform(2, 7), BLACK)
    if ringed_by == "few rays":
        _spokes(pen, 12, 100, 190, 14)
    if ringed_by == "many rays":
        _spokes(pen, 60, 100, 190, 5)
    for x, y in ((91, 91), (309, 91), (91, 309)):
        _disc(pen, x, y, 40, WHITE)
        _ring(pen, x, y, 32, 10)
        _disc(pen, x, y, 13, BLACK)
    return sheet


def noise(*, blurred: float, seed: int = 3) -> Image.Image:
    """Grain like that of a photograph."""
    dice = random.Random(seed)
    grain = Image.frombytes("L", (400, 400), dice.randbytes(160_000))
    soft = grain.filter(ImageFilter.GaussianBlur(blurred)) if blurred else grain
    low, high = soft.getextrema()
    return soft.point(lambda value: int((value - low) * 255 / max(high - low, 1))).convert("RGB")
