"""Words in the bytes of pictures, read by the real models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from core import Block, Document, Locator, Reference, Unreadable
from core.target import Limits
from crawler.extractors import (
    PictureReference,
    PictureTooLarge,
    TextLine,
    WordsUnavailable,
    load_engine,
    read_lines,
    with_pictures,
)
from tests.crawler.banners import PROMOTION, RECIPE, banner, banner_png, font
from tests.crawler.extractors import drawn
from tests.crawler.extractors.drawn import encoded
from tests.scanning import ROOT

LIMITS = Limits()


def _said(body: bytes, media_type: str = "") -> tuple[str, ...]:
    return tuple(line.text.replace(" ", "") for line in read_lines(body, LIMITS, media_type))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_formats(form: str) -> None:
    assert _said(encoded(banner(), form)) == PROMOTION


@pytest.mark.parametrize(
    ("ink", "paper"), [("black", "white"), ("yellow", "#203080"), ("#d02020", "#e0e0e0")]
)
def test_colours(ink: str, paper: str) -> None:
    assert _said(encoded(banner(ink=ink, paper=paper))) == PROMOTION


@pytest.mark.parametrize("ink", ["white", "black"])
def test_ink_on_nothing(ink: str) -> None:
    layer = Image.new("RGBA", (1000, 160), (0, 0, 0, 0))
    ImageDraw.Draw(layer).text((40, 50), PROMOTION[0], font=font(48), fill=ink)
    assert _said(encoded(layer)) == PROMOTION[:1]


def test_each_line_has_its_place_and_confidence() -> None:
    lines = read_lines(banner_png(), LIMITS)
    for number, line in enumerate(lines):
        left, top, width, height = line.box
        middle = (2 * number + 1) * 400 / 6
        assert abs(top + height / 2 - middle) < 15
        assert abs(left - 40) < 12
        assert width > 400
        assert 0.8 < line.confidence <= 1
    assert len(lines) == 3


def test_a_long_poster_is_read_in_parts_and_nothing_twice() -> None:
    texts = tuple(f"第{number}段：{RECIPE[number % 3]}" for number in range(10, 40))
    lines = read_lines(encoded(banner(texts, (800, 6_000), pixels=40)), LIMITS)
    assert tuple(line.text.replace(" ", "").replace(":", "：") for line in lines) == texts
    assert [line.box[1] for line in lines] == sorted(line.box[1] for line in lines)
    assert lines[-1].box[1] > 5_800


def test_a_picture_inside_a_drawing() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="200">'
        f'<image href="{drawn.data_uri(banner_png())}" width="500" height="200"/></svg>'
    )
    assert _said(svg.encode(), "image/svg+xml") == PROMOTION


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 3), (30, 4_000), (600, 300)])
def test_nothing_to_read(size: tuple[int, int]) -> None:
    assert read_lines(encoded(Image.new("RGB", size, "#8090a0")), LIMITS) == ()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"no picture", Unreadable),
        (b"", Unreadable),
        (banner_png()[:900], Unreadable),
        (drawn.claimed_png(50_000, 50_000), PictureTooLarge),
        (bytes(LIMITS.max_picture_bytes + 1), PictureTooLarge),
    ],
)
def test_limits_are_those_of_codes(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_lines(body, LIMITS)


def test_a_missing_model_is_an_error_and_never_a_download(tmp_path: Path) -> None:
    with pytest.raises(WordsUnavailable, match=r"PP-OCRv6_det_small\.onnx is missing"):
        load_engine(tmp_path)
    assert list(tmp_path.iterdir()) == []


_WATCHED = """
import sys
touched = []
def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.")):
        touched.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        touched.append(f"{event} {arguments[0]}")
sys.addaudithook(watch)
sys.dont_write_bytecode = True
from pathlib import Path
from core.target import Limits
from crawler.extractors import read_lines
assert read_lines(Path(sys.argv[1]).read_bytes(), Limits())
# urllib3 asks on import whether this machine speaks IPv6, by binding to its own ::1
own = {"socket.__new__", "socket.bind"}
print(sorted(set(touched) - own))
"""


def test_reading_uses_no_network_and_writes_no_file(tmp_path: Path) -> None:
    picture = tmp_path / "banner.png"
    picture.write_bytes(banner_png())
    command = [sys.executable, "-c", _WATCHED, str(picture)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_lines_become_blocks_after_the_block_beside_the_picture() -> None:
    texts = ("标题", "旁边", "下一段")
    page = Document(
        surface="marketing_page",
        url="https://a.example/",
        blocks=tuple(Block("visible", text, Locator(f"p[{n}]")) for n, text in enumerate(texts)),
        references=(Reference("link", "https://b.example/", Locator("a"), block=2),),
    )
    picture = PictureReference("https://a.example/b.png", Locator("img"), block=1)
    lines = [TextLine("第一行", (1, 2, 30, 4), 0.9), TextLine("第二行", (1, 8, 30, 4), 0.9)]
    seen = with_pictures(page, [], [(picture, lines)])
    assert [block.text for block in seen.blocks] == ["标题", "旁边", "第一行", "第二行", "下一段"]
    assert [block.kind for block in seen.blocks[2:4]] == ["ocr", "ocr"]
    assert seen.blocks[2].locator == Locator("https://a.example/b.png", (1, 2, 30, 4))
    assert seen.references[0].block == 4
