"""The frame that a person is shown is the one in which the code stands."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from core import Unreadable
from core.target import Limits
from crawler.extractors import PictureTooLarge, decode_picture, shown_frame
from tests.crawler.extractors.drawn import claimed_png, code, encoded, svg


def codes(picture: Image.Image) -> list[str]:
    return [found.text for found in decode_picture(encoded(picture), Limits())]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_still_picture_is_its_only_frame(form: str) -> None:
    body = encoded(code(), form)
    (found,) = decode_picture(body, Limits())
    frame = shown_frame(body, Limits(), "", found.box)
    assert (frame.mode, frame.size) == ("RGB", code().size)
    assert codes(frame) == [found.text]


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_a_code_in_a_later_frame_is_shown(form: str) -> None:
    blank = Image.new("L", code().size, 255)
    body = encoded(blank, form, save_all=True, append_images=[blank.point(lambda _: 9), code()])
    (found,) = decode_picture(body, Limits())
    assert codes(shown_frame(body, Limits(), "", found.box)) == [found.text]


def test_a_drawing_is_shown_as_it_was_read() -> None:
    body = svg().encode()
    (found,) = decode_picture(body, Limits(), "image/svg+xml")
    frame = shown_frame(body, Limits(), "image/svg+xml", found.box)
    left, top, width, height = found.box
    assert max(frame.size) == 800
    assert codes(frame.crop((left - 20, top - 20, left + width + 20, top + height + 20)))


def test_transparent_parts_are_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")
    assert shown_frame(out.getvalue(), Limits(), "", (0, 0, 9, 9)).getpixel((5, 5)) == (255,) * 3


@pytest.mark.parametrize(
    ("body", "error"), [(claimed_png(90_000, 90_000), PictureTooLarge), (b"nothing", Unreadable)]
)
def test_limits_are_those_of_codes(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        shown_frame(body, Limits(), "", (0, 0, 1, 1))
