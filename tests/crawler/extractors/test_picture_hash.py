"""Posters are known again by what they show, and are not mistaken for each other."""

from __future__ import annotations

import io
import random
from itertools import combinations

import pytest
from PIL import Image, ImageEnhance

from benchmarks.posters import POSTER, Style, background, draw_code
from core.fingerprint import PICTURE_DISTANCE, Mark, alike
from core.simhash import distance
from crawler.extractors import picture_hash


def poster(seed: int) -> Image.Image:
    chance = random.Random(seed)
    sheet = background(POSTER, chance)
    sheet.paste(draw_code(f"https://join.test/{seed}", 300, Style()), (390, 1_500))
    return sheet


def again(picture: Image.Image, form: str, **options: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return Image.open(io.BytesIO(file.getvalue()))


def differs(one: Image.Image, other: Image.Image) -> int:
    return distance(int(picture_hash(one), 16), int(picture_hash(other), 16))


@pytest.mark.parametrize("seed", range(12))
def test_a_copy_is_known_again(seed: int) -> None:
    first = poster(seed)
    small = first.resize((POSTER[0] // 3, POSTER[1] // 3), Image.Resampling.LANCZOS)
    for copy in (
        again(first, "JPEG", quality=30),
        again(first, "WEBP", quality=50),
        small,
        again(small, "JPEG", quality=60),
        ImageEnhance.Brightness(first).enhance(0.8),
        first.convert("L"),
    ):
        assert alike(Mark("poster", picture_hash(first)), Mark("poster", picture_hash(copy)))


def test_other_posters_are_others() -> None:
    hashes = [int(picture_hash(poster(seed)), 16) for seed in range(60)]
    nearest = min(distance(one, other) for one, other in combinations(hashes, 2))
    assert nearest > PICTURE_DISTANCE + 10


def test_codes_alone_are_not_taken_for_each_other() -> None:
    codes = [draw_code(f"https://join.test/{seed}", 330, Style()) for seed in range(60)]
    hashes = [int(picture_hash(code), 16) for code in codes]
    assert min(distance(one, other) for one, other in combinations(hashes, 2)) > PICTURE_DISTANCE


def test_another_headline_makes_another_poster() -> None:
    first = poster(1)
    second = first.copy()
    second.paste(poster(2).crop((0, 0, POSTER[0], POSTER[1] // 2)))
    assert differs(first, second) > PICTURE_DISTANCE


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_plain_picture_has_no_hash(grey: int) -> None:
    assert picture_hash(Image.new("RGB", (400, 300), (grey, grey, grey))) == ""
    lined = Image.new("L", (400, 300), 255)
    lined.paste(0, (0, 150, 400, 152))
    assert picture_hash(lined) == ""
