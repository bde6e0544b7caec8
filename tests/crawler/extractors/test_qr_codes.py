"""Codes in the bytes of pictures: formats, disguises, and bytes that are no pictures."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import numpy
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from core import Unreadable
from core.target import Limits
from crawler.extractors import PictureTooLarge, decode_picture
from tests.crawler.extractors import drawn
from tests.crawler.extractors.drawn import INVITATION, code, encoded

LIMITS = Limits()


def _said(body: bytes, media_type: str = "") -> list[str]:
    return [payload.text for payload in decode_picture(body, LIMITS, media_type)]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF"])
def test_formats(form: str) -> None:
    assert _said(encoded(code(), form)) == [INVITATION]


@pytest.mark.parametrize(
    "text", ["加微信进群领空投，邀请码 甲乙丙", "https://a.example/加入?码=一", "a\nb"]
)
def test_texts(text: str) -> None:
    assert _said(encoded(code(text))) == [text]


def test_control_characters_are_kept_out() -> None:
    assert _said(encoded(code("https://a.example/\x1b[31mx\u202ey"))) == [
        "https://a.example/[31mxy"
    ]


def _on(size: tuple[int, int], place: tuple[int, int], paper: int = 255) -> Image.Image:
    sheet = Image.new("L", size, paper)
    sheet.paste(code(), place)
    return sheet


def _transparent(ink: tuple[int, int, int]) -> Image.Image:
    drawn_code = code()
    layer = Image.new("RGBA", drawn_code.size, (*ink, 0))
    layer.paste((*ink, 255), mask=ImageOps.invert(drawn_code))
    return layer


DISGUISES = {
    "inverted": lambda: ImageOps.invert(code()),
    "turned": lambda: code().rotate(90, expand=True),
    "tilted": lambda: code(scale=8).rotate(20, expand=True, fillcolor=255),
    "mirrored": lambda: ImageOps.mirror(code()),
    "without margin": lambda: code(margin=False),
    "with its margin on black": lambda: ImageOps.expand(code(), 60, fill=0),
    "one pixel a module": lambda: code(scale=1),
    "two pixels a module": lambda: code(scale=2),
    "grey on grey": lambda: code().point(lambda value: 90 if value < 128 else 160),
    "in colour": lambda: ImageOps.colorize(code(), "#a00000", "#ffffc0"),
    "on a large poster": lambda: _on((1600, 2400), (1300, 2100)),
    "small on a large poster": lambda: _on((3000, 4000), (2700, 3700)),
    "palette": lambda: code().convert("P"),
    "one bit": lambda: code().convert("1"),
    "16 bit": lambda: code().convert("I;16"),
    "black on nothing": lambda: _transparent((0, 0, 0)),
    "white on nothing": lambda: _transparent((255, 255, 255)),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_disguises(name: str) -> None:
    assert _said(encoded(DISGUISES[name]())) == [INVITATION]


def test_several_codes_in_reading_order_with_their_places() -> None:
    sheet = Image.new("L", (700, 500), 255)
    sheet.paste(code("https://a.example/1"), (30, 20))
    sheet.paste(code("https://a.example/2"), (500, 20))
    sheet.paste(code("https://a.example/3"), (30, 300))
    found = decode_picture(encoded(sheet), LIMITS)
    assert [payload.text[-1] for payload in found] == ["1", "2", "3"]
    left, top, width, height = found[1].box
    assert (abs(left - 516) < 4, abs(top - 36) < 4) == (True, True)
    assert width == pytest.approx(height, abs=2)


@pytest.mark.parametrize("kind", ["DataMatrix", "Aztec", "MicroQRCode"])
def test_kin(kind: str) -> None:
    barcode = zxingcpp.create_barcode("12345678", getattr(zxingcpp.BarcodeFormat, kind))
    picture = Image.fromarray(numpy.array(barcode.to_image(scale=6)))
    assert _said(encoded(picture)) == ["12345678"]


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_a_later_frame_of_an_animation(form: str) -> None:
    blank = Image.new("L", code().size, 255)
    frames = [blank, blank.point(lambda _: 200), code()]
    body = encoded(blank, form, save_all=True, append_images=frames[1:], duration=100)
    assert _said(body) == [INVITATION]


SVG = {
    "as it is": drawn.svg,
    "without declaration": lambda: drawn.svg()[drawn.svg().index("<svg") :],
    "without size": lambda: drawn.svg().replace('width="148" height', 'viewBox="0 0 148 148" x'),
    "white ink": lambda: drawn.svg().replace("#000000", "#ffffff").replace("#FFFFFF", "none"),
    "with unknown entities": lambda: drawn.svg().replace(
        "<svg", '<!DOCTYPE svg [<!ENTITY ns "http://ns.example/">]><svg xmlns:x="&ns;"', 1
    ),
    "styled": lambda: (
        drawn.svg().replace('fill="#000000"', 'class="ink"').replace(
            "<g ", "<style>.ink{fill:#102030;filter:url(#f);stroke:#1e3a5f}</style><g ", 1
        )
    ),
    "under an opacity": lambda: drawn.svg().replace("<g ", '<g opacity="0.9"><g ') + "</g>",
    "picture inside": lambda: (
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">'
        f'<image href="{drawn.data_uri(encoded(code()))}" width="200" height="200"/></svg>'
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SVG)
def test_svg(name: str) -> None:
    assert _said(SVG[name]().encode(), "image/svg+xml") == [INVITATION]


def test_compressed_svg() -> None:
    assert _said(gzip.compress(drawn.svg().encode())) == [INVITATION]


def test_svg_does_not_read_files_of_this_machine(tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    picture.write_bytes(encoded(code()))
    for address in (picture.as_uri(), str(picture)):
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f"width='9' height='9'><image xlink:href = '{address}' width='9' height='9'/></svg>"
        )
        assert _said(svg.encode()) == []


TOO_LARGE = {
    "50,000 x 50,000": lambda: drawn.claimed_png(50_000, 50_000),
    "over the limit": lambda: drawn.claimed_png(7_000, 6_000),
    "absurd": lambda: drawn.claimed_png(2**31 - 1, 2**31 - 1),
    "too many bytes": lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * LIMITS.max_picture_bytes,
}
UNREADABLE = {
    "empty": b"",
    "text": b"<html>no picture</html>",
    "cut": encoded(code())[:150],
    "wrong sums": encoded(code()).replace(b"IDAT", b"IDAX"),
    "header alone": drawn.claimed_png(100, 100),
    "cut JPEG": encoded(code(), "JPEG")[:80],
    "broken SVG": b"<svg",
    "no SVG inside": gzip.compress(b"hello"),
    "broken gzip": b"\x1f\x8b\x08 no gzip",
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_too_large(name: str) -> None:
    with pytest.raises(PictureTooLarge, match=r"^the picture has "):
        decode_picture(TOO_LARGE[name](), LIMITS)


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode_picture(UNREADABLE[name], LIMITS)
    assert not isinstance(caught.value, PictureTooLarge)
    assert "\n" not in str(caught.value)


_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
_LAYERS = "".join(f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 12))
COSTLY = {
    "tower of uses": f'<rect id="g0" width="1" height="1"/>{_LAYERS}',
    "use of itself": '<g id="a"><use href="#a"/></g>',
    "deep nesting": "<g>" * 100_000,
    "deep transparency": '<g opacity="0.9">' * 5_000 + "<rect/>",
    "endless noise": '<filter id="f"><feTurbulence numOctaves="1000000" baseFrequency="0.1"/>'
    '</filter><rect filter="url(#f)" width="9" height="9"/>',
    "huge blur": '<rect style="filter:blur(99999px)" width="9" height="9"/>',
    "huge pattern": '<pattern id="p" width="100000" height="100000"><rect/></pattern>'
    '<rect fill="url(#p)" width="9" height="9"/>',
    "astronomic coordinates": '<path d="M0 0h9L999999994 3v9"/><rect width="1e30" height="9"/>',
    "long outline": f'<path d="M0 0{"L9 9 L0 5" * 500_000}"/>',
    "wide strokes": f'<path stroke-width="1e9" d="M0 0{"L9 9L0 5" * 9_000}" stroke="red"/>',
    "many shapes": '<rect width="1" height="1"/>' * 60_000,
    "many clips": '<rect clip-path="url(#c)" width="1" height="1"/>' * 20_000,
    "many rules": f"<style>{'.a .b{fill:red}' * 20_000}</style>{'<g class=a>' * 300}",
    "huge text": f'<text font-size="1e9">{"x" * 100_000}</text>',
    "claimed size": f'<image href="{drawn.data_uri(drawn.claimed_png(50_000, 50_000))}"/>',
    "not closed": '<path d="M0 0',
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", COSTLY)
def test_svg_bombs_are_defused(name: str) -> None:
    try:
        assert decode_picture(_SVG.format(COSTLY[name]).encode(), LIMITS) == ()
    except Unreadable as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "size", ['width="1" height="100000"', 'viewBox="0 0 1 1e5"', 'width="1e30"']
)
def test_svg_of_absurd_shape(size: str) -> None:
    try:
        decode_picture(f'<svg xmlns="x" {size}><rect/></svg>'.encode(), LIMITS)
    except Unreadable as error:
        assert "line" in str(error)


@settings(max_examples=60)
@given(
    st.integers(0, 400),
    st.binary(min_size=1, max_size=6),
    st.sampled_from(["PNG", "GIF", "WEBP", "JPEG"]),
)
def test_damaged_pictures_never_crash(at: int, noise: bytes, form: str) -> None:
    body = bytearray(encoded(code(), form))
    at = min(at, len(body) - 1)
    body[at : at + len(noise)] = noise
    with contextlib.suppress(Unreadable):
        decode_picture(bytes(body), LIMITS)


@settings(max_examples=40)
@given(st.text("<>/svgpathrect =\"'#0123456789.MLHVZ", max_size=120))
def test_damaged_svg_never_crashes(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{inside}</svg>'
    with contextlib.suppress(Unreadable):
        decode_picture(svg.encode(), LIMITS)
