"""Posters with QR codes as promoters make them: styled, small, damaged. Seeded."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

Modules = npt.NDArray[np.bool_]
POSTER = (1080, 1920)
MODULES = 33
"""Modules across a code for the addresses below at level H."""

_Draw = Callable[[str, random.Random], bytes]


class Poster(NamedTuple):
    """One picture file, and what its codes say."""

    distortion: str
    body: bytes
    texts: tuple[str, ...]


class Style(NamedTuple):
    """How the modules of a code are drawn."""

    ink: tuple[int, int, int] = (0, 0, 0)
    paper: tuple[int, int, int] = (255, 255, 255)
    dot: float = 0.0
    """Share of a module's width that its dot takes; 0 = squares."""
    logo: float = 0.0
    quiet: int = 4


def modules_of(text: str, level: str = "H") -> Modules:
    """The modules of a code for `text`, dark ones true."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    drawn = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False))
    dark: Modules = drawn < 128
    return dark


def draw_code(text: str, side: int, style: Style, level: str = "H") -> Image.Image:
    """A code about `side` pixels wide, quiet zone included."""
    modules = modules_of(text, level)
    size = modules.shape[0]
    scale = max(2, round(8 * side / (8 * (size + 2 * style.quiet))))
    scale = max(scale, math.ceil(400 / size))
    picture = Image.new("RGB", (scale * (size + 2 * style.quiet),) * 2, style.paper)
    pen = ImageDraw.Draw(picture)
    for row, column in np.argwhere(modules).tolist():
        left, top = (column + style.quiet) * scale, (row + style.quiet) * scale
        finder = _in_finder(row, column, size)
        if style.dot and not finder:
            margin = scale * (1 - style.dot) / 2
            pen.ellipse(
                (left + margin, top + margin, left + scale - margin, top + scale - margin),
                fill=style.ink,
            )
        else:
            pen.rectangle((left, top, left + scale - 1, top + scale - 1), fill=style.ink)
    if style.dot:
        _round_finders(picture, scale, size, style)
    if style.logo:
        _put_logo(picture, style.logo)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def _in_finder(row: int, column: int, size: int) -> bool:
    return (
        (row < 7 or row >= size - 7)
        and (column < 7 or column >= size - 7)
        and (row < 7 or column < 7)
    )


def _round_finders(picture: Image.Image, scale: int, size: int, style: Style) -> None:
    """Rings and pupils instead of the three squares."""
    pen = ImageDraw.Draw(picture)
    for row, column in ((0, 0), (0, size - 7), (size - 7, 0)):
        left, top = (column + style.quiet) * scale, (row + style.quiet) * scale
        outer = (left, top, left + 7 * scale, top + 7 * scale)
        pen.rectangle(outer, fill=style.paper)
        pen.rounded_rectangle(outer, radius=2.2 * scale, outline=style.ink, width=scale)
        pupil = (left + 2 * scale, top + 2 * scale, left + 5 * scale, top + 5 * scale)
        pen.ellipse(pupil, fill=style.ink)


def _put_logo(picture: Image.Image, share: float) -> None:
    middle, half = picture.width / 2, picture.width * share / 2
    pen = ImageDraw.Draw(picture)
    box = (middle - half, middle - half, middle + half, middle + half)
    pen.rounded_rectangle(box, radius=half / 3, fill=(255, 255, 255))
    inner = (middle - half * 0.8, middle - half * 0.8, middle + half * 0.8, middle + half * 0.8)
    pen.rounded_rectangle(inner, radius=half / 3, fill=(240, 185, 11))


def background(size: tuple[int, int], chance: random.Random) -> Image.Image:
    """A poster without a code: a gradient, blocks of colour, lines like text."""
    top, low = (tuple(chance.randrange(40, 256) for _ in range(3)) for _ in range(2))
    ramp = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.array(top) * (1 - ramp) + np.array(low) * ramp
    picture = Image.fromarray(np.broadcast_to(rows, (size[1], size[0], 3)).astype(np.uint8), "RGB")
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randrange(4, 9)):
        left, upper = chance.randrange(size[0]), chance.randrange(size[1])
        colour = tuple(chance.randrange(256) for _ in range(3))
        pen.rectangle((left, upper, left + chance.randrange(60, 400), upper + 30), fill=colour)
    for line in range(60, size[1] // 3, 46):
        for start in range(40, size[0] - 80, 34):
            if chance.random() < 0.7:
                pen.rectangle((start, line, start + 26, line + 26), outline=(30, 30, 30), width=4)
    return picture


def _placed(
    code: Image.Image, chance: random.Random, size: tuple[int, int] = POSTER
) -> Image.Image:
    poster = background(size, chance)
    left = chance.randrange(0, size[0] - code.width + 1)
    top = chance.randrange(size[1] // 3, size[1] - code.height + 1)
    poster.paste(code, (left, top))
    return poster


def _encoded(picture: Image.Image, form: str = "PNG", **options: int) -> bytes:
    body = io.BytesIO()
    picture.save(body, form, **options)
    return body.getvalue()


def _one(style: Callable[[random.Random], Style], side: tuple[int, int] = (220, 420)) -> _Draw:
    def draw(text: str, chance: random.Random) -> bytes:
        code = draw_code(text, chance.randint(*side), style(chance))
        return _encoded(_placed(code, chance))

    return draw


def _dark(chance: random.Random) -> tuple[int, int, int]:
    return (chance.randrange(110), chance.randrange(110), chance.randrange(110))


def _low_luminance(chance: random.Random) -> Style:
    """Ink and paper of different hue that differ little in lightness."""
    while True:
        ink, paper = (tuple(chance.randrange(256) for _ in range(3)) for _ in range(2))
        gap = _lightness(paper) - _lightness(ink)
        if 28 <= gap <= 60:
            return Style(ink=(ink[0], ink[1], ink[2]), paper=(paper[0], paper[1], paper[2]))


def _lightness(colour: tuple[int, ...]) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _changed(
    change: Callable[[Image.Image, int, random.Random], bytes], side: tuple[int, int]
) -> _Draw:
    """A plain code on a poster, `change` applied to the whole; it is told the code's width."""

    def draw(text: str, chance: random.Random) -> bytes:
        width = chance.randint(*side)
        return change(_placed(draw_code(text, width, Style()), chance), width, chance)

    return draw


def _blurred(picture: Image.Image, width: int, chance: random.Random) -> bytes:
    module = width / (MODULES + 8)
    return _encoded(picture.filter(ImageFilter.GaussianBlur(module * chance.uniform(0.25, 0.5))))


def _halved(picture: Image.Image, _width: int, _chance: random.Random) -> bytes:
    size = (picture.width // 2, picture.height // 2)
    return _encoded(picture.resize(size, Image.Resampling.BILINEAR))


def _turned(text: str, chance: random.Random) -> bytes:
    code = draw_code(text, chance.randint(220, 420), Style()).convert("RGBA")
    turned = code.rotate(chance.uniform(5, 355), Image.Resampling.BICUBIC, expand=True)
    poster = background(POSTER, chance)
    place = (
        chance.randrange(0, POSTER[0] - turned.width),
        chance.randrange(POSTER[1] // 3, POSTER[1] - turned.height),
    )
    poster.paste(turned, place, turned)
    return _encoded(poster)


def _warped(text: str, chance: random.Random) -> bytes:
    """As on a bottle or a bent sheet: every row is shifted by a wave."""
    code = np.asarray(draw_code(text, 360, Style()))
    height = chance.uniform(6, 14)
    rows = [np.roll(row, int(height * math.sin(y / 40)), axis=0) for y, row in enumerate(code)]
    return _encoded(_placed(Image.fromarray(np.stack(rows)), chance))


DISTORTIONS: dict[str, _Draw] = {
    "plain": _one(lambda _: Style()),
    "logo": _one(lambda _: Style(logo=0.2)),
    "big logo": _one(lambda _: Style(logo=0.3)),
    "colour": _one(lambda c: Style(ink=_dark(c), paper=(255, 250, 230))),
    "low luminance": _one(_low_luminance),
    "dots": _one(lambda c: Style(dot=c.uniform(0.6, 0.9))),
    "dots and logo": _one(lambda c: Style(dot=c.uniform(0.7, 0.95), logo=0.22, ink=_dark(c))),
    "inverted": _one(lambda _: Style(ink=(255, 255, 255), paper=(20, 20, 40))),
    "no quiet zone": _one(lambda _: Style(quiet=0)),
    "60-120 px in 1080 x 1920": _one(lambda _: Style(), side=(60, 120)),
    "JPEG 30": _changed(lambda p, *_: _encoded(p, "JPEG", quality=30), (110, 240)),
    "half-scale screenshot": _changed(_halved, (150, 300)),
    "rotation": _turned,
    "blur": _changed(_blurred, (220, 420)),
    "warped": _warped,
}
EIGHT = "8 on one page"


def posters(each: int, seed: int = 20_261_127) -> list[Poster]:
    """`each` posters of every distortion, and as many codes eight to a page."""
    found: list[Poster] = []
    for name, draw in DISTORTIONS.items():
        for number in range(each):
            text = f"https://www.okx.com/join/DEMO{len(found):05d}"
            chance = random.Random(f"{seed}/{name}/{number}")
            found.append(Poster(name, draw(text, chance), (text,)))
    found += [_page_of_eight(number, seed) for number in range(max(1, each // 8))]
    return found


def small_poster(text: str, chance: random.Random) -> bytes:
    """A PNG of 480 x 640 pixels as ordinary pages show them; with a plain code when `text` says
    something."""
    size = (480, 640)
    if not text:
        return _encoded(background(size, chance))
    return _encoded(_placed(draw_code(text, 200, Style()), chance, size))


def _page_of_eight(number: int, seed: int) -> Poster:
    chance = random.Random(f"{seed}/eight/{number}")
    poster = background(POSTER, chance)
    texts = tuple(f"https://www.bybit.com/invite?ref=DEMO{number}{place}" for place in range(8))
    for place, text in enumerate(texts):
        left, top = 60 + 520 * (place % 2), 660 + 310 * (place // 2)
        poster.paste(draw_code(text, 260, Style(), "M"), (left, top))
    return Poster(EIGHT, _encoded(poster), texts)
