"""Circular mini-program codes are recognised; other round pictures are not taken for them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from benchmarks.posters import posters
from core.payloads import OPAQUE_MINI_PROGRAM
from crawler.extractors.opaque_codes import opaque_codes
from tests.crawler.extractors import drawn, drawn_round
from tests.crawler.extractors.drawn_round import mini_program_code


def _seen(picture: Image.Image) -> list[str]:
    return [code.text for code in opaque_codes(picture.convert("L"))]


@pytest.mark.parametrize("rays", [36, 54, 72])
@pytest.mark.parametrize("side", [90, 100, 120, 150, 200, 280, 430, 860, 1280, 2000])
def test_sizes(side: int, rays: int) -> None:
    assert _seen(mini_program_code(side, rays, seed=side)) == [OPAQUE_MINI_PROGRAM]


@pytest.mark.parametrize("turned", [7, 20, 45, 90, 133, 180, 270])
def test_turned(turned: float) -> None:
    assert _seen(mini_program_code(300, 54, turned=turned)) == [OPAQUE_MINI_PROGRAM]


COLOURS = {
    "green": ((7, 193, 96), (255, 255, 255)),
    "red": ((220, 30, 40), (255, 255, 255)),
    "white on blue": ((255, 255, 255), (20, 30, 60)),
    "orange": ((255, 170, 0), (255, 255, 255)),
    "pale": ((240, 210, 120), (255, 255, 255)),
    "grey on cream": ((60, 60, 60), (230, 220, 200)),
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours(name: str) -> None:
    ink, paper = COLOURS[name]
    assert _seen(mini_program_code(280, 36, ink=ink, paper=paper)) == [OPAQUE_MINI_PROGRAM]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_it_holds(seed: int) -> None:
    rays = (36, 54, 72)[seed % 3]
    assert _seen(mini_program_code(260, rays, seed=100 + seed)) == [OPAQUE_MINI_PROGRAM]


@pytest.mark.parametrize("quality", [80, 40])
@pytest.mark.parametrize("side", [180, 220, 300, 500])
def test_on_a_poster_with_its_place(side: int, quality: int) -> None:
    poster = drawn_round.noise(blurred=9).resize((1080, 1920))
    poster.paste(mini_program_code(side, 54), (500, 1300))
    body = drawn.encoded(poster, "JPEG", quality=quality)
    with Image.open(io.BytesIO(body)) as picture:
        (code,) = opaque_codes(picture.convert("L"))
    left, top, width, height = code.box
    assert abs(left - 500) <= 4
    assert abs(top - 1300) <= 4
    assert width == pytest.approx(side, abs=6)
    assert height == pytest.approx(side, abs=6)


OTHERS = {
    "clock": drawn_round.clock,
    "clock with 36 ticks": lambda: drawn_round.clock(36),
    "clock with 72 ticks": lambda: drawn_round.clock(72),
    "watch with three dials": drawn_round.chronograph,
    "sun": drawn_round.sun,
    "sun with 54 rays": lambda: drawn_round.sun(54),
    "sun with 72 rays": lambda: drawn_round.sun(72),
    "wheel": drawn_round.wheel,
    "wheel with 54 spokes": lambda: drawn_round.wheel(54),
    "wheel with 72 spokes": lambda: drawn_round.wheel(72),
    "pie chart": drawn_round.pie,
    "dartboard": drawn_round.dartboard,
    "three dots": drawn_round.dots,
    "three dots on rings": lambda: drawn_round.dots(ringed_by="rings"),
    "three dots among specks": lambda: drawn_round.dots(ringed_by="specks"),
    "three dots, 12 rays": lambda: drawn_round.dots(ringed_by="few rays"),
    "three dots, 60 rays": lambda: drawn_round.dots(ringed_by="many rays"),
    "QR code": drawn.code,
    "large QR code": lambda: drawn.code("https://a.example/" + "x" * 400, scale=5),
    "tilted QR code": lambda: drawn.code(scale=8).rotate(20, expand=True, fillcolor=255),
    "round logo": lambda: mini_program_code(300, 36).crop((80, 80, 220, 220)),
    "half of a code": lambda: mini_program_code(300, 36).crop((0, 0, 300, 140)),
    "blank": lambda: Image.new("L", (300, 300), 255),
    "one pixel high": lambda: Image.new("L", (3_000, 1), 0),
    "one pixel": lambda: Image.new("L", (1, 1), 0),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("side", [120, 400, 1000])
def test_other_round_pictures(name: str, side: int) -> None:
    picture = OTHERS[name]()
    if min(picture.size) > 1:
        picture = picture.resize((side, side))
    assert _seen(picture) == []


@pytest.mark.parametrize("seed", range(30))
def test_grain_as_of_photographs(seed: int) -> None:
    picture = drawn_round.noise(blurred=(0, 0.8, 1.5, 2, 3, 5)[seed % 6], seed=seed)
    assert _seen(picture) == []
    assert _seen(picture.resize((1200, 900))) == []


def test_posters_with_other_codes() -> None:
    drawn_posters = posters(2)
    with_alarm = []
    for poster in drawn_posters:
        with Image.open(io.BytesIO(poster.body)) as picture:
            if _seen(picture):
                with_alarm.append(poster.distortion)
    assert with_alarm == []
